//! Calls of IAM, and of STS, which speaks like it.

use crate::auth::{Identity, NamedUrl, Secret};
use crate::codec::{
    json::Kind,
    operation::{Content, Operation},
};
use crate::credential::provider::{CredentialContext, missing};
use crate::error::Error;
use crate::pipeline::{self, Target};
use crate::service::ServiceInfo;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header};
use jiff::Timestamp;
use reqwest::{Request, Url};
use serde_json::Value;
use std::time::Duration;
use zeroize::Zeroizing;

/// The service that knows users and projects.
pub(super) static IAM: ServiceInfo = ServiceInfo {
    name: "IAM",
    endpoint: |region| Some(format!("https://iam.{region}.myhuaweicloud.com")),
    ..ServiceInfo::UNKNOWN
};

/// The service that gives temporary keys.
pub(super) static STS: ServiceInfo = ServiceInfo {
    name: "STS",
    endpoint: |region| Some(format!("https://sts.{region}.myhuaweicloud.com")),
    ..ServiceInfo::UNKNOWN
};

/// An operation, whose response is an object.
pub(super) const fn operation(
    id: &'static str,
    method: &'static str,
    path: &'static str,
) -> Operation {
    Operation {
        id,
        method,
        path,
        content: Content::Json(Some(Kind::Object)),
        enveloped: false,
        fields: &[],
        proof: &[],
        effect: None,
        // A token more or less does no harm.
        idempotent: true,
    }
}

/// A request of an operation.
pub(super) fn request(
    endpoint: &str,
    operation: &Operation,
    query: &[(&str, &str)],
) -> Result<Request, Error> {
    let url = Url::parse(&format!("{endpoint}{}", operation.path));
    let mut url = url.map_err(|cause| Error::invalid_argument(format!("endpoint: {cause}")))?;
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    let mut request =
        Request::new(Method::from_bytes(operation.method.as_bytes()).unwrap_or_default(), url);
    let json = HeaderValue::from_static("application/json");
    request.headers_mut().insert(header::ACCEPT, json);
    Ok(request)
}

/// Makes JSON the body of a request.
pub(super) fn set_body(request: &mut Request, json: Zeroizing<String>) {
    let content_type = HeaderValue::from_static("application/json;charset=utf8");
    request.headers_mut().insert(header::CONTENT_TYPE, content_type);
    let body = Zeroizing::new(json.as_bytes().to_vec());
    *request.body_mut() = Some(Bytes::from_owner(body).into());
}

/// A text in JSON. Its memory has room for any escapes: a text that outgrows its memory leaves a copy
/// behind.
pub(super) fn quoted(text: &str) -> Zeroizing<String> {
    let mut quoted = Vec::with_capacity(text.len().saturating_mul(6).saturating_add(2));
    // Nothing can go wrong with a text.
    _ = serde_json::to_writer(&mut quoted, text);
    Zeroizing::new(String::from_utf8(quoted).unwrap_or_default())
}

/// An object in JSON, of fields whose values are in JSON. A JSON value would leave copies of its
/// secrets behind.
pub(super) fn object(fields: &[(&str, &str)]) -> Zeroizing<String> {
    let mut parts = Vec::new();
    for (name, value) in fields {
        let before = if parts.is_empty() { "{\"" } else { ",\"" };
        parts.extend([before, name, "\":", value]);
    }
    parts.push("}");
    Zeroizing::new(parts.concat())
}

/// Sends a request. Returns the headers and the body of the response.
pub(super) async fn call(
    context: &CredentialContext,
    request: Request,
    target: Target,
    identity: Identity,
) -> Result<(HeaderMap, Bytes), Error> {
    let (head, body) = context.call(request, target, identity).await?.whole().into_parts();
    Ok((head.headers, body))
}

/// Sends the request of a login, which carries these secrets. Returns the token that it gives.
pub(super) async fn login(
    context: &CredentialContext,
    request: Request,
    operation: &'static Operation,
    secrets: Vec<Secret>,
) -> Result<Identity, Error> {
    let target = Target { service: &IAM, operation };
    let (headers, body) = call(context, request, target, Identity::in_body(secrets)).await?;
    let token = headers.get("x-subject-token").and_then(|token| token.to_str().ok());
    let identity = Identity::token(token.unwrap_or_default())?;
    Ok(match lifetime(&headers, &body) {
        Some(lifetime) => identity.valid_for(lifetime),
        None => identity,
    })
}

/// How long a token is valid, by IAM's own clock if it tells the time.
fn lifetime(headers: &HeaderMap, body: &[u8]) -> Option<Duration> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let time =
        |name: &str| -> Option<Timestamp> { body.get("token")?.get(name)?.as_str()?.parse().ok() };
    let date = || headers.get(header::DATE)?.to_str().ok().and_then(pipeline::date);
    let issued = time("issued_at").or_else(date).unwrap_or_else(Timestamp::now);
    // What is over is valid for no time.
    Some(time("expires_at")?.duration_since(issued).try_into().unwrap_or_default())
}

/// The project that a token is for.
#[derive(Clone, Debug)]
pub(super) enum Scope {
    Name(String),
    Id(String),
}

impl Scope {
    /// The one given, else the region's own, which has the region's name; as a login names it.
    pub(super) fn json(
        context: &CredentialContext,
        given: Option<&Self>,
    ) -> Result<Zeroizing<String>, Error> {
        let project = match (given, context.region()) {
            (Some(Self::Id(id)), _) => object(&[("id", &quoted(id))]),
            (Some(Self::Name(name)), _) => object(&[("name", &quoted(name))]),
            (None, Some(region)) => object(&[("name", &quoted(region.as_str()))]),
            (None, None) => return Err(missing("project of the login")),
        };
        Ok(object(&[("project", &project)]))
    }

    /// Checks what a login needs beside its secrets.
    pub(super) fn check(
        context: &CredentialContext,
        given: Option<&Self>,
        endpoint: Option<&NamedUrl>,
    ) -> Result<(), Error> {
        context.endpoint(&IAM, endpoint)?;
        Self::json(context, given).map(drop)
    }
}
