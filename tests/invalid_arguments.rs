//! Promise: an argument that breaks a documented rule gives an error that names the field, the rule
//! and the value, and nothing is sent.

use crate::support::*;
use codearts_build::{BuildId, Client, Credential, Error, ErrorKind, Region, types::*};
use httpmock::MockServer;

/// The message of an error that is about an argument and nothing else.
#[track_caller]
fn message_of<T: std::fmt::Debug>(outcome: Result<T, Error>) -> String {
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert!(error.is_invalid_argument());
    assert_eq!((error.status(), error.code(), error.request_id()), (None, None, None));
    assert!(!error.may_have_taken_effect());
    error.message().to_owned()
}

const NOT_A_JOB: &str = "must be 32 letters and digits";

#[test]
fn a_job_id_is_32_letters_and_digits() {
    for id in ["", "f9d6c846", &JOB[1..], &format!("{JOB}0"), "f9d6c8466d614a9788e9a0acf6c15f4/"] {
        assert_eq!(message_of(RunJobRequest::new(id)), format!("job_id {id:?}: {NOT_A_JOB}"));
    }
    // Characters are counted, not bytes. A line break at the end is one, too.
    for id in [format!("{}é", &JOB[1..]), format!("{JOB}\n")] {
        assert_eq!(message_of(RunJobRequest::new(&id)), format!("job_id {id:?}: {NOT_A_JOB}"));
    }
    RunJobRequest::new(JOB.to_uppercase()).unwrap();
    // A long value is shown in part.
    let message = message_of(RunJobRequest::new("x".repeat(1000)));
    assert_eq!(message, format!("job_id {:?}…: {NOT_A_JOB}", "x".repeat(60)));
}

#[test]
fn a_parameter_name_is_letters_digits_and_underscores_and_not_reserved() {
    let with = |name: &str| RunJobRequest::new(JOB).unwrap().with_parameter(name, "value");
    let reserved = ["LD_PRELOAD", "LD_LIBRARY_PATH", "PATH", "BASH_ENV", "GIT_SSH_COMMAND", "path"];
    let rule = "must be 1 to 128 letters, digits and underscores, and none of LD_PRELOAD, \
                LD_LIBRARY_PATH, PATH, BASH_ENV, GIT_SSH_COMMAND and path";
    for name in reserved.into_iter().chain(["", "a-b", "a b", "a.b", "é", "a\n", "PATH\n"]) {
        assert_eq!(message_of(with(name)), format!("parameter name {name:?}: {rule}"));
    }
    assert!(message_of(with(&"a".repeat(129))).ends_with(rule));
    // Similar names are not reserved.
    for name in [&*"a".repeat(128), "Path", "PATH_", "_PATH", "LD_PRELOAD2", "path1", "0"] {
        with(name).unwrap();
    }
}

#[test]
fn a_parameter_is_given_once() {
    let request = RunJobRequest::new(JOB).unwrap();
    let request = request.with_parameters([("a", "1"), ("A", "2"), ("b", "3")]).unwrap();
    assert_eq!(request.parameter.len(), 3);
    let twice = "parameter name \"a\": given twice";
    assert_eq!(message_of(request.clone().with_parameter("a", "1")), twice);
    assert_eq!(message_of(request.clone().with_parameters([("c", ""), ("a", "")])), twice);
    let twice = "parameter name \"c\": given twice";
    assert_eq!(message_of(request.with_parameters([("c", "1"), ("c", "2")])), twice);
}

#[test]
fn a_parameter_value_has_at_most_8192_characters_and_is_never_shown() {
    let with = |value: &str| RunJobRequest::new(JOB).unwrap().with_parameter("secret", value);
    with("").unwrap();
    with(&"é".repeat(8192)).unwrap();
    assert_eq!(
        message_of(with(&"é".repeat(8193))),
        "value of parameter \"secret\" (8193 characters): must be at most 8192 characters"
    );
    // Not in any `Debug` either: it may be a secret.
    let request = with("hunter2").unwrap();
    assert!(!format!("{request:?}").contains("hunter2"));
}

#[test]
fn a_pushed_commit_is_40_letters_and_digits() {
    let with = |id: &str| AutoExecuteRequest::push("master").with_commit(id, "message");
    with(COMMIT).unwrap();
    let rule = "must be 40 letters and digits";
    assert_eq!(message_of(with("2fdc")), format!("commits.id \"2fdc\": {rule}"));
}

#[test]
fn a_client_needs_a_region_or_an_endpoint_and_a_credential() {
    let credential = || Credential::token(CANARY).unwrap();
    assert_eq!(
        message_of(Client::builder().credential(credential()).build()),
        "region: neither it nor an endpoint is set"
    );
    assert_eq!(
        message_of(Client::builder().credential(credential()).region("CN North").build()),
        "region \"CN North\": must be 1 to 40 lowercase letters, digits and hyphens; \
         did you mean cn-north-1?"
    );
    let message = message_of(Region::new("A".repeat(1000)));
    assert!(message.len() < 200, "{message}");
    let error = Client::builder().region(Region::CN_EAST_3).build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credential);
    assert_eq!(error.message(), "no credential is set");
    let insecure = || Client::builder().credential(credential()).endpoint("http://example.com/");
    assert!(message_of(insecure().build()).starts_with("endpoint http://example.com: plain http"));
    insecure().allow_http(true).build().unwrap();
}

#[tokio::test]
async fn nothing_is_sent_with_an_invalid_argument() {
    let server = MockServer::start_async().await;
    let anything = server.mock(|_, then| {
        then.status(200);
    });
    let client = client(&server);

    let push = || AutoExecuteRequest::push("master");
    assert_eq!(
        message_of(client.auto_execute("no", push()).await),
        format!("job_id \"no\": {NOT_A_JOB}")
    );
    assert_eq!(
        message_of(client.record_info("no", 1).await),
        format!("job_id \"no\": {NOT_A_JOB}")
    );
    for build_no in [0, 2_147_483_648, u32::MAX] {
        let rule = format!("build_no {build_no}: must be 1 to 2147483647");
        assert_eq!(message_of(client.record_info(JOB, build_no).await), rule);
        assert_eq!(message_of(BuildId::new(JOB, build_no)), rule);
    }

    // The generated client checks too, and says the same.
    let api = client.api();
    let call = api.execute_auto_build_job().job_id("no").body(push()).send().await;
    assert_eq!(message_of(call), format!("job_id \"no\": {NOT_A_JOB}"));
    for build_no in ["0", "2147483648", "-1", "", "x"] {
        let call = api.show_record_detail().job_id(JOB).build_no(build_no).send().await;
        let rule = format!("build_no {build_no:?}: must be 1 to 2147483647");
        assert_eq!(message_of(call), rule);
    }
    let call = api.show_record_detail().job_id(JOB).build_no(0_u32).send().await;
    assert_eq!(message_of(call), "build_no 0: must be 1 to 2147483647");
    let call = api.show_record_detail().job_id(JOB).send().await;
    assert_eq!(message_of(call), "build_no: is required");
    let call = api.run_job().body_map(|body| body.scm(None)).send().await;
    assert_eq!(message_of(call), "job_id: is required");
    let call = api.run_job().body_map(|body| body.job_id("no")).send().await;
    assert_eq!(message_of(call), format!("job_id \"no\": {NOT_A_JOB}"));
    let event: Result<EventType, _> = "pull".parse();
    assert_eq!(event.unwrap_err().to_string(), "\"pull\": must be one of push, push_events");

    anything.assert_calls_async(0).await;
}
