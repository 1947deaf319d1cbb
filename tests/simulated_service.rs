//! Promise: with the simulated service, a user tests minutes of builds in milliseconds, on a paused clock,
//! over real HTTP, with every kind of fault.

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

/// Only simulated delays move the clock, so that no timeout ends a call.
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
async fn received_requests_can_be_inspected() {
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
    const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);
    let service = SimulatedService::start().await.unwrap();
    let client = service.client().unwrap().with_polls_per_second(u32::MAX);
    for (queued_for, runs_for, status) in [
        (Duration::ZERO, Duration::MAX, BuildStatus::Running),
        (SECOND, Duration::MAX, BuildStatus::Running),
        (Duration::MAX, Duration::ZERO, BuildStatus::InQueue),
        (Duration::MAX, Duration::MAX, BuildStatus::InQueue),
        (Duration::from_secs(u64::MAX), SECOND, BuildStatus::InQueue),
        (5 * CENTURY, 5 * CENTURY, BuildStatus::InQueue),
    ] {
        let job = SimulatedJob::new().queued_for(queued_for).runs_for(runs_for);
        service.add_job(JOB, job).unwrap();
        let build = client.run_job(RunJobRequest::new(JOB).unwrap()).await.unwrap();
        let watch = client.watch(&build).timeout(10 * MINUTE);
        assert!(watch.await.unwrap_err().is_time_limit());
        tokio::time::advance(CENTURY).await;
        let record = client.record_info(JOB, build.build_no()).await.unwrap();
        assert_eq!((record.status, record.finish_time), (status, None), "{queued_for:?}");
        service.abort(build.id());
        assert_eq!(client.wait(&build).await.unwrap().status, BuildStatus::Aborted);
    }
}

