//! Promise: whoever is calling, every request proves it, secrets are fetched once and renewed in
//! time, and what goes wrong on the way says what to do.

mod support;
#[path = "support/verifier.rs"]
mod verifier;

use codearts_build::{
    Client, ClientBuilder, Credential, CredentialFuture, CredentialProvider, Error, ErrorKind,
    Identity, types::*,
};
use futures_util::future::join_all;
use httpmock::{HttpMockResponse, Mock, MockServer};
use serde_json::{Value, json};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst},
    },
    time::{Duration, SystemTime},
};
use support::*;

const ACCESS_KEY: &str = "AKIDEXAMPLE00000000A";
const SECRET_KEY: &str = "canary-SKEXAMPLE00000000000000000000";
const SECURITY_TOKEN: &str = "canary-security-token-of-a-temporary-key";
const PASSWORD: &str = "canary \"pass\\word\"";
const PROJECT: &str = "0123456789abcdef0123456789abcdef";

fn key() -> codearts_build::AccessKey {
    Credential::access_key(ACCESS_KEY, SECRET_KEY).unwrap()
}

fn login(iam: &MockServer) -> codearts_build::PasswordLogin {
    let login = Credential::password("IAMDomain", "IAMUser", PASSWORD).unwrap();
    login.with_iam_endpoint(iam.base_url()).with_project("cn-north-1")
}

fn at(server: &MockServer) -> ClientBuilder {
    Client::builder().endpoint(server.base_url()).attempt_timeout(Duration::from_secs(30))
}

fn json(status: u16, body: Value) -> HttpMockResponse {
    HttpMockResponse::builder().status(status).body(body.to_string()).build()
}

/// A service that answers only what is signed well, and what the signatures told.
fn verifying(server: &MockServer) -> Arc<Mutex<Vec<verifier::Verified>>> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let shared = seen.clone();
    server.mock(|_, then| {
        then.respond_with(move |request| {
            match verifier::verify(&raw(request), SECRET_KEY.as_bytes()) {
                Ok(verified) => {
                    shared.lock().unwrap().push(verified);
                    json(200, json!({ "actual_build_number": "1", "result": null, "id": "1" }))
                }
                Err(wrong) => json(401, json!({ "error_code": "APIGW.0301", "error_msg": wrong })),
            }
        });
    });
    seen
}

/// An IAM that gives the tokens `token-1`, `token-2` …, each valid for a day, and counts logins.
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

fn takes<'a>(server: &'a MockServer, token: &str) -> Mock<'a> {
    server.mock(|when, then| {
        when.header("x-auth-token", token);
        then.status(200).json_body(json!({ "result": { "id": "1" }, "actual_build_number": 1 }));
    })
}

/// What is printed of an error, in which there is no secret.
fn shown(error: &Error) -> String {
    let printed = printed(error);
    assert!(!printed.contains("canary"), "{printed}");
    printed
}

#[tokio::test]
async fn every_request_of_an_access_key_is_signed() {
    let server = MockServer::start_async().await;
    let seen = verifying(&server);
    // 2024-01-02T03:04:05Z
    let clock = || SystemTime::UNIX_EPOCH + Duration::from_secs(1_704_164_645);
    let key = key().with_project_id(PROJECT).unwrap();
    let client = at(&server).credential(key).clock(clock).build().unwrap();
    client.run_job(RunJobRequest::new(JOB).unwrap()).await.unwrap();
    client.auto_execute(JOB, AutoExecuteRequest::push("ünï")).await.unwrap();
    // The record is none, but it was signed well.
    let error = client.record_info(JOB, 1).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidResponse);
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 3);
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
    let client = at(&server).credential(key).build().unwrap();
    client.run_job(RunJobRequest::new(JOB).unwrap()).await.unwrap();
    let signed = seen.lock().unwrap()[0].signed_headers.clone();
    assert!(signed.contains(&"x-security-token".to_owned()), "{signed:?}");
}

#[tokio::test]
async fn a_wrong_secret_key_is_a_refusal_that_shows_no_secret() {
    let server = MockServer::start_async().await;
    server.mock(|_, then| {
        then.respond_with(|request| {
            // The gateway echoes what it was sent.
            let all = String::from_utf8(raw(request)).unwrap();
            json(401, json!({
                "error_code": "APIGW.0301",
                "error_msg": format!("verify aksk signature fail, canonicalRequest:{all}{SECRET_KEY}"),
            }))
        });
    });
    let key = key().with_project_id(PROJECT).unwrap().with_security_token(SECURITY_TOKEN).unwrap();
    let client = at(&server).credential(key).build().unwrap();
    let error = client.run_job(RunJobRequest::new(JOB).unwrap()).await.unwrap_err();
    assert!(error.is_unauthorized());
    let printed = shown(&error);
    assert!(printed.contains("verify aksk signature fail"), "{printed}");
    let signature = printed.split("Signature=").nth(1).unwrap_or_default();
    assert!(signature.to_lowercase().starts_with("[redacted]"), "{printed}");
}

