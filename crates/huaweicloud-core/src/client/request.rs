//! Calls by method and path.

use crate::codec::decode;
use crate::codec::operation::{Content, Operation};
use crate::error::{Error, text::quoted};
use crate::pipeline::{ByteStream, Pipeline, Response, ResponseValue};
use bytes::Bytes;
use http::{HeaderValue, Method, header};
use reqwest::{Request, Url};
use serde::{Serialize, de::DeserializeOwned};
use std::fmt;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const ANYTHING: HeaderValue = HeaderValue::from_static("*/*");

/// A call that is made up of its method and its path, through the same pipeline as every call:
/// authentication, bounds, retries, and reading of errors.
///
/// The path is relative to the endpoint, for example `/v1/report/{job_id}/summary`. Of an operation
/// that the document of the client has, all rules apply. Of any other, what is not known from the
/// document is assumed: only `GET` is idempotent, and success is any response that is no error.
///
/// | body of the request | is set by |
/// | --- | --- |
/// | JSON | [`json`](Self::json) |
/// | text, bytes | [`body`](Self::body), with its type |
/// | nothing | default |
///
/// | body of the response | is read by |
/// | --- | --- |
/// | JSON | [`send`](Self::send) |
/// | text | [`send_for_text`](Self::send_for_text) |
/// | bytes | [`send_for_bytes`](Self::send_for_bytes), or [`send_for_stream`](Self::send_for_stream) if they are many |
/// | nothing | [`send_for_nothing`](Self::send_for_nothing) |
#[must_use = "nothing is sent before `send`"]
pub struct ServiceRequest {
    pipeline: Pipeline,
    request: Result<(Request, &'static Operation), Error>,
}

impl ServiceRequest {
    /// A call through a pipeline, with the operations of a document.
    #[doc(hidden)]
    pub fn new(
        pipeline: &Pipeline,
        operations: &'static [Operation],
        method: impl TryInto<Method>,
        path: impl AsRef<str>,
    ) -> Self {
        let request = new_request(pipeline, operations, method.try_into().ok(), path.as_ref());
        Self { pipeline: pipeline.clone(), request }
    }

    /// Adds a parameter to the query.
    pub fn query(mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        if let Ok((request, _)) = &mut self.request {
            request.url_mut().query_pairs_mut().append_pair(name.as_ref(), value.as_ref());
        }
        self
    }

    /// Sets the body, as JSON.
    pub fn json(self, body: &(impl Serialize + ?Sized)) -> Self {
        let body = serde_json::to_vec(body).map_err(|cause| {
            Error::invalid_argument("the body cannot be written as JSON").with_source(cause)
        });
        self.with_body(Ok(JSON), body)
    }

    /// Sets the body, a text or bytes, and its type, as `text/plain`.
    pub fn body(self, content_type: impl AsRef<str>, body: impl Into<Vec<u8>>) -> Self {
        let content_type = content_type.as_ref();
        let header = HeaderValue::from_str(content_type).map_err(|_| {
            let given = quoted(content_type);
            Error::invalid_argument(format!("content type {given}: must be fit for a header"))
        });
        self.with_body(header, Ok(body.into()))
    }

    fn with_body(
        mut self,
        content_type: Result<HeaderValue, Error>,
        body: Result<Vec<u8>, Error>,
    ) -> Self {
        self.request = self.request.and_then(|(mut request, operation)| {
            request.headers_mut().insert(header::CONTENT_TYPE, content_type?);
            *request.body_mut() = Some(body?.into());
            Ok((request, operation))
        });
        self
    }

    /// Sends the request and reads the response, as the document shows it if it has the operation: with
    /// the envelope. A response without a body is read as `null`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the method is none of GET, POST, PUT, PATCH and DELETE, the path
    /// is not relative, or the body cannot be written as JSON; [`ErrorKind::InvalidResponse`](crate::ErrorKind::InvalidResponse) if the
    /// response is not of the type `T`; otherwise every other [`ErrorKind`](crate::ErrorKind).
    pub async fn send<T: DeserializeOwned>(self) -> Result<T, Error> {
        let response = self.sent(Content::Json(None)).await?;
        let value = response.read(decode::strict, "not of the type that is asked for");
        value.map(ResponseValue::into_inner)
    }

