//! Promise: the example that receives webhooks starts one build for each push, however often it is
//! delivered, and its response says what happened.

use super::{deliveries::*, made_up_deliveries::made_up};
use crate::support::{
    CANARY, JOB, example_command,
    faulty_server::{Action, FaultyServer, json as respond},
};
use codearts_build::{Platform, PushEvent, mock::MockServerExt, types::*};
use futures_util::future::join_all;
use httpmock::{Mock, MockServer};
use serde_json::json;
use std::{
    io::{BufRead, BufReader, Lines},
    net::TcpStream,
    process::{Child, ChildStdout, Stdio},
    sync::{Mutex, mpsc},
    time::Duration,
};

/// The example, as it runs.
struct Receiver {
    process: Child,
    lines: Lines<BufReader<ChildStdout>>,
    address: String,
    client: reqwest::Client,
}

impl Receiver {
    /// Starts the example, with no other environment than this.
    fn start(environment: &[(&str, &str)]) -> Self {
        let mut process = example_command("push_webhook")
            .env("WEBHOOK_ADDRESS", "127.0.0.1:0")
            .env("WEBHOOK_SECRET", SECRET)
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let line = lines.next().unwrap().unwrap();
        let address = line.strip_prefix("Listening on http://").unwrap().to_owned();
        Self {
            process,
            lines,
            address,
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
        }
    }

    /// The example with a service.
    fn at(endpoint: &str) -> Self {
        Self::with(endpoint, &[])
    }

    fn with(endpoint: &str, environment: &[(&str, &str)]) -> Self {
        let service = [
            ("WEBHOOK_JOB", JOB),
            ("CODEARTS_BUILD_ENDPOINT", endpoint),
            ("CODEARTS_BUILD_TOKEN", CANARY),
        ];
        Self::start(&[&service, environment].concat())
    }

