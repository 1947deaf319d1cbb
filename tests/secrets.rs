//! Promise: a secret is on the wire to the service, and nowhere else.

mod support;

use codearts_build::{Client, Credential, types::*};
use httpmock::MockServer;
use support::*;

#[test]
fn nothing_shows_the_token() {
    let credential = Credential::token(CANARY).unwrap();
    let builder = Client::builder().endpoint("http://127.0.0.1:1").credential(credential.clone());
    let mut shown = format!("{credential:?} {credential:#?} {builder:?} {builder:#?}");
    let client = builder.build().unwrap();
    shown += &format!("{client:?} {client:#?} {:?} {:#?}", client.api(), client.api());
    shown += &format!("{:?}", client.api().run_job());
    assert!(shown.contains("[redacted]"), "{shown}");
    assert!(!shown.contains("canary"), "{shown}");
}

#[test]
fn a_refused_token_is_not_shown() {
    for token in [format!("{CANARY}\n"), CANARY.repeat(2000)] {
        let error = Credential::token(token).unwrap_err();
        assert!(!printed(&error).contains("canary"), "{error:?}");
    }
}

#[test]
fn an_endpoint_with_a_password_is_refused_and_not_shown() {
    for url in ["https://user:canary@example.com", "https://example.com/?token=canary"] {
        let builder = Client::builder().endpoint(url).credential(Credential::token("x").unwrap());
        assert!(!format!("{builder:?}").contains("canary"));
        let error = builder.build().unwrap_err();
        assert!(!printed(&error).contains("canary"), "{error:?}");
    }
}

#[tokio::test]
async fn a_service_that_echoes_the_token_does_not_make_an_error_show_it() {
    let echo = format!("verify aksk signature fail, canonicalRequest:POST x-auth-token:{CANARY}");
    for (status, body) in [
        (401, serde_json::json!({ "error_code": CANARY, "error_msg": echo }).to_string()),
        (401, echo.clone()),
        (200, serde_json::json!({ "error_code": "APIGW.0301", "error_msg": echo }).to_string()),
        (200, echo.clone()),
        (302, echo.clone()),
        // The end of what is shown lies within the token.
        (502, format!("{}{CANARY}", "x".repeat(190))),
        // As a proxy repeats it that shortens long headers.
        (400, format!("[redacted] x-auth-token:{}...", &CANARY[..16])),
    ] {
        let server = MockServer::start_async().await;
        server.mock(|_, then| {
            then.status(status)
                .header("x-request-id", CANARY)
                .header("location", CANARY)
                .body(body);
        });
        let client = client(&server);
        let error = client.run_job(RunJobRequest::new(JOB).unwrap()).await.unwrap_err();
        assert!(printed(&error).contains("[redacted]"), "{error:?}");
        assert!(!printed(&error).contains("canary"), "{error:?}");
        let call = client.api().show_record_detail().job_id(JOB).build_no("1");
        let error = call.send().await.unwrap_err();
        assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_says_its_status() {
    for status in [301, 302, 303, 307, 308] {
        let (service, elsewhere) =
            (MockServer::start_async().await, MockServer::start_async().await);
        let reached = elsewhere.mock(|_, then| {
            then.status(200).json_body(serde_json::json!({ "actual_build_number": "1" }));
        });
        let redirect = service.mock(|_, then| {
            then.status(status).header("location", elsewhere.url("/v3/jobs/build"));
        });
        let error = client(&service).run_job(RunJobRequest::new(JOB).unwrap()).await.unwrap_err();
        assert_eq!(error.status(), Some(status));
        assert!(error.message().contains("redirect"), "{error}");
        let error = client(&service).record_info(JOB, 1).await.unwrap_err();
        assert_eq!(error.status(), Some(status));
        redirect.assert_calls_async(2).await;
        reached.assert_calls_async(0).await;
    }
}

#[tokio::test]
async fn the_callers_own_http_client_cannot_follow_redirects_either() {
    let (service, elsewhere) = (MockServer::start_async().await, MockServer::start_async().await);
    let reached = elsewhere.mock(|_, then| {
        then.status(200);
    });
    service.mock(|_, then| {
        then.status(302).header("location", elsewhere.url("/"));
    });
    let client = Client::builder()
        .endpoint(service.base_url())
        .credential(Credential::token(CANARY).unwrap())
        .http(reqwest::Client::builder().redirect(reqwest::redirect::Policy::limited(5)))
        .build()
        .unwrap();
    let error = client.record_info(JOB, 1).await.unwrap_err();
    assert_eq!(error.status(), Some(302));
    reached.assert_calls_async(0).await;
}

#[tokio::test]
async fn a_base_url_with_a_slash_and_a_path_is_called_below_that_path() {
    let server = MockServer::start_async().await;
    let mock = server.mock(|when, then| {
        when.path(format!("/gateway/v4/jobs/{JOB}/1/record-info")).header("x-auth-token", CANARY);
        then.status(200).json_body(serde_json::json!({ "result": { "id": "1" } }));
    });
    for slash in ["", "/", "//"] {
        let endpoint = format!("{}/gateway{slash}", server.base_url());
        client_at(endpoint).record_info(JOB, 1).await.unwrap();
    }
    mock.assert_calls_async(3).await;
}
