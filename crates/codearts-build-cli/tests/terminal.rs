//! Promise: on a terminal there is a live line for each build, in colours unless `NO_COLOR` is set, and a log
//! cannot control the terminal.

use crate::support::*;
use codearts_build::{simulation::SimulatedJob, types::BuildStatus};
use pty_process::blocking::{Command, open};
use std::{
    io::{Read, Write},
    time::Duration,
};

/// Runs the program on a terminal, and presses Ctrl-C when it has shown this. Returns its code and what it has
/// shown.
fn on_terminal(
    service: &Service,
    arguments: &str,
    variables: &[(&str, &str)],
    press_at: Option<&str>,
) -> (i32, String) {
    let (mut terminal, side) = open().unwrap();
    terminal.resize(pty_process::Size::new(24, 120)).unwrap();
    let command = Command::new(env!("CARGO_BIN_EXE_codearts-build")).env_clear();
    let command = command.args(arguments.split_whitespace()).env("TERM", "xterm");
    let command = command.env("CODEARTS_BUILD_ENDPOINT", service.service.endpoint());
    let command = command.env("CODEARTS_BUILD_TOKEN", CANARY).envs(variables.iter().copied());
    let mut child = command.spawn(side).unwrap();
    let (mut shown, mut part, mut press_at) = (Vec::new(), [0; 4096], press_at);
    // A terminal without a program on it cannot be read.
    while let Ok(length @ 1..) = terminal.read(&mut part) {
        shown.extend_from_slice(&part[..length]);
        if press_at.is_some_and(|text| String::from_utf8_lossy(&shown).contains(text)) {
            press_at = None;
            terminal.write_all(b"\x03").unwrap();
        }
    }
    let shown = String::from_utf8(shown).unwrap();
    assert!(!shown.contains("canary"), "{shown}");
    (child.wait().unwrap().code().unwrap(), shown)
}

fn short() -> SimulatedJob {
    let job = SimulatedJob::new().queued_for(Duration::ZERO).runs_for(Duration::from_millis(300));
    job.with_steps(["Maven"])
}

#[test]
fn a_live_line_shows_status_time_and_step_and_goes_away() {
    let service = Service::with(short());
    let (code, shown) = on_terminal(&service, &format!("run {JOB} --wait"), &[], None);
    assert_eq!(code, 0, "{shown}");
    assert!(
        shown.contains("0s") && shown.contains(&format!("{JOB}/1  Running  Maven")),
        "{shown:?}"
    );
    assert!(shown.contains("\u{1b}[2K") || shown.contains("\u{1b}[J"), "{shown:?}");
    assert!(shown.contains(&format!("\u{1b}[32m{JOB}/1 succeeded after 0.3 s")), "{shown:?}");
}

#[test]
fn every_build_has_a_line() {
    let service = Service::with(short());
    let (first, second) = (service.build(), service.build());
    let (code, shown) = on_terminal(&service, &format!("wait {first} {second}"), &[], None);
    assert_eq!(code, 0, "{shown}");
    for build in [first, second] {
        assert!(shown.contains(&format!("{build}  Running")), "{shown:?}");
    }
}

#[test]
fn no_color_leaves_colours_out() {
    let service = Service::with(short().ends(BuildStatus::Failure));
    let arguments = format!("run {JOB} --wait");
    let (code, shown) = on_terminal(&service, &arguments, &[], None);
    assert!(code == 1 && shown.contains("\u{1b}[31m"), "{shown:?}");
    let (code, shown) = on_terminal(&service, &arguments, &[("NO_COLOR", "1")], None);
    assert!(
        code == 1 && !shown.contains("\u{1b}[31m") && !shown.contains("\u{1b}[32m"),
        "{shown:?}"
    );
    assert!(shown.contains("  Running"), "{shown:?}");
}

#[test]
fn a_terminal_without_a_cursor_gets_lines() {
    let service = Service::with(short());
    let (code, shown) =
        on_terminal(&service, &format!("run {JOB} --wait"), &[("TERM", "dumb")], None);
    assert!(code == 0 && !shown.contains('\u{1b}'), "{shown:?}");
    assert!(shown.contains(&format!("{JOB}/1  Running")), "{shown:?}");
}

#[test]
fn a_log_cannot_control_the_terminal() {
    let service = Service::with(at_once().with_log("\u{1b}]0;title\u{7}\u{1b}[2J[INFO] 第 1 行\n"));
    let build = service.build();
    let (code, shown) = on_terminal(&service, &format!("log {build}"), &[], None);
    assert_eq!((code, &*shown), (0, "[INFO] 第 1 行\r\n"));
}

#[test]
fn ctrl_c_is_heard() {
    let service = Service::with(for_ever());
    let arguments = format!("run {JOB} --wait --stop-on-interrupt");
    let (code, shown) = on_terminal(&service, &arguments, &[], Some("Running"));
    assert!(code == 130 && shown.contains(&format!("Stopping {JOB}/1")), "{shown:?}");
}
