//! Promise: a user tests with the simulated service what a real one does in minutes, in milliseconds: on
//! a paused clock, over real HTTP, whatever goes wrong.

use crate::support::*;
use codearts_build::{
    BuildId, Client, ErrorKind, RetryPolicy, StartedBuild,
    mock::{Fault, SimulatedJob, SimulatedService},
    types::*,
};
use futures_util::FutureExt;
use http::{Method, StatusCode};
use std::{
    io::{Read, Write},
    net::{Ipv4Addr, Shutdown, TcpListener, TcpStream},
    thread,
    time::Duration,
};
use tokio::time::Instant;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

async fn started(service: &SimulatedService) -> (Client, StartedBuild) {
    let client = service.client().unwrap();
    let build = client.run_job(RunJobRequest::new(JOB).unwrap()).await.unwrap();
    (client, build)
}

#[tokio::test(start_paused = true)]
async fn ten_minutes_in_a_queue_pass_at_once() {
    let service = SimulatedService::start().await.unwrap();
    let job = SimulatedJob::new().queued_for(10 * MINUTE).runs_for(MINUTE);
    let job = job.ends(BuildStatus::Failure).with_error("no space left");
    service.add_job(JOB, job).unwrap();
    let (start, real) = (Instant::now(), std::time::Instant::now());
    let (client, build) = started(&service).await;
    let early = client.record_info(JOB, 1).await.unwrap();
    assert_eq!((early.status, early.start_time), (BuildStatus::InQueue, None));
    let record = client.wait(&build).await.unwrap();
    assert_eq!(record.status, BuildStatus::Failure);
    assert_eq!(record.err_msg.as_deref(), Some("no space left"));
    assert_eq!(record.duration, Some(60_000));
    let queued = record.started_at().unwrap().duration_since(record.queued_at().unwrap());
    assert_eq!(queued.unsigned_abs(), 10 * MINUTE);
    let simulated = start.elapsed();
    assert!((11 * MINUTE..12 * MINUTE).contains(&simulated), "{simulated:?}");
    assert!(real.elapsed() < simulated / 2);
}

/// A network to the service that takes real time, in which the runtime has nothing to do.
fn slow_network(service: &SimulatedService) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let service = service.endpoint().replace("http://", "");
    thread::spawn(move || {
        for client in listener.incoming() {
            let (client, service) = (client.unwrap(), TcpStream::connect(&service).unwrap());
            let ends = (client.try_clone().unwrap(), service.try_clone().unwrap());
            for (mut from, mut to) in [(client, service), (ends.1, ends.0)] {
                thread::spawn(move || {
                    let mut part = [0; 4096];
                    while let Ok(read @ 1..) = from.read(&mut part) {
                        thread::sleep(Duration::from_millis(5));
                        if to.write_all(&part[..read]).is_err() {
                            break;
                        }
                    }
                    to.shutdown(Shutdown::Both)
                });
            }
        }
    });
    url
}

