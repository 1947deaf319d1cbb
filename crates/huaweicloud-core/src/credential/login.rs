//! Users who log in at IAM: with a password, or with an ID token of an identity provider.

use crate::auth::{Identity, Secret};
use crate::codec::operation::Operation;
use crate::credential::iam::{self, GivenProject, Json, not_empty, object, quoted};
use crate::credential::oidc::IdToken;
use crate::credential::provider::{CredentialContext, CredentialFuture, CredentialProvider};
use crate::error::Error;
use crate::pipeline;
use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;
use serde_json::Value;
use std::time::Duration;

static WITH_PASSWORD: Operation = iam::post("iam_login", "/v3/auth/tokens?nocatalog=true");
static WITH_ID_TOKEN: Operation = iam::post("iam_federated_login", "/v3.0/OS-AUTH/id-token/tokens");
const IDENTITY_PROVIDER: HeaderName = HeaderName::from_static("x-idp-id");

/// An IAM user of an account (IAM calls it a domain), who logs in with a password.
///
/// The client logs in when the first call is made, and again ahead of the token's expiry, while
/// other calls go on with the old one. Whatever the number of calls, there is one login at a time.
/// After a wrong password there is none for five minutes, because wrong passwords lock the user.
///
/// ```
/// use huaweicloud_core::{Client, PasswordLogin};
///
/// let login = PasswordLogin::new("IAMDomain", "IAMUser", "the password")?;
/// let endpoint = "https://iam.cn-north-4.myhuaweicloud.com";
/// let builder = Client::builder().region("cn-north-4").endpoint(endpoint);
/// let client = builder.credential(login).build()?;
/// # Ok::<(), huaweicloud_core::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct PasswordLogin {
    domain: String,
    user: String,
    password: Secret,
}

impl PasswordLogin {
    /// A user, the account it belongs to, and its password.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credential`](crate::ErrorKind::Credential) if one of them is empty.
    pub fn new(
        domain: impl Into<String>,
        user: impl Into<String>,
        password: impl Into<String>,
    ) -> Result<Self, Error> {
        // First of all, because it is wiped from here on.
        let password = Secret::new(not_empty("password", password.into())?.into());
        Ok(Self {
            domain: not_empty("domain", domain.into())?,
            user: not_empty("user", user.into())?,
            password,
        })
    }
}

impl CredentialProvider for PasswordLogin {
    fn provide<'a>(&'a self, context: &'a CredentialContext) -> CredentialFuture<'a> {
        context.log_in("logging in at IAM", &WITH_PASSWORD, None, || {
            let password = quoted(self.password.text());
            let secrets = vec![self.password.clone(), Secret::new(password.clone())];
            let domain = object(&[("name", quoted(&self.domain))]);
            let user = [("name", quoted(&self.user)), ("password", password), ("domain", domain)];
            let user = object(&[("user", object(&user))]);
            let methods = r#"["password"]"#.to_owned().into();
            Ok((("identity", object(&[("methods", methods), ("password", user)])), secrets))
        })
    }

    fn check(&self, context: &CredentialContext) -> Result<(), Error> {
        context.check_login()
    }
}

/// A user of an identity provider that IAM trusts, who logs in with an ID token of that provider.
#[derive(Clone, Debug)]
#[must_use]
pub struct FederatedLogin {
    identity_provider: HeaderValue,
    token: IdToken,
}

impl FederatedLogin {
    /// The id of the identity provider at IAM, and the token that it issued.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credential`](crate::ErrorKind::Credential) if the id is empty or cannot be sent as a header.
    pub fn new(identity_provider: impl Into<String>, token: IdToken) -> Result<Self, Error> {
        let identity_provider = not_empty("id of the identity provider", identity_provider.into())?;
        let unusable = |_| Error::credential("the id of the identity provider is no header");
        let identity_provider = HeaderValue::from_str(&identity_provider).map_err(unusable)?;
        Ok(Self { identity_provider, token })
    }
}

impl CredentialProvider for FederatedLogin {
    fn provide<'a>(&'a self, context: &'a CredentialContext) -> CredentialFuture<'a> {
        let doing = "logging in at IAM with an ID token";
        context.log_in(doing, &WITH_ID_TOKEN, Some(&self.identity_provider), || {
            let token = self.token.read()?;
            let user = ("id_token", object(&[("id", quoted(token.text()))]));
            Ok((user, vec![token]))
        })
    }

    fn check(&self, context: &CredentialContext) -> Result<(), Error> {
        context.check_login()
    }
}

impl CredentialContext {
    /// Checks what a login needs beside its secrets.
    fn check_login(&self) -> Result<(), Error> {
        self.iam()?;
        self.scope().map(drop)
    }

    fn scope(&self) -> Result<Json, Error> {
        let project = match &self.project.given {
            Some(GivenProject::Id(id)) => ("id", quoted(id)),
            _ => ("name", quoted(self.project_name("project of the login")?)),
        };
        Ok(object(&[("project", object(&[project]))]))
    }

    /// Logs in for a token of the project. The user is a field and the secrets in it. An error says what was
    /// being done.
    fn log_in<'a>(
        &'a self,
        doing: &'static str,
        operation: &'static Operation,
        provider: Option<&'a HeaderValue>,
        user: impl FnOnce() -> Result<((&'static str, Json), Vec<Secret>), Error> + Send + 'a,
    ) -> CredentialFuture<'a> {
        let log_in = async move {
            let (user, secrets) = user()?;
            let auth = object(&[user, ("scope", self.scope()?)]);
            let body = object(&[("auth", auth)]);
            let mut request = iam::request(&self.iam()?, operation, Some(body))?;
            request.headers_mut().extend(provider.map(|id| (IDENTITY_PROVIDER, id.clone())));
            let identity = Identity::in_body(secrets);
            let response = self.call(request, &iam::IAM, operation, identity).await?;
            let headers = response.headers();
            let token = headers.get("x-subject-token").and_then(|token| token.to_str().ok());
            let valid_for = lifetime(headers, response.body());
            Ok::<_, Error>(Identity { valid_for, ..Identity::token(token.unwrap_or_default())? })
        };
        Box::pin(async move { Ok(log_in.await.map_err(|error| error.of_credential(doing))?) })
    }
}

/// How long a token is valid, by IAM's own clock if it tells the time.
fn lifetime(headers: &HeaderMap, body: &[u8]) -> Option<Duration> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let time = |at: &str| -> Option<Timestamp> { body.pointer(at)?.as_str()?.parse().ok() };
    let issued = time("/token/issued_at").or_else(|| pipeline::date(headers));
    let issued = issued.unwrap_or_else(Timestamp::now);
    // What is over is valid for no time.
    Some(time("/token/expires_at")?.duration_since(issued).try_into().unwrap_or_default())
}
