//! Promise: a call that is dropped leaves nothing behind.

use crate::support::{
    calls::*,
    clock::Clock,
    faulty_server::{Action, FaultyServer},
};
use codearts_build::Client;
use std::pin::pin;

#[tokio::test]
async fn a_call_dropped_before_its_response_leaves_nothing_behind() {
    let clock = Clock::stop();
    for of in BOTH {
        let mut server = FaultyServer::start(|arrival| match arrival.number {
            0 => Action::Silence(vec![]),
            _ => good(),
        });
        let client = long_timeouts(&server).build().unwrap();
        {
            let call = pin!(call(client.clone(), of));
            tokio::select! {
                outcome = call => panic!("{outcome:?}"),
                () = server.silence() => {}
            }
        }
        nothing_more_arrives(&clock, &mut server, client, of).await;
    }
}

#[tokio::test]
async fn a_call_dropped_in_its_backoff_leaves_nothing_behind() {
    let clock = Clock::stop();
    for of in BOTH {
        let mut server = throttled_once("retry-after: 3600\r\n");
        let client = long_timeouts(&server).build().unwrap();
        {
            let call = pin!(call(client.clone(), of));
            tokio::select! {
                outcome = call => panic!("{outcome:?}"),
                () = server.first_response_read() => {}
            }
        }
        nothing_more_arrives(&clock, &mut server, client, of).await;
    }
}

async fn nothing_more_arrives(clock: &Clock, server: &mut FaultyServer, client: Client, of: Call) {
    assert_eq!(server.arrived(), 1);
    for _ in 0..50 {
        tokio::time::advance(HOUR).await;
    }
    assert_eq!(server.attempts(), 1);
    // The client still works.
    clock.run_silent(server, HOUR, call(client, of)).await.unwrap();
    assert_eq!(server.arrived(), 2);
}
