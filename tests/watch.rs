//! Promise: a build is polled with delays until it ends, and each change is reported once.

use crate::support::{clock::Clock, *};
use codearts_build::{
    BuildId,
    mock::{SimulatedJob, SimulatedService},
    types::*,
};
use futures_util::StreamExt;
use httpmock::MockServer;
use serde_json::json;
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::time::Instant;

/// Makes a service report these statuses one after the other, and counts the polls.
fn report(server: &MockServer, statuses: &'static [&'static str]) -> Arc<AtomicUsize> {
    let polls = Arc::new(AtomicUsize::new(0));
    let shared = polls.clone();
    server.mock(|_, then| {
        then.respond_with(move |_| {
            let status = statuses[shared.fetch_add(1, SeqCst).min(statuses.len() - 1)];
            respond(200, json!({ "result": { "build_no": 1, "status": status } }))
        });
    });
    polls
}

#[tokio::test(start_paused = true)]
async fn a_build_is_followed_to_its_end() {
    let service = SimulatedService::start().await.unwrap();
    let client = service.client().unwrap();
    let request = RunJobRequest::new(JOB).unwrap().with_commit(COMMIT);
    let build = client.run_job(request).await.unwrap();
    let record = client.wait(&build).await.unwrap();
    assert!(record.is_success());
    assert_eq!(record.commit.as_deref(), Some(COMMIT));
    // The end of a build that has ended is reported at once.
    let again = client.wait(&build).await.unwrap();
    assert_eq!(again.status, BuildStatus::Success);
}

#[tokio::test(start_paused = true)]
async fn a_build_that_fails_is_a_record_and_no_error() {
    let service = SimulatedService::start().await.unwrap();
    let job = SimulatedJob::new().ends(BuildStatus::Failure).with_error("no such branch");
    service.add_job(JOB, job).unwrap();
    let client = service.client().unwrap();
    let build = client.auto_execute(JOB, AutoExecuteRequest::push("master")).await.unwrap();
    let record = client.wait(&build).await.unwrap();
    assert_eq!(record.status, BuildStatus::Failure);
    assert!(record.is_finished() && !record.is_success());
    assert_eq!(record.err_msg.as_deref(), Some("no such branch"));
}

#[tokio::test]
async fn each_change_is_reported_once_and_the_stream_ends_with_the_build() {
    let clock = Clock::stop();
    let server = MockServer::start_async().await;
    let statuses = &["InQueue", "InQueue", "Running", "Running", "SUCCESS", "never polled"];
    let polls = report(&server, statuses);
    let (client, build) = (client(&server), BuildId::new(JOB, 20).unwrap());
    let seen: Vec<_> =
        clock
            .run(async move {
                client.watch(&build).map(|record| record.unwrap().status).collect().await
            })
            .await;
    assert_eq!(seen, [BuildStatus::InQueue, BuildStatus::Running, BuildStatus::Success]);
    assert_eq!(polls.load(SeqCst), 5);
}

#[tokio::test]
async fn there_is_a_delay_between_two_polls() {
    let clock = Clock::stop();
    let server = MockServer::start_async().await;
    let polls =
        report(&server, &["Running", "Running", "Running", "Running", "Running", "SUCCESS"]);
    let (client, build) = (client(&server), BuildId::new(JOB, 20).unwrap());
    drop(client.watch(&build));
    assert_eq!(polls.load(SeqCst), 0, "a stream that is not read polls nothing");

    let start = Instant::now();
    clock.run(async move { client.wait(&build).await }).await.unwrap();
    assert_eq!(polls.load(SeqCst), 6);
    // At 0, 0.5, 1.5, 3.5, 7.5 and 15.5 seconds, or later if the server is slow.
    assert!(start.elapsed() >= Duration::from_millis(15_500), "{:?}", start.elapsed());
}

#[tokio::test]
async fn an_error_ends_the_stream() {
    let server = MockServer::start_async().await;
    let mock = server.mock(|_, then| {
        then.status(404).json_body(json!({ "error_code": "CB.1", "error_msg": "gone" }));
    });
    let (client, build) = (client(&server), BuildId::new(JOB, 20).unwrap());
    assert!(client.wait(&build).await.unwrap_err().is_not_found());
    let mut records = client.watch(&build);
    assert!(records.next().await.unwrap().unwrap_err().is_not_found());
    assert!(records.next().await.is_none());
    mock.assert_calls_async(2).await;
}
