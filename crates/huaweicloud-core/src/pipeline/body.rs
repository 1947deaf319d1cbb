//! Reading a body with a bound, or handing it on as a stream.

use crate::error::{Error, ErrorKind};
use crate::pipeline::response::ByteStream;
use bytes::Bytes;
use futures_util::{
    StreamExt,
    stream::{once, try_unfold},
};
use http::{HeaderMap, header::CONTENT_TYPE};
use reqwest::Response;
use std::{future::ready, time::Duration};
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
pub(crate) async fn read_beginning(
    response: &mut Response,
    headers: &HeaderMap,
) -> Result<Bytes, Error> {
    let content_type = headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
    let mut beginning = Vec::new();
    while content_type.is_some_and(|it| it.contains("json")) && beginning.len() < BEGINNING {
        let Some(chunk) = response.chunk().await.map_err(Error::of_http)? else { break };
        beginning.extend_from_slice(&chunk);
    }
    Ok(beginning.into())
}

/// A body as a stream: its beginning, and what follows. Each read takes as long as `read_timeout` at
/// most.
pub(crate) fn stream(beginning: Bytes, rest: Response, read_timeout: Duration) -> ByteStream {
    let rest = try_unfold(rest, move |mut rest| async move {
        let chunk = timeout(read_timeout, rest.chunk()).await;
        let late = |_| Error::new(ErrorKind::Timeout, "the rest of the response did not come");
        let chunk = chunk.map_err(late)?.map_err(Error::of_http)?;
        Ok::<_, Error>(chunk.map(|chunk| (chunk, rest)))
    });
    let beginning = once(ready(Ok(beginning)));
    ByteStream::new(beginning.chain(rest))
}
