//! Temporary keys of the cloud server that this runs on.

use crate::auth::Secret;
use crate::credential::{
    link_local,
    project::Project,
    provider::{CredentialContext, CredentialFuture, CredentialProvider},
    temporary::TemporaryKey,
};
use crate::error::Error;
use http::HeaderName;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

const ENDPOINT: &str = "http://169.254.169.254";
const TOKEN_LIFETIME: HeaderName = HeaderName::from_static("x-metadata-token-ttl-seconds");
const TOKEN: HeaderName = HeaderName::from_static("x-metadata-token");

/// What errors call it.
const NAME: &str = "the metadata service of the cloud server";
const NO_KEYS: &str = "the metadata service of the cloud server gives no keys: is an agency assigned \
                       to this server?";

/// The metadata service of a cloud server.
#[derive(Default)]
pub(super) struct Ecs {
    /// Default: [`ENDPOINT`].
    pub(super) endpoint: Option<String>,
    pub(super) project: Project,
    /// What the environment could have named instead, for the error if it is not there.
    pub(super) tried: Option<String>,
    /// Whether it has ever given a key.
    pub(super) found: AtomicBool,
}

impl Ecs {
    async fn key(&self) -> Result<TemporaryKey, Error> {
        let (client, endpoint) = (link_local::client()?, self.endpoint.as_deref());
        let endpoint = endpoint.unwrap_or(ENDPOINT);
        let token = client.put(format!("{endpoint}/meta-data/latest/api/token"));
        let mut key = client.get(format!("{endpoint}/openstack/latest/securitykey"));
        match link_local::ask(NAME, token.header(TOKEN_LIFETIME, "21600")).await {
            Ok(token) => {
                let token = String::from_utf8_lossy(&token).trim().to_owned();
                key = key.header(TOKEN, Secret::checked("the metadata token", token)?.header()?);
            }
            // An older server knows no token and needs none.
            Err(error) if matches!(error.status(), Some(404 | 405 | 503)) => {}
            Err(error) => return Err(error),
        }
        TemporaryKey::read(&link_local::ask(NAME, key).await?, NO_KEYS)
    }
}

impl CredentialProvider for Ecs {
    fn provide<'a>(&'a self, context: &'a CredentialContext) -> CredentialFuture<'a> {
        Box::pin(async {
            let key = match self.key().await {
                // The service asks for a token that it did not give before.
                Err(error) if error.status() == Some(401) => self.key().await,
                outcome => outcome,
            };
            let key = key.map_err(|error| match &self.tried {
                // Where nothing ever responds, no credential is set.
                Some(tried) if !self.found.load(Relaxed) => {
                    let passes = error.is_transient() && error.status().is_some();
                    let none = error.of_credential(&format!("none found: tried {tried}"));
                    none.with_transience(passes)
                }
                _ => error,
            })?;
            self.found.store(true, Relaxed);
            Ok(key.identity(context, &self.project).await?)
        })
    }
}
