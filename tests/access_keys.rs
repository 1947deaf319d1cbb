//! Promise: every request made with an access key is signed, and an error names the cause.

use crate::support::*;
use codearts_build::{
    ApiVersion, BuildId, Credential, CredentialChain, Error, ErrorKind, types::*,
};
use futures_util::{StreamExt, future::join_all};
use httpmock::MockServer;
use serde_json::{Value, json};
use std::{
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

/// What is a good response to each call.
fn everything() -> Value {
    json!({
        "status": "success",
        "result": {
            "actual_build_number": "1",
            "build_no": 1,
            "build_record_id": "9d6169b9-022d-458c-9dc8-48cc94cc4083",
            "job_build_states": [{ "number": 1 }],
            "job_list": [{ "id": JOB }],
            "content": "a line of a log",
            "offset": 15,
        },
    })
}

/// Makes a service accept signed requests only, and collects what their signatures say.
fn verifying(server: &MockServer) -> Arc<Mutex<Vec<verifier::Verified>>> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let shared = seen.clone();
    server.mock(|_, then| {
        then.respond_with(move |request| {
            match verifier::verify(&raw(request), SECRET_KEY.as_bytes()) {
                Ok(verified) => {
                    shared.lock().unwrap().push(verified);
                    respond(200, everything())
                }
                Err(wrong) => {
                    respond(401, json!({ "error_code": "APIGW.0301", "error_msg": wrong }))
                }
            }
        });
    });
    seen
}

#[tokio::test]
async fn every_request_of_an_access_key_is_signed() {
    let server = MockServer::start_async().await;
    let seen = verifying(&server);
    // 2024-01-02T03:04:05Z
    let clock = || SystemTime::UNIX_EPOCH + Duration::from_secs(1_704_164_645);
    let key = key().with_project_id(PROJECT).unwrap();
    let client = builder(&server).credential(key).clock(clock).build().unwrap();
    client.run_job(RunJobRequest::new(JOB).unwrap()).await.unwrap();
    client.auto_execute(JOB, AutoExecuteRequest::push("ünï")).await.unwrap();
    client.record_info(JOB, 1).await.unwrap();
    client.stop(BuildId::new(JOB, 1).unwrap()).await.unwrap();
    client.latest_build(JOB).await.unwrap();
    client.artifacts(BuildId::new(JOB, 1).unwrap()).await.unwrap();
    // Times have a space in the query.
    client.history(JOB).next().await.unwrap().unwrap();
    client.jobs(PROJECT).search("a b+ü").next().await.unwrap().unwrap();
    // The record, the steps and the log of a build.
    client.steps(BuildId::new(JOB, 1).unwrap()).await.unwrap();
    client.log(BuildId::new(JOB, 1).unwrap()).await.unwrap();
    client.follow_log(BuildId::new(JOB, 1).unwrap()).next().await.unwrap().unwrap();
    let client = client.with_api_version(ApiVersion::V1);
    client.run_job(RunJobRequest::new(JOB).unwrap()).await.unwrap();
    client.record_info(JOB, 1).await.unwrap();
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 15);
    for verified in &*seen {
        assert_eq!(verified.access_key, ACCESS_KEY);
        assert_eq!(verified.date, "20240102T030405Z");
        for name in ["host", "x-project-id", "x-sdk-date"] {
            assert!(verified.signed_headers.iter().any(|signed| signed == name), "{name}");
        }
    }
}

#[tokio::test]
async fn a_temporary_key_sends_its_security_token() {
    let server = MockServer::start_async().await;
    let seen = verifying(&server);
    let key = key().with_project_id(PROJECT).unwrap().with_security_token(SECURITY_TOKEN).unwrap();
    let client = builder(&server).credential(key).build().unwrap();
    client.run_job(RunJobRequest::new(JOB).unwrap()).await.unwrap();
    let signed = seen.lock().unwrap()[0].signed_headers.clone();
    assert!(signed.contains(&"x-security-token".to_owned()), "{signed:?}");
}

#[tokio::test]
async fn the_error_of_a_wrong_secret_key_shows_no_secret() {
    let server = MockServer::start_async().await;
    server.mock(|_, then| {
        then.respond_with(|request| {
            // The gateway echoes the request.
            let all = String::from_utf8(raw(request)).unwrap();
            respond(401, json!({
                "error_code": "APIGW.0301",
                "error_msg": format!("verify aksk signature fail, canonicalRequest:{all}{SECRET_KEY}"),
            }))
        });
    });
    let key = key().with_project_id(PROJECT).unwrap().with_security_token(SECURITY_TOKEN).unwrap();
    let client = builder(&server).credential(key).build().unwrap();
    let error = client.run_job(RunJobRequest::new(JOB).unwrap()).await.unwrap_err();
    assert!(error.is_unauthorized());
    let printed = printed_without_secrets(&error);
    assert!(printed.contains("verify aksk signature fail"), "{printed}");
    let signature = printed.split("Signature=").nth(1).unwrap_or_default();
    assert!(signature.to_lowercase().starts_with("[redacted]"), "{printed}");
}

