//! Calls of IAM, and of STS, which speaks like it.

use crate::auth::{Identity, NamedUrl, Secret, project_id};
use crate::codec::{
    json::Kind,
    operation::{self, Content, Operation},
};
use crate::credential::provider::{CredentialContext, missing};
use crate::error::{Error, ErrorKind};
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
    endpoint: |region| Some(format!("https://iam.{region}.{}", region.domain())),
    ..ServiceInfo::UNKNOWN
};

/// The service that gives temporary keys.
pub(super) static STS: ServiceInfo = ServiceInfo {
    name: "STS",
    endpoint: |region| Some(format!("https://sts.{region}.{}", region.domain())),
    ..ServiceInfo::UNKNOWN
};

/// An operation. Its response is an object.
pub(super) const fn operation(
    id: &'static str,
    method: &'static str,
    path: &'static str,
) -> Operation {
    let content = Content::Json(Some(Kind::Object));
    // A token more or less does no harm.
    Operation { id, path, idempotent: true, ..operation::of(method, content) }
}

/// A request of an operation.
pub(super) fn request(endpoint: &str, operation: &Operation) -> Result<Request, Error> {
    let url = Url::parse(&format!("{endpoint}{}", operation.path));
    let url = url.map_err(|cause| Error::invalid_argument(format!("endpoint: {cause}")))?;
    let method = Method::from_bytes(operation.method.as_bytes()).unwrap_or_default();
    let mut request = Request::new(method, url);
    let json = HeaderValue::from_static("application/json");
    request.headers_mut().insert(header::ACCEPT, json);
    Ok(request)
}

/// Makes JSON the body of a request.
pub(super) fn set_body(request: &mut Request, json: Zeroizing<String>) {
    let content_type = HeaderValue::from_static("application/json;charset=utf8");
    request.headers_mut().insert(header::CONTENT_TYPE, content_type);
    *request.body_mut() = Some(Bytes::from_owner(json).into());
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

/// A text that must be given. `name` is what errors call it.
pub(super) fn not_empty(name: &str, text: String) -> Result<String, Error> {
    match text.is_empty() {
        true => Err(Error::new(ErrorKind::Credential, format!("the {name} is empty"))),
        false => Ok(text),
    }
}

/// Sends the request of a login, which carries these secrets. Returns the token that it gives.
pub(super) async fn login(
    context: &CredentialContext,
    request: Request,
    operation: &'static Operation,
    secrets: Vec<Secret>,
) -> Result<Identity, Error> {
    let target = Target { service: &IAM, operation };
    let response = context.call(request, target, Identity::in_body(secrets)).await?;
    let token = response.headers().get("x-subject-token").and_then(|token| token.to_str().ok());
    let valid_for = lifetime(response.headers(), response.body());
    Ok(Identity { valid_for, ..Identity::token(token.unwrap_or_default())? })
}

/// How long a token is valid, by IAM's own clock if it tells the time.
fn lifetime(headers: &HeaderMap, body: &[u8]) -> Option<Duration> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let time =
        |name: &str| -> Option<Timestamp> { body.get("token")?.get(name)?.as_str()?.parse().ok() };
    let issued = time("issued_at").or_else(|| pipeline::date(headers));
    let issued = issued.unwrap_or_else(Timestamp::now);
    // What is over is valid for no time.
    Some(time("expires_at")?.duration_since(issued).try_into().unwrap_or_default())
}

/// Where a user logs in, and the project that the token is for.
#[derive(Clone, Debug, Default)]
pub(super) struct Login {
    /// The `name` or `id` of the project. Default: the name of the region, whose own project has it.
    pub(super) project: Option<(&'static str, String)>,
    pub(super) iam_endpoint: Option<NamedUrl>,
}

impl Login {
    pub(super) fn set_project(&mut self, name: String) -> Result<(), Error> {
        self.project = Some(("name", not_empty("name of the project", name)?));
        Ok(())
    }

    pub(super) fn set_project_id(&mut self, id: String) -> Result<(), Error> {
        self.project = Some(("id", project_id(id)?));
        Ok(())
    }

    /// Checks what a login needs beside its secrets.
    pub(super) fn check(&self, context: &CredentialContext) -> Result<(), Error> {
        context.endpoint(&IAM, self.iam_endpoint.as_ref())?;
        self.scope(context).map(drop)
    }

    /// The request of a login. This field tells the user.
    pub(super) fn request(
        &self,
        context: &CredentialContext,
        operation: &Operation,
        user: (&str, &str),
    ) -> Result<Request, Error> {
        let auth = object(&[user, ("scope", &self.scope(context)?)]);
        let endpoint = context.endpoint(&IAM, self.iam_endpoint.as_ref())?;
        let mut request = request(&endpoint, operation)?;
        set_body(&mut request, object(&[("auth", &auth)]));
        Ok(request)
    }

    fn scope(&self, context: &CredentialContext) -> Result<Zeroizing<String>, Error> {
        let (field, project) = match (&self.project, context.region()) {
            (Some((field, project)), _) => (*field, project.as_str()),
            (None, Some(region)) => ("name", region.as_str()),
            (None, None) => return Err(missing("project of the login")),
        };
        Ok(object(&[("project", &object(&[(field, &quoted(project))]))]))
    }
}
