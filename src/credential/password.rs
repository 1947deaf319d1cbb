//! IAM users who log in.

use super::{Secret, iam::Project};
use crate::{Error, ErrorKind};
use std::fmt;
use zeroize::Zeroizing;

/// An IAM user who logs in. Made by [`Credential::password`](super::Credential::password).
///
/// The client logs in when the first call is made, and again ahead of the token's end, while calls
/// go on with the old one. Whatever the number of calls, there is one login at a time. A login that
/// is refused is not repeated for five minutes, because wrong passwords lock the user.
#[derive(Clone)]
pub struct PasswordLogin {
    pub(super) domain: String,
    pub(super) user: String,
    pub(super) password: Secret,
    pub(super) project: Option<Project>,
    pub(super) iam_endpoint: Option<String>,
}

impl PasswordLogin {
    pub(super) fn new(domain: String, user: String, password: String) -> Result<Self, Error> {
        let password = Zeroizing::new(password);
        for (name, value) in [("domain", &domain), ("user", &user), ("password", &password)] {
            if value.is_empty() {
                return Err(Error::new(ErrorKind::Credential, format!("the {name} is empty")));
            }
        }
        let password = Secret::new(password);
        Ok(Self { domain, user, password, project: None, iam_endpoint: None })
    }

    /// The project that owns the build tasks, by name. Default: the region's own project, whose name
    /// is the region's id.
    #[must_use]
    pub fn with_project(mut self, name: impl Into<String>) -> Self {
        self.project = Some(Project::Name(name.into()));
        self
    }

    /// The project that owns the build tasks, by id.
    #[must_use]
    pub fn with_project_id(mut self, id: impl Into<String>) -> Self {
        self.project = Some(Project::Id(id.into()));
        self
    }

    /// Where IAM is. Default: IAM's public endpoint of the region.
    #[must_use]
    pub fn with_iam_endpoint(mut self, url: impl Into<String>) -> Self {
        self.iam_endpoint = Some(url.into());
        self
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