#[tokio::test]
async fn a_wrong_clock_is_named_when_a_signature_is_not_accepted() {
    let server = MockServer::start_async().await;
    server.mock(|_, then| {
        then.status(401)
            .header("date", "Tue, 02 Jan 2024 03:24:05 GMT")
            .json_body(json!({ "error_code": "APIGW.0301", "error_msg": "signature expired" }));
    });
    for (offset, note) in [
        (0, Some("this machine's clock is 20 minutes behind the service's")),
        (40 * 60, Some("this machine's clock is 20 minutes ahead of the service's")),
        (18 * 60, None),
    ] {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_704_164_645 + offset);
        let key = key().with_project_id(PROJECT).unwrap();
        let client = builder(&server).credential(key).clock(move || now).build().unwrap();
        let error = client.record_info(JOB, 1).await.unwrap_err();
        let expected =
            note.map_or("signature expired".into(), |it| format!("signature expired; {it}"));
        assert_eq!(error.message(), expected);
    }
}

#[tokio::test]
async fn the_project_of_a_key_is_looked_up_once() {
    let (server, iam) = (MockServer::start_async().await, MockServer::start_async().await);
    let lookup = iam.mock(|when, then| {
        when.path("/v3/projects")
            .query_param("name", "cn-north-4")
            .is_true(|request| verifier::verify(&raw(request), SECRET_KEY.as_bytes()).is_ok());
        then.status(200)
            .json_body(json!({ "projects": [{ "id": PROJECT, "name": "cn-north-4" }] }));
    });
    let call = server.mock(|when, then| {
        when.header("x-project-id", PROJECT);
        then.status(200).json_body(json!({ "result": { "build_no": 1 } }));
    });
    let key = Credential::from(key()).with_iam_endpoint(iam.base_url());
    let client = builder(&server).region("cn-north-4").credential(key).build().unwrap();
    join_all((0..50).map(|_| client.record_info(JOB, 1))).await.into_iter().for_each(|it| {
        it.unwrap();
    });
    call.assert_calls(50);
    lookup.assert_calls(1);
}

#[tokio::test]
async fn clients_of_two_regions_with_one_credential_call_for_two_projects() {
    let (server, iam) = (MockServer::start_async().await, MockServer::start_async().await);
    let projects = [("cn-north-4", PROJECT), ("cn-east-3", "fedcba9876543210fedcba9876543210")];
    let of_each_region = Credential::from(key()).with_iam_endpoint(iam.base_url());
    let in_a_chain = CredentialChain::new().with(of_each_region.clone()).into();
    for (region, id) in projects {
        iam.mock(|when, then| {
            when.path("/v3/projects").query_param("name", region);
            then.status(200).json_body(json!({ "projects": [{ "id": id }] }));
        });
    }
    for credential in [of_each_region, in_a_chain] {
        for (region, id) in projects {
            let mut call = server.mock(|when, then| {
                when.header("x-project-id", id);
                then.status(200).json_body(json!({ "result": { "build_no": 1 } }));
            });
            let client = builder(&server).region(region).credential(credential.clone());
            client.build().unwrap().record_info(JOB, 1).await.unwrap();
            call.delete();
        }
    }
}

/// The error of a call if IAM has projects with these ids.
async fn error_of_projects(ids: &[&str]) -> Error {
    let iam = MockServer::start_async().await;
    let projects: Vec<_> = ids.iter().map(|id| json!({ "id": id })).collect();
    iam.mock(|_, then| {
        then.status(200).json_body(json!({ "projects": projects }));
    });
    let key = Credential::from(key()).with_iam_endpoint(iam.base_url());
    let client = builder(&iam).region("cn-north-4").credential(key).build().unwrap();
    let error = client.record_info(JOB, 1).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credential);
    error
}

#[tokio::test]
async fn a_project_that_is_not_found_or_not_the_only_one_is_an_error_that_lists_them() {
    for (ids, message) in [
        (&[][..], "there is none of the name cn-north-4; set its id"),
        (&["a1", "b2"], "several have the name cn-north-4: a1, b2; set the id"),
    ] {
        let error = error_of_projects(ids).await;
        assert_eq!(error.message(), format!("looking up the project at IAM: {message}"));
    }
    // A response that quotes its request.
    for ids in [&["a b"][..], &[SECRET_KEY, SECRET_KEY], &["the-security-token", "b2"]] {
        let error = error_of_projects(ids).await;
        for shown in [error.to_string(), format!("{error:?}")] {
            assert!(!shown.contains(ids[0]), "{shown}");
        }
    }
    let error = builder(&MockServer::start_async().await).credential(key()).build().unwrap_err();
    assert_eq!(error.message(), "project id: neither it nor the region is set");
}
