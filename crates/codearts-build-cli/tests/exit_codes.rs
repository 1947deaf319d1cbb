//! Promise: the exit code says what has happened, so that a script can decide. Nothing that may have started a
//! build looks as if nothing was started.

use crate::support::*;
use codearts_build::{
    simulation::{Fault, SimulatedJob},
    types::BuildStatus,
};
use std::time::Duration;

#[test]
fn every_other_end_than_success_is_a_failure() {
    for status in [
        BuildStatus::Failure,
        BuildStatus::Aborted,
        BuildStatus::Timeout,
        BuildStatus::Unknown,
        BuildStatus::ScheduleFailure,
    ] {
        let service = Service::with(at_once().ends(status.clone()));
        service.run(&format!("run {JOB} --wait")).ended(1);
        service.run(&format!("wait {JOB}/1")).ended(1);
        // Without waiting, nobody knows.
        service.run(&format!("run {JOB}")).ended(0);
    }
}

#[test]
fn wrong_use_starts_nothing() {
    let service = Service::start();
    for arguments in [
        "",
        "rum",
        "run",
        "run f9d6c846",
        &format!("run {JOB} --timeout 1m"),
        &format!("run {JOB} --log"),
        &format!("run {JOB} --wait --timeout soon"),
        &format!("run {JOB} --wait --timeout 0s"),
        &format!("run {JOB} --wait --timeout -3m"),
        &format!("run {JOB} --commit {COMMIT} --tag v1"),
        &format!("run {JOB} PATH=secret"),
        &format!("run {JOB} a=1 a=2"),
        &format!("push {JOB} --branch main"),
        &format!("push {JOB} --branch main --after short"),
        "wait",
        "wait f9d6c846/1",
        &format!("wait {JOB}"),
        &format!("wait {JOB}/0"),
        &format!("wait {JOB}/1 {JOB}/2 --log"),
        &format!("history {JOB} --since yesterday"),
        "jobs short",
    ] {
        let run = service.run(arguments).ended(2).prints("");
        assert!(!run.err.is_empty() && !run.err.contains("secret"), "{arguments}: {}", run.err);
    }
    assert_eq!(service.changes(), []);
}

#[test]
fn a_wrong_credential_starts_nothing() {
    let service = Service::start();
    service.run("login").ended(0);
    service.service.inject(Fault::ExpiredTokens);
    for command in
        [format!("run {JOB}"), format!("wait {JOB}/1"), format!("show {JOB}/1"), "login".into()]
    {
        service.run(&command).ended(2).says("status 401").says("check the credential");
    }
    assert_eq!(service.service.builds(), []);
    let mut command = program();
    command.args(["run", JOB]).env("CODEARTS_BUILD_REGION", "cn-north-4");
    outcome_of(command).ended(2).says("no usable credential");
}

#[test]
fn what_does_not_exist_is_wrong_use() {
    let service = Service::start();
    service.service.know_only_added_jobs();
    let unknown = "1".repeat(32);
    service.run(&format!("run {unknown}")).ended(2).says("the job does not exist");
    service.run(&format!("show {unknown}/1")).ended(2).says("Nothing was started.");
}

#[test]
fn throttling_may_be_tried_again() {
    let service = Service::start();
    service.service.inject(Fault::Throttled { lasting: Duration::MAX, retry_after: None });
    for command in [format!("run {JOB} --wait"), format!("show {JOB}/1")] {
        service.run(&command).ended(3).prints("").says("may be tried again");
    }
    assert_eq!(service.service.builds(), []);
}

#[test]
fn nobody_may_be_called_again() {
    let mut command = program();
    command
        .args(["run", JOB, "--endpoint", "http://127.0.0.1:1"])
        .env("CODEARTS_BUILD_TOKEN", CANARY);
    outcome_of(command).ended(3).says("no connection").says("Nothing was started.");
}

#[test]
fn a_lost_response_leaves_it_unknown_and_the_hint_finds_the_build() {
    for start in [format!("run {JOB} --wait"), format!("push {JOB} --branch b --after {COMMIT}")] {
        let service = Service::start();
        service.service.inject(Fault::LostResponse);
        let run = service.run(&start).ended(4).prints("").says("a build may have been started");
        assert_eq!(service.service.builds().len(), 1);
        let (_, hint) = run.err.split_once("look for the build: codearts-build ").expect(&run.err);
        let found = service.run(hint).ended(0).out;
        assert!(found.contains(&format!("{JOB}/1")), "{hint}: {found}");
    }
}

#[test]
fn a_gateway_error_leaves_it_unknown() {
    let service = Service::start();
    service.service.inject(Fault::Unavailable { lasting: Duration::MAX, status: 503 });
    service.run(&format!("run {JOB}")).ended(4);
    // To read is no risk.
    service.run(&format!("show {JOB}/1")).ended(3);
    // Nor is to stop twice.
    service.run(&format!("stop {JOB}/1")).ended(3);
}

#[test]
fn a_time_limit_leaves_the_build_as_it_is() {
    let service = Service::with(for_ever());
    let again = format!("To follow the build again: codearts-build wait {JOB}/1\n");
    let run = service.run(&format!("run {JOB} --wait --timeout 100ms")).ended(5);
    run.prints(&format!("{JOB}/1\n")).says("time limit over").says(&again);
    service.run(&format!("wait {JOB}/1 --timeout 100ms")).ended(5).says(&again);
    assert_eq!(service.changes().len(), 1);
}

#[test]
fn a_build_that_was_started_and_cannot_be_followed_goes_on() {
    let service = Service::with(for_ever());
    let mut child = service.program(&format!("run {JOB} --wait"));
    let child = child.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let child = child.spawn().unwrap();
    while !service.service.received().iter().any(|it| it.path.ends_with("/record-info")) {
        std::thread::yield_now();
    }
    // The token was good when the build was started.
    service.service.inject(Fault::ExpiredTokens);
    let output = child.wait_with_output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(5), "{err}");
    assert!(err.contains("status 401") && !err.contains("Nothing was started"), "{err}");
}

#[test]
fn of_many_builds_the_greatest_code_counts() {
    let service = Service::start();
    let good = service.build();
    service.service.add_job(JOB, at_once().ends(BuildStatus::Failure)).unwrap();
    let bad = service.build();
    service.service.add_job(JOB, for_ever()).unwrap();
    let endless = service.build();
    service.run(&format!("wait {good} {good}")).ended(0);
    service.run(&format!("wait {bad} {good}")).ended(1);
    let run = service.run(&format!("wait {good} {endless} {bad} {good} --timeout 100ms")).ended(5);
    assert_eq!(run.err.matches(&format!("{good} succeeded")).count(), 1, "{}", run.err);
    // Also if another one ends later.
    service.service.add_job(JOB, SimulatedJob::new()).unwrap();
    let slow = service.build();
    service.run(&format!("wait {bad} {slow}")).ended(1);
}
