//! Promise: repeats wait, obey the service and the caller's deadline, and do not multiply an outage.

mod support;

use codearts_build::{Client, Error, ErrorKind, RetryPolicy};
use futures_util::{StreamExt, stream};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};
use support::{
    broken::{Act, Broken, answer, json},
    clock::Clock,
    faults::*,
};
use tokio::time::Instant;

const HOUR: Duration = Duration::from_secs(60 * 60);
/// What reading and starting have in common.
const BOTH: [Call; 2] = [Call::RecordInfo, Call::RunJob];
/// A good answer to either.
const GOOD: &str = r#"{"result":{"id":"1","actual_build_number":"20"}}"#;

fn unavailable() -> Act {
    Act::Answer(json("503 Service Unavailable", "{}"))
}

fn good() -> Act {
    Act::Answer(json("200 OK", GOOD))
}

/// The server of an outage.
fn outage() -> Broken {
    Broken::start(|_| unavailable())
}

/// A client that repeats at once.
fn restless(server: &Broken) -> Client {
    let policy = RetryPolicy::default().with_backoff(Duration::ZERO, Duration::ZERO);
    hasty(server.url()).retry(policy).build().unwrap()
}

/// A client that is never out of time but by what a test says of the clock.
fn patient(server: &Broken) -> codearts_build::ClientBuilder {
    hasty(server.url()).connect_timeout(24 * HOUR).attempt_timeout(24 * HOUR).timeout(48 * HOUR)
}

#[tokio::test]
async fn an_outage_is_not_multiplied() {
    let server = outage();
    let client = restless(&server);
    const CALLS: usize = 10_000;
    let failed = stream::iter(0..CALLS)
        .map(|_| call(client.clone(), Call::RecordInfo))
        .buffer_unordered(50)
        .filter(|outcome| std::future::ready(outcome.is_err()))
        .count()
        .await;
    assert_eq!(failed, CALLS);
    assert_eq!(server.arrived(), CALLS + 100, "each call once, and 100 repeats of them all");
}

#[tokio::test]
async fn a_call_alone_has_all_its_attempts() {
    for (attempts, arrive) in [(None, 4), (Some(0), 1), (Some(1), 1), (Some(6), 6)] {
        let server = outage();
        let policy = RetryPolicy::default().with_backoff(Duration::ZERO, Duration::ZERO);
        let policy = attempts.map_or(policy.clone(), |attempts| policy.with_max_attempts(attempts));
        let client = hasty(server.url()).retry(policy).build().unwrap();
        let error = call(client, Call::RecordInfo).await.unwrap_err();
        assert_eq!(error.status(), Some(503));
        assert_eq!(server.arrived(), arrive);
    }
}

#[tokio::test]
async fn clones_share_the_repeats_and_successes_win_them_back() {
    let works = Arc::new(AtomicBool::new(false));
    let server = Broken::start({
        let works = works.clone();
        move |_| if works.load(SeqCst) { good() } else { unavailable() }
    });
    let client = restless(&server);
    let repeats = async |client: &Client| {
        let before = server.arrived();
        call(client.clone(), Call::RecordInfo).await.unwrap_err();
        server.arrived() - before - 1
    };
    // Three repeats a call, and one that is left.
    for _ in 0..33 {
        assert_eq!(repeats(&client.clone()).await, 3);
    }
    assert_eq!(repeats(&client).await, 1);
    assert_eq!(repeats(&client.clone()).await, 0);
    // A client of its own has repeats of its own.
    assert_eq!(repeats(&restless(&server)).await, 3);

    // Calls of any kind win them back, ten of them one.
    for (successes, won) in [(9, 0), (1, 1), (20, 2), (5000, 3)] {
        works.store(true, SeqCst);
        for number in 0..successes {
            call(client.clone(), BOTH[number % 2]).await.unwrap();
        }
        works.store(false, SeqCst);
        assert_eq!(repeats(&client).await, won, "after {successes} more");
    }
    // More than at the beginning cannot be won: 97 are left of a hundred.
    for _ in 0..32 {
        assert_eq!(repeats(&client).await, 3);
    }
    assert_eq!(repeats(&client).await, 1);
}

/// A 429 that asks for a pause, then good answers.
fn throttles(headers: &'static str) -> Broken {
    Broken::start(move |arrival| match arrival.number {
        0 => Act::Answer(answer("429 Too Many Requests", headers, "")),
        _ => good(),
    })
}

#[tokio::test]
async fn a_repeat_waits_for_as_long_as_the_service_asks() {
    let clock = Clock::stop();
    for headers in [
        "retry-after: 2\r\n",
        // Counted from the service's clock, not from the caller's.
        "date: Fri, 20 Nov 2026 12:00:00 GMT\r\nretry-after: Fri, 20 Nov 2026 12:00:02 GMT\r\n",
    ] {
        for of in BOTH {
            let mut server = throttles(headers);
            let client = patient(&server).build().unwrap();
            let took = clock.run_waiting(&mut server, HOUR, async move {
                let start = Instant::now();
                call(client, of).await.unwrap();
                start.elapsed()
            });
            let took = took.await;
            assert!(took >= Duration::from_secs(2), "{headers} {took:?}");
            assert_eq!(server.arrived(), 2);
        }
    }
}

