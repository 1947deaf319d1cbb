//! Calls of IAM.

use crate::auth::{Authenticator, Identity};
use crate::credential::provider::CredentialContext;
use crate::error::Error;
use crate::generated::{
    json::Kind,
    operation::{Content, Operation},
};
use http::{HeaderMap, HeaderValue, Method, header};
use reqwest::{Request, Url};
use serde_json::Value;

/// An operation of IAM, whose response is an object.
pub(super) const fn operation(
    id: &'static str,
    method: &'static str,
    path: &'static str,
    success: &'static [u16],
) -> Operation {
    Operation {
        id,
        method,
        path,
        success,
        content: Content::Json(Some(Kind::Object)),
        enveloped: false,
        fields: &[],
        proof: &[],
        starts_builds: false,
        // A token more or less does no harm.
        idempotent: true,
    }
}

/// A request of an operation of IAM.
pub(super) fn request(
    iam: &str,
    operation: &Operation,
    query: &[(&str, &str)],
) -> Result<Request, Error> {
    let url = Url::parse_with_params(&format!("{iam}{}", operation.path), query);
    let url = url.map_err(|cause| Error::invalid_argument(format!("IAM endpoint: {cause}")))?;
    let mut request =
        Request::new(Method::from_bytes(operation.method.as_bytes()).unwrap_or_default(), url);
    let json = HeaderValue::from_static("application/json");
    request.headers_mut().insert(header::ACCEPT, json);
    Ok(request)
}

/// Sends a request to IAM. Returns the headers and the body of the response.
pub(super) async fn call(
    context: &CredentialContext,
    request: Request,
    operation: &Operation,
    identity: Identity,
) -> Result<(HeaderMap, Value), Error> {
    let authenticator = Authenticator::fixed(identity, context.clock.clone());
    let mut response = context.sender.call(request, Some(operation), &authenticator).await?;
    let headers = std::mem::take(response.headers_mut());
    let body = response.bytes().await.unwrap_or_default();
    Ok((headers, serde_json::from_slice(&body).unwrap_or_default()))
}
