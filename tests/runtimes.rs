//! Promise: a client works in one runtime after the other, and in several at once; a call needs no
//! runtime but its own.

use crate::support::{
    clock::Clock,
    faulty_server::{Action, FaultyServer, response},
    *,
};
use codearts_build::{BuildId, Client, Credential, PasswordLogin};
use futures_util::StreamExt;
use httpmock::MockServer;
use serde_json::json;
use std::{thread, time::Duration};
use tokio::runtime::{Builder, Runtime};

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn logged_in(arrival: usize) -> Action {
    let header = format!("x-subject-token: token-{arrival}\r\n");
    let times = r#"{"issued_at":"2020-01-03T09:05:22Z","expires_at":"2020-01-04T09:05:22Z"}"#;
    Action::Respond(response("201 Created", &header, &format!(r#"{{"token":{times}}}"#)))
}

fn client(service: &MockServer, iam: &FaultyServer, attempt_timeout: Duration) -> Client {
    let login = PasswordLogin::new("IAMDomain", "IAMUser", PASSWORD).unwrap();
    builder(service)
        .region("cn-north-4")
        .credential(Credential::from(login).with_iam_endpoint(iam.url()))
        .attempt_timeout(attempt_timeout)
        .build()
        .unwrap()
}

/// Each finds the token due, or expired, and refreshes it.
#[test]
fn one_runtime_after_the_other_makes_calls() {
    const ALMOST_A_DAY: Duration = Duration::from_secs(23 * 60 * 60 + 30 * 60);
    let service = MockServer::start();
    service.mock(|when, then| {
        when.header_prefix("x-auth-token", "token-");
        then.status(200).json_body(json!({ "result": { "build_no": 1 } }));
    });
    let iam = FaultyServer::start(|arrival| logged_in(arrival.number));
    let client = client(&service, &iam, Duration::from_secs(120));
    for round in 0..4 {
        // Connections and timers end with their runtime.
        runtime().block_on(async {
            let clock = Clock::stop();
            tokio::time::advance(ALMOST_A_DAY * round).await;
            for _ in 0..2 {
                let client = client.clone();
                clock.run(async move { client.record_info(JOB, 1).await }).await.unwrap();
            }
        });
    }
    assert!(iam.arrived() >= 3, "a login for each day at least");
}

/// A login begins in one runtime, which then ends or stops.
#[test]
fn a_call_succeeds_without_the_runtime_that_began_the_login() {
    for has_ended in [true, false] {
        let service = MockServer::start();
        service.mock(|when, then| {
            when.header_prefix("x-auth-token", "token-");
            then.status(200).json_body(json!({ "result": { "build_no": 1 } }));
        });
        let mut iam = FaultyServer::start(|arrival| match arrival.number {
            0 => Action::Silence(vec![]),
            number => logged_in(number),
        });
        // How long the other call waits for a runtime that has stopped. If the time were too short, the login
        // would be made once more.
        let attempt_timeout = Duration::from_secs(if has_ended { 120 } else { 1 });
        let client = client(&service, &iam, attempt_timeout);
        let first = runtime();
        let leader = client.clone();
        first.spawn(async move { leader.record_info(JOB, 1).await.map(drop) });
        first.block_on(iam.silence());
        let follower = {
            let client = client.clone();
            thread::spawn(move || runtime().block_on(client.record_info(JOB, 1)).map(drop))
        };
        let idle = if has_ended {
            drop(first);
            None
        } else {
            Some(first)
        };
        follower.join().unwrap().unwrap();
        drop(idle);
    }
}

/// A timer belongs to its runtime.
#[test]
fn a_watch_goes_on_in_another_runtime() {
    let service = MockServer::start();
    let running = service.mock(|_, then| {
        let record = json!({ "build_no": 1, "status": "Running" });
        then.status(200).json_body(json!({ "result": record }));
    });
    let client = client_at(service.base_url());
    let id = BuildId::new(JOB, 1).unwrap();
    let mut watch = client.watch(&id).poll_interval(Duration::from_millis(1), Duration::ZERO);
    for round in 1..4 {
        // Each ends while the watch waits for the next poll, or for its response.
        runtime().block_on(async {
            let change = watch.next();
            let waited = tokio::time::timeout(Duration::from_millis(200), change).await;
            assert_eq!(waited.is_ok(), round == 1, "the record changes once");
        });
    }
    assert!(running.calls() > 3);
    let mut running = running;
    running.delete();
    service.mock(|_, then| {
        let record = json!({ "build_no": 1, "status": "SUCCESS" });
        then.status(200).json_body(json!({ "result": record }));
    });
    assert!(runtime().block_on(async { watch.await }).unwrap().is_success());
}

#[test]
fn a_log_goes_on_in_another_runtime() {
    let service = MockServer::start();
    let mut running = service.mock(|_, then| {
        let result = json!({ "build_no": 1, "status": "Running", "has_more_data": true });
        then.status(200).json_body(json!({ "result": result }));
    });
    let client = client_at(service.base_url());
    let mut log = client.follow_log(BuildId::new(JOB, 1).unwrap());
    for _ in 0..2 {
        // Each ends while the log waits for the next poll.
        runtime().block_on(async {
            let waited = tokio::time::timeout(Duration::from_millis(200), log.next()).await;
            assert!(waited.is_err(), "{waited:?}");
        });
    }
    running.delete();
    service.mock(|_, then| {
        then.status(200).json_body(json!({ "result": { "content": "built", "offset": 5 } }));
    });
    let text = runtime().block_on(async { log.next().await });
    assert_eq!(text.unwrap().unwrap(), "built");
}
