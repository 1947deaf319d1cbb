//! Promise: results go to stdout and everything else to stderr; without a terminal there are no control
//! characters; a reader that is gone, or a full disk, is no panic and hides no build.

use crate::support::*;
use codearts_build::types::BuildStatus;
use std::{fs::File, process::Stdio};

/// The code and stderr of a program whose stdout nobody reads.
fn unread(service: &Service, arguments: &str) -> (Option<i32>, String) {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = service.program(arguments).stdout(writer).output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_reader_that_is_gone_is_no_error() {
    let service = Service::start();
    let build = service.build();
    for command in ["log", "steps", "show", "log --follow"] {
        assert_eq!(unread(&service, &format!("{command} {build}")), (Some(0), String::new()));
    }
    assert_eq!(unread(&service, "--help"), (Some(0), String::new()));
    assert_eq!(unread(&service, "completions bash"), (Some(0), String::new()));
}

#[test]
fn a_build_is_followed_although_nobody_reads() {
    let service = Service::with(at_once().ends(BuildStatus::Failure));
    for arguments in ["--wait", "--wait --log", "--wait --json"] {
        let (code, err) = unread(&service, &format!("run {JOB} {arguments}"));
        assert_eq!(code, Some(1), "{err}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_does_not_hide_what_was_started() {
    let service = Service::start();
    let full = || Stdio::from(File::options().write(true).open("/dev/full").unwrap());
    let output = service.program(&format!("run {JOB}")).stdout(full()).output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), &*err), (Some(5), &*format!("Started {JOB}/1\n")));
    let output = service.program(&format!("show {JOB}/1")).stdout(full()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn help_and_version_go_to_stdout() {
    for argument in ["--help", "-h", "--version", "help"] {
        let mut command = program();
        command.arg(argument);
        let run = outcome_of(command).ended(0);
        assert!(!run.out.is_empty() && run.err.is_empty(), "{run:?}");
    }
}

#[test]
fn a_log_in_a_file_is_as_it_was_sent() {
    let log = "\u{1b}[31mred\u{1b}[0m\ttab\r\n";
    let service = Service::with(at_once().with_log(log));
    let build = service.build();
    let output = service.program(&format!("log {build}")).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), log);
}
