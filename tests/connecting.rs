//! Promise: making a connection takes no longer than it may, and says that nothing was sent.
#![cfg(target_os = "linux")]

mod support;

use codearts_build::{Client, Credential, ErrorKind, RetryPolicy, types::RunJobRequest};
use socket2::{Domain, Socket, Type};
use std::{
    net::{Ipv4Addr, SocketAddr},
    time::{Duration, Instant},
};
use support::*;

#[tokio::test]
async fn a_server_that_takes_no_more_connections() {
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    listener.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).unwrap();
    listener.listen(0).unwrap();
    let address = listener.local_addr().unwrap();
    // They fill the queue that nobody serves; what comes after them is not answered at all.
    let waiting: Vec<_> = (0..8)
        .map(|_| {
            let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
            socket.set_nonblocking(true).unwrap();
            let _ = socket.connect(&address);
            socket
        })
        .collect();

    let second = Duration::from_secs(1);
    for (connect_timeout, timeout) in [(second / 5, second * 60), (second * 60, second * 4)] {
        let client = Client::builder()
            .endpoint(format!("http://{}", address.as_socket().unwrap()))
            .credential(Credential::token(CANARY).unwrap())
            .connect_timeout(connect_timeout)
            .timeout(timeout)
            .retry(RetryPolicy::never())
            .build()
            .unwrap();
        let start = Instant::now();
        let error = client.run_job(RunJobRequest::new(JOB).unwrap()).await.unwrap_err();
        // It is known that nothing was sent, whichever of the two is shorter.
        assert_eq!(error.kind(), ErrorKind::Connect, "{error}");
        assert!(!error.may_have_started_build());
        assert!(start.elapsed() < second * 60, "the longer one");
    }
    drop(waiting);
}
