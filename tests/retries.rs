//! Promise: retries have a backoff, respect `Retry-After` and the timeout of the call, and share a budget.

use crate::support::{
    calls::*,
    clock::Clock,
    faulty_server::{Action, ClosedPort, FaultyServer, json},
};
use codearts_build::{Client, ErrorKind, RetryPolicy};
use futures_util::{StreamExt, stream};
use std::{
    collections::VecDeque,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::time::Instant;

fn outage() -> FaultyServer {
    FaultyServer::start(|_| unavailable())
}

/// A client that retries at once.
fn client_without_backoff(server: &FaultyServer) -> Client {
    let policy = RetryPolicy::default().with_backoff(Duration::ZERO, Duration::ZERO);
    fast_client(server.url()).retry(policy).build().unwrap()
}

#[tokio::test]
async fn retries_in_an_outage_are_limited() {
    let server = outage();
    let client = client_without_backoff(&server);
    const CALLS: usize = 10_000;
    let failed = stream::iter(0..CALLS)
        .map(|_| call(client.clone(), Call::RecordInfo))
        .buffer_unordered(50)
        .filter(|outcome| std::future::ready(outcome.is_err()))
        .count()
        .await;
    assert_eq!(failed, CALLS);
    assert_eq!(server.arrived(), CALLS + 100, "each call once, and 100 retries for all");
}

#[tokio::test]
async fn a_call_alone_has_all_its_attempts() {
    for (attempts, arrive) in [(None, 4), (Some(0), 1), (Some(1), 1), (Some(6), 6)] {
        let server = outage();
        let policy = RetryPolicy::default().with_backoff(Duration::ZERO, Duration::ZERO);
        let policy = attempts.map_or(policy.clone(), |attempts| policy.with_max_attempts(attempts));
        let client = fast_client(server.url()).retry(policy).build().unwrap();
        let error = call(client, Call::RecordInfo).await.unwrap_err();
        assert_eq!(error.status(), Some(503));
        assert_eq!(server.arrived(), arrive);
    }
}

#[tokio::test]
async fn clones_share_a_budget_of_retries_and_successes_refill_it() {
    let works = Arc::new(AtomicBool::new(false));
    let server = FaultyServer::start({
        let works = works.clone();
        move |_| if works.load(SeqCst) { good() } else { unavailable() }
    });
    let client = client_without_backoff(&server);
    let retries = async |client: &Client| {
        let before = server.arrived();
        call(client.clone(), Call::RecordInfo).await.unwrap_err();
        server.arrived() - before - 1
    };
    // Three retries for each call, and then the last one of the budget.
    for _ in 0..33 {
        assert_eq!(retries(&client.clone()).await, 3);
    }
    assert_eq!(retries(&client).await, 1);
    assert_eq!(retries(&client.clone()).await, 0);
    // Another client has its own budget.
    assert_eq!(retries(&client_without_backoff(&server)).await, 3);

    // Ten successful calls of any kind add one retry.
    for (successes, added) in [(9, 0), (1, 1), (20, 2), (5000, 3)] {
        works.store(true, SeqCst);
        for number in 0..successes {
            call(client.clone(), BOTH[number % 2]).await.unwrap();
        }
        works.store(false, SeqCst);
        assert_eq!(retries(&client).await, added, "after {successes} more");
    }
    // The budget never exceeds its first size: 97 are left of a hundred.
    for _ in 0..32 {
        assert_eq!(retries(&client).await, 3);
    }
    assert_eq!(retries(&client).await, 1);
}

#[tokio::test]
async fn a_retry_waits_as_long_as_the_service_asks() {
    let clock = Clock::stop();
    for headers in [
        "retry-after: 2\r\n",
        // By the clock of the service, not that of the caller.
        "date: Fri, 20 Nov 2026 12:00:00 GMT\r\nretry-after: Fri, 20 Nov 2026 12:00:02 GMT\r\n",
    ] {
        for of in BOTH {
            let mut server = throttled_once(headers);
            let client = long_timeouts(&server).build().unwrap();
            let took = clock.run_silent(&mut server, HOUR, async move {
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
async fn a_call_does_not_wait_for_a_retry_after_its_timeout() {
    // The clock runs: a call that waits takes an hour.
    for headers in ["retry-after: 3600\r\n", "retry-after: Tue, 31 Dec 2999 12:00:02 GMT\r\n"] {
        for of in BOTH {
            let server = throttled_once(headers);
            let client = long_timeouts(&server).timeout(HOUR - Duration::from_secs(60));
            let error = call(client.build().unwrap(), of).await.unwrap_err();
            assert!(error.is_throttled());
            assert!(!error.may_have_taken_effect());
            assert_eq!(server.arrived(), 1);
        }
    }
}

#[tokio::test]
async fn the_policy_never_makes_one_attempt() {
    for fault in [
        unavailable,
        || Action::Respond(json("429 Too Many Requests", "{}")),
        || Action::Reset(vec![]),
        || Action::ResetUnread,
        || Action::Close(vec![]),
    ] {
        for of in BOTH {
            let server = FaultyServer::start(move |_| fault());
            let client = fast_client(server.url()).retry(RetryPolicy::never()).build().unwrap();
            call(client, of).await.unwrap_err();
            assert_eq!(server.attempts(), 1);
        }
    }
}

/// Resolves a name to the next address each time.
struct Addresses(Mutex<VecDeque<SocketAddr>>);

impl reqwest::dns::Resolve for Addresses {
    fn resolve(&self, _: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let address = self.0.lock().unwrap().pop_front();
        Box::pin(async move {
            let addresses = address.ok_or("no such name")?;
            Ok(Box::new(std::iter::once(addresses)) as reqwest::dns::Addrs)
        })
    }
}

#[tokio::test]
async fn a_post_without_a_connection_is_retried_and_arrives_once() {
    let server = FaultyServer::start(|_| Action::Respond(json("200 OK", STARTED)));
    let closed = ClosedPort::new();
    let good = SocketAddr::from((Ipv4Addr::LOCALHOST, server.port()));
    for (addresses, retry, arrived) in [
        (vec![closed.address(), closed.address(), good], RetryPolicy::default(), 1),
        (vec![closed.address(), good], RetryPolicy::never(), 0),
        // Four attempts with an unknown name.
        (vec![], RetryPolicy::default(), 0),
    ] {
        let before = server.arrived();
        let addresses = Arc::new(Addresses(Mutex::new(addresses.into())));
        let client = fast_client("http://builds.example".into())
            .allow_http(true)
            .retry(retry.with_backoff(Default::default(), Default::default()))
            .http(move |http| http.no_proxy().dns_resolver(addresses.clone()))
            .build()
            .unwrap();
        let outcome = call(client, Call::RunJob).await;
        assert_eq!(server.arrived() - before, arrived);
        assert_eq!(outcome.is_ok(), arrived == 1);
        if let Err(error) = outcome {
            assert_eq!(error.kind(), ErrorKind::Connect, "{error:?}");
            assert!(!error.may_have_taken_effect());
        }
    }
}
