//! Promise: a password login gets one token for all calls and refreshes it in time.

use crate::support::{clock::Clock, *};
use codearts_build::{Credential, ErrorKind, PasswordLogin, types::*};
use futures_util::future::join_all;
use httpmock::{HttpMockResponse, MockServer};
use serde_json::json;
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

fn login(iam: &MockServer) -> Credential {
    let login = PasswordLogin::new("IAMDomain", "IAMUser", PASSWORD).unwrap();
    Credential::from(login).with_iam_endpoint(iam.base_url()).with_project("cn-north-1").unwrap()
}

/// Makes an IAM issue the tokens `canary-token-1`, `canary-token-2` and so on, which are valid for a
/// day, and counts the logins.
fn iam(server: &MockServer) -> Arc<AtomicUsize> {
    let logins = Arc::new(AtomicUsize::new(0));
    let shared = logins.clone();
    server.mock(|when, then| {
        when.method("POST").path("/v3/auth/tokens").query_param("nocatalog", "true").json_body(
            json!({
                "auth": {
                    "identity": { "methods": ["password"], "password": { "user": {
                        "name": "IAMUser", "password": PASSWORD, "domain": { "name": "IAMDomain" },
                    }}},
                    "scope": { "project": { "name": "cn-north-1" } },
                },
            }),
        );
        then.respond_with(move |_| {
            let number = shared.fetch_add(1, SeqCst) + 1;
            HttpMockResponse::builder()
                .status(201)
                .header("X-Subject-Token", format!("canary-token-{number}"))
                .body(
                    json!({ "token": {
                        "issued_at": "2020-01-03T09:05:22.701000Z",
                        "expires_at": "2020-01-04T09:05:22.701000Z",
                    }})
                    .to_string(),
                )
                .build()
        });
    });
    logins
}

#[tokio::test]
async fn a_thousand_calls_of_a_cold_password_make_one_login() {
    let (server, iam_server) = (MockServer::start_async().await, MockServer::start_async().await);
    let logins = iam(&iam_server);
    let calls = accept_token(&server, "canary-token-1");
    let client = builder(&server).credential(login(&iam_server)).build().unwrap();
    for outcome in join_all((0..1000).map(|_| client.record_info(JOB, 1))).await {
        outcome.unwrap();
    }
    assert_eq!(logins.load(SeqCst), 1);
    calls.assert_calls(1000);
}

#[tokio::test]
async fn a_thousand_calls_of_a_wrong_password_make_one_login_and_a_thousand_clear_errors() {
    let (server, iam) = (MockServer::start_async().await, MockServer::start_async().await);
    let rejected = iam.mock(|_, then| {
        then.status(401).header("X-IAM-Trace-Id", "trace-7").json_body(json!({ "error": {
            "code": 401,
            "message": format!("The username or password is wrong: {PASSWORD}"),
            "title": "Unauthorized",
        }}));
    });
    let never = server.mock(|_, then| {
        then.status(200);
    });
    let client = builder(&server).credential(login(&iam)).build().unwrap();
    let request = RunJobRequest::new(JOB).unwrap();
    for outcome in join_all((0..1000).map(|_| client.run_job(request.clone()))).await {
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credential);
        assert!(error.is_unauthorized() && !error.may_have_taken_effect());
        assert_eq!((error.status(), error.code()), (Some(401), Some("401")));
        assert_eq!(error.request_id(), Some("trace-7"));
        assert!(
            error.message().starts_with("logging in at IAM: The username or password is wrong: ")
        );
        printed_without_secrets(&error);
    }
    rejected.assert_calls(1);
    never.assert_calls(0);
    // A later call makes no login either: wrong passwords lock the user.
    client.record_info(JOB, 1).await.unwrap_err();
    rejected.assert_calls(1);
}

#[tokio::test]
async fn iam_that_is_broken_is_an_error_without_secrets() {
    for (status, body, attempts) in [
        (201, json!({ "token": {} }).to_string(), 1),
        (200, format!("<html>{PASSWORD}</html>"), 1),
        (500, PASSWORD.to_owned(), 1),
        // A login starts nothing, so it is retried.
        (503, serde_json::to_string(PASSWORD).unwrap(), 4),
        (302, String::new(), 1),
    ] {
        let iam = MockServer::start_async().await;
        let mock = iam.mock(|_, then| {
            then.status(status).header("location", iam.url("/elsewhere")).body(body);
        });
        let client = builder(&iam).credential(login(&iam)).build().unwrap();
        let error = client.run_job(RunJobRequest::new(JOB).unwrap()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credential, "{status}");
        assert!(error.message().starts_with("logging in at IAM: "), "{error}");
        assert!(!error.may_have_taken_effect());
        printed_without_secrets(&error);
        mock.assert_calls(attempts);
    }
}

