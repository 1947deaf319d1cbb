//! Promise: only an idempotent request uses a connection that the server may be closing.

use crate::support::{
    calls::*,
    faulty_server::{Action, FaultyServer},
};

/// A server that responds well, but breaks each connection when a second request arrives on it.
fn breaks_used_connections(fault: fn() -> Action) -> FaultyServer {
    FaultyServer::start(move |arrival| match arrival.on_connection {
        0 => good(),
        _ => fault(),
    })
}

const BREAKS: [fn() -> Action; 3] =
    [|| Action::Close(vec![]), || Action::Reset(vec![]), || Action::ResetUnread];

#[tokio::test]
async fn a_post_never_uses_a_connection_that_the_server_may_be_closing() {
    for fault in BREAKS {
        let server = breaks_used_connections(fault);
        let client = fast_client(server.url()).build().unwrap();
        for (sent, of) in [Call::RecordInfo, Call::RunJob, Call::RunJob, Call::AutoExecute]
            .into_iter()
            .enumerate()
        {
            call(client.clone(), of).await.unwrap();
            assert_eq!(server.arrived(), sent + 1, "{of:?}");
        }
        assert_eq!(server.reused(), 0);
    }
}

#[tokio::test]
async fn a_get_on_a_closing_connection_is_retried() {
    for fault in BREAKS {
        let server = breaks_used_connections(fault);
        let client = fast_client(server.url()).build().unwrap();
        // A connection is free a moment after its response was read, so the next call may miss it.
        for _ in 0..1000 {
            call(client.clone(), Call::RecordInfo).await.unwrap();
            if server.reused() > 0 {
                break;
            }
        }
        assert!(server.reused() > 0, "a GET uses a kept connection");
    }
}

#[tokio::test]
async fn a_http_client_of_the_caller_keeps_no_connection_either() {
    for fault in BREAKS {
        let server = breaks_used_connections(fault);
        let http = reqwest::Client::builder().pool_max_idle_per_host(10);
        let client = fast_client(server.url()).http(http).build().unwrap();
        for (sent, of) in
            [Call::RecordInfo, Call::RunJob, Call::RunJob, Call::RecordInfo].into_iter().enumerate()
        {
            call(client.clone(), of).await.unwrap();
            assert_eq!(server.arrived(), sent + 1, "{of:?}");
        }
        assert_eq!(server.reused(), 0);
    }
}