/// Nothing but what the test simulates moves the clock, so no timeout can end a call.
#[tokio::test(start_paused = true)]
async fn the_clock_stands_still_while_a_request_is_in_flight() {
    let service = SimulatedService::start().await.unwrap();
    let client = service.client_builder().endpoint(slow_network(&service));
    let client = client.attempt_timeout(2 * Duration::from_millis(1));
    let client = client.retry(RetryPolicy::never()).build().unwrap();
    let start = Instant::now();
    for _ in 0..10 {
        client.run_job(RunJobRequest::new(JOB).unwrap()).await.unwrap();
    }
    assert_eq!(start.elapsed(), Duration::ZERO);
    let calls = (0..50).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { client.record_info(JOB, 7).await })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap().unwrap();
    }
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn throttling_ends() {
    for retry_after in [None, Some(2 * SECOND)] {
        let service = SimulatedService::start().await.unwrap();
        let client = service.client_builder().retry(RetryPolicy::never()).build().unwrap();
        service.inject(Fault::Throttled { lasting: 2 * SECOND, retry_after });
        let request = RunJobRequest::new(JOB).unwrap();
        let error = client.run_job(request.clone()).await.unwrap_err();
        assert!(error.is_throttled() && !error.may_have_taken_effect(), "{error}");
        assert_eq!(error.retry_after(), retry_after);
        tokio::time::sleep(2 * SECOND).await;
        assert_eq!(client.run_job(request).await.unwrap().build_no(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_response_leaves_a_build() {
    let service = SimulatedService::start().await.unwrap();
    service.inject(Fault::LostResponse);
    let client = service.client().unwrap();
    let error = client.run_job(RunJobRequest::new(JOB).unwrap()).await.unwrap_err();
    assert!(error.may_have_taken_effect(), "{error}");
    let builds = service.builds();
    assert_eq!(builds, [BuildId::new(JOB, 1).unwrap()]);
    assert_eq!(client.record_info(JOB, 1).await.unwrap().build_no, Some(1));
    // Only one response is lost.
    client.run_job(RunJobRequest::new(JOB).unwrap()).await.unwrap();
    assert_eq!(service.builds().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn tokens_expire() {
    let service = SimulatedService::start().await.unwrap();
    let (client, _) = started(&service).await;
    service.inject(Fault::ExpiredTokens);
    let error = client.record_info(JOB, 1).await.unwrap_err();
    assert!(error.is_unauthorized(), "{error}");
    assert_eq!(error.code(), Some("APIGW.0307"));
}

#[tokio::test(start_paused = true)]
async fn outages_and_slow_responses_end() {
    let service = SimulatedService::start().await.unwrap();
    let client = service.client_builder().retry(RetryPolicy::never()).build().unwrap();
    client.run_job(RunJobRequest::new(JOB).unwrap()).await.unwrap();
    service.inject(Fault::Unavailable { lasting: SECOND, status: 503 });
    let error = client.record_info(JOB, 1).await.unwrap_err();
    assert_eq!(error.status(), Some(StatusCode::SERVICE_UNAVAILABLE.as_u16()));
    tokio::time::sleep(SECOND).await;
    client.record_info(JOB, 1).await.unwrap();

    service.inject(Fault::Slow { lasting: 2 * MINUTE, by: MINUTE });
    let start = Instant::now();
    let error = client.record_info(JOB, 1).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(start.elapsed(), 30 * SECOND, "the attempt timeout");
    let patient = service.client_builder().attempt_timeout(2 * MINUTE).build().unwrap();
    patient.record_info(JOB, 1).await.unwrap();
    assert_eq!(start.elapsed(), 90 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn jobs_may_be_unknown_and_records_late() {
    let service = SimulatedService::start().await.unwrap();
    service.know_only_added_jobs();
    let client = service.client().unwrap();
    let request = RunJobRequest::new(JOB).unwrap();
    assert!(client.run_job(request.clone()).await.unwrap_err().is_not_found());
    service.add_job(JOB, SimulatedJob::new()).unwrap();
    service.inject(Fault::LateRecords { by: SECOND });
    client.run_job(request).await.unwrap();
    assert!(client.record_info(JOB, 1).await.unwrap_err().is_not_found());
    tokio::time::sleep(SECOND).await;
    client.record_info(JOB, 1).await.unwrap();
    assert!(service.add_job("short", SimulatedJob::new()).is_err());
}

#[tokio::test(start_paused = true)]
async fn a_build_stays_as_it_ended() {
    let service = SimulatedService::start().await.unwrap();
    let (client, build) = started(&service).await;
    let record = client.wait(&build).await.unwrap();
    service.abort(build.id());
    service.add_job(JOB, SimulatedJob::new().ends(BuildStatus::Failure)).unwrap();
    assert_eq!(client.record_info(JOB, 1).await.unwrap(), record);

    let second = client.run_job(RunJobRequest::new(JOB).unwrap()).await.unwrap();
    service.abort(second.id());
    let aborted = client.wait(&second).await.unwrap();
    assert_eq!((&aborted.status, aborted.start_time), (&BuildStatus::Aborted, None));
}

#[tokio::test]
async fn what_was_received_can_be_looked_at() {
    let service = SimulatedService::start().await.unwrap();
    let (client, _) = started(&service).await;
    client.record_info(JOB, 1).await.unwrap();
    let received = service.received();
    let calls: Vec<_> = received.iter().map(|it| (&*it.method, &*it.path)).collect();
    let path = format!("/v4/jobs/{JOB}/1/record-info");
    assert_eq!(calls, [(Method::POST.as_str(), "/v3/jobs/build"), ("GET", &path)]);
    assert_eq!(received[0].body["job_id"], JOB);
}

#[tokio::test(start_paused = true)]
async fn a_build_that_runs_for_ever_does_not_end() {
    let service = SimulatedService::start().await.unwrap();
    for job in [
        SimulatedJob::new().runs_for(Duration::MAX),
        SimulatedJob::new().queued_for(Duration::MAX),
        SimulatedJob::new().queued_for(Duration::MAX).runs_for(Duration::MAX),
    ] {
        service.add_job(JOB, job).unwrap();
        let client = service.client().unwrap().with_polls_per_second(u32::MAX);
        let build = client.run_job(RunJobRequest::new(JOB).unwrap()).await.unwrap();
        let watch = client.watch(&build).timeout(10 * MINUTE);
        assert!(watch.await.unwrap_err().is_time_limit());
    }
}

#[tokio::test]
async fn a_dropped_service_serves_nobody() {
    let service = SimulatedService::start().await.unwrap();
    let client = service.client().unwrap();
    let build = client.run_job(RunJobRequest::new(JOB).unwrap()).await.unwrap();
    drop(service);
    // The connection that is open ends as well.
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(client.watch(&build).timeout(SECOND).await.is_err());
}

/// Whoever holds a call may drop its runtime.
#[test]
fn a_call_that_is_held_does_not_hold_its_runtime() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (service, client) = runtime.block_on(async {
        let service = SimulatedService::start().await.unwrap();
        let client = service.client().unwrap();
        (service, client)
    });
    let mut call = Box::pin(client.record_info(JOB, 1));
    runtime.block_on(async { assert!((&mut call).now_or_never().is_none()) });
    let start = std::time::Instant::now();
    drop(runtime);
    assert!(start.elapsed() < 5 * SECOND, "{:?}", start.elapsed());
    drop((call, service));
}
