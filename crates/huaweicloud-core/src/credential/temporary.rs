//! Temporary keys, as STS, the metadata service and pod identity give them.

use crate::auth::{AccessKey, Identity};
use crate::credential::provider::CredentialContext;
use crate::error::Error;
use crate::pipeline;
use bytes::Bytes;
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

/// The identity with the key of a response. What is wrong with the response is not shown, because that may be a
/// secret; the error has the given message. How long the key is valid is counted from the response's own time,
/// if it tells that: the clock of this machine may be wrong, and be set later.
pub(super) async fn identity(
    response: http::Response<Bytes>,
    context: &CredentialContext,
    no_key: &str,
) -> Result<Identity, Error> {
    let no_key = |_| Error::credential(no_key);
    let Response { credential: key } = serde_json::from_slice(response.body()).map_err(no_key)?;
    let ends: Option<Timestamp> = key.expires_at.and_then(|ends| ends.parse().ok());
    let now = pipeline::date(response.headers()).unwrap_or_else(|| context.now());
    // What is over is valid for no time.
    let left = ends.map(|end| end.duration_since(now).try_into().unwrap_or_default());
    let key = AccessKey::new(key.access, key.secret)?.with_security_token(key.securitytoken)?;
    let key = context.with_project(key).await?;
    Ok(Identity::access_key(key).valid_for(left.unwrap_or(UNTOLD)))
}