#[tokio::test]
async fn a_repeat_beyond_the_deadline_is_not_waited_for() {
    // No clock is stopped here: a call that waited would hang this test for an hour.
    for headers in ["retry-after: 3600\r\n", "retry-after: Tue, 31 Dec 2999 12:00:02 GMT\r\n"] {
        for of in BOTH {
            let server = throttles(headers);
            let client = patient(&server).timeout(HOUR - Duration::from_secs(60));
            let error = call(client.build().unwrap(), of).await.unwrap_err();
            assert!(error.is_throttled());
            assert!(!error.may_have_started_build());
            assert_eq!(server.arrived(), 1);
        }
    }
}

/// How long a call takes, with every answer being silence.
async fn in_silence(client: codearts_build::ClientBuilder, of: Call) -> (Duration, Error) {
    let client = client.build().unwrap();
    let start = Instant::now();
    let error = call(client, of).await.unwrap_err();
    (start.elapsed(), error)
}

#[tokio::test]
async fn a_call_ends_at_its_deadline() {
    let clock = Clock::stop();
    // The clock runs on a little while a request is on its way.
    let about = |took: Duration, minutes: u32| {
        took >= minutes * HOUR / 60 && took < (minutes + 1) * HOUR / 60
    };
    for of in BOTH {
        let mut server = Broken::start(|_| Act::Silence(vec![]));
        let client = patient(&server).timeout(2 * HOUR);
        let call = in_silence(client, of);
        let (took, error) = clock.run_waiting(&mut server, 2 * HOUR, call).await;
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert_eq!(error.may_have_started_build(), of == Call::RunJob);
        assert!(about(took, 120), "{took:?}");
        assert_eq!(server.arrived(), 1);
    }
    // An attempt that ends before the deadline is repeated; the repeat has what is left.
    let mut server = Broken::start(|_| Act::Silence(vec![]));
    let client = patient(&server).attempt_timeout(HOUR * 3 / 2).timeout(2 * HOUR);
    let call = in_silence(client, Call::RecordInfo);
    // In steps that are no part of either.
    let (took, error) = clock.run_waiting(&mut server, HOUR * 3 / 2, call).await;
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(took >= 2 * HOUR && took < 3 * HOUR + HOUR / 60, "{took:?}");
    assert_eq!(server.arrived(), 2);
}

#[tokio::test]
async fn a_deadline_that_has_passed_sends_nothing_twice() {
    for of in BOTH {
        let server = outage();
        let client = hasty(server.url()).timeout(Duration::ZERO).build().unwrap();
        call(client, of).await.unwrap_err();
        assert!(server.arrived() <= 1);
        // One that no clock can count is none.
        let client = hasty(server.url()).timeout(Duration::MAX).attempt_timeout(Duration::MAX);
        let error = call(client.build().unwrap(), of).await.unwrap_err();
        assert_eq!(error.status(), Some(503));
    }
}

#[tokio::test]
async fn never_is_never() {
    for fault in [
        unavailable,
        || Act::Answer(json("429 Too Many Requests", "{}")),
        || Act::Reset(vec![]),
        || Act::ResetUnread,
        || Act::Close(vec![]),
    ] {
        for of in BOTH {
            let server = Broken::start(move |_| fault());
            let client = hasty(server.url()).retry(RetryPolicy::never()).build().unwrap();
            call(client, of).await.unwrap_err();
            assert_eq!(server.attempts(), 1);
        }
    }
}

#[tokio::test]
async fn a_call_dropped_while_it_waits_for_its_answer_leaves_nothing_behind() {
    let clock = Clock::stop();
    for of in BOTH {
        let mut server = Broken::start(|arrival| match arrival.number {
            0 => Act::Silence(vec![]),
            _ => good(),
        });
        let client = patient(&server).build().unwrap();
        {
            let call = std::pin::pin!(call(client.clone(), of));
            tokio::select! {
                outcome = call => panic!("{outcome:?}"),
                () = server.waiting() => {}
            }
        }
        nothing_more_comes(&clock, &mut server, client, of).await;
    }
}

#[tokio::test]
async fn a_call_dropped_in_a_pause_leaves_nothing_behind() {
    let clock = Clock::stop();
    for of in BOTH {
        let mut server = throttles("retry-after: 3600\r\n");
        let client = patient(&server).build().unwrap();
        // After a second the answer has long been there, and the pause has long not passed.
        let call = tokio::time::timeout(Duration::from_secs(1), call(client.clone(), of));
        assert!(clock.run_waiting(&mut server, HOUR, call).await.is_err());
        nothing_more_comes(&clock, &mut server, client, of).await;
    }
}

async fn nothing_more_comes(clock: &Clock, server: &mut Broken, client: Client, of: Call) {
    assert_eq!(server.arrived(), 1);
    for _ in 0..50 {
        tokio::time::advance(HOUR).await;
    }
    assert_eq!(server.attempts(), 1);
    // The client works on, with nothing locked and nothing in its way.
    clock.run_waiting(server, HOUR, call(client, of)).await.unwrap();
    assert_eq!(server.arrived(), 2);
}
