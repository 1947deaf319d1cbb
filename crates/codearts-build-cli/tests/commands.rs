//! Promise: each command does what its help says, and sends only that.

use crate::support::*;
use codearts_build::{simulation::SimulatedJob, types::BuildStatus};

#[test]
fn run_starts_a_build_and_prints_its_id_alone() {
    let service = Service::start();
    let arguments = format!("run {JOB} codeBranch=master empty= equals=a=b --commit {COMMIT}");
    let run = service.run(&arguments).ended(0).prints(&format!("{JOB}/1\n"));
    assert_eq!(run.err, "");
    let body = serde_json::json!({
        "job_id": JOB,
        "parameter": [
            { "name": "codeBranch", "value": "master" },
            { "name": "empty", "value": "" },
            { "name": "equals", "value": "a=b" },
        ],
        "scm": { "build_commit_id": COMMIT },
    });
    assert_eq!(service.changes()[0].body, body);
    service.run(&format!("run {JOB} --tag v1")).ended(0).prints(&format!("{JOB}/2\n"));
    assert_eq!(service.changes()[1].body["scm"]["build_tag"], "v1");
}

#[test]
fn a_parameter_can_come_from_the_environment() {
    let service = Service::start();
    let mut program = service.program(&format!("run {JOB} PASSWORD_OF_DB"));
    program.env("PASSWORD_OF_DB", "canary-1");
    outcome_of(program).ended(0);
    assert_eq!(service.changes()[0].body["parameter"][0]["value"], "canary-1");
    let rule = "error: invalid argument: parameter \"UNSET\": must be NAME=VALUE, or the name of an \
        environment variable that is set\nNothing was started.\n";
    assert_eq!(service.run(&format!("run {JOB} UNSET")).ended(2).err, rule);
    assert_eq!(service.changes().len(), 1);
}

#[test]
fn run_waits_for_the_end() {
    let service = Service::start();
    let run = service.run(&format!("run {JOB} --wait")).ended(0);
    let run = run.prints(&format!("{JOB}/1\n")).says(&format!("  {JOB}/1  SUCCESS\n"));
    assert!(run.err.ends_with(&format!("{JOB}/1 succeeded after 0.0 s\n")), "{}", run.err);
}

#[test]
fn run_prints_the_log_alone_to_stdout() {
    let service = Service::with(at_once().with_log("[INFO] one\n第 2 行\nlast"));
    let run = service.run(&format!("run {JOB} --wait --log")).ended(0);
    run.prints("[INFO] one\n第 2 行\nlast").says(&format!("Started {JOB}/1\n"));
}

#[test]
fn push_starts_a_build_of_the_commit() {
    let service = Service::start();
    let arguments = format!("push {JOB} --branch main --after {COMMIT} --wait");
    service.run(&arguments).ended(0).prints(&format!("{JOB}/1\n"));
    let request = &service.changes()[0];
    assert_eq!(request.path, format!("/v1/job/{JOB}/auto-execute"));
    let body = serde_json::json!({
        "event_type": "push",
        "ref": "refs/heads/main",
        "after": COMMIT,
        "commits": [{ "id": COMMIT, "message": "" }],
    });
    assert_eq!(request.body, body);
}

#[test]
fn wait_follows_a_build_that_another_program_started() {
    let service = Service::start();
    let build = service.build();
    service.run(&format!("wait {build}")).ended(0).prints("");
    assert_eq!(service.changes().len(), 1);
}

#[test]
fn log_prints_the_log_as_it_is() {
    let log = "[INFO] one\n".repeat(1000) + "第 2 行";
    let service = Service::with(at_once().with_log(&*log));
    let build = service.build();
    for command in ["log", "log -f"] {
        assert_eq!(service.run(&format!("{command} {build}")).ended(0).prints(&log).err, "");
    }
}

#[test]
fn steps_show_and_artifacts_are_read() {
    let job = at_once().with_steps(["Checkout", "构建"]).with_artifact("app.jar");
    let service = Service::with(job);
    let build = service.build();
    // 构建 is as wide as four other characters.
    let steps = "NAME      STATUS   DURATION\nCheckout  SUCCESS  0.0 s\n构建      SUCCESS  0.0 s\n";
    service.run(&format!("steps {build}")).ended(0).prints(steps);
    let show = service.run(&format!("show {build}")).ended(0).out;
    assert!(show.contains("\nstatus              SUCCESS\n"), "{show}");
    let artifacts = service.run(&format!("artifacts {build}")).ended(0).out;
    assert!(
        artifacts.starts_with("NAME     VERSION  URI\napp.jar           /simulated/"),
        "{artifacts}"
    );
}

#[test]
fn a_failed_build_can_be_shown() {
    let service = Service::with(at_once().ends(BuildStatus::Failure));
    let build = service.build();
    service.run(&format!("show {build}")).ended(0);
}

#[test]
fn stop_stops_a_build_once() {
    let service = Service::with(for_ever());
    let build = service.build();
    service.run(&format!("stop {build}")).ended(0).prints(&format!("Stopping {build}\n"));
    service.run(&format!("wait {build}")).ended(1).says(&format!("{build} canceled after"));
    service.run(&format!("stop {build}")).ended(0).prints(&format!("{build} had ended\n"));
}

#[test]
fn history_lists_the_newest_builds_first() {
    let service = Service::start();
    (0..3).for_each(|_| drop(service.build()));
    let out = service.run(&format!("history {JOB} --limit 2")).ended(0).out;
    let builds: Vec<_> = out.lines().map(|line| line.split_whitespace().next().unwrap()).collect();
    assert_eq!(builds, ["BUILD", &format!("{JOB}/3"), &format!("{JOB}/2")]);
    assert!(out.lines().nth(1).unwrap().contains("  succeeded  "), "{out}");
    service.run(&format!("history {JOB} --since 2999-01-01T00:00:00Z")).ended(0).prints("");
}

#[test]
fn jobs_are_listed_and_searched() {
    let service = Service::with(SimulatedJob::new().named("nightly"));
    service.service.add_job("1".repeat(32), SimulatedJob::new().named("release")).unwrap();
    let list = |arguments: &str| service.run(&format!("jobs {JOB} {arguments}")).ended(0).out;
    assert_eq!(list("").lines().count(), 3);
    assert_eq!(
        list("--search night"),
        format!(
            "ID                                JOB NAME  BUILD NUMBER  OUTCOME\n{JOB}  nightly\n"
        )
    );
    assert_eq!(list("--search nothing"), "");
}

#[test]
fn completions_are_scripts_of_their_shells() {
    for (shell, sign) in [
        ("bash", "complete -F _codearts"),
        ("zsh", "#compdef"),
        ("fish", "complete -c codearts-build"),
    ] {
        let mut command = program();
        command.args(["completions", shell]);
        assert!(outcome_of(command).ended(0).out.contains(sign), "{shell}");
    }
}

#[test]
fn region_and_endpoint_can_be_given() {
    let service = Service::start();
    let mut command = program();
    command.args(["run", JOB, "--endpoint", &service.service.endpoint()]);
    command.env("CODEARTS_BUILD_TOKEN", CANARY);
    outcome_of(command).ended(0);
    let mut command = program();
    command.args(["run", JOB, "--region", "no region"]).env("CODEARTS_BUILD_TOKEN", CANARY);
    outcome_of(command).ended(2).says("region");
}
