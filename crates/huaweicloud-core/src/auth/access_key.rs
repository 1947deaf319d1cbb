//! Access keys.

use crate::auth::secret::Secret;
use crate::error::{Error, ErrorKind, text::quoted};
use std::fmt;

/// A URL, and what errors call it.
pub(crate) type NamedUrl = (&'static str, String);

/// An access key with its secret key, which sign every request (SDK-HMAC-SHA256).
///
/// ```
/// use huaweicloud_core::{AccessKey, Client};
///
/// let key = AccessKey::new("AKIDEXAMPLE00000000A", "SKEXAMPLE000000000000000000000A")?
///     .with_project_id("0123456789abcdef0123456789abcdef")?;
/// let endpoint = "https://iam.cn-north-4.myhuaweicloud.com";
/// let builder = Client::builder().region("cn-north-4").endpoint(endpoint);
/// let client = builder.credential(key).build()?;
/// # Ok::<(), huaweicloud_core::Error>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct AccessKey {
    pub(crate) access_key: String,
    pub(crate) secret_key: Secret,
    pub(crate) security_token: Option<Secret>,
    pub(crate) project: KeyProject,
    pub(crate) iam_endpoint: Option<NamedUrl>,
}

/// The project that the requests of an access key are for.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum KeyProject {
    /// The one that has the name of the region, and is looked up.
    #[default]
    OfRegion,
    Id(String),
    None,
}

impl AccessKey {
    /// An access key and its secret key.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credential`] if one of them is empty or has white space or another character that
    /// no key has.
    pub fn new(
        access_key: impl Into<String>,
        secret_key: impl Into<String>,
    ) -> Result<Self, Error> {
        Self::named(["the access key", "the secret key"], access_key.into(), secret_key.into())
    }

    /// An access key. Errors call its parts by these names.
    pub(crate) fn named(
        [access_name, secret_name]: [&str; 2],
        access_key: String,
        secret_key: String,
    ) -> Result<Self, Error> {
        // The access key is no secret, but it goes into a header like one.
        Secret::checked(access_name, access_key.clone())?;
        if access_key.contains(',') {
            // It would end the key in the header and begin another part of it.
            return Err(Error::new(ErrorKind::Credential, format!("{access_name} has a comma")));
        }
        Ok(Self {
            access_key,
            secret_key: Secret::checked(secret_name, secret_key)?,
            security_token: None,
            project: KeyProject::OfRegion,
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
        self.security_token = Some(Secret::checked("the security token", token.into())?);
        Ok(self)
    }

    /// The project of the requests, by id. Default: the region's own project, whose id is
    /// looked up at IAM once.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credential`] if it is not 1 to 64 letters, digits, hyphens and underscores.
    pub fn with_project_id(mut self, id: impl Into<String>) -> Result<Self, Error> {
        self.project = KeyProject::Id(project_id(id.into())?);
        Ok(self)
    }

    /// Requests are for no project: those of IAM and of other services of the whole account.
    #[must_use]
    pub fn without_project(mut self) -> Self {
        self.project = KeyProject::None;
        self
    }

    /// Where IAM is, for looking up the project. Default: IAM's public endpoint of the region.
    #[must_use]
    pub fn with_iam_endpoint(mut self, url: impl Into<String>) -> Self {
        self.iam_endpoint = Some(("IAM endpoint", url.into()));
        self
    }
}

/// Checks a project id. It goes into a header.
pub(crate) fn project_id(id: String) -> Result<String, Error> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if id.is_empty() || id.len() > 64 || !id.chars().all(allowed) {
        let rule = "must be 1 to 64 letters, digits, hyphens and underscores";
        let message = format!("project id {}: {rule}", quoted(&id));
        return Err(Error::new(ErrorKind::Credential, message));
    }
    Ok(id)
}

impl fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessKey")
            .field("secret_key", &self.secret_key)
            .field("security_token", &self.security_token)
            .field("project", &self.project)
            .finish_non_exhaustive()
    }
}