#[tokio::test(start_paused = true)]
async fn a_build_of_no_time_has_ended_at_once() {
    let service = SimulatedService::start().await.unwrap();
    let job = SimulatedJob::new().queued_for(Duration::ZERO).runs_for(Duration::ZERO);
    service.add_job(JOB, job).unwrap();
    let (client, build) = started(&service).await;
    let start = Instant::now();
    let record = client.wait(&build).await.unwrap();
    assert_eq!((record.status, record.duration), (BuildStatus::Success, Some(0)));
    assert_eq!((record.start_time, start.elapsed()), (record.finish_time, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn many_polls_a_second_and_short_intervals_let_the_clock_move() {
    let service = SimulatedService::start().await.unwrap();
    let client = service.client().unwrap();
    service.add_job(JOB, SimulatedJob::new().queued_for(Duration::ZERO)).unwrap();
    for polls in [1000, 1001, 1_000_000, u32::MAX - 1, u32::MAX] {
        let client = client.clone().with_polls_per_second(polls);
        let build = client.run_job(RunJobRequest::new(JOB).unwrap()).await.unwrap();
        let start = Instant::now();
        let watches = (0..3).map(|_| {
            client
                .watch(&build)
                .poll_interval(Duration::ZERO, Duration::from_millis(1))
                .into_future()
        });
        for record in futures_util::future::join_all(watches).await {
            assert!(record.unwrap().is_success());
        }
        let took = start.elapsed();
        assert!((900..950).contains(&took.as_millis()), "{polls}: {took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn faults_may_last_from_no_time_to_the_longest_duration() {
    const NONE: Duration = Duration::ZERO;
    for (by, is_late) in [(NONE, false), (Duration::MAX, true)] {
        let service = SimulatedService::start().await.unwrap();
        let (client, _) = started(&service).await;
        service.inject(Fault::LateRecords { by });
        tokio::time::advance(10 * MINUTE).await;
        let error = client.record_info(JOB, 1).await.err();
        assert_eq!(error.is_some_and(|error| error.is_not_found()), is_late);
    }
    for (by, took) in [(NONE, NONE), (Duration::MAX, 30 * SECOND)] {
        let service = SimulatedService::start().await.unwrap();
        let client = service.client_builder().retry(RetryPolicy::never()).build().unwrap();
        service.inject(Fault::Slow { lasting: Duration::MAX, by });
        let start = Instant::now();
        let error = client.record_info(JOB, 1).await.unwrap_err();
        assert_eq!((error.is_timeout(), start.elapsed()), (by > NONE, took));
    }
    for (asked, seconds) in [(NONE, 0), (Duration::from_nanos(1), 1), (Duration::MAX, u64::MAX)] {
        let service = SimulatedService::start().await.unwrap();
        let client = service.client_builder().retry(RetryPolicy::never()).build().unwrap();
        service.inject(Fault::Throttled { lasting: Duration::MAX, retry_after: Some(asked) });
        let error = client.record_info(JOB, 1).await.unwrap_err();
        assert_eq!(error.retry_after(), Some(Duration::from_secs(seconds)));
        // The watch ends at its time limit.
        let watch = client.watch(BuildId::new(JOB, 1).unwrap()).timeout(10 * MINUTE);
        assert!(watch.await.unwrap_err().is_time_limit());
    }
    for (status, seen) in [
        (0, 502),
        (100, 502),
        (101, 502),
        (199, 502),
        (200, 200),
        (204, 204),
        (304, 304),
        (599, 599),
        (999, 999),
        (1000, 502),
        (u16::MAX, 502),
    ] {
        let service = SimulatedService::start().await.unwrap();
        let client = service.client_builder().retry(RetryPolicy::never()).build().unwrap();
        service.inject(Fault::Unavailable { lasting: Duration::MAX, status });
        let error = client.record_info(JOB, 1).await.unwrap_err();
        assert_eq!(error.status(), Some(seen), "{status}");
    }
}

/// Builds a client that does not retry, with an open connection to the service.
async fn connected(service: &SimulatedService) -> Client {
    let client = service.client_builder().retry(RetryPolicy::never()).build().unwrap();
    client.run_job(RunJobRequest::new(JOB).unwrap()).await.unwrap();
    client.record_info(JOB, 1).await.unwrap();
    client
}

/// Calls a service that is gone: over an open connection, and over a new one.
async fn call_nobody(client: &Client, newcomer: &Client) {
    for client in [client, newcomer, client] {
        let request = RunJobRequest::new(JOB).unwrap();
        let errors = [
            client.run_job(request).await.map(drop).unwrap_err(),
            client.record_info(JOB, 1).await.map(drop).unwrap_err(),
        ];
        for error in errors {
            assert!(
                matches!(error.kind(), ErrorKind::Connect | ErrorKind::ConnectionLost),
                "{error}"
            );
        }
    }
    assert!(newcomer.record_info(JOB, 1).await.unwrap_err().is_connect());
    let tolerant = client.watch(BuildId::new(JOB, 1).unwrap()).tolerate(Duration::ZERO);
    assert!(tolerant.await.unwrap_err().is_connect());
}

#[tokio::test]
async fn a_dropped_service_serves_nobody() {
    let service = SimulatedService::start().await.unwrap();
    let (client, newcomer) = (connected(&service).await, service.client().unwrap());
    drop(service);
    call_nobody(&client, &newcomer).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_service_serves_nobody_on_other_threads() {
    let service = SimulatedService::start().await.unwrap();
    let (client, newcomer) = (connected(&service).await, service.client().unwrap());
    drop(service);
    call_nobody(&client, &newcomer).await;
}

#[tokio::test(start_paused = true)]
async fn a_call_that_waits_fails_when_the_service_is_dropped() {
    let service = SimulatedService::start().await.unwrap();
    let client = connected(&service).await;
    service.inject(Fault::Slow { lasting: MINUTE, by: MINUTE });
    let start = Instant::now();
    let call = tokio::spawn(async move { client.record_info(JOB, 1).await });
    tokio::time::sleep(SECOND).await;
    drop(service);
    let error = call.await.unwrap().unwrap_err();
    assert_eq!((error.kind(), start.elapsed()), (ErrorKind::ConnectionLost, SECOND));
}

/// It is dropped outside of its runtime, which does not run afterwards.
#[test]
fn a_dropped_service_serves_nobody_in_another_runtime() {
    let [its_own, another] = [(); 2]
        .map(|()| tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap());
    let service = its_own.block_on(SimulatedService::start()).unwrap();
    let (client, newcomer) = (
        its_own.block_on(connected(&service)),
        service.client_builder().retry(RetryPolicy::never()),
    );
    let newcomer = newcomer.build().unwrap();
    // A call whose response is delayed when the service is dropped.
    service.inject(Fault::Slow { lasting: Duration::MAX, by: Duration::MAX });
    let mut call = Box::pin(client.record_info(JOB, 1));
    its_own.block_on(async {
        while service.received().len() < 3 {
            assert!((&mut call).now_or_never().is_none());
            tokio::task::yield_now().await;
        }
    });
    drop(service);
    assert!(another.block_on(newcomer.record_info(JOB, 1)).unwrap_err().is_connect());
    assert_eq!(its_own.block_on(call).unwrap_err().kind(), ErrorKind::ConnectionLost);
}

/// A service whose runtime has ended is gone as well.
#[test]
fn a_service_ends_with_its_runtime() {
    let [its_own, another] = [(); 2]
        .map(|()| tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap());
    let service = its_own.block_on(SimulatedService::start()).unwrap();
    drop(its_own);
    let newcomer = service.client().unwrap();
    assert!(another.block_on(newcomer.record_info(JOB, 1)).unwrap_err().is_connect());
    assert_eq!(service.builds(), []);
}

/// The runtime that held the clock for a call may end before the call.
#[test]
fn a_clock_stands_still_after_another_runtime_has_ended() {
    let service_runtime = tokio::runtime::Runtime::new().unwrap();
    let service = service_runtime.block_on(SimulatedService::start()).unwrap();
    let client = service.client_builder().endpoint(slow_network(&service));
    let client = client.attempt_timeout(Duration::from_millis(2));
    let client = client.retry(RetryPolicy::never()).build().unwrap();
    let paused = || {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_all().start_paused(true).build().unwrap()
    };
    let mut call = Box::pin(client.record_info(JOB, 1));
    paused().block_on(async { assert!((&mut call).now_or_never().is_none()) });
    paused().block_on(client.run_job(RunJobRequest::new(JOB).unwrap())).unwrap();
    drop(call);
}

/// A runtime can be dropped while a call of it is not.
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
