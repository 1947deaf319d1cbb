//! Promise: a call does not panic, with any settings and in any runtime or none.

use crate::support::{
    calls::good,
    faulty_server::{Action, FaultyServer},
    *,
};
use codearts_build::{Client, Credential, ErrorKind, RetryPolicy};
use std::{
    pin::pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

/// A timer panics without a runtime.
#[test]
fn a_call_outside_of_a_tokio_runtime_is_an_error() {
    let client = client_at("http://127.0.0.1:1");
    let call = client.record_info(JOB, 1);
    let mut call = pin!(call);
    let mut context = Context::from_waker(Waker::noop());
    let Poll::Ready(outcome) = call.as_mut().poll(&mut context) else {
        panic!("the call waits");
    };
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert_eq!(error.message(), "a call must be made within a tokio runtime");
}

#[tokio::test]
async fn no_setting_makes_a_call_panic() {
    let call = async |server: &FaultyServer, time: Duration, bytes: usize| {
        let client = Client::builder()
            .endpoint(server.url())
            .credential(Credential::token(CANARY).unwrap())
            .connect_timeout(time)
            .attempt_timeout(time)
            .timeout(time)
            .max_response_bytes(bytes)
            .retry(RetryPolicy::never().with_backoff(time, time))
            .build()
            .unwrap();
        client.record_info(JOB, 1).await
    };
    let server = FaultyServer::start(|_| good());
    assert_eq!(call(&server, Duration::MAX, usize::MAX).await.unwrap().build_no, Some(1));
    let error = call(&server, Duration::MAX, 1).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidResponse);
    // The announced length is not that of the body, which is longer than what is read at once.
    for announced in [200_000_000_000, u64::MAX - 5] {
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {announced}\r\n\r\n");
        let response = [head.as_bytes(), &[b' '; 1 << 20]].concat();
        let pieces = FaultyServer::start(move |_| Action::Close(response.clone()));
        let error = call(&pieces, Duration::MAX, usize::MAX).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionLost, "{error}");
    }
    // A fast server could respond before the timeout is checked, so this one never responds.
    let silent = FaultyServer::start(|_| Action::Silence(vec![]));
    let error = call(&silent, Duration::from_nanos(1), usize::MAX).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Timeout | ErrorKind::Connect), "{error:?}");
}
