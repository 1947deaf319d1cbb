//! The two calls of IAM: a login, and a look-up of a project.

use crate::auth::{AccessKey, Authenticator, Identity, Secret};
use crate::credential::{
    password::PasswordLogin,
    provider::{CredentialContext, missing},
};
use crate::error::Error;
use crate::generated::Operation;
use crate::pipeline;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header};
use jiff::Timestamp;
use reqwest::{Request, Url};
use serde_json::Value;
use std::time::Duration;
use zeroize::Zeroizing;

/// Which project a login is for.
#[derive(Clone, Debug)]
pub(crate) enum Project {
    Name(String),
    Id(String),
}

impl Project {
    /// The one that a login names, else the region's own, which has the region's name.
    pub(super) fn of_login(
        context: &CredentialContext,
        login: &PasswordLogin,
    ) -> Result<Self, Error> {
        let own = || context.region().map(|region| Self::Name(region.to_string()));
        login.project.clone().or_else(own).ok_or_else(|| missing("project of the login"))
    }
}

static LOGIN: Operation = Operation {
    id: "iam_login",
    method: "POST",
    path: "/v3/auth/tokens",
    success: &[201],
    object: true,
    enveloped: false,
    fields: &["token"],
};
static PROJECTS: Operation = Operation {
    id: "iam_projects",
    method: "GET",
    path: "/v3/projects",
    success: &[200],
    object: true,
    enveloped: false,
    fields: &["projects"],
};

/// Logs in for a token that is scoped to a project.
pub(super) async fn login(
    context: &CredentialContext,
    login: &PasswordLogin,
) -> Result<Identity, Error> {
    let failed = |error: Error| error.of_credential("logging in at IAM");
    // Written by hand into one piece of memory, because a JSON value would leave copies of the
    // password behind.
    let quoted = |text: &str| Zeroizing::new(serde_json::to_string(text).unwrap_or_default());
    let (user, domain) = (quoted(&login.user), quoted(&login.domain));
    let password = quoted(login.password.text());
    let project = Project::of_login(context, login)?;
    let (key, project) = match &project {
        Project::Name(name) => ("name", quoted(name)),
        Project::Id(id) => ("id", quoted(id)),
    };
    let parts = [
        r#"{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"#,
        &user,
        r#","password":"#,
        &password,
        r#","domain":{"name":"#,
        &domain,
        r#"}}}},"scope":{"project":{""#,
        key,
        r#"":"#,
        &project,
        "}}}}",
    ];
    let body = Zeroizing::new(parts.concat().into_bytes());

    let iam = context.iam(login.iam_endpoint.as_ref())?;
    let mut request = request(&iam, &LOGIN, &[("nocatalog", "true")]).map_err(failed)?;
    let json = HeaderValue::from_static("application/json;charset=utf8");
    request.headers_mut().insert(header::CONTENT_TYPE, json);
    *request.body_mut() = Some(Bytes::from_owner(body).into());
    let secrets = vec![login.password.clone(), Secret::new(password)];
    let (headers, body) =
        call(context, request, &LOGIN, Identity::in_body(secrets)).await.map_err(failed)?;
    let token = headers.get("x-subject-token").and_then(|token| token.to_str().ok());
    let identity = Identity::token(token.unwrap_or_default()).map_err(failed)?;
    Ok(match lifetime(&headers, &body) {
        Some(lifetime) => identity.valid_for(lifetime),
        None => identity,
    })
}

/// How long a token is valid, by IAM's own clock if it tells the time.
fn lifetime(headers: &HeaderMap, body: &Value) -> Option<Duration> {
    let time =
        |name: &str| -> Option<Timestamp> { body.get("token")?.get(name)?.as_str()?.parse().ok() };
    let date = || headers.get(header::DATE)?.to_str().ok().and_then(pipeline::date);
    let issued = time("issued_at").or_else(date).unwrap_or_else(Timestamp::now);
    time("expires_at")?.duration_since(issued).try_into().ok()
}

/// The key with the id of the region's own project.
pub(super) async fn find_project(
    context: &CredentialContext,
    key: &AccessKey,
) -> Result<Identity, Error> {
    let failed = |error: Error| error.of_credential("looking up the project at IAM");
    let region = context.region().ok_or_else(|| missing("project id"))?;
    let iam = context.iam(key.iam_endpoint.as_ref())?;
    let request = request(&iam, &PROJECTS, &[("name", region.as_str())]).map_err(failed)?;
    let identity = Identity::access_key(key.clone());
    let (_, body) = call(context, request, &PROJECTS, identity).await.map_err(failed)?;
    let projects = body.get("projects").and_then(Value::as_array).into_iter().flatten();
    let ids: Vec<_> = projects.filter_map(|project| project.get("id")?.as_str()).collect();
    match ids.as_slice() {
        [id] => Ok(Identity::access_key(key.clone().with_project_id(*id)?)),
        [] => Err(failed(Error::invalid_argument(format!(
            "there is none of the name {region}; set its id"
        )))),
        several => {
            let listed = several.join(", ");
            Err(failed(Error::invalid_argument(format!(
                "several have the name {region}: {listed}; set the id"
            ))))
        }
    }
}

fn request(iam: &str, operation: &Operation, query: &[(&str, &str)]) -> Result<Request, Error> {
    let url = Url::parse_with_params(&format!("{iam}{}", operation.path), query);
    let url = url.map_err(|cause| Error::invalid_argument(format!("IAM endpoint: {cause}")))?;
    let mut request =
        Request::new(Method::from_bytes(operation.method.as_bytes()).unwrap_or_default(), url);
    let json = HeaderValue::from_static("application/json");
    request.headers_mut().insert(header::ACCEPT, json);
    Ok(request)
}

async fn call(
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