    /// Sends the request and returns the body of the response as a text. JSON that states an error is the
    /// error.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send); [`ErrorKind::InvalidResponse`](crate::ErrorKind::InvalidResponse) if the
    /// body is not UTF-8.
    pub async fn send_for_text(self) -> Result<String, Error> {
        let response = self.sent(Content::Bytes).await?;
        let text = response.read(|body| String::from_utf8(body.into()).ok(), "not UTF-8");
        text.map(ResponseValue::into_inner)
    }

    /// Sends the request and returns the body of the response. JSON that states an error is the error.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send).
    pub async fn send_for_bytes(self) -> Result<Bytes, Error> {
        let response = self.sent(Content::Bytes).await?;
        response.read(Some, "").map(ResponseValue::into_inner)
    }

    /// Sends the request and returns the body of the response as a stream, for what is too large for
    /// [`max_response_bytes`](crate::ClientBuilder::max_response_bytes). JSON that states an error is the
    /// error, if the response says that it is JSON.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send).
    pub async fn send_for_stream(self) -> Result<ResponseValue<ByteStream>, Error> {
        self.sent(Content::Stream).await?.stream()
    }

    /// Sends the request of a call whose response has no body. A body is no fault, unless it states an error.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send).
    pub async fn send_for_nothing(self) -> Result<(), Error> {
        self.sent(Content::Nothing).await.map(drop)
    }

    /// Sends the request and expects such a body, unless the document says which one there is.
    async fn sent(self, expected: Content) -> Result<Response, Error> {
        let (mut request, operation) = self.request?;
        let operation = operation.expecting(expected);
        let accept = if matches!(operation.content, Content::Json(_)) { JSON } else { ANYTHING };
        request.headers_mut().insert(header::ACCEPT, accept);
        if operation.content == Content::Stream && expected != Content::Stream {
            let how = "the response is a stream: call `send_for_stream`";
            return Err(Error::invalid_argument(how));
        }
        self.pipeline.send(request, operation).await
    }
}

fn new_request(
    pipeline: &Pipeline,
    operations: &'static [Operation],
    method: Option<Method>,
    path: &str,
) -> Result<(Request, &'static Operation), Error> {
    let (place, _) = path.split_once('?').unwrap_or((path, ""));
    let known = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
    let unknown = || Error::invalid_argument("method: must be GET, POST, PUT, PATCH or DELETE");
    let method = method.filter(|it| known.contains(it)).ok_or_else(unknown)?;
    let operation = Operation::at(operations, &method, place);
    let invalid = |rule| Error::invalid_argument(format!("path {}: {rule}", quoted(path)));
    let is_odd = |c: char| c.is_control() || c.is_whitespace() || c == '\\' || c == '#';
    if place.starts_with("//") || place.contains("://") || path.contains(is_odd) {
        return Err(invalid("must be relative to the endpoint, without `#`, `\\` and white space"));
    }
    // They would lead out of the endpoint's own path.
    let is_dots = |it: &str| matches!(&*it.to_ascii_lowercase().replace("%2e", "."), "." | "..");
    if place.split('/').any(is_dots) {
        return Err(invalid("must have no `.` and no `..` as a part"));
    }
    let url = format!("{}/{}", pipeline.endpoint(), path.trim_start_matches('/'));
    let url = Url::parse(&url).map_err(|_| invalid("is no path of a URL"))?;
    Ok((Request::new(method, url), operation))
}

impl fmt::Debug for ServiceRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The body may hold parameters, and the query anything.
        let path = self.request.as_ref().map(|(request, _)| request.url().path());
        f.debug_struct("ServiceRequest").field("path", &path).finish_non_exhaustive()
    }
}
