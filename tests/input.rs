//! Promise: input that breaks a documented rule gives an error that names the field, the rule and
//! what was given, and nothing is sent.

mod support;

use codearts_build::{
    Client, Credential, Error, ErrorKind, Region, RetryPolicy, StartedBuild, types::*,
};
use httpmock::MockServer;
use std::time::Duration;
use support::*;

/// The message of an error that is about input and nothing else.
#[track_caller]
fn said<T: std::fmt::Debug>(outcome: Result<T, Error>) -> String {
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert!(error.is_invalid_argument());
    assert_eq!((error.status(), error.code(), error.request_id()), (None, None, None));
    assert!(!error.may_have_started_build());
    error.message().to_owned()
}

const NOT_A_JOB: &str = "doesn't match pattern \"^[0-9A-Za-z]{32}$\"";

#[test]
fn a_job_id_is_32_letters_and_digits() {
    for id in ["", "f9d6c846", &JOB[1..], &format!("{JOB}0"), "f9d6c8466d614a9788e9a0acf6c15f4/"] {
        assert_eq!(said(RunJobRequest::new(id)), format!("job_id {id:?}: {NOT_A_JOB}"));
    }
    // Every character counts, whatever its size; a line break at the end is one too.
    for id in [format!("{}é", &JOB[1..]), format!("{JOB}\n")] {
        assert_eq!(said(RunJobRequest::new(&id)), format!("job_id {id:?}: {NOT_A_JOB}"));
    }
    RunJobRequest::new(JOB.to_uppercase()).unwrap();
    // A long one is shown in part.
    let message = said(RunJobRequest::new("x".repeat(1000)));
    assert_eq!(message, format!("job_id {:?}…: {NOT_A_JOB}", "x".repeat(60)));
}

#[test]
fn a_parameter_name_is_letters_digits_and_underscores_and_not_forbidden() {
    let with = |name: &str| RunJobRequest::new(JOB).unwrap().with_parameter(name, "value");
    let forbidden =
        ["LD_PRELOAD", "LD_LIBRARY_PATH", "PATH", "BASH_ENV", "GIT_SSH_COMMAND", "path"];
    for name in forbidden.into_iter().chain(["", "a-b", "a b", "a.b", "é", "a\n", "PATH\n"]) {
        let message = said(with(name));
        let start = format!("parameter name {name:?}: doesn't match pattern \"^(?!(LD_PRELOAD|");
        assert!(message.starts_with(&start), "{message}");
    }
    assert!(said(with(&"a".repeat(129))).ends_with(": longer than 128 characters"));
    // Next to what is forbidden is not forbidden.
    for name in [&*"a".repeat(128), "Path", "PATH_", "_PATH", "LD_PRELOAD2", "path1", "0"] {
        with(name).unwrap();
    }
}

#[test]
fn a_parameter_value_has_at_most_8192_characters_and_is_never_shown() {
    let with = |value: &str| RunJobRequest::new(JOB).unwrap().with_parameter("secret", value);
    with("").unwrap();
    with(&"é".repeat(8192)).unwrap();
    assert_eq!(
        said(with(&"é".repeat(8193))),
        "value of parameter \"secret\": longer than 8192 characters, it has 8193"
    );
}

#[test]
fn a_pushed_commit_is_40_letters_and_digits() {
    let with = |id: &str| AutoExecuteRequest::push("master").with_commit(id, "message");
    with(COMMIT).unwrap();
    let rule = "doesn't match pattern \"^[0-9A-Za-z]{40}$\"";
    assert_eq!(said(with("2fdc")), format!("commits.id \"2fdc\": {rule}"));
}

#[tokio::test]
async fn nothing_is_sent_after_bad_input() {
    let server = MockServer::start_async().await;
    let anything = server.mock(|_, then| {
        then.status(200);
    });
    let client = client(&server);

    let push = || AutoExecuteRequest::push("master");
    assert_eq!(
        said(client.auto_execute("no", push()).await),
        format!("job_id \"no\": {NOT_A_JOB}")
    );
    assert_eq!(said(client.record_info("no", 1).await), format!("job_id \"no\": {NOT_A_JOB}"));
    for build_no in [0, 2_147_483_648, u32::MAX] {
        let rule = format!("build_no {build_no}: must be 1 to 2147483647");
        assert_eq!(said(client.record_info(JOB, build_no).await), rule);
        assert_eq!(said(StartedBuild::new(JOB, build_no)), rule);
    }

    // The same through the generated client, whose messages are its own.
    let api = client.api();
    let call = api.execute_auto_build_job().job_id("no").body(push()).send().await;
    assert!(said(call.map_err(Error::from)).contains("job_id"));
    let call = api.show_record_detail().job_id(JOB).build_no("0").send().await;
    assert!(said(call.map_err(Error::from)).contains("build_no"));
    let call = api.show_record_detail().job_id(JOB).send().await;
    assert!(said(call.map_err(Error::from)).contains("build_no was not initialized"));
    let call = api.run_job().body_map(|body| body.job_id("no")).send().await;
    assert!(said(call.map_err(Error::from)).contains("job_id"));

    anything.assert_calls_async(0).await;
}

