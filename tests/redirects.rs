//! Promise: a redirect is never followed.

use crate::support::*;
use codearts_build::{Client, Credential, types::*};
use httpmock::MockServer;
use serde_json::json;

#[tokio::test]
async fn a_redirect_is_not_followed_and_says_its_status() {
    for status in [301, 302, 303, 307, 308] {
        let (service, elsewhere) =
            (MockServer::start_async().await, MockServer::start_async().await);
        let reached = elsewhere.mock(|_, then| {
            then.status(200).json_body(json!({ "actual_build_number": "1" }));
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
        .http(|http| http.redirect(reqwest::redirect::Policy::limited(5)))
        .build()
        .unwrap();
    let error = client.record_info(JOB, 1).await.unwrap_err();
    assert_eq!(error.status(), Some(302));
    reached.assert_calls_async(0).await;
}

#[tokio::test]
async fn the_query_of_a_redirect_is_not_shown() {
    let server = MockServer::start_async().await;
    server.mock(|_, then| {
        then.status(302)
            .header("location", "https://elsewhere.example/log?signature=the-signature");
    });
    let error = client(&server).record_info(JOB, 1).await.unwrap_err();
    assert!(error.message().contains("\"https://elsewhere.example/log\""), "{error}");
    assert!(!format!("{error} {error:?}").contains("the-signature"), "{error}");
}
