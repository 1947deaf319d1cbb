//! Promise: each example runs with nothing set and does what it says, and its exit code tells the outcome.
//! `test_a_failure` has tests of its own, and `push_webhook` is tested in `webhooks`.

use crate::support::*;
use codearts_build::{
    BuildId,
    mock::{MockServerExt, SimulatedJob, SimulatedService},
    types::*,
};
use httpmock::MockServer;
use serde_json::json;
use std::{
    io::{BufRead, BufReader, Read},
    process::Stdio,
    time::Duration,
};
use tokio::task::spawn_blocking;

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
    // Once for the outcome, and for the id of its record before the steps and the log.
    read.assert_calls(3);
    let unreadable = "cannot be read: invalid response: the record has no build_record_id\n";
    for what in ["The steps", "The log"] {
        assert!(out.contains(&format!("{what} {unreadable}")), "{out}");
    }
}

/// Runs the example with a simulated service, of which its job is this.
async fn run_with(job: SimulatedJob) -> (SimulatedService, std::process::Command) {
    let service = SimulatedService::start().await.unwrap();
    service.add_job(JOB, job).unwrap();
    let mut command = run_build_command();
    command.arg(JOB);
    command.env("CODEARTS_BUILD_ENDPOINT", service.endpoint()).env("CODEARTS_BUILD_TOKEN", CANARY);
    (service, command)
}

#[tokio::test]
async fn a_failed_build_shows_the_step_that_failed_and_the_end_of_the_log() {
    let log: String = (1..=1000).map(|line| format!("[INFO] line {line}\n")).collect();
    let job = SimulatedJob::new().runs_for(Duration::from_millis(200));
    let job = job.ends(BuildStatus::Failure).with_steps(["Checkout", "Maven"]).with_log(log);
    let (_service, command) = run_with(job).await;
    let output = spawn_blocking(move || output_of(command)).await.unwrap();
    let (code, out, err) = output;
    assert_eq!((code, &*err), (1, ""), "{out}");
    let (_, rest) = out.split_once("Step \"Maven\" FAILURE after 0.1 s\n").expect(&out);
    let (_, log) = rest.split_once("The log ends with\n").expect(&out);
    let lines: Vec<_> = log.lines().collect();
    assert_eq!((lines.len(), lines[0], lines[19]), (20, "  [INFO] line 981", "  [INFO] line 1000"));
}

