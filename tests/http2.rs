//! Promise: what HTTP/2 says was not processed took no effect, and is sent again. What it does not say so of
//! may have.

use crate::support::calls::*;
use codearts_build::ErrorKind;
use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    thread,
};

/// What a server does with a request.
#[derive(Clone, Copy, Debug)]
enum Reaction {
    Respond,
    /// Ends the stream with this code.
    Reset(u8),
    /// Ends the connection with this code, and says whether the request was processed.
    GoAway {
        code: u8,
        processed: bool,
    },
}

const NO_ERROR: u8 = 0;
const INTERNAL_ERROR: u8 = 2;
const REFUSED_STREAM: u8 = 7;
const ENHANCE_YOUR_CALM: u8 = 11;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;

/// A frame: its length, type, flags and stream, and what it holds.
fn frame(kind: u8, flags: u8, stream: u32, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), content].concat()
}

/// A server that reacts so to the first request and responds well from then on. Counts the requests.
fn serve(reaction: Reaction) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let arrived = Arc::new(AtomicUsize::new(0));
    let shared = arrived.clone();
    thread::spawn(move || {
        for connection in listener.incoming() {
            let arrived = shared.clone();
            thread::spawn(move || connection.and_then(|it| speak(it, reaction, &arrived)));
        }
    });
    (url, arrived)
}

fn speak(
    mut connection: TcpStream,
    reaction: Reaction,
    arrived: &AtomicUsize,
) -> std::io::Result<()> {
    connection.set_nodelay(true)?;
    connection.read_exact(&mut [0; 24])?;
    connection.write_all(&frame(SETTINGS, 0, 0, &[]))?;
    loop {
        let mut head = [0; 9];
        connection.read_exact(&mut head)?;
        let [a, b, c, kind, flags, stream @ ..] = head;
        let length = u32::from_be_bytes([0, a, b, c]);
        connection.read_exact(&mut vec![0; usize::try_from(length).unwrap()])?;
        let stream = u32::from_be_bytes(stream);
        match kind {
            SETTINGS if flags == 0 => connection.write_all(&frame(SETTINGS, 1, 0, &[]))?,
            HEADERS => {
                let number = arrived.fetch_add(1, SeqCst);
                match if number == 0 { reaction } else { Reaction::Respond } {
                    Reaction::Respond => {
                        // The status 200, by its index.
                        let head = frame(HEADERS, 4, stream, &[0x88]);
                        let body = frame(DATA, 1, stream, GOOD.as_bytes());
                        connection.write_all(&[head, body].concat())?;
                    }
                    Reaction::Reset(code) => {
                        connection.write_all(&frame(RST_STREAM, 0, stream, &[0, 0, 0, code]))?;
                    }
                    Reaction::GoAway { code, processed } => {
                        let last = if processed { stream } else { 0 };
                        let content = [last.to_be_bytes(), [0, 0, 0, code]].concat();
                        return connection.write_all(&frame(GOAWAY, 0, 0, &content));
                    }
                }
            }
            _ => {}
        }
    }
}

#[tokio::test]
async fn a_request_that_was_not_processed_is_sent_again() {
    for reaction in [
        Reaction::Respond,
        Reaction::Reset(REFUSED_STREAM),
        Reaction::GoAway { code: NO_ERROR, processed: false },
        Reaction::GoAway { code: ENHANCE_YOUR_CALM, processed: false },
        Reaction::GoAway { code: INTERNAL_ERROR, processed: false },
    ] {
        for of in BOTH {
            let (url, arrived) = serve(reaction);
            let client = fast_client(url).http(|http| http.http2_prior_knowledge());
            let outcome = call(client.build().unwrap(), of).await;
            outcome.unwrap_or_else(|error| panic!("{reaction:?}, {of:?}: {error:?}"));
            let expected = if matches!(reaction, Reaction::Respond) { 1 } else { 2 };
            assert_eq!(arrived.load(SeqCst), expected, "{reaction:?}, {of:?}");
        }
    }
}

#[tokio::test]
async fn a_request_that_may_have_been_processed_is_not() {
    for reaction in [
        Reaction::Reset(NO_ERROR),
        Reaction::Reset(INTERNAL_ERROR),
        Reaction::GoAway { code: NO_ERROR, processed: true },
        Reaction::GoAway { code: INTERNAL_ERROR, processed: true },
    ] {
        let (url, arrived) = serve(reaction);
        let client = fast_client(url).http(|http| http.http2_prior_knowledge());
        let error = call(client.build().unwrap(), Call::RunJob).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionLost, "{reaction:?}: {error:?}");
        assert!(error.may_have_taken_effect() && !error.is_transient(), "{reaction:?}");
        assert_eq!(arrived.load(SeqCst), 1, "{reaction:?}");
    }
}