#[tokio::test]
async fn a_clock_that_is_off_is_named_when_a_signature_is_refused() {
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
        let client = at(&server).credential(key).clock(move || now).build().unwrap();
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
        then.status(200).json_body(json!({ "result": { "id": "1" } }));
    });
    let key = key().with_iam_endpoint(iam.base_url());
    let client = at(&server).region("cn-north-4").credential(key).build().unwrap();
    join_all((0..50).map(|_| client.record_info(JOB, 1))).await.into_iter().for_each(|it| {
        it.unwrap();
    });
    call.assert_calls(50);
    lookup.assert_calls(1);
}

#[tokio::test]
async fn a_project_that_is_not_found_or_not_the_only_one_is_an_error_that_lists_them() {
    for (ids, message) in [
        (vec![], "looking up the project at IAM: there is none of the name cn-north-4; set its id"),
        (
            vec!["a1", "b2"],
            "looking up the project at IAM: several have the name cn-north-4: a1, b2; set the id",
        ),
    ] {
        let iam = MockServer::start_async().await;
        let projects: Vec<_> = ids.iter().map(|id| json!({ "id": id })).collect();
        iam.mock(|_, then| {
            then.status(200).json_body(json!({ "projects": projects }));
        });
        let key = key().with_iam_endpoint(iam.base_url());
        let client = at(&iam).region("cn-north-4").credential(key).build().unwrap();
        let error = client.record_info(JOB, 1).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credential);
        assert_eq!(error.message(), message);
    }
    let error = at(&MockServer::start_async().await).credential(key()).build().unwrap_err();
    assert_eq!(error.message(), "project id: neither it nor the region is set");
}

#[tokio::test]
async fn a_thousand_calls_of_a_cold_password_make_one_login() {
    let (server, iam_server) = (MockServer::start_async().await, MockServer::start_async().await);
    let logins = iam(&iam_server);
    let calls = takes(&server, "canary-token-1");
    let client = at(&server).credential(login(&iam_server)).build().unwrap();
    for outcome in join_all((0..1000).map(|_| client.record_info(JOB, 1))).await {
        outcome.unwrap();
    }
    assert_eq!(logins.load(SeqCst), 1);
    calls.assert_calls(1000);
}

#[tokio::test]
async fn a_thousand_calls_of_a_wrong_password_make_one_login_and_a_thousand_clear_errors() {
    let (server, iam) = (MockServer::start_async().await, MockServer::start_async().await);
    let refused = iam.mock(|_, then| {
        then.status(401).header("X-IAM-Trace-Id", "trace-7").json_body(json!({ "error": {
            "code": 401,
            "message": format!("The username or password is wrong: {PASSWORD}"),
            "title": "Unauthorized",
        }}));
    });
    let never = server.mock(|_, then| {
        then.status(200);
    });
    let client = at(&server).credential(login(&iam)).build().unwrap();
    let request = RunJobRequest::new(JOB).unwrap();
    for outcome in join_all((0..1000).map(|_| client.run_job(request.clone()))).await {
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credential);
        assert!(error.is_unauthorized() && !error.may_have_started_build());
        assert_eq!((error.status(), error.code()), (Some(401), Some("401")));
        assert_eq!(error.request_id(), Some("trace-7"));
        assert!(
            error.message().starts_with("logging in at IAM: The username or password is wrong: ")
        );
        shown(&error);
    }
    refused.assert_calls(1);
    never.assert_calls(0);
    // Nor does a later call, for wrong passwords lock the user.
    client.record_info(JOB, 1).await.unwrap_err();
    refused.assert_calls(1);
}

