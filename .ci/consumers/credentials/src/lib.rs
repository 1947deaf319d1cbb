//! Credentials and a service that are not those of the library.

use huaweicloud_core::{
    AccessKey, Client, ClientBuilder, Credential, CredentialContext, CredentialFuture,
    CredentialProvider, Error, ErrorCodes, ErrorKind, Identity, Pipeline, Service, ServiceInfo,
};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

/// A vault that gives temporary keys to those who know its password.
pub struct Vault {
    /// None: this machine has no vault.
    pub password: Option<&'static str>,
}

impl CredentialProvider for Vault {
    fn provide<'a>(&'a self, _: &'a CredentialContext) -> CredentialFuture<'a> {
        Box::pin(async {
            match self.password {
                None => Err(Error::no_credential_here("this machine has no vault").into()),
                Some("right") => {
                    let key = AccessKey::new("AKIDEXAMPLE00000000A", "SKEXAMPLE-of-the-vault")?
                        .with_security_token("canary")?
                        .with_project_id("0123456789abcdef0123456789abcdef")?;
                    Ok(Identity::access_key(key).valid_for(Duration::from_secs(3600)))
                }
                // It stands for five minutes, because more of it would lock the vault.
                Some(_) => {
                    let wrong = Error::new(ErrorKind::Credential, "the vault: wrong password");
                    Err(wrong.with_status(401).into())
                }
            }
        })
    }
}

/// Notes what a provider was asked for and what it said.
pub struct Logged {
    pub inner: Credential,
    pub log: Arc<Mutex<Vec<String>>>,
}

impl CredentialProvider for Logged {
    fn provide<'a>(&'a self, context: &'a CredentialContext) -> CredentialFuture<'a> {
        Box::pin(async {
            let outcome = self.inner.provide(context).await;
            let line = match &outcome {
                Ok(identity) => format!("{}: {identity:?}", context.now()),
                Err(error) => format!("{}: {error}", context.now()),
            };
            self.log.lock().unwrap().push(line);
            outcome
        })
    }

    fn check(&self, context: &CredentialContext) -> Result<(), Error> {
        self.inner.check(context)
    }
}

/// The image service.
pub struct Images(Client);

impl From<Pipeline> for Images {
    fn from(pipeline: Pipeline) -> Self {
        Self(pipeline.into())
    }
}

impl Service for Images {
    const INFO: &'static ServiceInfo = &ServiceInfo {
        name: "IMS",
        variables: "IMAGES",
        user_agent: "images/1.0",
        endpoint: |region| Some(format!("https://ims.{region}.myhuaweicloud.com")),
        codes: ErrorCodes { own: &["IMG."], ..ErrorCodes::NONE },
    };
}

impl Images {
    pub fn builder() -> ClientBuilder<Self> {
        ClientBuilder::default()
    }

    pub async fn list(&self) -> Result<serde_json::Value, Error> {
        self.0.request("GET", "/v2/cloudimages").query("name", "a b+c").send().await
    }
}
