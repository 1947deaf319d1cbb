//! Promise: one setting chooses the operations that start builds and read records; calls and their results
//! stay the same.

use crate::support::*;
use codearts_build::{
    ApiVersion, Error, ErrorKind,
    mock::{Fault, SimulatedJob, SimulatedService},
    types::*,
};
use httpmock::MockServer;
use serde_json::json;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn request() -> RunJobRequest {
    RunJobRequest::new(JOB).unwrap().with_parameter("codeBranch", "master").unwrap()
}

#[tokio::test(start_paused = true)]
async fn both_versions_start_builds_and_follow_them() {
    let (start, record) = (String::from("/v3/jobs/build"), format!("/v4/jobs/{JOB}/1/record-info"));
    let (start_v1, record_v1) =
        (String::from("/v1/job/execute"), format!("/v1/record/{JOB}/1/record-info"));
    for (version, start, record) in
        [(ApiVersion::default(), start, record), (ApiVersion::V1, start_v1, record_v1)]
    {
        let service = SimulatedService::start().await.unwrap();
        service.add_job(JOB, SimulatedJob::new().ends(BuildStatus::Failure)).unwrap();
        let client = service.client().unwrap().with_api_version(version);
        let build = client.run_job(request()).await.unwrap();
        assert_eq!(client.wait(&build).await.unwrap().status, BuildStatus::Failure);
        client.record_info(JOB, 1).await.unwrap();
        client.log(&build).await.unwrap();
        let mut received = service.received();
        received.retain(|it| !it.path.ends_with("/download-log"));
        let first = received.remove(0);
        let body =
            json!({ "job_id": JOB, "parameter": [{ "name": "codeBranch", "value": "master" }] });
        assert_eq!((first.path, first.body), (start, body));
        assert!(received.len() > 3 && received.iter().all(|it| it.path == record), "{received:?}");
    }
}

#[tokio::test]
async fn the_first_version_is_read_with_and_without_an_envelope() {
    let flat = json!({ "octopus_job_name": "j_1", "actual_build_number": "20" });
    let enveloped = json!({ "result": flat, "error": null, "status": "success" });
    for body in [&flat, &enveloped] {
        let server = MockServer::start_async().await;
        server.mock(|when, then| {
            when.path("/v1/job/execute");
            then.status(200).json_body(body.clone());
        });
        let client = client(&server).with_api_version(ApiVersion::V1);
        let build = client.run_job(request()).await.unwrap();
        assert_eq!((build.build_no(), build.octopus_job_name()), (20, Some("j_1")), "{body}");
    }
    let failed = json!({ "result": null, "error": "no such job", "status": "fail" });
    let server = MockServer::start_async().await;
    server.mock(|_, then| {
        then.status(200).json_body(failed);
    });
    let client = client(&server).with_api_version(ApiVersion::V1);
    let error = client.run_job(request()).await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Service, Some("ExecuteJob")));
    assert!(error.may_have_taken_effect() && error.message().contains("no such job"), "{error}");
}

fn not_offered(operation: &str) -> Fault {
    let body = json!({ "error_code": "APIGW.0101", "error_msg": "no such API" }).to_string();
    Fault::Response { operation: operation.to_owned(), status: 404, body, lasting: DAY }
}

fn says(error: &Error, what: &str) -> bool {
    assert!(error.is_unknown_path() && !error.is_not_found() && !error.may_have_taken_effect());
    assert!(error.to_string().contains("the region does not offer the operation"), "{error}");
    error.to_string().contains(what)
}

#[tokio::test(start_paused = true)]
async fn where_a_region_lacks_one_version_the_error_names_the_other() {
    let service = SimulatedService::start().await.unwrap();
    let client = service.client().unwrap();
    let build = client.run_job(request()).await.unwrap();
    for operation in ["RunJob", "ShowRecordDetail"] {
        service.inject(not_offered(operation));
    }
    let hint = "try Client::with_api_version(ApiVersion::V1)";
    assert!(says(&client.run_job(request()).await.unwrap_err(), hint));
    assert!(says(&client.record_info(JOB, 1).await.unwrap_err(), hint));
    // It proves nothing about builds.
    let mut later = client.records_after(JOB, 0);
    let found = futures_util::StreamExt::next(&mut later).await.unwrap();
    assert!(says(&found.unwrap_err(), hint));
    let client = client.with_api_version(ApiVersion::V1);
    assert!(client.wait(&build).await.unwrap().is_success());

    service.inject(not_offered("ExecuteJob"));
    let error = client.run_job(request()).await.unwrap_err();
    assert!(says(&error, "try Client::with_api_version(ApiVersion::V3)"));
    // Of the others there is one version.
    service.inject(not_offered("StopTheJob"));
    let error = client.stop(&build).await.unwrap_err();
    assert!(says(&error, "no such API") && !says(&error, "ApiVersion"), "{error}");
}
