//! Reading a body with a bound, or handing it on as a stream.

use crate::error::{Error, ErrorKind};
use bytes::Bytes;
use futures_core::Stream;
use futures_util::StreamExt;
use futures_util::stream::{once, try_unfold};
use http::header::CONTENT_TYPE;
use reqwest::Response;
use std::fmt;
use std::future::ready;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::timeout;

/// How much of a body is read to see whether it is an error, in bytes.
const BEGINNING: usize = 64 * 1024;

/// Reads the body of a response, which may have this many bytes.
pub(crate) async fn read(response: &mut Response, max_bytes: usize) -> Result<Bytes, Error> {
    let too_long = || {
        let message = format!("longer than the {max_bytes} bytes that are read at most");
        Err(Error::new(ErrorKind::InvalidResponse, message))
    };
    let announced = response.content_length().unwrap_or_default();
    let Some(announced) = usize::try_from(announced).ok().filter(|it| *it <= max_bytes) else {
        // What is announced to be too long is not waited for.
        return too_long();
    };
    // Most bodies come in one piece, which need not be copied.
    let mut piece = Bytes::new();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(Error::of_http)? {
        let length = piece.len().saturating_add(body.len()).saturating_add(chunk.len());
        if length > max_bytes {
            return too_long();
        }
        if length == chunk.len() {
            piece = chunk;
            continue;
        }
        if body.capacity() < length {
            // Grows with what arrives: what is announced need never come.
            let twice = length.saturating_mul(2);
            let capacity = if announced < length { twice } else { twice.min(announced) };
            body.reserve_exact(capacity.saturating_sub(body.len()));
        }
        body.extend_from_slice(&std::mem::take(&mut piece));
        body.extend_from_slice(&chunk);
    }
    Ok(if body.is_empty() { piece } else { body.into() })
}

/// Reads the beginning of a body that calls itself JSON, because it may be an error. Of any other body
/// nothing is read here.
pub(crate) async fn read_beginning(response: &mut Response) -> Result<Bytes, Error> {
    let content_type = response.headers().get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
    let is_json = content_type.is_some_and(|it| it.contains("json"));
    let mut beginning = Vec::new();
    while is_json && beginning.len() < BEGINNING {
        let Some(chunk) = response.chunk().await.map_err(Error::of_http)? else { break };
        beginning.extend_from_slice(&chunk);
    }
    Ok(beginning.into())
}

/// The body of a good response: all of it, or its beginning and what follows.
#[allow(missing_docs, reason = "for generated code only")]
pub struct Body {
    pub(crate) bytes: Bytes,
    /// What follows, and how long each read of it takes at most.
    pub(crate) rest: Option<(Response, Duration)>,
}

impl Body {
    pub(crate) fn into_stream(self) -> ByteStream {
        let rest = try_unfold(self.rest, |rest| async {
            let Some((mut rest, read_timeout)) = rest else { return Ok(None) };
            let late = |_| Error::new(ErrorKind::Timeout, "the rest of the response did not come");
            let chunk = timeout(read_timeout, rest.chunk()).await.map_err(late)?;
            let chunk = chunk.map_err(Error::of_http)?;
            Ok(chunk.map(|chunk| (chunk, Some((rest, read_timeout)))))
        });
        ByteStream::new(once(ready(Ok(self.bytes))).chain(rest))
    }
}

/// A body as a [`Stream`] of its parts, as they come. Each read takes as long as an attempt of a call at
/// most. After an error it ends.
pub struct ByteStream(Pin<Box<dyn Stream<Item = Result<Bytes, Error>> + Send>>);

impl ByteStream {
    /// A body that comes in these parts, for a fake of a client.
    ///
    /// ```
    /// use futures_util::stream;
    /// use huaweicloud_core::{ByteStream, Error, ErrorKind};
    ///
    /// let lost = Error::new(ErrorKind::ConnectionLost, "reset by peer");
    /// let log = ByteStream::new(stream::iter([Ok("the first line\n".into()), Err(lost)]));
    /// ```
    pub fn new(parts: impl Stream<Item = Result<Bytes, Error>> + Send + 'static) -> Self {
        Self(Box::pin(parts))
    }
}

impl Stream for ByteStream {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(context)
    }
}

impl fmt::Debug for ByteStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByteStream").finish_non_exhaustive()
    }
}