#[tokio::test]
async fn iam_that_is_broken_is_an_error_without_secrets() {
    for (status, body) in [
        (201, json!({ "token": {} }).to_string()),
        (200, format!("<html>{PASSWORD}</html>")),
        (500, PASSWORD.to_owned()),
        (503, serde_json::to_string(PASSWORD).unwrap()),
        (302, String::new()),
    ] {
        let iam = MockServer::start_async().await;
        let mock = iam.mock(|_, then| {
            then.status(status).header("location", iam.url("/elsewhere")).body(body);
        });
        let client = at(&iam).credential(login(&iam)).build().unwrap();
        let error = client.run_job(RunJobRequest::new(JOB).unwrap()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credential, "{status}");
        assert!(error.message().starts_with("logging in at IAM: "), "{error}");
        assert!(!error.may_have_started_build());
        shown(&error);
        mock.assert_calls(1);
    }
}

#[tokio::test]
async fn an_expired_token_is_renewed_once_and_the_call_sent_once_more() {
    for (code, message) in
        [("APIGW.0307", "The token must be updated"), ("APIGW.0301", "token expires, expires_at:1")]
    {
        let (server, iam_server) =
            (MockServer::start_async().await, MockServer::start_async().await);
        let logins = iam(&iam_server);
        let expired = server.mock(|when, then| {
            when.header("x-auth-token", "canary-token-1");
            then.status(401).json_body(json!({ "error_code": code, "error_msg": message }));
        });
        let taken = takes(&server, "canary-token-2");
        let client = at(&server).credential(login(&iam_server)).build().unwrap();
        client.run_job(RunJobRequest::new(JOB).unwrap()).await.unwrap();
        expired.assert_calls(1);
        taken.assert_calls(1);
        assert_eq!(logins.load(SeqCst), 2);
    }
}

#[tokio::test]
async fn a_token_that_stays_refused_is_not_renewed_again_and_again() {
    let (server, iam_server) = (MockServer::start_async().await, MockServer::start_async().await);
    let logins = iam(&iam_server);
    let refused = server.mock(|_, then| {
        then.status(401).json_body(json!({ "error_code": "APIGW.0307", "error_msg": "no" }));
    });
    let client = at(&server).credential(login(&iam_server)).build().unwrap();
    let error = client.run_job(RunJobRequest::new(JOB).unwrap()).await.unwrap_err();
    assert_eq!(error.code(), Some("APIGW.0307"));
    assert!(!error.may_have_started_build());
    refused.assert_calls(2);
    client.record_info(JOB, 1).await.unwrap_err();
    refused.assert_calls(3);
    assert_eq!(logins.load(SeqCst), 2);
}

#[tokio::test]
async fn other_refusals_and_plain_tokens_are_not_renewed() {
    let (server, iam_server) = (MockServer::start_async().await, MockServer::start_async().await);
    let logins = iam(&iam_server);
    let refused = server.mock(|_, then| {
        let message = "Incorrect IAM authentication information: decrypt token fail";
        then.status(401).json_body(json!({ "error_code": "APIGW.0301", "error_msg": message }));
    });
    let client = at(&server).credential(login(&iam_server)).build().unwrap();
    client.record_info(JOB, 1).await.unwrap_err();
    refused.assert_calls(1);
    assert_eq!(logins.load(SeqCst), 1);
    client_at(server.base_url()).record_info(JOB, 1).await.unwrap_err();
    refused.assert_calls(2);
}

