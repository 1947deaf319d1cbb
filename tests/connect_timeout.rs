//! Promise: a connection is made within its timeout, or the error says that nothing was sent.

use crate::support::{clock::Clock, *};
use codearts_build::{Client, Credential, ErrorKind, RetryPolicy, types::*};
use socket2::{Domain, Socket, Type};
use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};
use tokio::time::Instant;

/// A server that accepts no connections, and enough sockets to fill its queue. The system ignores
/// further attempts to connect.
fn full() -> (SocketAddr, Vec<Socket>) {
    let socket = || Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    let listener = socket();
    listener.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).unwrap();
    listener.listen(0).unwrap();
    let address = listener.local_addr().unwrap();
    let mut all = vec![listener];
    for _ in 0..8 {
        let waiting = socket();
        waiting.set_nonblocking(true).unwrap();
        let _ = waiting.connect(&address);
        all.push(waiting);
    }
    (address.as_socket().unwrap(), all)
}

#[tokio::test]
async fn the_connect_timeout_and_half_an_attempt_timeout_limit_a_connection() {
    let clock = Clock::stop();
    let second = Duration::from_secs(1);
    for (connect_timeout, attempt_timeout, limit) in
        [(second, second * 60, second), (second * 60, second * 4, second * 2)]
    {
        let (address, _sockets) = full();
        let client = Client::builder()
            .endpoint(format!("http://{address}"))
            .credential(Credential::token(CANARY).unwrap())
            .connect_timeout(connect_timeout)
            .attempt_timeout(attempt_timeout)
            .retry(RetryPolicy::never())
            .build()
            .unwrap();
        let start = Instant::now();
        let request = RunJobRequest::new(JOB).unwrap();
        let error = clock.run(async move { client.run_job(request).await }).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connect, "{error}");
        assert!(!error.may_have_taken_effect());
        assert!((limit..limit + second).contains(&start.elapsed()), "{:?}", start.elapsed());
    }
}
