//! Promise: Ctrl-C and SIGTERM end the waiting and say how to go on; twice, or if it is asked to, the build is
//! stopped first. A start that is on its way is not left.

use crate::support::*;
use codearts_build::simulation::{Fault, SimulatedJob, SimulatedService};
use futures_util::{StreamExt, stream};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Stdio},
    time::Duration,
};
use tokio::time::sleep;

/// Interrupts after these times.
fn interrupts(after: &[Duration]) -> codearts_build_cli::Interrupts {
    stream::iter(after.to_vec()).then(sleep).chain(stream::pending()).boxed()
}

fn stops(service: &SimulatedService) -> usize {
    service.received().iter().filter(|it| it.path.ends_with("/stop")).count()
}

async fn endless() -> SimulatedService {
    let service = SimulatedService::start().await.unwrap();
    service.add_job(JOB, for_ever()).unwrap();
    service
}

#[tokio::test(start_paused = true)]
async fn once_leaves_the_build() {
    let service = endless().await;
    let once = interrupts(&[MINUTE]);
    let run = call_with(&service, &format!("run {JOB} --wait --json"), once).await.ended(130);
    let events = run.events();
    assert_eq!(events.last().unwrap()["event"], "interrupted");
    assert_eq!(events.last().unwrap()["stopped"], false);
    let run = run.says(&format!("To follow what goes on: codearts-build wait {JOB}/1\n"));
    assert_eq!(stops(&service), 0, "{}", run.err);
}

#[tokio::test(start_paused = true)]
async fn twice_stops_the_builds_that_go_on() {
    let service = endless().await;
    service.add_job(JOB, SimulatedJob::new()).unwrap();
    let short = build(&service).await;
    service.add_job(JOB, for_ever()).unwrap();
    let (first, second) = (build(&service).await, build(&service).await);
    let twice = interrupts(&[MINUTE, Duration::from_secs(1)]);
    let arguments = format!("wait {short} {first} {second} --json");
    let run = call_with(&service, &arguments, twice).await.ended(130);
    let last = run.events().pop().unwrap();
    assert_eq!(last["builds"], serde_json::json!([first.to_string(), second.to_string()]));
    assert_eq!((&last["stopped"], stops(&service)), (&true.into(), 2), "{}", run.err);
    call(&service, &format!("wait {first}")).await.ended(1).says("canceled");
}

#[tokio::test(start_paused = true)]
async fn later_than_three_seconds_is_too_late() {
    let service = endless().await;
    let slow = interrupts(&[MINUTE, Duration::from_secs(4)]);
    call_with(&service, &format!("run {JOB} --wait"), slow).await.ended(130);
    assert_eq!(stops(&service), 0);
}

#[tokio::test(start_paused = true)]
async fn once_stops_the_build_if_it_is_asked_to() {
    let service = endless().await;
    let arguments = format!("run {JOB} --wait --stop-on-interrupt");
    let run = call_with(&service, &arguments, interrupts(&[MINUTE])).await.ended(130);
    assert_eq!(stops(&service), 1, "{}", run.err);
}

#[tokio::test(start_paused = true)]
async fn a_start_that_is_on_its_way_is_waited_for() {
    let service = endless().await;
    let seconds = Duration::from_secs(10);
    service.inject(Fault::Slow { lasting: seconds, by: seconds });
    let once = interrupts(&[Duration::from_secs(5)]);
    let run = call_with(&service, &format!("run {JOB}"), once).await.ended(130);
    run.prints(&format!("{JOB}/1\n")).says(&format!("codearts-build wait {JOB}/1"));
}

#[tokio::test(start_paused = true)]
async fn twice_before_the_response_leaves_the_start_unknown() {
    let service = endless().await;
    let seconds = Duration::from_secs(10);
    service.inject(Fault::Slow { lasting: seconds, by: seconds });
    let twice = interrupts(&[Duration::from_secs(5), Duration::from_secs(1)]);
    let run = call_with(&service, &format!("run {JOB}"), twice).await.ended(4);
    run.says("interrupted before the response").says("look for the build: codearts-build history");
}

#[tokio::test(start_paused = true)]
async fn reading_ends_at_once() {
    let service = endless().await;
    let build = build(&service).await;
    let once = interrupts(&[MINUTE]);
    call_with(&service, &format!("log --follow {build}"), once).await.ended(130);
}

/// The program while it follows an endless build.
fn following(service: &Service, arguments: &str) -> Child {
    let mut program = service.program(arguments);
    let mut child = program.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.as_mut().unwrap());
    let mut line = String::new();
    while !line.contains("Running") {
        line.clear();
        assert!(lines.read_line(&mut line).unwrap() > 0);
    }
    child
}

fn send(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

#[test]
fn the_program_hears_either_signal() {
    for signal in [Signal::INT, Signal::TERM] {
        let service = Service::with(for_ever());
        let mut child = following(&service, &format!("run {JOB} --wait --stop-on-interrupt"));
        send(&child, signal);
        assert_eq!(child.wait().unwrap().code(), Some(130));
        assert_eq!(stops(&service.service), 1);
    }
}

/// Two signals of one kind could become one before the program hears them.
#[test]
fn the_program_hears_a_second_signal() {
    let service = Service::with(for_ever());
    let mut child = following(&service, &format!("run {JOB} --wait"));
    send(&child, Signal::INT);
    send(&child, Signal::TERM);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(stops(&service.service), 1);
}

#[test]
fn the_program_goes_on_as_it_says() {
    let service = Service::with(for_ever());
    let mut child = following(&service, &format!("run {JOB} --wait"));
    send(&child, Signal::INT);
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{err}");
    assert_eq!(stops(&service.service), 0);
    let (_, again) = err.split_once("To follow what goes on: codearts-build ").expect(&err);
    let again = again.lines().next().unwrap();
    service.service.abort(&format!("{JOB}/1").parse().unwrap());
    service.run(again).ended(1).says("canceled");
}
