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
    pub(crate) project_id: Option<String>,
    pub(crate) iam_endpoint: Option<NamedUrl>,
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

    /// An access key whose parts errors call by these names.
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
        self.project_id = Some(project_id(id.into())?);
        Ok(self)
    }

    /// Where IAM is, for looking up the project. Default: IAM's public endpoint of the region.
    #[must_use]
    pub fn with_iam_endpoint(mut self, url: impl Into<String>) -> Self {
        self.iam_endpoint = Some(("IAM endpoint", url.into()));
        self
    }
}

/// A project id, which goes into a header.
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
            .field("project_id", &self.project_id)
            .finish_non_exhaustive()
    }
}
