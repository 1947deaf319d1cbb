//! Calls of IAM, and of STS, which speaks like it; and what is set of them.

use crate::codec::json::Kind;
use crate::codec::operation::{self, Content, Operation};
use crate::error::Error;
use crate::service::ServiceInfo;
use bytes::Bytes;
use http::{HeaderValue, Method, header};
use reqwest::{Request, Url};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use zeroize::Zeroizing;

/// A URL, and what errors call it.
pub(crate) type NamedUrl = (&'static str, String);

/// What is set of the project that requests are for, and of IAM, which knows the projects.
#[derive(Clone, Default)]
pub(crate) struct Project {
    /// Default: the region's own, which has the name of the region.
    pub(crate) given: Option<GivenProject>,
    /// Default: IAM's public endpoint of the region.
    pub(crate) iam_endpoint: Option<NamedUrl>,
    /// The ids of projects that were looked up for one credential, by what IAM was asked. Another credential
    /// may be of another account, whose projects have the same names.
    pub(super) found: Arc<Mutex<HashMap<Url, String>>>,
}

#[derive(Clone)]
pub(crate) enum GivenProject {
    Name(String),
    Id(String),
}

impl Project {
    /// These settings, and those of another where these say nothing.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            given: self.given.or(other.given),
            iam_endpoint: self.iam_endpoint.or(other.iam_endpoint),
            found: self.found,
        }
    }
}

/// A text of JSON, in which a secret may be.
pub(super) type Json = Zeroizing<String>;

/// The service that knows users and projects.
pub(super) static IAM: ServiceInfo = ServiceInfo {
    name: "IAM",
    endpoint: |region| Some(format!("https://iam.{region}.{}", region.domain())),
    ..ServiceInfo::UNKNOWN
};

/// The service that gives temporary keys.
pub(super) static STS: ServiceInfo = ServiceInfo {
    name: "STS",
    endpoint: |region| Some(format!("https://sts.{region}.{}", region.domain())),
    ..ServiceInfo::UNKNOWN
};

const OBJECT: Content = Content::Json(Some(Kind::Object));

/// An operation whose response is an object. The path is with the query that every request has.
pub(super) const fn get(id: &'static str, path: &'static str) -> Operation {
    Operation { id, path, ..operation::of("GET", OBJECT) }
}

/// The same, for a token or a key: one more or less does no harm.
pub(super) const fn post(id: &'static str, path: &'static str) -> Operation {
    Operation { id, path, idempotent: true, ..operation::of("POST", OBJECT) }
}

/// A request of an operation. Its body is JSON, if it has any.
pub(super) fn request(
    endpoint: &str,
    operation: &Operation,
    body: Option<Json>,
) -> Result<Request, Error> {
    let url = Url::parse(&format!("{endpoint}{}", operation.path));
    let url = url.map_err(|cause| Error::invalid_argument(format!("endpoint: {cause}")))?;
    let method = Method::from_bytes(operation.method.as_bytes()).unwrap_or_default();
    let mut request = Request::new(method, url);
    let headers = request.headers_mut();
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    if let Some(body) = body {
        let json = HeaderValue::from_static("application/json;charset=utf8");
        headers.insert(header::CONTENT_TYPE, json);
        *request.body_mut() = Some(Bytes::from_owner(body).into());
    }
    Ok(request)
}

/// A text in JSON. Its memory has room for any escapes: a text that outgrows its memory leaves a copy
/// behind.
pub(super) fn quoted(text: &str) -> Json {
    let mut quoted = Vec::with_capacity(text.len().saturating_mul(6).saturating_add(2));
    // Nothing can go wrong with a text.
    _ = serde_json::to_writer(&mut quoted, text);
    Zeroizing::new(String::from_utf8(quoted).unwrap_or_default())
}

/// An object in JSON, of fields whose values are in JSON. A JSON value would leave copies of its
/// secrets behind.
pub(super) fn object(fields: &[(&str, Json)]) -> Json {
    let mut parts = Vec::new();
    for (name, value) in fields {
        let before = if parts.is_empty() { "{\"" } else { ",\"" };
        parts.extend([before, name, "\":", value]);
    }
    parts.push("}");
    Zeroizing::new(parts.concat())
}

/// A text that must be given. `name` is what errors call it.
pub(super) fn not_empty(name: &str, text: String) -> Result<String, Error> {
    match text.is_empty() {
        true => Err(Error::credential(format!("the {name} is empty"))),
        false => Ok(text),
    }
}
