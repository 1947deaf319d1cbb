//! IAM users who log in.

use crate::auth::{Identity, Secret};
use crate::credential::iam;
use crate::credential::provider::{
    CredentialContext, CredentialFuture, CredentialProvider, missing,
};
use crate::error::{Error, ErrorKind};
use crate::generated::operation::Operation;
use crate::pipeline;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use jiff::Timestamp;
use serde_json::Value;
use std::{fmt, time::Duration};
use zeroize::Zeroizing;

/// An IAM user of an account (IAM calls it a domain), who logs in with a password.
///
/// The client logs in when the first call is made, and again ahead of the token's expiry, while
/// calls go on with the old one. Whatever the number of calls, there is one login at a time. After a
/// wrong password there is none for five minutes, because wrong passwords lock the user.
///
/// ```
/// use codearts_build::{Client, PasswordLogin, Region};
///
/// let login = PasswordLogin::new("IAMDomain", "IAMUser", "the password")?;
/// let client = Client::builder().region(Region::CN_NORTH_4).credential(login).build()?;
/// # Ok::<(), codearts_build::Error>(())
/// ```
#[derive(Clone)]
pub struct PasswordLogin {
    domain: String,
    user: String,
    password: Secret,
    project: Option<Project>,
    /// What errors call it, and its URL.
    iam_endpoint: Option<(&'static str, String)>,
}

impl PasswordLogin {
    /// A user, the account it belongs to, and its password.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credential`] if one of them is empty.
    pub fn new(
        domain: impl Into<String>,
        user: impl Into<String>,
        password: impl Into<String>,
    ) -> Result<Self, Error> {
        let (domain, user) = (domain.into(), user.into());
        let password = Zeroizing::new(password.into());
        for (name, value) in [("domain", &domain), ("user", &user), ("password", &password)] {
            if value.is_empty() {
                return Err(Error::new(ErrorKind::Credential, format!("the {name} is empty")));
            }
        }
        let password = Secret::new(password);
        Ok(Self { domain, user, password, project: None, iam_endpoint: None })
    }

    /// The project that owns the jobs, by name. Default: the region's own project, whose name
    /// is the region's id.
    #[must_use]
    pub fn with_project(mut self, name: impl Into<String>) -> Self {
        self.project = Some(Project::Name(name.into()));
        self
    }

    /// The project that owns the jobs, by id.
    #[must_use]
    pub fn with_project_id(mut self, id: impl Into<String>) -> Self {
        self.project = Some(Project::Id(id.into()));
        self
    }

    /// Where IAM is. Default: IAM's public endpoint of the region.
    #[must_use]
    pub fn with_iam_endpoint(self, url: impl Into<String>) -> Self {
        self.with_named_iam_endpoint("IAM endpoint", url.into())
    }

    /// Where IAM is, and what errors call it.
    pub(super) fn with_named_iam_endpoint(mut self, name: &'static str, url: String) -> Self {
        self.iam_endpoint = Some((name, url));
        self
    }
}

impl CredentialProvider for PasswordLogin {
    fn provide<'a>(&'a self, context: &'a CredentialContext) -> CredentialFuture<'a> {
        Box::pin(async { Ok(login(context, self).await?) })
    }

    fn check(&self, context: &CredentialContext) -> Result<(), Error> {
        context.iam(self.iam_endpoint.as_ref())?;
        Project::of_login(context, self).map(drop)
    }
}

impl fmt::Debug for PasswordLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasswordLogin")
            .field("domain", &self.domain)
            .field("user", &self.user)
            .field("password", &self.password)
            .field("project", &self.project)
            .finish_non_exhaustive()
    }
}

/// Which project a login is for.
#[derive(Clone, Debug)]
enum Project {
    Name(String),
    Id(String),
}

impl Project {
    /// The one that a login names, else the region's own, which has the region's name.
    fn of_login(context: &CredentialContext, login: &PasswordLogin) -> Result<Self, Error> {
        let own = || context.region().map(|region| Self::Name(region.to_string()));
        login.project.clone().or_else(own).ok_or_else(|| missing("project of the login"))
    }
}

static LOGIN: Operation = iam::operation("iam_login", "POST", "/v3/auth/tokens", &[201]);

/// Logs in for a token that is scoped to a project.
async fn login(context: &CredentialContext, login: &PasswordLogin) -> Result<Identity, Error> {
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
    let mut request = iam::request(&iam, &LOGIN, &[("nocatalog", "true")]).map_err(failed)?;
    let json = HeaderValue::from_static("application/json;charset=utf8");
    request.headers_mut().insert(header::CONTENT_TYPE, json);
    *request.body_mut() = Some(Bytes::from_owner(body).into());
    let secrets = vec![login.password.clone(), Secret::new(password)];
    let (headers, body) =
        iam::call(context, request, &LOGIN, Identity::in_body(secrets)).await.map_err(failed)?;
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
