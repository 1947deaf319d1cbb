//! Promise: connections are reused, but a request that is not idempotent does not use one that was idle
//! for more than two seconds, because the server may be closing it.

use crate::support::{
    calls::*,
    faulty_server::{Action, FaultyServer},
};
use codearts_build::Client;
use std::time::Duration;

/// A server that responds well, but breaks each connection when a second request arrives on it.
fn breaks_used_connections(fault: fn() -> Action) -> FaultyServer {
    FaultyServer::start(move |arrival| match arrival.on_connection {
        0 => good(),
        _ => fault(),
    })
}

const BREAKS: [fn() -> Action; 3] =
    [|| Action::Close(vec![]), || Action::Reset(vec![]), || Action::ResetUnread];

/// Makes a call until a connection was used twice.
async fn until_reused(server: &FaultyServer, client: &Client, of: Call) {
    // A connection is free a moment after its response was read, so the next call may miss it.
    for _ in 0..1000 {
        call(client.clone(), of).await.unwrap();
        if server.reused() > 0 {
            return;
        }
    }
    panic!("{of:?} never uses a kept connection");
}

#[tokio::test]
async fn a_burst_of_starts_reuses_connections() {
    let server = FaultyServer::start(|_| good());
    let client = fast_client(server.url()).build().unwrap();
    until_reused(&server, &client, Call::RunJob).await;
}

#[tokio::test]
async fn a_start_uses_no_connection_that_was_idle_for_long() {
    for keep in [Duration::from_secs(2), Duration::from_secs(60)] {
        let server = FaultyServer::start(|_| good());
        // Also if the caller allows a longer time.
        let client = fast_client(server.url()).http(move |http| http.pool_idle_timeout(keep));
        let client = client.build().unwrap();
        for of in [Call::RunJob, Call::AutoExecute, Call::RunJob] {
            call(client.clone(), of).await.unwrap();
            tokio::time::pause();
            tokio::time::advance(Duration::from_millis(2100)).await;
            tokio::time::resume();
        }
        assert_eq!(server.reused(), 0);
    }
}

#[tokio::test]
async fn starts_and_reads_share_no_connection() {
    let server = FaultyServer::start(|_| good());
    let client = fast_client(server.url()).build().unwrap();
    for of in [Call::RecordInfo, Call::RunJob] {
        call(client.clone(), of).await.unwrap();
    }
    assert_eq!(server.reused(), 0);
}

/// The two seconds only make an unknown outcome unlikely: a server may close a connection earlier.
#[tokio::test]
async fn a_start_on_a_closing_connection_is_not_sent_again() {
    for fault in [|| Action::Close(vec![]), || Action::Reset(vec![])] {
        let server = breaks_used_connections(fault);
        let client = fast_client(server.url()).build().unwrap();
        let error = loop {
            if let Err(error) = call(client.clone(), Call::RunJob).await {
                break error;
            }
        };
        assert!(error.may_have_taken_effect(), "{error:?}");
        assert_eq!(server.reused(), 1);
    }
}

#[tokio::test]
async fn a_get_on_a_closing_connection_is_retried() {
    for fault in BREAKS {
        let server = breaks_used_connections(fault);
        let client = fast_client(server.url()).build().unwrap();
        until_reused(&server, &client, Call::RecordInfo).await;
    }
}
