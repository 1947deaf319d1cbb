//! IAM users who log in.

use crate::auth::Secret;
use crate::credential::{
    iam::{self, Project},
    provider::{CredentialContext, CredentialFuture, CredentialProvider},
};
use crate::error::{Error, ErrorKind};
use std::fmt;
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
    pub(super) domain: String,
    pub(super) user: String,
    pub(super) password: Secret,
    pub(super) project: Option<Project>,
    /// What errors call it, and its URL.
    pub(super) iam_endpoint: Option<(&'static str, String)>,
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
        Box::pin(async { Ok(iam::login(context, self).await?) })
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
