//! The two calls on IAM: a login, and looking up a project.

use super::{AccessKey, Authenticator, Clock, Identity, PasswordLogin, Secret};
use crate::{Error, Region, generated::Operation, observe, transport::Road};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header};
use jiff::Timestamp;
use reqwest::{Request, Url};
use serde_json::Value;
use std::{sync::Arc, time::Duration};
use zeroize::Zeroizing;

/// Which project a login is for.
#[derive(Clone, Debug)]
pub(crate) enum Project {
    Name(String),
    Id(String),
}

impl Project {
    /// Every region has a project of its own name.
    pub(super) fn of_region(region: &Region) -> Self {
        Self::Name(region.to_string())
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
    road: &Road,
    iam: &str,
    login: &PasswordLogin,
    project: &Project,
) -> Result<Identity, Error> {
    let failed = |error: Error| error.of_credential("logging in at IAM");
    // Written by hand into one piece of memory, because a JSON value would leave copies of the
    // password behind.
    let quoted = |text: &str| Zeroizing::new(serde_json::to_string(text).unwrap_or_default());
    let (user, domain) = (quoted(&login.user), quoted(&login.domain));
    let password = quoted(login.password.text());
    let (key, project) = match project {
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

    let mut request = request(iam, &LOGIN, &[("nocatalog", "true")]).map_err(failed)?;
    let json = HeaderValue::from_static("application/json;charset=utf8");
    request.headers_mut().insert(header::CONTENT_TYPE, json);
    *request.body_mut() = Some(Bytes::from_owner(body).into());
    let secrets = vec![login.password.clone(), Secret::new(password)];
    let nobody = Authenticator::fixed(Identity::nothing(secrets), Arc::new(Timestamp::now));
    let (headers, answer) = call(road, request, &LOGIN, &nobody).await.map_err(failed)?;
    let token = headers.get("x-subject-token").and_then(|token| token.to_str().ok());
    let grant = Identity::token(token.unwrap_or_default()).map_err(failed)?;
    Ok(match lifetime(&headers, &answer) {
        Some(lifetime) => grant.valid_for(lifetime),
        None => grant,
    })
}

/// How long a token is good, by IAM's own clock if it tells the time.
fn lifetime(headers: &HeaderMap, answer: &Value) -> Option<Duration> {
    let time = |name: &str| -> Option<Timestamp> {
        answer.get("token")?.get(name)?.as_str()?.parse().ok()
    };
    let date = || headers.get(header::DATE)?.to_str().ok().and_then(crate::answer::date);
    let issued = time("issued_at").or_else(date).unwrap_or_else(Timestamp::now);
    time("expires_at")?.duration_since(issued).try_into().ok()
}

/// The key with the id of the region's own project.
pub(super) async fn find_project(
    road: &Road,
    iam: &str,
    region: &Region,
    key: AccessKey,
    clock: Clock,
) -> Result<Identity, Error> {
    let failed = |error: Error| error.of_credential("looking up the project at IAM");
    let request = request(iam, &PROJECTS, &[("name", region.as_str())]).map_err(failed)?;
    let signer = Authenticator::fixed(Identity::access_key(key.clone()), clock);
    let (_, answer) = call(road, request, &PROJECTS, &signer).await.map_err(failed)?;
    let projects = answer.get("projects").and_then(Value::as_array).into_iter().flatten();
    let ids: Vec<_> = projects.filter_map(|project| project.get("id")?.as_str()).collect();
    match ids.as_slice() {
        [id] => Ok(Identity::access_key(key.with_project_id(*id)?)),
        [] => Err(failed(Error::invalid_argument(format!("there is none of the name {region}; set its id")))),
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
    road: &Road,
    request: Request,
    operation: &'static Operation,
    who: &Authenticator,
) -> Result<(HeaderMap, Value), Error> {
    let observed = observe::Call::new(Some(operation), &request);
    let mut answer = observed.around(road.call(request, Some(operation), who, &observed)).await?;
    let headers = std::mem::take(answer.headers_mut());
    let body = answer.bytes().await.unwrap_or_default();
    Ok((headers, serde_json::from_slice(&body).unwrap_or_default()))
}
