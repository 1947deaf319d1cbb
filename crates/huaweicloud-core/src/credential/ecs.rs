//! Temporary keys of the cloud server that this runs on.

use crate::auth::{Identity, Secret};
use crate::credential::{
    link_local,
    provider::{CredentialContext, CredentialFuture, CredentialProvider},
    temporary::{Project, TemporaryKey},
};
use crate::error::Error;
use http::HeaderName;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

const TOKEN_LIFETIME: HeaderName = HeaderName::from_static("x-metadata-token-ttl-seconds");
const TOKEN: HeaderName = HeaderName::from_static("x-metadata-token");

/// What errors call it.
const NAME: &str = "the metadata service of the cloud server";
const NO_KEYS: &str = "the metadata service of the cloud server gives no keys: is an agency assigned \
                       to this server?";

/// The metadata service of a cloud server.
pub(super) struct Ecs {
    pub(super) endpoint: String,
    pub(super) project: Project,
    /// What the environment could have named instead, for the error if it is not there.
    pub(super) tried: Option<String>,
    /// Whether it has ever given a key.
    pub(super) found: AtomicBool,
}

impl Default for Ecs {
    fn default() -> Self {
        Self {
            endpoint: "http://169.254.169.254".into(),
            project: Project::default(),
            tried: None,
            found: AtomicBool::new(false),
        }
    }
}

impl Ecs {
    async fn identity(&self, context: &CredentialContext) -> Result<Identity, Error> {
        let key = match self.key().await {
            // The service asks for a token that it did not give before.
            Err(error) if error.status() == Some(401) => self.key().await,
            outcome => outcome,
        };
        match (key, &self.tried) {
            (Ok(key), _) => {
                self.found.store(true, Relaxed);
                self.project.identity(context, key).await
            }
            // Where nothing ever responds, no credential is set.
            (Err(error), Some(tried)) if !self.found.load(Relaxed) => {
                let passes = error.is_transient() && error.status().is_some();
                let none = error.of_credential(&format!("none found: tried {tried}"));
                Err(none.with_transience(passes))
            }
            (Err(error), _) => Err(error),
        }
    }

    async fn key(&self) -> Result<TemporaryKey, Error> {
        let client = link_local::client()?;
        let token = client.put(format!("{}/meta-data/latest/api/token", self.endpoint));
        let mut key = client.get(format!("{}/openstack/latest/securitykey", self.endpoint));
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
        Box::pin(async { Ok(self.identity(context).await?) })
    }
}
