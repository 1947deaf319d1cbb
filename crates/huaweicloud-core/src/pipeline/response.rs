//! Responses as the pipeline hands them on, and as a caller gets them.

use crate::codec::decode;
use crate::codec::lenient::Lenient;
use crate::codec::operation::{Content, Operation};
use crate::error::{Error, ErrorKind};
use crate::pipeline::body::{Body, ByteStream};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use std::fmt;
use std::ops::{Deref, DerefMut};

/// A good response of an operation, whose body is to be read.
pub type Response = ResponseValue<Body>;

impl Response {
    /// The response with its body in memory, which is all that an operation without a stream gives.
    pub(crate) fn whole(self) -> http::Response<Bytes> {
        self.response.map(|body| body.bytes)
    }

    /// Reads the body, or says what it is not.
    pub(crate) fn read<T>(
        self,
        decode: fn(Bytes) -> Option<T>,
        otherwise: &str,
    ) -> Result<ResponseValue<T>, Error> {
        let mut response = self.convert(|body| decode(body.bytes));
        let value = response.take().ok_or_else(|| response.invalid(otherwise))?;
        Ok(response.convert(|_| value))
    }

    /// Reads the body as JSON of a documented type.
    #[doc(hidden)]
    pub fn json<T: Lenient>(self) -> Result<ResponseValue<T>, Error> {
        self.read(decode::lenient, "not the documented type")
    }

    /// The response without its body.
    #[doc(hidden)]
    pub fn empty(self) -> Result<ResponseValue<()>, Error> {
        Ok(self.convert(drop))
    }

    /// The body as a stream, whether or not it came as one.
    #[doc(hidden)]
    pub fn stream(self) -> Result<ResponseValue<ByteStream>, Error> {
        Ok(self.convert(Body::into_stream))
    }
}

/// The value of a response, with its status and headers.
pub struct ResponseValue<T> {
    pub(crate) response: http::Response<T>,
    pub(crate) operation: &'static Operation,
}

impl<T> ResponseValue<T> {
    fn convert<U>(self, convert: impl FnOnce(T) -> U) -> ResponseValue<U> {
        ResponseValue { response: self.response.map(convert), operation: self.operation }
    }

    /// A value with the status 200 and without headers, for a fake of a client.
    pub fn new(inner: T) -> Self {
        let operation = Operation::undocumented("GET", Content::Any);
        Self { response: http::Response::new(inner), operation }
    }

    /// The value alone.
    pub fn into_inner(self) -> T {
        self.response.into_body()
    }

    /// The status of the response.
    pub fn status(&self) -> StatusCode {
        self.response.status()
    }

    /// The headers of the response.
    pub fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// An error for a caller who finds that the value is not what the call should have given. It says of
    /// which call, and that this may have taken effect.
    pub fn invalid(&self, message: &str) -> Error {
        let error = Error::new(ErrorKind::InvalidResponse, message);
        self.operation.error(error.with_status(self.status().as_u16()), true)
    }
}

impl<T> Deref for ResponseValue<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.response.body()
    }
}

impl<T> DerefMut for ResponseValue<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.response.body_mut()
    }
}

impl<T: fmt::Debug> fmt::Debug for ResponseValue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
