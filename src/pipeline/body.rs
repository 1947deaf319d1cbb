//! Reading a body with a bound, and what is known of a request without a whole response.

use crate::error::{Error, ErrorKind};
use reqwest::Response;

/// Reads the body of a response, which may have this many bytes.
pub(crate) async fn read(mut response: Response, max_bytes: usize) -> Result<Vec<u8>, Error> {
    let too_long = || {
        let message = format!("longer than the {max_bytes} bytes that are read at most");
        Err(Error::new(ErrorKind::InvalidResponse, message))
    };
    // What is announced to be too long is not waited for.
    if response.content_length().is_some_and(|length| length > max_bytes as u64) {
        return too_long();
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(no_response)? {
        if body.len().saturating_add(chunk.len()) > max_bytes {
            return too_long();
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The error of a request that got no whole response.
pub(crate) fn no_response(cause: reqwest::Error) -> Error {
    let kind = if cause.is_builder() {
        ErrorKind::InvalidArgument
    } else if cause.is_connect() {
        ErrorKind::Connect
    } else if cause.is_timeout() {
        ErrorKind::Timeout
    } else {
        ErrorKind::ConnectionLost
    };
    // The innermost cause says it best, as "Connection refused (os error 111)".
    let mut innermost: &dyn std::error::Error = &cause;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    let message = innermost.to_string();
    let host = cause.url().and_then(|url| url.host_str()).map(str::to_owned);
    let error = Error::new(kind, message).with_source(cause);
    match host {
        Some(host) if kind == ErrorKind::Connect => error.prefixed(&host),
        _ => error,
    }
}