#[test]
fn a_token_is_one_that_can_be_sent() {
    for (token, rule) in [
        (String::new(), "the token is empty"),
        ("canary\n".into(), "the token has a line break at position 7"),
        ("can\r\nary".into(), "the token has a line break at position 4"),
        (" canary".into(), "the token has white space at position 1"),
        ("canaryé".into(), "the token has a character that none has at position 7"),
        ("canary\0".into(), "the token has a character that none has at position 7"),
        ("c".repeat(32_769), "the token has 32769 bytes; the gateway takes 32768 at most"),
    ] {
        let error = Credential::token(token.clone()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credential);
        assert_eq!(error.message(), rule);
        let error = Client::new(Region::CN_NORTH_4, token).unwrap_err();
        assert_eq!(error.message(), rule);
    }
    Credential::token("c".repeat(32_768)).unwrap();
}

#[test]
fn a_client_needs_a_place_and_a_credential() {
    let credential = || Credential::token(CANARY).unwrap();
    assert_eq!(
        said(Client::builder().credential(credential()).build()),
        "region: neither it nor an endpoint is set"
    );
    assert_eq!(
        said(Client::builder().credential(credential()).region("CN North").build()),
        "region \"CN North\": must be 1 to 40 lowercase letters, digits and hyphens"
    );
    let message = said(Region::new("A".repeat(1000)));
    assert!(message.len() < 200, "{message}");
    let error = Client::builder().region(Region::CN_EAST_3).build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credential);
    assert_eq!(error.message(), "no credential is set");
    let insecure = || Client::builder().credential(credential()).endpoint("http://example.com/");
    assert!(said(insecure().build()).starts_with("endpoint http://example.com: plain http"));
    insecure().allow_http(true).build().unwrap();
}

/// Without a runtime a timer would panic.
#[test]
fn a_call_outside_of_tokio_is_an_error_and_no_panic() {
    let client = client_at("http://127.0.0.1:1");
    let call = client.record_info(JOB, 1);
    let mut call = std::pin::pin!(call);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let std::task::Poll::Ready(outcome) = call.as_mut().poll(&mut context) else {
        panic!("it waits for what never comes");
    };
    assert_eq!(said(outcome), "a call must be made within a tokio runtime");
}

/// What a service needs to keep a client in its state and calls in its tasks.
#[test]
fn everything_can_be_shared_between_threads() {
    fn shared<T: Send + Sync + 'static>() {}
    fn cloned<T: Send + Sync + Clone + 'static>() {}
    fn sent<T: Send>(_: T) {}
    cloned::<Client>();
    cloned::<Credential>();
    cloned::<Error>();
    cloned::<StartedBuild>();
    cloned::<BuildRecord>();
    shared::<codearts_build::ClientBuilder>();
    assert!(size_of::<Error>() <= size_of::<usize>());

    let (client, build) = (client_at("http://127.0.0.1:1"), StartedBuild::new(JOB, 1).unwrap());
    sent(client.run_job(RunJobRequest::new(JOB).unwrap()));
    sent(client.auto_execute(JOB, AutoExecuteRequest::push("master")));
    sent(client.record_info(JOB, 1));
    sent(client.wait(&build));
    sent(client.watch(&build));
    sent(client.api().run_job().send());
}

/// A setting may be as large or as small as its type permits.
#[tokio::test]
async fn no_setting_makes_a_call_panic() {
    let server = MockServer::start_async().await;
    server.mock(|_, then| {
        then.status(200).json_body(serde_json::json!({ "result": { "id": "1" } }));
    });
    let call = async |time: Duration, bytes: usize| {
        let client = Client::builder()
            .endpoint(server.base_url())
            .credential(Credential::token(CANARY).unwrap())
            .connect_timeout(time)
            .attempt_timeout(time)
            .timeout(time)
            .max_response_bytes(bytes)
            .retry(RetryPolicy::never().with_backoff(time, time))
            .build()
            .unwrap();
        client.record_info(JOB, 1).await
    };
    assert_eq!(call(Duration::MAX, usize::MAX).await.unwrap().id.as_deref(), Some("1"));
    call(Duration::ZERO, usize::MAX).await.unwrap_err();
    assert_eq!(call(Duration::MAX, 0).await.unwrap_err().kind(), ErrorKind::InvalidResponse);
}
