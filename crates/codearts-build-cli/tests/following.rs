//! Promise: following a build outlives what passes, says why it waits, and needs no patience of a test: minutes
//! pass at once on a paused clock, through the function that `main` calls.

use crate::support::*;
use codearts_build::{
    simulation::{Fault, SimulatedJob, SimulatedService},
    types::BuildStatus,
};
use std::time::Duration;
use tokio::time::Instant;

async fn service(job: SimulatedJob) -> SimulatedService {
    let service = SimulatedService::start().await.unwrap();
    service.add_job(JOB, job).unwrap();
    service
}

#[tokio::test(start_paused = true)]
async fn an_hour_in_the_queue_is_a_line() {
    let job = SimulatedJob::new().queued_for(60 * MINUTE).runs_for(9 * MINUTE);
    let service = service(job.with_steps(["Checkout", "Maven", "Upload"])).await;
    let run = call(&service, &format!("run {JOB} --wait")).await.ended(0);
    let lines: Vec<_> = run.err.lines().map(|line| line.rsplit("/1  ").next().unwrap()).collect();
    let changes =
        ["InQueue", "Running", "Running  Checkout", "Running  Maven", "Running  Upload", "SUCCESS"];
    assert_eq!(lines[..6], changes, "{}", run.err);
    assert_eq!(run.err.lines().last(), Some(&*format!("{JOB}/1 succeeded after 9m")));
    // While it is in the queue, no step is read.
    let steps = service.received().iter().filter(|it| it.path.ends_with("full-stages")).count();
    assert!((9..70).contains(&steps), "{steps}");
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_down_for_some_minutes_costs_nothing() {
    let service = service(SimulatedJob::new().runs_for(30 * MINUTE)).await;
    let build = build(&service).await;
    service.inject(Fault::Unavailable { lasting: 8 * MINUTE, status: 503 });
    let run = call(&service, &format!("wait {build} --json")).await.ended(0);
    assert_eq!(run.err.matches("waiting: invalid response, status 503").count(), 1, "{}", run.err);
    assert_eq!(
        run.events()
            .iter()
            .filter(|event| event["waiting"].as_str().is_some_and(|why| why.contains("503")))
            .count(),
        1
    );
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_down_for_twenty_minutes_ends_the_waiting_but_not_the_build() {
    for (command, code) in [("run", 5), ("wait", 3)] {
        let service = service(SimulatedJob::new().runs_for(60 * MINUTE)).await;
        let start = Instant::now();
        let arguments = match command {
            "run" => format!("run {JOB} --wait"),
            _ => format!("wait {}", build(&service).await),
        };
        let down = async {
            tokio::time::sleep(Duration::from_secs(5)).await;
            service.inject(Fault::Unavailable { lasting: 20 * MINUTE, status: 502 });
        };
        let (run, ()) = tokio::join!(call(&service, &arguments), down);
        let run = run.ended(code).says(&format!("codearts-build wait {JOB}/1"));
        assert!(start.elapsed() < 12 * MINUTE, "{}", run.err);
        // Followed again after the outage, it ends well.
        tokio::time::sleep(10 * MINUTE).await;
        call(&service, &format!("wait {JOB}/1")).await.ended(0);
    }
}

#[tokio::test(start_paused = true)]
async fn throttling_is_waited_out() {
    let service = service(SimulatedJob::new()).await;
    let build = build(&service).await;
    let retry_after = Some(Duration::from_secs(5));
    service.inject(Fault::Throttled { lasting: 30 * MINUTE, retry_after });
    let run = call(&service, &format!("wait {build}")).await.ended(0);
    assert_eq!(run.err.matches("waiting: service error, status 429").count(), 1, "{}", run.err);
}

#[tokio::test(start_paused = true)]
async fn a_record_that_comes_late_is_waited_for() {
    let service = service(SimulatedJob::new()).await;
    service.inject(Fault::LateRecords { by: Duration::from_secs(20) });
    call(&service, &format!("run {JOB} --wait")).await.ended(0).says("waiting: ");
}

#[tokio::test(start_paused = true)]
async fn a_time_limit_counts_while_the_service_is_down() {
    let service = service(SimulatedJob::new()).await;
    let build = build(&service).await;
    service.inject(Fault::Throttled { lasting: Duration::MAX, retry_after: None });
    let start = Instant::now();
    call(&service, &format!("wait {build} --timeout 1h30m")).await.ended(5).says("time limit over");
    assert_eq!(start.elapsed(), 90 * MINUTE);
}

#[tokio::test(start_paused = true)]
async fn a_log_is_printed_while_the_build_runs() {
    let log: String = (1..=200).map(|line| format!("[INFO] 第 {line} 行\n")).collect();
    let job = SimulatedJob::new().runs_for(10 * MINUTE).with_log(&*log);
    let service = service(job.ends(BuildStatus::Failure)).await;
    let run = call(&service, &format!("run {JOB} --wait --log")).await.ended(1).prints(&log);
    // It is not printed again.
    assert!(!run.err.contains("[INFO]"), "{}", run.err);
}

#[tokio::test(start_paused = true)]
async fn a_log_that_cannot_be_read_costs_nothing_but_the_log() {
    // A build that has found no executor has no log.
    let service = service(SimulatedJob::new().ends(BuildStatus::ScheduleFailure)).await;
    let run = call(&service, &format!("run {JOB} --wait --log")).await.ended(1).prints("");
    assert!(run.err.contains("failed"), "{}", run.err);
}

/// A response that is always given in the place of the documented one.
fn broken(operation: &str) -> Fault {
    let (operation, body) = (operation.to_owned(), "{}".to_owned());
    Fault::Response { operation, status: 503, body, lasting: Duration::MAX }
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_log_is_waited_for_a_minute() {
    let service = service(SimulatedJob::new().runs_for(5 * MINUTE)).await;
    service.inject(broken("DownloadRealTimeLog"));
    service.inject(broken("DownloadBuildFullLog"));
    let start = Instant::now();
    let run = call(&service, &format!("run {JOB} --wait --log")).await.ended(0);
    run.says("The log may not be complete\n");
    assert!(start.elapsed() < 7 * MINUTE, "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_of_a_failed_build_is_said() {
    let service = service(SimulatedJob::new().ends(BuildStatus::Failure)).await;
    service.inject(broken("ShowBuildRecordFullStages"));
    service.inject(broken("DownloadBuildFullLog"));
    let run = call(&service, &format!("run {JOB} --wait")).await.ended(1);
    let run = run.says("The steps cannot be read: ").says("The log cannot be read: ");
    assert!(!run.err.contains("The log ends with"), "{}", run.err);
}

#[tokio::test(start_paused = true)]
async fn a_failed_build_shows_the_step_and_the_end_of_the_log() {
    let log: String = (1..=1000).map(|line| format!("[INFO] line {line}\n")).collect();
    let job = SimulatedJob::new().with_steps(["Checkout", "Maven"]).with_log(log);
    let service =
        service(job.ends(BuildStatus::Failure).with_error("no space\u{1b}[2J left")).await;
    let run = call(&service, &format!("run {JOB} --wait")).await.ended(1);
    let run = run.says("failed after 0.9 s: no space [2J left\n").says("Step \"Maven\" failed\n");
    let (_, end) = run.err.split_once("The log ends with\n").expect(&run.err);
    assert_eq!(end.lines().count(), 20);
    assert!(end.starts_with("  [INFO] line 981\n") && end.ends_with("line 1000\n"), "{end}");
}

#[tokio::test(start_paused = true)]
async fn many_builds_are_followed_at_once() {
    let service = service(SimulatedJob::new().runs_for(5 * MINUTE)).await;
    let mut arguments = "wait".to_owned();
    for _ in 0..50 {
        arguments += &format!(" {}", build(&service).await);
    }
    let start = Instant::now();
    let run = call(&service, &arguments).await.ended(0);
    assert_eq!(run.err.matches(" succeeded after 5m").count(), 50);
    assert!(start.elapsed() < 7 * MINUTE, "{:?}", start.elapsed());
    // Reading steps does not become the most of the load.
    let received = service.received();
    let steps = received.iter().filter(|it| it.path.ends_with("full-stages")).count();
    assert!(steps < 200, "{steps} of {}", received.len());
}

#[tokio::test(start_paused = true)]
async fn a_build_that_is_named_twice_is_followed_once() {
    let service = service(at_once()).await;
    let good = build(&service).await;
    service.add_job(JOB, for_ever()).unwrap();
    let endless = build(&service).await;
    let arguments = format!("wait {good} {endless} {good} --timeout 1m");
    let run = call(&service, &arguments).await.ended(5);
    assert_eq!(run.err.matches(&format!("{good} succeeded")).count(), 1, "{}", run.err);
}
