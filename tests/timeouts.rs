//! Promise: no call takes longer than its timeouts allow.

use crate::support::{
    calls::*,
    clock::Clock,
    faulty_server::{Action, FaultyServer, response},
};
use codearts_build::{ClientBuilder, Error, ErrorKind};
use std::time::Duration;
use tokio::time::Instant;

/// The time and the error of a call to a server that never responds.
async fn in_silence(client: ClientBuilder, of: Call) -> (Duration, Error) {
    let client = client.build().unwrap();
    let start = Instant::now();
    let error = call(client, of).await.unwrap_err();
    (start.elapsed(), error)
}

#[tokio::test]
async fn a_call_ends_at_its_timeout() {
    let clock = Clock::stop();
    // The clock moves a little while a request is sent.
    let about = |took: Duration, minutes: u32| {
        took >= minutes * HOUR / 60 && took < (minutes + 1) * HOUR / 60
    };
    for of in BOTH {
        let mut server = FaultyServer::start(|_| Action::Silence(vec![]));
        let client = long_timeouts(&server).timeout(2 * HOUR);
        let call = in_silence(client, of);
        let (took, error) = clock.run_silent(&mut server, 2 * HOUR, call).await;
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert_eq!(error.may_have_taken_effect(), of == Call::RunJob);
        assert!(about(took, 120), "{took:?}");
        assert_eq!(server.arrived(), 1);
    }
    // An attempt that ends earlier is retried in the time that is left.
    let mut server = FaultyServer::start(|_| Action::Silence(vec![]));
    let client = long_timeouts(&server).attempt_timeout(HOUR * 3 / 2).timeout(2 * HOUR);
    let call = in_silence(client, Call::RecordInfo);
    // The clock moves by steps, so that the times are not exact.
    let (took, error) = clock.run_silent(&mut server, HOUR * 3 / 2, call).await;
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(took >= 2 * HOUR && took < 3 * HOUR + HOUR / 60, "{took:?}");
    assert_eq!(server.arrived(), 2);
}

#[tokio::test]
async fn the_shortest_timeout_sends_nothing_twice_and_the_longest_is_none() {
    for of in BOTH {
        let server = FaultyServer::start(|_| unavailable());
        let client = fast_client(server.url()).timeout(Duration::from_nanos(1)).build().unwrap();
        call(client, of).await.unwrap_err();
        assert!(server.arrived() <= 1);
        let client =
            fast_client(server.url()).timeout(Duration::MAX).attempt_timeout(Duration::MAX);
        let error = call(client.build().unwrap(), of).await.unwrap_err();
        assert_eq!(error.status(), Some(503));
    }
}

#[test]
fn a_limit_of_zero_is_an_error_when_the_client_is_built() {
    let client = || fast_client("http://127.0.0.1:1".into());
    for (setting, builder) in [
        ("connect_timeout", client().connect_timeout(Duration::ZERO)),
        ("attempt_timeout", client().attempt_timeout(Duration::ZERO)),
        ("timeout", client().timeout(Duration::ZERO)),
        ("max_response_bytes", client().max_response_bytes(0)),
    ] {
        let error = builder.build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert_eq!(error.message(), format!("{setting}: must not be zero"));
    }
}

/// Nobody waits for an hour because a response asks for it, whatever the timeout of the call.
#[tokio::test]
async fn a_delay_that_a_server_asks_for_is_bounded() {
    for asked in ["3601", "86400", "1795727304", "Thu, 01 Jan 2099 00:00:00 GMT"] {
        let headers = format!("retry-after: {asked}\r\n");
        let server = FaultyServer::start(move |_| {
            Action::Respond(response("429 Too Many Requests", &headers, ""))
        });
        let client = fast_client(server.url()).timeout(Duration::MAX).build().unwrap();
        let start = Instant::now();
        let error = call(client, Call::RecordInfo).await.unwrap_err();
        assert!(error.is_throttled() && error.retry_after() > Some(HOUR), "{error:?}");
        assert!(server.arrived() == 1 && start.elapsed() < HOUR / 60, "{asked}");
    }
}
