//! Promise: a transient fault of IAM is retried, only an error that says that the credential is wrong is
//! kept, and an error shows nothing of a login's response except the error of IAM.

use crate::support::{
    calls::*,
    clock::Clock,
    faulty_server::{Action, FaultyServer, json, response},
    *,
};
use codearts_build::{
    Client, ClientBuilder, Credential, CredentialContext, CredentialFuture, CredentialProvider,
    Error, ErrorKind, PasswordLogin, RetryPolicy,
};
use httpmock::MockServer;
use serde_json::json;
use std::{error::Error as StdError, io, time::Duration};

const TOKEN: &str = "canary-token-of-a-login";

fn logged_in() -> Action {
    let header = format!("x-subject-token: {TOKEN}\r\n");
    Action::Respond(response("201 Created", &header, r#"{"token":{}}"#))
}

/// An IAM that fails at first and gives a token from then on.
fn fails_at_first(
    failures: usize,
    failure: impl Fn() -> Action + Send + Sync + 'static,
) -> FaultyServer {
    FaultyServer::start(move |arrival| match arrival.number {
        number if number < failures => failure(),
        _ => logged_in(),
    })
}

fn client(service: &MockServer, iam: &FaultyServer) -> Client {
    settings(service, iam).build().unwrap()
}

fn settings(service: &MockServer, iam: &FaultyServer) -> ClientBuilder {
    let login = PasswordLogin::new("IAMDomain", "IAMUser", PASSWORD).unwrap();
    let backoff = Duration::from_millis(1);
    builder(service)
        .region("cn-north-4")
        .credential(Credential::from(login).with_iam_endpoint(iam.url()))
        .retry(RetryPolicy::default().with_backoff(backoff, backoff))
}

fn status(line: &'static str) -> impl Fn() -> Action + Send + Sync + 'static {
    move || Action::Respond(json(line, r#"{"error":{"message":"IAM failed"}}"#))
}

fn source(error: &Error) -> &Error {
    error.source().unwrap().downcast_ref().unwrap()
}

#[tokio::test]
async fn a_login_is_retried_after_a_fault_that_passes() {
    let service = MockServer::start_async().await;
    accept_token(&service, TOKEN);
    let faults: [Box<dyn Fn() -> Action + Send + Sync>; 6] = [
        Box::new(status("429 Too Many Requests")),
        Box::new(status("502 Bad Gateway")),
        Box::new(status("503 Service Unavailable")),
        Box::new(status("504 Gateway Timeout")),
        Box::new(|| Action::Reset(vec![])),
        Box::new(|| Action::Close(b"HTTP/1.1 201 Created\r\ncontent-length: 9\r\n\r\n{".to_vec())),
    ];
    for (number, fault) in faults.into_iter().enumerate() {
        let iam = fails_at_first(2, fault);
        let outcome = client(&service, &iam).record_info(JOB, 1).await;
        assert!(outcome.is_ok(), "{number}: {outcome:?}");
        assert_eq!(iam.arrived(), 3, "{number}");
    }
}

#[tokio::test]
async fn a_login_that_hangs_is_made_again_and_an_error_says_that_it_did() {
    let clock = Clock::stop();
    let service = MockServer::start_async().await;
    accept_token(&service, TOKEN);
    for hangs_for_good in [false, true] {
        let mut iam = FaultyServer::start(move |arrival| match arrival.number {
            0 => Action::Silence(vec![]),
            _ if hangs_for_good => Action::Silence(vec![]),
            _ => logged_in(),
        });
        // The time in which the server responds is shorter than these.
        let client = settings(&service, &iam).attempt_timeout(HOUR).timeout(4 * HOUR);
        let client = client.build().unwrap();
        let call = async move { client.record_info(JOB, 1).await };
        let outcome = clock.run_silent(&mut iam, HOUR, call).await;
        assert_eq!(outcome.is_err(), hangs_for_good, "{outcome:?}");
        if let Err(error) = outcome {
            assert!(error.message().starts_with("logging in at IAM: "), "{error}");
            assert_eq!(source(&error).kind(), ErrorKind::Timeout);
            assert!(error.is_transient() && !error.is_unauthorized());
        }
    }
}

#[tokio::test]
async fn the_project_of_a_key_is_looked_up_again_after_a_fault_that_passes() {
    let service = MockServer::start_async().await;
    service.mock(|when, then| {
        when.header("x-project-id", PROJECT);
        then.status(200).json_body(json!({ "result": { "build_no": 1 } }));
    });
    let iam = FaultyServer::start(|arrival| match arrival.number {
        0 => unavailable(),
        1 => Action::Reset(vec![]),
        _ => {
            Action::Respond(json("200 OK", &json!({ "projects": [{ "id": PROJECT }] }).to_string()))
        }
    });
    let key = Credential::from(key()).with_iam_endpoint(iam.url());
    let client = builder(&service).region("cn-north-4").credential(key).build().unwrap();
    client.record_info(JOB, 1).await.unwrap();
    assert_eq!(iam.arrived(), 3);
}

#[tokio::test]
async fn only_an_error_that_says_the_credential_is_wrong_is_kept() {
    let service = MockServer::start_async().await;
    accept_token(&service, TOKEN);
    for (line, stands, is_transient) in [
        ("401 Unauthorized", true, false),
        ("403 Forbidden", true, false),
        ("400 Bad Request", false, false),
        ("404 Not Found", false, false),
        ("407 Proxy Authentication Required", false, false),
        ("408 Request Timeout", false, true),
        ("425 Too Early", false, true),
        ("429 Too Many Requests", false, true),
        ("500 Internal Server Error", false, true),
        ("503 Service Unavailable", false, true),
    ] {
        // The time of the first call, which has one attempt or four.
        let iam = fails_at_first(
            if is_transient && !line.starts_with("500") { 4 } else { 1 },
            status(line),
        );
        let client = client(&service, &iam);
        let error = client.record_info(JOB, 1).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credential, "{line}");
        assert_eq!(error.message(), "logging in at IAM: IAM failed");
        assert_eq!(error.status(), line[..3].parse().ok());
        assert_eq!(error.is_transient(), is_transient, "{line}");
        assert_eq!(error.is_unauthorized(), line.starts_with("401"), "{line}");
        assert!(!error.may_have_taken_effect());
        assert_eq!(
            (source(&error).kind(), source(&error).status()),
            (ErrorKind::Service, error.status())
        );
        let again = client.record_info(JOB, 1).await;
        assert_eq!(again.is_err(), stands, "{line}: {again:?}");
    }
}

#[tokio::test]
async fn an_outage_is_no_wrong_credential_and_keeps_its_source() {
    struct Vault;
    impl CredentialProvider for Vault {
        fn provide<'a>(&'a self, _: &'a CredentialContext) -> CredentialFuture<'a> {
            Box::pin(async { Err(io::Error::from(io::ErrorKind::HostUnreachable).into()) })
        }
    }
    let server = MockServer::start_async().await;
    let vault = builder(&server).credential(Vault).build().unwrap();
    let error = vault.record_info(JOB, 1).await.unwrap_err();
    assert!(error.is_transient() && !error.is_unauthorized(), "{error:?}");
    let source = error.source().unwrap().downcast_ref::<io::Error>().unwrap();
    assert_eq!(source.kind(), io::ErrorKind::HostUnreachable);

    let login = PasswordLogin::new("IAMDomain", "IAMUser", PASSWORD).unwrap();
    let login = Credential::from(login).with_iam_endpoint("http://127.0.0.1:1");
    let client = builder(&server).region("cn-north-4").credential(login).build().unwrap();
    let error = client.record_info(JOB, 1).await.unwrap_err();
    assert!(error.is_transient() && !error.is_unauthorized(), "{error:?}");
    assert_eq!(self::source(&error).kind(), ErrorKind::Connect);
    assert!(error.message().starts_with("logging in at IAM: 127.0.0.1: "), "{error}");
}

#[tokio::test]
async fn nothing_of_a_logins_response_is_shown_but_its_error() {
    let service = MockServer::start_async().await;
    for (line, headers, body) in [
        ("200 OK", "", format!("<html>{TOKEN}</html>")),
        ("201 Created", "", format!(r#"{{"token":"{TOKEN}","error":"no"}}"#)),
        ("201 Created", "", format!(r#"{{"id":"{TOKEN}"}}"#)),
        ("202 Accepted", "x-subject-token: a b\r\n", format!(r#"["{TOKEN}"]"#)),
        ("302 Found", "location: https://example.com/canary\r\n", TOKEN.to_owned()),
        ("400 Bad Request", "", format!(r#"{{"token":{{"code":1,"message":"{TOKEN}"}}}}"#)),
        ("401 Unauthorized", "", format!("token {TOKEN}")),
        ("500 Internal Server Error", "", format!(r#"{{"x-subject-token":"{TOKEN}"}}"#)),
    ] {
        let bytes = response(line, headers, &body);
        let iam = FaultyServer::start(move |_| Action::Respond(bytes.clone()));
        let error = client(&service, &iam).record_info(JOB, 1).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credential, "{line}");
        printed_without_secrets(&error);
    }
}

#[tokio::test]
async fn an_error_of_iam_is_short_however_much_it_says() {
    let service = MockServer::start_async().await;
    let long = "x".repeat(3 << 20);
    for (line, body) in [
        ("403 Forbidden", json!({ "error_code": "IAM.0001", "error_msg": long })),
        ("200 OK", json!({ "error_code": "IAM.0001", "error_msg": long })),
        ("200 OK", json!({ "projects": [{ "id": long }, { "id": "b" }] })),
        ("200 OK", json!({ "projects": [{ "id": long }] })),
    ] {
        let bytes = json(line, &body.to_string());
        let iam = FaultyServer::start(move |_| Action::Respond(bytes.clone()));
        let key = Credential::from(key()).with_iam_endpoint(iam.url());
        let client = builder(&service).region("cn-north-4").credential(key).build().unwrap();
        let error = client.record_info(JOB, 1).await.unwrap_err();
        assert!(printed(&error).len() < 30_000, "{}", printed(&error).len());
        assert!(error.to_string().len() < 3000, "{}", error.to_string().len());
    }
}
