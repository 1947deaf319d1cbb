//! Access keys.

use super::Secret;
use crate::{Error, ErrorKind, request::shown};
use std::fmt;

/// An access key with its secret key. Made by [`Credential::access_key`](super::Credential::access_key).
#[derive(Clone)]
pub struct AccessKey {
    pub(super) access_key: String,
    pub(super) secret_key: Secret,
    pub(super) security_token: Option<Secret>,
    pub(super) project_id: Option<String>,
    pub(super) iam_endpoint: Option<String>,
}

impl AccessKey {
    pub(super) fn new(access_key: String, secret_key: String) -> Result<Self, Error> {
        // The access key is no secret, but it goes into a header like one.
        Secret::checked("access key", access_key.clone())?;
        if access_key.contains(',') {
            // It would end the key in the header and begin another part of it.
            return Err(Error::new(ErrorKind::Credential, "the access key has a comma"));
        }
        Ok(Self {
            access_key,
            secret_key: Secret::checked("secret key", secret_key)?,
            security_token: None,
            project_id: None,
            iam_endpoint: None,
        })
    }

    /// Makes it a temporary key, which is good only together with its security token.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credential`] if the token is empty, longer than 32 KiB, or has a character that no
    /// token has.
    pub fn with_security_token(mut self, token: impl Into<String>) -> Result<Self, Error> {
        self.security_token = Some(Secret::checked("security token", token.into())?);
        Ok(self)
    }

    /// The project that owns the build tasks, by id. Default: the region's own project, whose id is
    /// looked up at IAM once.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credential`] if it is not 1 to 64 letters, digits, hyphens and underscores.
    pub fn with_project_id(mut self, id: impl Into<String>) -> Result<Self, Error> {
        let id = id.into();
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if id.is_empty() || id.len() > 64 || !id.chars().all(allowed) {
            let rule = "must be 1 to 64 letters, digits, hyphens and underscores";
            let message = format!("project id {}: {rule}", shown(&id));
            return Err(Error::new(ErrorKind::Credential, message));
        }
        self.project_id = Some(id);
        Ok(self)
    }

    /// Where IAM is, for looking up the project. Default: IAM's public endpoint of the region.
    #[must_use]
    pub fn with_iam_endpoint(mut self, url: impl Into<String>) -> Self {
        self.iam_endpoint = Some(url.into());
        self
    }
}

impl fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessKey")
            .field("access_key", &self.access_key)
            .field("secret_key", &self.secret_key)
            .field("security_token", &self.security_token)
            .field("project_id", &self.project_id)
            .finish_non_exhaustive()
    }
}
