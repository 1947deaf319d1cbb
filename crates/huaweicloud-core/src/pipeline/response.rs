//! Responses as the pipeline hands them on, and as a caller gets them.

use crate::codec::operation::Operation;
use crate::error::{Error, ErrorKind};
use bytes::Bytes;
use futures_core::Stream;
use http::{HeaderMap, StatusCode};
use std::{
    fmt,
    ops::{Deref, DerefMut},
    pin::Pin,
    task::{Context, Poll},
};

/// A good response of an operation.
pub(crate) struct Response {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
    pub(crate) operation: &'static Operation,
}

pub(crate) enum Body {
    Whole(Bytes),
    Stream(ByteStream),
}

impl Response {
    /// The response with its body in memory, which is all that an operation without a stream gives.
    pub(crate) fn whole(self) -> http::Response<Bytes> {
        let mut response = http::Response::new(match self.body {
            Body::Whole(body) => body,
            Body::Stream(_) => Bytes::new(),
        });
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }

    /// An error of a response that is not what was expected, although it is a good one.
    pub(crate) fn invalid(operation: &Operation, status: StatusCode, message: &str) -> Error {
        let error = Error::new(ErrorKind::InvalidResponse, message).with_status(status.as_u16());
        operation.with_unknown_outcome(error)
    }

    /// Reads the body as JSON, or says what it is not. No body is read as `null`.
    pub(crate) fn read<T>(
        self,
        decode: fn(Bytes) -> Option<T>,
        otherwise: &str,
    ) -> Result<ResponseValue<T>, Error> {
        let Self { status, headers, body, operation } = self;
        let body = match body {
            Body::Whole(body) if body.is_empty() => Bytes::from_static(b"null"),
            Body::Whole(body) => body,
            Body::Stream(_) => Bytes::new(),
        };
        let inner = decode(body).ok_or_else(|| Self::invalid(operation, status, otherwise))?;
        Ok(ResponseValue { inner, status, headers, operation })
    }

    pub(crate) fn empty(self) -> ResponseValue<()> {
        let Self { status, headers, operation, .. } = self;
        ResponseValue { inner: (), status, headers, operation }
    }

    pub(crate) fn stream(self) -> ResponseValue<ByteStream> {
        let Self { status, headers, body, operation } = self;
        let inner = match body {
            Body::Stream(stream) => stream,
            Body::Whole(body) => {
                let whole = futures_util::stream::once(std::future::ready(Ok(body)));
                ByteStream(Box::pin(whole))
            }
        };
        ResponseValue { inner, status, headers, operation }
    }
}

/// The value of a response, with its status and headers.
pub struct ResponseValue<T> {
    inner: T,
    status: StatusCode,
    headers: HeaderMap,
    operation: &'static Operation,
}

impl<T> ResponseValue<T> {
    /// The value alone.
    pub fn into_inner(self) -> T {
        self.inner
    }

    /// The status of the response.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers of the response.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// An error for a caller who finds that the value is not what the call should have given. It says of
    /// which call, and that this may have taken effect.
    pub fn invalid(&self, message: &str) -> Error {
        Response::invalid(self.operation, self.status, message)
    }
}

impl<T> Deref for ResponseValue<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.inner
    }
}

impl<T> DerefMut for ResponseValue<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.inner
    }
}

impl<T: fmt::Debug> fmt::Debug for ResponseValue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

/// A body as a [`Stream`] of its parts, as they come. Each read takes as long as an attempt of a call at
/// most. After an error it ends.
pub struct ByteStream(pub(crate) Pin<Box<dyn Stream<Item = Result<Bytes, Error>> + Send>>);

impl Stream for ByteStream {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(context)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl fmt::Debug for ByteStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByteStream").finish_non_exhaustive()
    }
}
