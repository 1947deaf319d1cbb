//! IAM users who log in.

use crate::auth::{Identity, NamedUrl, Secret};
use crate::codec::operation::Operation;
use crate::credential::{
    iam::{self, Scope, object, quoted},
    provider::{CredentialContext, CredentialFuture, CredentialProvider},
};
use crate::error::{Error, ErrorKind};
use std::fmt;
use zeroize::Zeroizing;

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
#[derive(Clone)]
pub struct PasswordLogin {
    domain: String,
    user: String,
    password: Secret,
    project: Option<Scope>,
    iam_endpoint: Option<NamedUrl>,
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

    /// The project of the requests, by name. Default: the region's own project, whose name
    /// is the region's id.
    #[must_use]
    pub fn with_project(mut self, name: impl Into<String>) -> Self {
        self.project = Some(Scope::Name(name.into()));
        self
    }

    /// The project of the requests, by id.
    #[must_use]
    pub fn with_project_id(mut self, id: impl Into<String>) -> Self {
        self.project = Some(Scope::Id(id.into()));
        self
    }

    /// Where IAM is. Default: IAM's public endpoint of the region.
    #[must_use]
    pub fn with_iam_endpoint(self, url: impl Into<String>) -> Self {
        self.with_iam(Some(("IAM endpoint", url.into())))
    }

    pub(super) fn with_iam(mut self, endpoint: Option<NamedUrl>) -> Self {
        self.iam_endpoint = endpoint;
        self
    }
}

impl CredentialProvider for PasswordLogin {
    fn provide<'a>(&'a self, context: &'a CredentialContext) -> CredentialFuture<'a> {
        Box::pin(async {
            let token = login(context, self).await;
            Ok(token.map_err(|error| error.of_credential("logging in at IAM"))?)
        })
    }

    fn check(&self, context: &CredentialContext) -> Result<(), Error> {
        Scope::check(context, self.project.as_ref(), self.iam_endpoint.as_ref())
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

static LOGIN: Operation = iam::operation("iam_login", "POST", "/v3/auth/tokens");

/// Logs in for a token that is scoped to a project.
async fn login(context: &CredentialContext, login: &PasswordLogin) -> Result<Identity, Error> {
    let password = quoted(login.password.text());
    let domain = object(&[("name", &quoted(&login.domain))]);
    let name = quoted(&login.user);
    let user = object(&[("name", &name), ("password", &password), ("domain", &domain)]);
    let user = object(&[("user", &user)]);
    let identity = object(&[("methods", r#"["password"]"#), ("password", &user)]);
    let scope = Scope::json(context, login.project.as_ref())?;
    let auth = object(&[("identity", &identity), ("scope", &scope)]);

    let iam = context.endpoint(&iam::IAM, login.iam_endpoint.as_ref())?;
    let mut request = iam::request(&iam, &LOGIN, &[("nocatalog", "true")])?;
    iam::set_body(&mut request, object(&[("auth", &auth)]));
    let secrets = vec![login.password.clone(), Secret::new(password)];
    iam::login(context, request, &LOGIN, secrets).await
}
