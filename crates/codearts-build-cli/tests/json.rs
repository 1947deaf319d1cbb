//! Promise: with `--json`, stdout has one object a line, each with the schema, and nothing else.

use crate::support::*;
use codearts_build::{simulation::Fault, types::BuildStatus};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn names(run: &Run) -> Vec<String> {
    run.events().iter().map(|event| event["event"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_kind_of_object_has_the_schema() {
    let job = at_once().with_steps(["Checkout", "Maven"]).with_artifact("app.jar");
    let service = Service::with(job.clone());
    let build = service.build();
    let mut seen = BTreeSet::new();
    let mut check = |arguments: &str, code: i32, expected: &[&str]| {
        let run = service.run(&format!("{arguments} --json")).ended(code);
        let names = names(&run);
        assert_eq!(names, expected, "{arguments}");
        seen.extend(names);
        run.events()
    };
    check(&format!("run {JOB}"), 0, &["started"]);
    check(&format!("wait {build}"), 0, &["changed", "ended"]);
    let steps = check(&format!("steps {build}"), 0, &["step", "step"]);
    assert_eq!(steps[1]["name"], "Maven");
    let shown = check(&format!("show {build}"), 0, &["build"]);
    assert_eq!(
        (&shown[0]["outcome"], &shown[0]["record"]["status"]),
        (&json!("succeeded"), &json!("SUCCESS"))
    );
    check(&format!("artifacts {build}"), 0, &["artifact"]);
    check(&format!("history {JOB}"), 0, &["history", "history"]);
    check(&format!("jobs {JOB}"), 0, &["job"]);
    check(&format!("stop {build}"), 0, &["stop"]);
    let login = check("login", 0, &["credential"]);
    assert_eq!(login[0]["origin"], "CODEARTS_BUILD_TOKEN");
    check(&format!("log {build}"), 0, &["log", "log"]);
    let failed = check(&format!("show {JOB}/99"), 2, &["error"]);
    assert_eq!((&failed[0]["exit_code"], &failed[0]["code"]), (&json!(2), &json!("CB.00031006")));

    service.service.add_job(JOB, job.ends(BuildStatus::Failure)).unwrap();
    let events = check(&format!("run {JOB} --wait"), 1, &["started", "changed", "ended"]);
    assert_eq!(events[2]["failed_step"], "Maven");
    assert_eq!(events[2]["log_end"], json!(["[INFO] [Checkout]", "[INFO] [Maven]"]));
    let lost = Fault::LostResponse;
    service.service.inject(lost);
    let events = check(&format!("run {JOB}"), 4, &["error"]);
    assert_eq!(events[0]["kind"], "ConnectionLost");

    // It is printed in a test of its own.
    seen.insert("interrupted".to_owned());
    let schema: Value = serde_json::from_str(include_str!("../docs/output.schema.json")).unwrap();
    let described = schema["oneOf"].as_array().unwrap().iter();
    let described =
        described.map(|it| it["properties"]["event"]["const"].as_str().unwrap().to_owned());
    assert_eq!(seen, described.collect());
}

#[test]
fn a_log_is_an_object_a_line() {
    let service = Service::with(at_once().with_log("one\r\n\n第 3 行\n\u{1b}[31mred\nlast"));
    let build = service.build();
    for command in ["log", "log -f"] {
        let run = service.run(&format!("{command} {build} --json")).ended(0);
        let lines: Vec<_> = run.events().iter().map(|event| event["line"].clone()).collect();
        assert_eq!(lines, ["one", "", "第 3 行", "\u{1b}[31mred", "last"]);
    }
}
