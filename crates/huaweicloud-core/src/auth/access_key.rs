//! Access keys.

use crate::auth::secret::Secret;
use crate::error::{Error, text::quoted};

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
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct AccessKey {
    /// No secret, but it goes into a header like one, and says who calls.
    pub(crate) access_key: Secret,
    pub(crate) secret_key: Secret,
    pub(crate) security_token: Option<Secret>,
    pub(crate) project_id: Option<String>,
    /// Whether requests are for a project whose id is still to be found.
    pub(crate) needs_project: bool,
}

impl AccessKey {
    /// An access key and its secret key.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credential`](crate::ErrorKind::Credential) if one of them is empty or has white space or
    /// another character that no key has.
    pub fn new(
        access_key: impl Into<String>,
        secret_key: impl Into<String>,
    ) -> Result<Self, Error> {
        let secret_key = ("the secret key", secret_key.into());
        Self::named([("the access key", access_key.into()), secret_key])
    }

    /// An access key of its two parts, which errors call by these names.
    pub(crate) fn named(
        [(access_name, access_key), (secret_name, secret_key)]: [(&str, String); 2],
    ) -> Result<Self, Error> {
        // First of all, because it is wiped from here on.
        let secret_key = Secret::checked(secret_name, secret_key)?;
        if access_key.contains(',') {
            // It would end the key in the header and begin another part of it.
            return Err(Error::credential(format!("{access_name} has a comma")));
        }
        Ok(Self {
            access_key: Secret::checked(access_name, access_key)?,
            secret_key,
            security_token: None,
            project_id: None,
            needs_project: true,
        })
    }

    /// Makes it a temporary key, which is good only together with its security token.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credential`](crate::ErrorKind::Credential) if the token is empty, longer than 32 KiB, or
    /// has a character that no token has.
    pub fn with_security_token(self, token: impl Into<String>) -> Result<Self, Error> {
        let security_token = Some(Secret::checked("the security token", token.into())?);
        Ok(Self { security_token, ..self })
    }

    /// The project of the requests, by id. Default: that of the [credential](crate::Credential::with_project_id).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credential`](crate::ErrorKind::Credential) if it is not 1 to 64 letters, digits, hyphens
    /// and underscores.
    pub fn with_project_id(self, id: impl Into<String>) -> Result<Self, Error> {
        Ok(Self { project_id: Some(project_id(id.into())?), needs_project: false, ..self })
    }

    /// Requests are for no project: those of IAM and of other services of the whole account.
    pub fn without_project(self) -> Self {
        Self { project_id: None, needs_project: false, ..self }
    }
}

/// Checks a project id. It goes into a header.
pub(crate) fn project_id(id: String) -> Result<String, Error> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if id.is_empty() || id.len() > 64 || !id.chars().all(allowed) {
        let rule = "must be 1 to 64 letters, digits, hyphens and underscores";
        return Err(Error::credential(format!("project id {}: {rule}", quoted(&id))));
    }
    Ok(id)
}