/// Three days, a call every ten minutes. Time stands still while a call is under way.
#[tokio::test]
async fn no_call_of_three_days_fails_for_want_of_a_token() {
    tokio::time::pause();
    // While this waits, tokio does not move time on its own.
    let (hold, held) = std::sync::mpsc::channel::<()>();
    tokio::task::spawn_blocking(move || held.recv().ok());
    let start = tokio::time::Instant::now();

    let (server, iam) = (MockServer::start_async().await, MockServer::start_async().await);
    // Seconds since the start, and the second at which each token was given.
    let now = Arc::new(AtomicU64::new(0));
    let given = Arc::new(Mutex::new(Vec::new()));
    let (time, tokens) = (now.clone(), given.clone());
    iam.mock(|_, then| {
        then.respond_with(move |_| {
            let mut tokens = tokens.lock().unwrap();
            tokens.push(time.load(SeqCst));
            HttpMockResponse::builder()
                .status(201)
                .header("x-subject-token", format!("token-{}", tokens.len()))
                .body(r#"{"token":{"issued_at":"2020-01-03T09:05:22Z","expires_at":"2020-01-04T09:05:22Z"}}"#)
                .build()
        });
    });
    let (time, tokens) = (now.clone(), given.clone());
    server.mock(|_, then| {
        then.respond_with(move |request| {
            let token = request.headers()["x-auth-token"].to_str().unwrap().to_owned();
            let number: usize = token.strip_prefix("token-").unwrap().parse().unwrap();
            let age = time.load(SeqCst) - tokens.lock().unwrap()[number - 1];
            if age < 24 * 60 * 60 {
                json(200, json!({ "result": { "id": "1" } }))
            } else {
                json(401, json!({ "error_code": "APIGW.0101", "error_msg": "too old" }))
            }
        });
    });
    let client = at(&server).credential(login(&iam)).build().unwrap();
    while now.load(SeqCst) < 72 * 60 * 60 {
        client.record_info(JOB, 1).await.unwrap();
        // A renewal that runs beside the calls gets some time that is not counted.
        for _ in 0..10 {
            tokio::task::yield_now().await;
            std::thread::sleep(Duration::from_micros(200));
        }
        tokio::time::advance(Duration::from_secs(600)).await;
        now.store(start.elapsed().as_secs(), SeqCst);
    }
    let logins = given.lock().unwrap().len();
    // A renewal that does not make it in that time is tried again; there are 432 calls.
    assert!((3..30).contains(&logins), "{logins}");
    drop(hold);
}

#[tokio::test]
async fn a_source_of_ones_own_is_asked_once_and_its_error_is_told() {
    struct Vault(Arc<AtomicUsize>);
    impl CredentialProvider for Vault {
        fn fetch(&self) -> CredentialFuture<'_> {
            Box::pin(async {
                match self.0.fetch_add(1, SeqCst) {
                    0 => Err("the vault is sealed".into()),
                    _ => Ok(Identity::token("canary-from-the-vault")?
                        .valid_for(Duration::from_secs(60))),
                }
            })
        }
    }
    let server = MockServer::start_async().await;
    let taken = takes(&server, "canary-from-the-vault");
    let asked = Arc::new(AtomicUsize::new(0));
    let credential = Credential::source(Vault(asked.clone()));
    let client = at(&server).credential(credential).build().unwrap();
    let error = client.record_info(JOB, 1).await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Credential, "the vault is sealed"));
    join_all((0..20).map(|_| client.record_info(JOB, 1))).await.into_iter().for_each(|it| {
        it.unwrap();
    });
    taken.assert_calls(20);
    assert_eq!(asked.load(SeqCst), 2);
}

#[test]
fn no_credential_shows_its_secrets() {
    let key = key().with_security_token(SECURITY_TOKEN).unwrap();
    let login = Credential::password("IAMDomain", "IAMUser", PASSWORD).unwrap();
    let grant = Identity::access_key(key.clone());
    let mut shown = format!("{key:?} {login:?} {grant:?} {:?}", Identity::token(CANARY).unwrap());
    for credential in [Credential::from(key), login.into(), Credential::ecs()] {
        shown += &format!("{credential:?} {credential:#?}");
        let builder = Client::builder().region("cn-north-4").credential(credential);
        shown += &format!("{builder:?}");
        shown += &format!("{:?}", builder.build().unwrap());
    }
    assert!(shown.contains(ACCESS_KEY) && shown.contains("IAMUser"), "{shown}");
    assert!(!shown.contains("canary"), "{shown}");
}

#[test]
fn what_cannot_be_a_credential_is_refused() {
    let message = |outcome: Result<(), Error>| {
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credential);
        shown(&error);
        error.message().to_owned()
    };
    let of = |access: &str, secret: &str| message(Credential::access_key(access, secret).map(drop));
    assert_eq!(of("", SECRET_KEY), "the access key is empty");
    assert_eq!(of("A,K", SECRET_KEY), "the access key has a comma");
    assert_eq!(of(ACCESS_KEY, "canary "), "the secret key has white space at position 7");
    assert_eq!(
        message(key().with_security_token("canary\n").map(drop)),
        "the security token has a line break at position 7"
    );
    assert_eq!(
        message(key().with_project_id("a/b").map(drop)),
        "project id \"a/b\": must be 1 to 64 letters, digits, hyphens and underscores"
    );
    let login =
        |user: &str, password: &str| message(Credential::password("d", user, password).map(drop));
    assert_eq!(login("", PASSWORD), "the user is empty");
    assert_eq!(login("user", ""), "the password is empty");
    let iam = key().with_iam_endpoint("http://iam.example.com");
    let error = Client::builder().region("cn-north-4").credential(iam).build().unwrap_err();
    assert!(
        error.message().starts_with("IAM endpoint http://iam.example.com: plain http"),
        "{error}"
    );
}
