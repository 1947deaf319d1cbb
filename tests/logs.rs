//! Promise: the log of a build is read whole, however long, and what is no log is no log.

use crate::support::*;
use codearts_build::{
    BuildId, Client, Error, ErrorKind,
    mock::{Fault, SimulatedJob, SimulatedService},
    types::*,
};
use futures_util::{StreamExt, TryStreamExt};
use httpmock::{Method, MockServer};
use serde_json::json;
use std::time::Duration;

async fn ended(service: &SimulatedService) -> (Client, BuildId) {
    let client = service.client().unwrap();
    let build = client.run_job(RunJobRequest::new(JOB).unwrap()).await.unwrap();
    client.wait(&build).await.unwrap();
    (client, build.into())
}

async fn whole(client: &Client, build: &BuildId) -> Result<Vec<u8>, Error> {
    let parts: Vec<_> = client.log(build).await?.try_collect().await?;
    Ok(parts.concat())
}

#[tokio::test(start_paused = true)]
async fn a_log_comes_in_parts_which_end_within_characters() {
    // Longer than any response that is read into memory.
    let log = "日志 [INFO] ".repeat(800_000);
    let service = SimulatedService::start().await.unwrap();
    service.add_job(JOB, SimulatedJob::new().with_log(&log)).unwrap();
    let (client, build) = ended(&service).await;
    let parts: Vec<_> = client.log(&build).await.unwrap().try_collect().await.unwrap();
    assert!(parts.iter().any(|part| std::str::from_utf8(part).is_err()));
    assert!(parts.concat() == log.as_bytes());
    let downloads = service.received();
    let downloads = downloads.iter().filter(|it| it.path.ends_with("/download-log"));
    assert_eq!(downloads.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_log_is_read_whatever_its_length() {
    let service = SimulatedService::start().await.unwrap();
    let many: String = (0..2_000_000).map(|line| format!("{line}\n")).collect();
    for (log, expected) in [
        ("", &[][..]),
        ("one\r\ntwo", &["one", "two"]),
        ("one\ntwo\nthree\nfour\n", &["two", "three", "four"]),
        (&many, &["1999997", "1999998", "1999999"]),
    ] {
        service.add_job(JOB, SimulatedJob::new().with_log(log)).unwrap();
        let (client, build) = ended(&service).await;
        assert_eq!(client.log_end(&build, 3).await.unwrap(), expected);
    }
    // Of a line without an end, 64 KiB are kept.
    service.add_job(JOB, SimulatedJob::new().with_log("日".repeat(100_000))).unwrap();
    let (client, build) = ended(&service).await;
    let lines = client.log_end(&build, 3).await.unwrap();
    assert_eq!(
        (lines.len(), lines[0].chars().filter(|it| *it == '日').count()),
        (1, 64 * 1024 / 3)
    );
    service.inject(Fault::BrokenLog { after: 100 });
    let error = client.log_end(&build, 3).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionLost, "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_log_that_breaks_off_is_an_error_in_the_end() {
    let service = SimulatedService::start().await.unwrap();
    service.add_job(JOB, SimulatedJob::new().with_log("line\n".repeat(1000))).unwrap();
    let (client, build) = ended(&service).await;
    service.inject(Fault::BrokenLog { after: 2500 });
    let mut log = client.log(&build).await.unwrap();
    let mut read = 0;
    let error = loop {
        match log.next().await.unwrap_or_else(|| panic!("no error after {read} bytes")) {
            Ok(part) => read += part.len(),
            Err(error) => break error,
        }
    };
    assert_eq!((read, error.kind()), (2500, ErrorKind::ConnectionLost), "{error}");
    assert!(log.next().await.is_none());
    // The next one is whole again.
    assert_eq!(whole(&client, &build).await.unwrap().len(), 5000);
}

#[tokio::test(start_paused = true)]
async fn a_build_that_never_ran_has_no_log() {
    let service = SimulatedService::start().await.unwrap();
    service.add_job(JOB, SimulatedJob::new().ends(BuildStatus::ScheduleFailure)).unwrap();
    let (client, build) = ended(&service).await;
    let error = whole(&client, &build).await.unwrap_err();
    assert_eq!((error.status(), error.code()), (Some(500), Some("CB.00030004")));
}

const RECORD_ID: &str = "9d6169b9-022d-458c-9dc8-48cc94cc4083";

fn record(server: &MockServer) -> BuildId {
    server.mock(|when, then| {
        when.path(format!("/v4/jobs/{JOB}/20/record-info"));
        let record = json!({ "build_no": 20, "build_record_id": RECORD_ID });
        then.status(200).json_body(json!({ "status": "success", "result": record }));
    });
    BuildId::new(JOB, 20).unwrap()
}

#[tokio::test]
async fn json_in_the_place_of_a_log_is_an_error() {
    let coded = r#"{"error_code":"CB.00030004","error_msg":"there is no log"}"#;
    for (content_type, body, kind, code) in [
        ("application/json", coded, ErrorKind::Service, Some("CB.00030004")),
        ("application/json;charset=UTF-8", r#"{"a":1}"#, ErrorKind::InvalidResponse, None),
        ("Application/JSON", "", ErrorKind::InvalidResponse, None),
    ] {
        let server = MockServer::start_async().await;
        let build = record(&server);
        server.mock(|when, then| {
            when.path(format!("/v1/log/{RECORD_ID}/download-log"));
            then.status(200).header("content-type", content_type).body(body);
        });
        let error = whole(&client(&server), &build).await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (kind, code), "{error}");
        assert!(!error.may_have_taken_effect());
    }
    // A log may look like JSON.
    let server = MockServer::start_async().await;
    let build = record(&server);
    server.mock(|when, then| {
        when.path(format!("/v1/log/{RECORD_ID}/download-log"));
        then.status(200).header("content-type", "application/octet-stream").body("{\"a\":1}");
    });
    assert_eq!(whole(&client(&server), &build).await.unwrap(), b"{\"a\":1}");
}

#[tokio::test(start_paused = true)]
async fn an_error_in_the_place_of_a_log_passes() {
    let service = SimulatedService::start().await.unwrap();
    let (client, build) = ended(&service).await;
    service.inject(Fault::Response {
        operation: "DownloadBuildFullLog".into(),
        status: 200,
        body: r#"{"error_code":"CB.00030003","error_msg":"not yet"}"#.into(),
        lasting: Duration::from_secs(60),
    });
    let error = whole(&client, &build).await.unwrap_err();
    assert_eq!(
        (error.code(), error.operation()),
        (Some("CB.00030003"), Some("DownloadBuildFullLog"))
    );
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(!whole(&client, &build).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_token_follows_no_redirect_of_a_log() {
    let (server, elsewhere) = (MockServer::start_async().await, MockServer::start_async().await);
    let build = record(&server);
    let reached = elsewhere.mock(|_, then| {
        then.status(200).body("log");
    });
    server.mock(|when, then| {
        when.method(Method::GET).path(format!("/v1/log/{RECORD_ID}/download-log"));
        then.status(302).header("location", elsewhere.url("/log"));
    });
    let error = whole(&client(&server), &build).await.unwrap_err();
    assert_eq!(error.status(), Some(302));
    reached.assert_calls_async(0).await;
}
