//! Promise: a build is followed to its end, with pauses, and each change is told once.

mod support;

use codearts_build::{StartedBuild, mock::SimulatedService, types::*};
use futures_util::StreamExt;
use httpmock::MockServer;
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use support::{clock::Clock, *};
use tokio::time::Instant;

/// Answers with these statuses, one after the other, and notes when it was asked.
fn answers(server: &MockServer, statuses: &'static [&'static str]) -> Arc<Mutex<Vec<Instant>>> {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let times = asked.clone();
    server.mock(|_, then| {
        then.respond_with(move |_| {
            let mut times = times.lock().unwrap();
            let status = statuses[times.len().min(statuses.len() - 1)];
            times.push(Instant::now());
            httpmock::HttpMockResponse::builder()
                .status(200)
                .body(format!(r#"{{"result":{{"status":"{status}"}}}}"#))
                .build()
        });
    });
    asked
}

#[tokio::test]
async fn a_build_is_followed_to_its_end() {
    let clock = Clock::stop();
    let service = SimulatedService::start().await;
    let client = service.client().unwrap();
    let request = RunJobRequest::new(JOB).unwrap().with_commit(COMMIT);
    let build = client.run_job(request).await.unwrap();
    let (c, b) = (client.clone(), build.clone());
    let record = clock.run(async move { c.wait(&b).await }).await.unwrap();
    assert!(record.is_success());
    assert_eq!(record.commit.as_deref(), Some(COMMIT));
    // A build that has ended is seen to at once.
    let again = client.wait(&build).await.unwrap();
    assert_eq!(again.status(), BuildStatus::Success);
}

#[tokio::test]
async fn a_build_that_fails_is_a_record_and_no_error() {
    let clock = Clock::stop();
    let service = SimulatedService::start().await;
    service.end_with(BuildStatus::Failure, Some("no such branch"));
    let client = service.client().unwrap();
    let build = client.auto_execute(JOB, AutoExecuteRequest::push("master")).await.unwrap();
    let record = clock.run(async move { client.wait(&build).await }).await.unwrap();
    assert_eq!(record.status(), BuildStatus::Failure);
    assert!(record.is_finished() && !record.is_success());
    assert_eq!(record.err_msg.as_deref(), Some("no such branch"));
}

#[tokio::test]
async fn each_change_is_told_once_and_the_stream_ends_with_the_build() {
    let clock = Clock::stop();
    let server = MockServer::start_async().await;
    let statuses = &["InQueue", "InQueue", "Running", "Running", "SUCCESS", "never asked for"];
    let asked = answers(&server, statuses);
    let (client, build) = (client(&server), StartedBuild::new(JOB, 20).unwrap());
    let seen: Vec<_> =
        clock
            .run(async move {
                client.watch(&build).map(|record| record.unwrap().status()).collect().await
            })
            .await;
    assert_eq!(seen, [BuildStatus::InQueue, BuildStatus::Running, BuildStatus::Success]);
    assert_eq!(asked.lock().unwrap().len(), 5);
}

#[tokio::test]
async fn there_are_pauses_between_two_looks() {
    let clock = Clock::stop();
    let server = MockServer::start_async().await;
    let asked = answers(&server, &["Running"; 9]);
    let (client, build) = (client(&server), StartedBuild::new(JOB, 20).unwrap());
    drop(client.watch(&build));
    assert_eq!(asked.lock().unwrap().len(), 0, "a stream that nobody reads asks for nothing");

    let timed_out = clock
        .run(async move {
            tokio::time::timeout(Duration::from_secs(60), client.wait(&build)).await.is_err()
        })
        .await;
    assert!(timed_out, "the build does not end, so the timeout does");
    // At 0, 0.5, 1.5, 3.5, 7.5, 15.5, 30.5 and 45.5 seconds, or later where the server is slow.
    let looks = asked.lock().unwrap().len();
    assert!((2..=8).contains(&looks), "{looks}");
}

#[tokio::test]
async fn an_error_ends_the_following() {
    let server = MockServer::start_async().await;
    let mock = server.mock(|_, then| {
        then.status(404)
            .json_body(serde_json::json!({ "error_code": "CB.1", "error_msg": "gone" }));
    });
    let (client, build) = (client(&server), StartedBuild::new(JOB, 20).unwrap());
    assert!(client.wait(&build).await.unwrap_err().is_not_found());
    let mut records = client.watch(&build);
    assert!(records.next().await.unwrap().unwrap_err().is_not_found());
    assert!(records.next().await.is_none());
    mock.assert_calls_async(2).await;
}