#[cfg(unix)]
#[tokio::test]
async fn ctrl_c_stops_the_build_if_it_is_asked_to() {
    use rustix::process::{Pid, Signal, kill_process};

    for (stops, code) in [(true, 1), (false, 2)] {
        let (service, mut command) = run_with(SimulatedJob::new().runs_for(Duration::MAX)).await;
        command.args(stops.then_some("--stop")).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut example = command.spawn().unwrap();
        let mut out = BufReader::new(example.stdout.take().unwrap());
        let id = Pid::from_raw(example.id().try_into().unwrap()).unwrap();
        let output = spawn_blocking(move || {
            let mut printed = String::new();
            // It waits for Ctrl-C when it follows the build.
            while !printed.contains("Running") {
                assert_ne!(out.read_line(&mut printed).unwrap(), 0, "{printed}");
            }
            kill_process(id, Signal::INT).unwrap();
            out.read_to_string(&mut printed).unwrap();
            (printed, example.wait_with_output().unwrap())
        });
        let (out, output) = output.await.unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{out}{err}");
        assert_eq!(out.contains("Stopping the build\n"), stops, "{out}");
        assert_eq!(out.contains("it ended ABORTED"), stops, "{out}");
        assert_eq!(err.contains("interrupted; the build goes on"), !stops, "{err}");
        let stopped = service.received().iter().any(|it| it.path.ends_with("/stop"));
        assert_eq!(stopped, stops);
    }
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

/// Runs an example with nothing set. Returns what it printed.
fn printed_by(example: &str) -> String {
    let (code, out, err) = output_of(example_command(example));
    assert_eq!((code, &*err), (0, ""), "{out}");
    assert!(!out.contains('\x1b') && !out.contains('\r'), "plain lines when piped: {out}");
    out
}

#[test]
fn many_builds_are_followed_to_their_ends() {
    let out = printed_by("follow_many");
    for number in 1..=12 {
        let status = match number {
            3 | 8 => "FAILURE",
            4 | 9 => "timeout",
            _ => "SUCCESS",
        };
        assert!(out.contains(&format!("Build {number}: {status}\n")), "{number}: {out}");
    }
    assert!(out.contains("\nBuild 8 ended FAILURE: 2 tests failed\n"), "{out}");
    assert!(out.ends_with("\n8 of 12 builds succeeded\n"), "{out}");
}

#[test]
fn builds_are_followed_again_after_a_restart() {
    let out = printed_by("resume");
    let (before, after) = out.split_once("The program starts again.\n").unwrap();
    let builds = [1, 2, 3].map(|number| format!("{JOB}/{number}"));
    // One of them ends before the restart, the others after it. It is not certain which.
    for (part, count) in [(before, 1), (after, 2)] {
        assert_eq!(part.matches(" ended SUCCESS\n").count(), count, "{out}");
    }
    let (_, file) = before.split_once("The file holds ").unwrap();
    let left: Vec<BuildId> = serde_json::from_str(file).unwrap();
    assert_eq!(left.len(), 2);
    for build in builds {
        assert!(before.contains(&format!("Started and stored build {build}\n")), "{out}");
        let ended = format!("Build {build} ended SUCCESS\n");
        let is_left = left.contains(&build.parse().unwrap());
        assert_eq!((before.contains(&ended), after.contains(&ended)), (!is_left, is_left), "{out}");
    }
    assert!(after.ends_with("The file holds []\n"), "{out}");
}

#[test]
fn a_build_is_found_after_an_unknown_outcome() {
    let out = printed_by("find_build");
    let mut rest = &*out;
    for line in [
        "Unknown outcome: connection lost",
        "After 0 min: no such build. That is no proof: look again.\n",
        "Build 2, trigger CODEHUB_TRIGGER, same commit true: is not ours\n",
        "Build 1, trigger MANUAL, same commit true: may be ours\n",
        "Build 1 is very likely the one that was started.\n",
        "That is not proven: no record says which call started its build.\n",
        "It ended SUCCESS\n",
    ] {
        let (_, after) = rest.split_once(line).unwrap_or_else(|| panic!("{line}: {out}"));
        rest = after;
    }
}

#[test]
fn a_log_is_printed_while_its_build_runs() {
    let out = printed_by("follow_log");
    let lines: String = (1..=20).map(|line| format!("[INFO] 第 {line} 行\n")).collect();
    assert_eq!(out, lines + "[ERROR] BUILD FAILURE\nBuild 1 failed\n");
}

#[test]
fn each_kind_of_error_has_something_to_do() {
    let out = printed_by("handle_errors");
    for line in [
        "A malformed job id (InvalidArgument): fix the argument",
        "A malformed token (Credential): get another credential",
        "IAM is down (Credential): call again in 60 s\n",
        "The service cannot be reached (Connect): call again in 60 s;",
        "A lost response to a start (ConnectionLost): look for the build",
        "A late response to a start (Timeout): look for the build",
        "A late response to a read (Timeout): call again in 60 s\n",
        "Too many calls (Service): call again in 30 s\n",
        "An expired token (Service): get another credential",
        "Not permitted (Service): ask for the permission\n",
        "An unknown build (Service): fix the id",
        "An outage during a start (InvalidResponse): look for the build",
        "An outage during another change (InvalidResponse): find out",
        "An outage during a read (InvalidResponse): call again in 60 s\n",
        "A login page of a proxy (InvalidResponse): alert",
    ] {
        assert!(out.contains(line), "{line}: {out}");
    }
}

#[cfg(feature = "rustls")]
#[test]
fn a_client_behind_a_proxy_verifies_by_its_own_ca() {
    let out = printed_by("behind_proxy");
    assert!(out.contains("With our CA: build 1 ended SUCCESS\n"), "{out}");
    assert!(out.contains("With another CA: no connection: builds.example.test: "), "{out}");
    assert!(out.contains("The proxy has connected to builds.example.test:443\n"), "{out}");
    assert!(out.contains("The service has started 1 build\n"), "{out}");
}
