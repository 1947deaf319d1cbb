//! Calls by method and path.

use crate::codec::{decode, operation::Operation};
use crate::error::{Error, text::quoted};
use crate::pipeline::{Pipeline, ResponseValue};
use http::{HeaderValue, Method, header};
use reqwest::{Request, Url};
use serde::{Serialize, de::DeserializeOwned};
use std::fmt;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A call that is made up of its method, its path and JSON, through the same pipeline as every call:
/// authentication, bounds, retries, and reading of errors.
///
/// The path is relative to the endpoint, for example `/v1/report/{job_id}/summary`. Of an operation
/// that the document of the client has, all rules apply. Of any other, what is not known from the
/// document is assumed: only `GET` is idempotent, and success is any JSON that is no error.
#[must_use = "nothing is sent before `send`"]
pub struct ServiceRequest {
    pipeline: Pipeline,
    operations: &'static [Operation],
    request: Result<Request, Error>,
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
        let request = new_request(pipeline.endpoint(), method.try_into().ok(), path.as_ref());
        Self { pipeline: pipeline.clone(), operations, request }
    }

    /// Adds a parameter to the query.
    pub fn query(mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        if let Ok(request) = &mut self.request {
            request.url_mut().query_pairs_mut().append_pair(name.as_ref(), value.as_ref());
        }
        self
    }

    /// Sets the body, as JSON.
    pub fn json(mut self, body: &(impl Serialize + ?Sized)) -> Self {
        self.request = self.request.and_then(|mut request| {
            let body = serde_json::to_vec(body).map_err(|cause| {
                Error::invalid_argument("the body cannot be written as JSON").with_source(cause)
            })?;
            request.headers_mut().insert(header::CONTENT_TYPE, JSON);
            *request.body_mut() = Some(body.into());
            Ok(request)
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
        let request = self.request?;
        let base = Url::parse(self.pipeline.endpoint()).ok();
        let base = base.as_ref().map_or("", |base| base.path().trim_end_matches('/'));
        let path = request.url().path();
        let path = path.strip_prefix(base).unwrap_or(path);
        let operation = Operation::at(self.operations, request.method(), path);
        let response = self.pipeline.send(request, operation.ok_or_else(unknown_method)?).await?;
        let value = response.read(decode::strict, "not of the type that is asked for");
        value.map(ResponseValue::into_inner)
    }
}

fn unknown_method() -> Error {
    Error::invalid_argument("method: must be GET, POST, PUT, PATCH or DELETE")
}

fn new_request(base: &str, method: Option<Method>, path: &str) -> Result<Request, Error> {
    let method = method.filter(|method| Operation::undocumented(method).is_some());
    let method = method.ok_or_else(unknown_method)?;
    let invalid = |rule| Error::invalid_argument(format!("path {}: {rule}", quoted(path)));
    let (place, _) = path.split_once('?').unwrap_or((path, ""));
    let is_odd = |c: char| c.is_control() || c.is_whitespace() || c == '\\' || c == '#';
    if place.starts_with("//") || place.contains("://") || path.contains(is_odd) {
        return Err(invalid("must be relative to the endpoint, without `#`, `\\` and white space"));
    }
    // They would lead out of the endpoint's own path.
    let is_dots =
        |part: &str| [".", ".."].contains(&&*part.to_ascii_lowercase().replace("%2e", "."));
    if place.split('/').any(is_dots) {
        return Err(invalid("must have no `.` and no `..` as a part"));
    }
    let url = format!("{base}/{}", path.trim_start_matches('/'));
    let url = Url::parse(&url).map_err(|_| invalid("is no path of a URL"))?;
    let mut request = Request::new(method, url);
    request.headers_mut().insert(header::ACCEPT, JSON);
    Ok(request)
}

impl fmt::Debug for ServiceRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The body may hold parameters, and the query anything.
        let path = self.request.as_ref().map(|request| request.url().path());
        f.debug_struct("ServiceRequest").field("path", &path).finish_non_exhaustive()
    }
}
