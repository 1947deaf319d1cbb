//! Promise: `--simulate` runs any command with nothing set, so that a pipeline can be tried out.

use crate::support::*;

/// The program in an empty environment.
fn simulated(arguments: &str) -> Run {
    let mut command = program();
    command.env_clear().args(arguments.split_whitespace());
    outcome_of(command)
}

#[test]
fn every_command_runs() {
    for command in [
        format!("run {JOB} --commit {COMMIT}"),
        format!("push {JOB} --branch main --after {COMMIT}"),
        format!("log {JOB}/1"),
        format!("steps {JOB}/3"),
        format!("show {JOB}/61"),
        format!("stop {JOB}/1"),
        format!("artifacts {JOB}/1"),
        format!("history {JOB}"),
        format!("jobs {JOB}"),
        "login".to_owned(),
    ] {
        let run = simulated(&format!("{command} --simulate")).ended(0);
        assert!(!run.out.is_empty(), "{command}");
    }
}

#[test]
fn a_build_can_be_followed_to_either_end() {
    std::thread::scope(|scope| {
        for (outcome, code) in [("", 0), ("=success", 0), ("=failure", 1)] {
            for command in [format!("run {JOB} --wait --log"), format!("wait {JOB}/1 {JOB}/2")] {
                scope.spawn(move || {
                    simulated(&format!("{command} --simulate{outcome}")).ended(code)
                });
            }
        }
    });
}

#[test]
fn a_time_limit_and_wrong_use_can_be_tried_out() {
    simulated(&format!("run {JOB} --wait --timeout 100ms --simulate")).ended(5);
    simulated("run short --simulate").ended(2);
    simulated(&format!("show {JOB}/2147483647 --simulate")).ended(2);
    simulated(&format!("run {JOB} --simulate=nonsense"))
        .ended(2)
        .says("[possible values: success, ");
}

#[test]
fn nothing_that_is_set_is_called() {
    let service = Service::start();
    outcome_of(service.program(&format!("run {JOB} --simulate"))).ended(0);
    let endpoint = service.service.endpoint();
    service.run(&format!("run {JOB} --simulate --endpoint {endpoint} --region nowhere")).ended(0);
    assert_eq!(service.service.received(), []);
}
