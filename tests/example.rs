//! Promise: the example does the main job, and its exit code tells the outcome.

use crate::support::*;
use codearts_build::{mock::MockServerExt, types::*};
use httpmock::MockServer;
use serde_json::json;

#[test]
fn with_nothing_set_a_build_succeeds_on_a_simulated_service() {
    let (code, out, err) = run_build(&[], &[]);
    assert_eq!((code, &*err), (0, ""), "{out}");
    let started = format!("Started build 1 of job {JOB}, with codeBranch, at commit {COMMIT}\n");
    assert!(out.contains(&started), "{out}");
    let queued = out.find("InQueue").unwrap();
    let running = out.find("Running").unwrap();
    let ended = out.find("SUCCESS").unwrap();
    assert!(queued < running && running < ended, "{out}");
    assert!(out.contains("\nBuild 1 succeeded after "), "{out}");
    assert!(out.contains(&format!("commit      {COMMIT}\n")), "{out}");
    assert!(!out.contains('\x1b') && !out.contains('\r'), "plain lines when piped: {out}");
}

/// Cargo sets it for programs too, not only for the build.
#[test]
fn a_document_of_ones_own_names_no_service() {
    let example = run_build_command().env("CODEARTS_OPENAPI_DOCUMENT", "/openapi.yaml").output();
    let output = example.unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("Build 1 succeeded"), "{output:?}");
}

#[test]
fn a_failed_build_exits_with_1_and_shows_its_own_error() {
    let server = MockServer::start();
    let started = server.run_job(|when, then| {
        let request = RunJobRequest::new(JOB).unwrap().with_parameter("secret", "hunter2").unwrap();
        when.body(&request.with_tag("v1"));
        then.ok(&serde_json::from_value(json!({ "actual_build_number": "7" })).unwrap());
    });
    let read = server.show_record_detail(|when, then| {
        when.job_id(&JOB.parse().unwrap()).build_no(&"7".parse().unwrap());
        then.ok(&RecordInfoResponse {
            result: Some(BuildRecord {
                build_no: Some(7),
                status: "FAILURE".into(),
                err_msg: Some("no space \x1b[31mleft".into()),
                ..Default::default()
            }),
            ..Default::default()
        });
    });
    let environment =
        [("CODEARTS_BUILD_ENDPOINT", &*server.base_url()), ("CODEARTS_BUILD_TOKEN", CANARY)];
    let (code, out, err) = run_build(&[JOB, "secret=hunter2", "--tag", "v1"], &environment);
    assert_eq!((code, &*err), (1, ""), "{out}");
    assert!(out.contains("Build 7 did not succeed, it ended FAILURE"), "{out}");
    assert!(out.contains("error       no space  [31mleft\n"), "{out}");
    assert!(!out.contains("hunter2"), "{out}");
    started.assert();
    read.assert();
}

#[test]
fn a_service_error_exits_with_2_and_shows_what_the_service_said() {
    let server = MockServer::start();
    server.mock(|_, then| {
        then.status(401).header("x-request-id", "0e81").json_body(
            json!({ "error_code": "APIGW.0301", "error_msg": format!("decrypt {CANARY} fail") }),
        );
    });
    let environment =
        [("CODEARTS_BUILD_ENDPOINT", &*server.base_url()), ("CODEARTS_BUILD_TOKEN", CANARY)];
    let (code, out, err) = run_build(&[JOB], &environment);
    assert_eq!((code, &*out), (2, ""));
    assert_eq!(
        err,
        "run_build: service error, status 401, code APIGW.0301: decrypt [redacted] \
         fail (request id 0e81); check the credential: it may be wrong, expired or of \
         another region\n"
    );
}

#[test]
fn an_invalid_argument_exits_with_2_and_names_the_problem() {
    for (arguments, message) in [
        (&["no"][..], "job_id \"no\": must be 32 letters and digits"),
        (&[JOB, "PATH=1"], "parameter name \"PATH\""),
        (&[JOB, "nothing"], "a parameter must be NAME=VALUE"),
        (&[JOB, "--tag", "a", "--commit", "b"], "either --commit or --tag"),
        (&["--tag", "a"], "need the id of a build job"),
        (&["--force"], "--force"),
    ] {
        let (code, out, err) = run_build(arguments, &[]);
        assert_eq!((code, &*out), (2, ""), "{arguments:?}");
        assert!(err.starts_with("run_build: ") && err.contains(message), "{err}");
    }
}

#[test]
fn help_tells_how_to_use_it() {
    let (code, out, err) = run_build(&["--help"], &[]);
    assert_eq!((code, &*err), (0, ""));
    for word in ["usage: run_build", "NAME=VALUE", "--commit", "CODEARTS_BUILD_TOKEN", "exit code"]
    {
        assert!(out.contains(word), "{word}");
    }
}
