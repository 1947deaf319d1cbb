//! Promise: no secret is printed, whatever is asked for and whatever the service says. Every test of the other
//! modules checks this of its own output.

use crate::support::*;
use codearts_build::types::BuildStatus;

#[test]
fn the_trace_shows_calls_but_no_secret() {
    let service = Service::with(at_once().ends(BuildStatus::Failure));
    for (flag, filter) in [
        ("-v", None),
        ("-vv", None),
        ("-vvv", None),
        ("", Some("trace")),
        ("", Some("huaweicloud_core=info")),
    ] {
        let arguments = format!("run {JOB} password=canary-hunter2 --wait {flag}");
        let mut command = service.program(&arguments);
        command.envs(filter.map(|filter| ("RUST_LOG", filter)));
        let run = outcome_of(command).ended(1);
        assert!(run.err.contains("RunJob") && run.err.contains("ShowRecordDetail"), "{}", run.err);
    }
    let quiet = service.run(&format!("run {JOB} password=canary-hunter2 --wait"));
    assert!(!quiet.err.contains("RunJob"), "{}", quiet.err);
}

#[test]
fn an_unusable_filter_is_named() {
    let service = Service::start();
    let mut command = service.program(&format!("run {JOB}"));
    command.env("RUST_LOG", "a=b=c");
    outcome_of(command).ended(0).says("RUST_LOG is not used: ");
}

#[test]
fn a_wrong_parameter_is_not_shown() {
    let service = Service::start();
    let long = "canary".repeat(8192 / 6 + 1);
    for parameter in
        [format!("a={long}"), "PATH=canary".into(), "a-b=canary".into(), "=canary".into()]
    {
        service.run(&format!("run {JOB} {parameter}")).ended(2);
    }
}
