//! The part of HTTP that a server needs for these clients.

use std::io;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// A connection of a client, which sends one request after the other.
pub struct Connection<S> {
    stream: S,
    received: Vec<u8>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    pub fn new(stream: S) -> Self {
        Self { stream, received: Vec::with_capacity(16 * 1024) }
    }

    /// Reads the next request and returns its path. Returns nothing if there is none.
    pub async fn request(&mut self) -> Option<String> {
        loop {
            if let Some((path, length)) = parse(&self.received) {
                self.received.drain(..length);
                return Some(path);
            }
            if !matches!(self.stream.read_buf(&mut self.received).await, Ok(1..)) {
                return None;
            }
        }
    }

    pub async fn respond(&mut self, response: &[u8]) -> io::Result<()> {
        self.stream.write_all(response).await?;
        self.stream.flush().await
    }
}

/// The path and the length of a request, if all of it is there.
fn parse(received: &[u8]) -> Option<(String, usize)> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut request = httparse::Request::new(&mut headers);
    let head = request.parse(received).expect("a client sends HTTP");
    let httparse::Status::Complete(head) = head else { return None };
    let path = request.path?.to_owned();
    let length = request.headers.iter().find(|it| it.name.eq_ignore_ascii_case("content-length"));
    let body = length.map_or(0, |length| {
        str::from_utf8(length.value).unwrap().parse().expect("a length is a number")
    });
    (received.len() >= head + body).then_some((path, head + body))
}

/// A response with the headers that a gateway sends.
pub fn response(status: u16, content_type: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let mut response = format!(
        "HTTP/1.1 {status} Status\r\n\
         Date: Fri, 20 Nov 2026 12:00:00 GMT\r\n\
         Content-Type: {content_type}\r\n\
         Content-Length: {length}\r\n\
         Connection: keep-alive\r\n\
         Server: api-gateway\r\n\
         X-Request-Id: 0e81d1d4bd6b4ae7b8f8b0c1a2d3e4f5\r\n\r\n"
    )
    .into_bytes();
    response.extend_from_slice(body);
    response
}