#[tokio::test]
async fn an_expired_token_is_refreshed_once_and_the_call_retried_once() {
    for (code, message) in [
        ("APIGW.0307", "The token must be updated"),
        ("APIGW.0301", "token expires, expires_at:1"),
        ("APIGW.0301", "the securityToken has expired"),
        ("IAM.0003", "Expired credentials"),
    ] {
        let (server, iam_server) =
            (MockServer::start_async().await, MockServer::start_async().await);
        let logins = iam(&iam_server);
        let expired = server.mock(|when, then| {
            when.header("x-auth-token", "canary-token-1");
            then.status(401).json_body(json!({ "error_code": code, "error_msg": message }));
        });
        let accepted = accept_token(&server, "canary-token-2");
        let client = builder(&server).credential(login(&iam_server)).build().unwrap();
        client.run_job(RunJobRequest::new(JOB).unwrap()).await.unwrap();
        expired.assert_calls(1);
        accepted.assert_calls(1);
        assert_eq!(logins.load(SeqCst), 2);
    }
}

#[tokio::test]
async fn a_refresh_that_does_not_help_is_not_made_again() {
    let (server, iam_server) = (MockServer::start_async().await, MockServer::start_async().await);
    let logins = iam(&iam_server);
    let rejected = server.mock(|_, then| {
        then.status(401).json_body(json!({ "error_code": "APIGW.0307", "error_msg": "no" }));
    });
    let client = builder(&server).credential(login(&iam_server)).build().unwrap();
    let error = client.run_job(RunJobRequest::new(JOB).unwrap()).await.unwrap_err();
    assert_eq!(error.code(), Some("APIGW.0307"));
    assert!(!error.may_have_taken_effect());
    rejected.assert_calls(2);
    client.record_info(JOB, 1).await.unwrap_err();
    rejected.assert_calls(3);
    assert_eq!(logins.load(SeqCst), 2);
}

#[tokio::test]
async fn other_errors_and_static_tokens_cause_no_refresh() {
    let (server, iam_server) = (MockServer::start_async().await, MockServer::start_async().await);
    let logins = iam(&iam_server);
    let rejected = server.mock(|_, then| {
        let message = "Incorrect IAM authentication information: decrypt token fail";
        then.status(401).json_body(json!({ "error_code": "APIGW.0301", "error_msg": message }));
    });
    let client = builder(&server).credential(login(&iam_server)).build().unwrap();
    client.record_info(JOB, 1).await.unwrap_err();
    rejected.assert_calls(1);
    assert_eq!(logins.load(SeqCst), 1);
    client_at(server.base_url()).record_info(JOB, 1).await.unwrap_err();
    rejected.assert_calls(2);
}

/// The last hour of a token, with a call each ten seconds.
#[tokio::test]
async fn a_password_that_is_changed_makes_a_login_each_five_minutes_and_fails_no_call() {
    let _clock = Clock::stop();
    let (server, iam_server) = (MockServer::start_async().await, MockServer::start_async().await);
    iam(&iam_server);
    accept_token(&server, "canary-token-1");
    let client = builder(&server).credential(login(&iam_server)).build().unwrap();
    client.record_info(JOB, 1).await.unwrap();
    iam_server.reset_async().await;
    let rejected = iam_server.mock(|_, then| {
        then.status(401).json_body(json!({ "error": { "code": 401, "message": "wrong" } }));
    });
    tokio::time::advance(Duration::from_secs(23 * 60 * 60)).await;
    for _ in 0..358 {
        client.record_info(JOB, 1).await.unwrap();
        tokio::time::advance(Duration::from_secs(10)).await;
    }
    rejected.assert_calls(12);
    tokio::time::advance(Duration::from_secs(20)).await;
    let error = client.record_info(JOB, 1).await.unwrap_err();
    assert!(error.is_unauthorized(), "{error}");
    rejected.assert_calls(13);
    client.record_info(JOB, 1).await.unwrap_err();
    rejected.assert_calls(13);
}

#[tokio::test]
async fn a_token_is_replaced_when_it_ends_as_iam_said() {
    let _clock = Clock::stop();
    let (server, iam_server) = (MockServer::start_async().await, MockServer::start_async().await);
    let logins = iam(&iam_server);
    let first = accept_token(&server, "canary-token-1");
    let second = accept_token(&server, "canary-token-2");
    let client = builder(&server).credential(login(&iam_server)).build().unwrap();
    client.record_info(JOB, 1).await.unwrap();
    tokio::time::advance(Duration::from_secs(22 * 60 * 60)).await;
    client.record_info(JOB, 1).await.unwrap();
    first.assert_calls(2);
    // The token has expired, so that the call must wait for a new one.
    tokio::time::advance(Duration::from_secs(2 * 60 * 60)).await;
    client.record_info(JOB, 1).await.unwrap();
    second.assert_calls(1);
    assert_eq!(logins.load(SeqCst), 2);
}
