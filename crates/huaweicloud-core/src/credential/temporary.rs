//! Temporary keys, as STS, the metadata service and pod identity give them.

use crate::auth::{AccessKey, Identity};
use crate::credential::{project::Project, provider::CredentialContext};
use crate::error::{Error, ErrorKind};
use jiff::Timestamp;
use serde::Deserialize;
use std::time::Duration;

/// How long a key is used of which nothing says when it ends: as long as the shortest at least.
const UNTOLD: Duration = Duration::from_secs(15 * 60);

#[derive(Deserialize)]
struct Response {
    #[serde(alias = "credentials")]
    credential: Key,
}

#[derive(Deserialize)]
struct Key {
    #[serde(alias = "access_key_id", alias = "accessKeyId")]
    access: String,
    #[serde(alias = "secret_access_key", alias = "secretAccessKey")]
    secret: String,
    #[serde(alias = "security_token", alias = "securityToken")]
    securitytoken: String,
    #[serde(alias = "expiration")]
    expires_at: Option<String>,
}

/// A temporary key, and when it ends if that is told.
pub(super) struct TemporaryKey {
    key: AccessKey,
    ends: Option<Timestamp>,
}

impl TemporaryKey {
    /// Reads a response. What is wrong with it is not shown, because that may be a secret; the error
    /// has the given message.
    pub(super) fn read(response: &[u8], no_key: &str) -> Result<Self, Error> {
        let no_key = |_| Error::new(ErrorKind::Credential, no_key);
        let Response { credential: key } = serde_json::from_slice(response).map_err(no_key)?;
        let ends = key.expires_at.and_then(|ends| ends.parse().ok());
        let access_key = AccessKey::new(key.access, key.secret)?;
        Ok(Self { key: access_key.with_security_token(key.securitytoken)?, ends })
    }

    /// The identity for requests of a project. Signatures need the time of this machine, so that is
    /// also what tells when the key ends.
    pub(super) async fn identity(
        self,
        context: &CredentialContext,
        project: &Project,
    ) -> Result<Identity, Error> {
        let key = project.add_to(self.key, context).await?;
        let left = self.ends.map(|end| end.duration_since(context.now()));
        let left = left.map(|left| left.try_into().unwrap_or_default());
        Ok(Identity::access_key(key).valid_for(left.unwrap_or(UNTOLD)))
    }
}