    /// Posts a webhook. Returns the status and the text of the response.
    async fn post(&self, delivery: &Delivery) -> (u16, String) {
        let response = self
            .client
            .post(format!("http://{}", self.address))
            .headers(delivery.headers.clone())
            .body(delivery.body.clone())
            .send()
            .await
            .unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    /// The next line that the example prints.
    fn line(&mut self) -> String {
        self.lines.next().unwrap().unwrap()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// A service that starts builds and has ended all of them.
fn service(server: &MockServer) -> Mock<'_> {
    server.show_record_detail(|_, then| {
        let record = BuildRecord {
            build_no: Some(7),
            status: BuildStatus::Success,
            finish_time: Some("2026-03-31T10:00:00.000+08:00".into()),
            ..Default::default()
        };
        then.ok(&RecordInfoResponse { result: Some(record), ..Default::default() });
    });
    server.execute_auto_build_job(|when, then| {
        when.job_id(&JOB.parse().unwrap());
        // Long enough for concurrent deliveries to meet.
        then.ok(&serde_json::from_value(json!({ "actual_build_number": "7" })).unwrap())
            .into_inner()
            .delay(Duration::from_millis(100));
    })
}

fn signed(platform: Platform) -> Delivery {
    Delivery::push(platform).signed(SECRET)
}

#[tokio::test]
async fn with_nothing_set_a_push_is_built_on_a_simulated_service() {
    let mut receiver = Receiver::start(&[]);
    let (status, text) = receiver.post(&signed(Platform::GitLab)).await;
    assert_eq!((status, &*text), (202, "Started build 1\n"));
    assert_eq!(receiver.line(), "Build 1 succeeded");
}

#[tokio::test]
async fn the_push_of_each_platform_starts_one_build_and_its_redelivery_none() {
    let server = MockServer::start_async().await;
    let starts = service(&server);
    let mut receiver = Receiver::at(&server.base_url());
    for (position, platform) in PLATFORMS.into_iter().enumerate() {
        let push = signed(platform);
        let first = receiver.post(&push).await;
        assert_eq!(first, (202, "Started build 7\n".into()), "{platform}");
        assert_eq!(receiver.line(), "Build 7 succeeded");
        // Each platform signs a redelivery anew.
        for again in [push, signed(platform)] {
            let again = receiver.post(&again).await;
            assert_eq!(again, (200, "Build 7 was started before\n".into()), "{platform}");
        }
        assert_eq!(starts.calls_async().await, position + 1);
    }
    let next = Delivery::push(Platform::GitHub).with("before", ZEROS).signed(SECRET);
    assert_eq!(receiver.post(&next).await.0, 202);
    assert_eq!(starts.calls_async().await, 5);
}

#[tokio::test]
async fn what_is_sent_is_the_push() {
    let server = MockServer::start_async().await;
    let push = Delivery::push(Platform::GitHub);
    let request = AutoExecuteRequest::try_from(&push.event().unwrap()).unwrap();
    let start = server.execute_auto_build_job(|when, then| {
        when.job_id(&JOB.parse().unwrap()).body(&request);
        then.ok(&serde_json::from_value(json!({ "actual_build_number": "7" })).unwrap());
    });
    let receiver = Receiver::at(&server.base_url());
    assert_eq!(receiver.post(&push.signed(SECRET)).await.0, 202);
    start.assert_async().await;
}

#[tokio::test]
async fn concurrent_deliveries_of_a_push_start_one_build() {
    let server = MockServer::start_async().await;
    let starts = service(&server);
    let receiver = Receiver::at(&server.base_url());
    let push = signed(Platform::Gitee);
    let mut statuses: Vec<_> =
        join_all((0..20).map(|_| receiver.post(&push))).await.into_iter().map(|it| it.0).collect();
    statuses.sort_unstable();
    assert_eq!((&statuses[..19], statuses[19]), (&[200; 19][..], 202));
    assert_eq!(starts.calls_async().await, 1);
}

/// GitHub and GitLab wait ten seconds.
#[tokio::test]
async fn a_platform_that_hangs_up_and_delivers_again_starts_one_build() {
    let (arrived, arrivals) = mpsc::channel();
    let (release, released) = mpsc::channel();
    let released = Mutex::new(released);
    let server = FaultyServer::start(move |arrival| {
        if arrival.number == 0 {
            arrived.send(()).unwrap();
            released.lock().unwrap().recv().unwrap();
        }
        let record = json!({ "result": { "build_no": 7, "actual_build_number": 7 } });
        Action::Respond(respond("200 OK", &record.to_string()))
    });
    let receiver = Receiver::at(&server.url());
    let push = signed(Platform::GitHub);
    let mut connection = TcpStream::connect(&receiver.address).unwrap();
    write_request(&mut connection, &push);
    tokio::task::spawn_blocking(move || arrivals.recv().unwrap()).await.unwrap();
    drop(connection);
    // Time for the example to see the end of that connection.
    let other = Delivery::push(Platform::GitHub).with_kind("ping").signed(SECRET);
    for _ in 0..20 {
        assert_eq!(receiver.post(&other).await.0, 200);
    }
    release.send(()).unwrap();
    assert_eq!(receiver.post(&push).await, (200, "Build 7 was started before\n".into()));
}

fn write_request(connection: &mut TcpStream, delivery: &Delivery) {
    use std::io::Write;
    let mut request =
        format!("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n", delivery.body.len());
    for (name, value) in &delivery.headers {
        request += &format!("{name}: {}\r\n", value.to_str().unwrap());
    }
    connection.write_all(format!("{request}\r\n").as_bytes()).unwrap();
    connection.write_all(&delivery.body).unwrap();
}

#[tokio::test]
async fn nothing_to_build_is_no_fault() {
    let server = MockServer::start_async().await;
    let starts = service(&server);
    let receiver = Receiver::at(&server.base_url());
    for platform in PLATFORMS {
        for (delivery, reason) in [
            (Delivery::push(platform).deleted(), "the branch or the tag was deleted"),
            (Delivery::push(platform).with("commits", json!([])), "the push has no commits"),
            (Delivery::tag(platform), "a tag was pushed, and tags are not built"),
            (Delivery::push(platform).with_kind("ping"), "the event is not a push"),
        ] {
            let response = receiver.post(&delivery.signed(SECRET)).await;
            assert_eq!(response, (200, format!("Nothing to build: {reason}\n")), "{platform}");
        }
    }
    assert_eq!(starts.calls_async().await, 0);
}

#[tokio::test]
async fn tags_are_built_if_asked() {
    let server = MockServer::start_async().await;
    let starts = service(&server);
    let receiver = Receiver::with(&server.base_url(), &[("WEBHOOK_TAGS", "1")]);
    for platform in PLATFORMS {
        let tag = Delivery::tag(platform).signed(SECRET);
        assert_eq!(receiver.post(&tag).await.0, 202, "{platform}");
        assert_eq!(receiver.post(&tag).await.0, 200, "{platform}");
    }
    assert_eq!(starts.calls_async().await, 4);
}

#[tokio::test]
async fn empty_pushes_are_built_if_asked() {
    let server = MockServer::start_async().await;
    let starts = service(&server);
    let receiver = Receiver::with(&server.base_url(), &[("WEBHOOK_EMPTY_PUSHES", "1")]);
    for platform in PLATFORMS {
        let new = Delivery::push(platform).with("before", ZEROS).with("commits", json!([]));
        let new = new.signed(SECRET);
        assert_eq!(receiver.post(&new).await.0, 202, "{platform}");
        assert_eq!(receiver.post(&new).await.0, 200, "{platform}");
    }
    assert_eq!(starts.calls_async().await, 4);
}

#[tokio::test]
async fn a_forged_or_malformed_webhook_starts_nothing() {
    let server = MockServer::start_async().await;
    let starts = service(&server);
    let receiver = Receiver::at(&server.base_url());
    for platform in PLATFORMS {
        let push = Delivery::push(platform);
        for (delivery, status) in [
            (push.clone(), 401),
            (push.clone().signed("wrong"), 401),
            (push.clone().with_body("").signed("wrong"), 401),
            (push.clone().with_body("").signed(SECRET), 400),
            (push.clone().with_body("{").signed(SECRET), 400),
            (push.clone().with_body("[]").signed(SECRET), 400),
            (push.clone().without("after").signed(SECRET), 400),
        ] {
            let (given, text) = receiver.post(&delivery).await;
            assert_eq!(given, status, "{platform}: {text}");
            assert!(!text.contains("canary"), "{text}");
        }
    }
    let mut unknown = signed(Platform::GitLab);
    unknown.headers.remove("x-gitlab-event");
    assert_eq!(receiver.post(&unknown).await.0, 400);
    assert_eq!(starts.calls_async().await, 0);
}

#[tokio::test]
async fn an_oversized_webhook_starts_nothing() {
    let server = MockServer::start_async().await;
    let starts = service(&server);
    let receiver = Receiver::at(&server.base_url());
    let mut push = Delivery::push(Platform::GitLab);
    push.body.resize(PushEvent::MAX_BODY_BYTES + 1, b' ');
    assert_eq!(receiver.post(&push.clone().signed(SECRET)).await.0, 413);
    assert_eq!(starts.calls_async().await, 0);
    push.body.pop();
    assert_eq!(receiver.post(&push.signed(SECRET)).await.0, 202, "one byte less is not too much");
}

#[tokio::test]
async fn after_a_fault_that_started_nothing_a_redelivery_may_start_the_build() {
    let receiver_and_starts = async |status: u16, code: &str| {
        let server = MockServer::start_async().await;
        let receiver = Receiver::at(&server.base_url());
        let error = json!({ "error_code": code, "error_msg": "not now" });
        let fault = server
            .mock_async(|_, then| {
                _ = then.status(status).header("retry-after", "0").json_body(error)
            })
            .await;
        let push = signed(Platform::GitLab);
        let (failed, text) = receiver.post(&push).await;
        assert!(text.contains("not now"), "{text}");
        fault.delete_async().await;
        let starts = service(&server);
        let (again, _) = receiver.post(&push).await;
        assert_eq!(receiver.post(&push).await.0, 200);
        (failed, again, starts.calls_async().await)
    };
    assert_eq!(receiver_and_starts(422, "CB.00031006").await, (502, 202, 1));
    assert_eq!(receiver_and_starts(429, "APIGW.0308").await, (503, 202, 1));
}

#[tokio::test]
async fn after_an_unknown_outcome_no_redelivery_starts_a_build() {
    let server = MockServer::start_async().await;
    let receiver = Receiver::at(&server.base_url());
    let error = json!({ "error_code": "CB.00060101", "error_msg": "internal error" });
    let fault = server.mock_async(|_, then| _ = then.status(500).json_body(error)).await;
    let push = signed(Platform::GitHub);
    for _ in 0..3 {
        let (status, text) = receiver.post(&push).await;
        assert_eq!(status, 502);
        assert!(text.contains("a build may have been started"), "{text}");
    }
    fault.assert_async().await;
}

/// Only the server is tested here: requests to the service are tested above.
#[tokio::test]
async fn the_example_survives_made_up_webhooks() {
    let receiver = Receiver::start(&[]);
    for seed in 0..500 {
        let (status, text) = receiver.post(&made_up(seed)).await;
        assert!([200, 202, 400, 401].contains(&status), "seed {seed}: {status} {text}");
    }
}
