//! Temporary keys of the cloud server that this runs on.

use crate::auth::{AccessKey, Identity, Secret};
use crate::credential::provider::{CredentialContext, CredentialFuture, CredentialProvider};
use crate::error::{Error, ErrorKind};
use crate::pipeline;
use http::{HeaderName, StatusCode};
use jiff::Timestamp;
use reqwest::RequestBuilder;
use serde_json::Value;
use std::time::Duration;
use zeroize::Zeroizing;

/// How long the metadata service may take: it is on the same machine, or not there at all.
const TIMEOUT: Duration = Duration::from_secs(1);
/// How much of its response is read at most, in bytes.
const MAX_RESPONSE_BYTES: usize = 64 * 1024;
const TOKEN_LIFETIME: HeaderName = HeaderName::from_static("x-metadata-token-ttl-seconds");
const TOKEN: HeaderName = HeaderName::from_static("x-metadata-token");

/// The metadata service of a cloud server.
#[derive(Clone)]
pub(super) struct Ecs {
    endpoint: String,
    /// What the environment could have named instead, for the error if it is not there.
    tried: Option<String>,
}

impl Default for Ecs {
    fn default() -> Self {
        Self { endpoint: "http://169.254.169.254".into(), tried: None }
    }
}

impl Ecs {
    /// The last link of the environment's chain.
    pub(super) fn last_of_chain(tried: String, endpoint: Option<String>) -> Self {
        let endpoint = endpoint.unwrap_or_else(|| Self::default().endpoint);
        Self { endpoint, tried: Some(tried) }
    }

    async fn identity(&self, now: Timestamp) -> Result<Identity, Error> {
        self.keys(now).await.map_err(|error| match &self.tried {
            Some(tried) => {
                let message = format!("none found: tried {tried}; {}", error.message());
                Error::new(ErrorKind::Credential, message).with_source(error)
            }
            None => error,
        })
    }

    async fn keys(&self, now: Timestamp) -> Result<Identity, Error> {
        let client = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .connect_timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            // A proxy would hand out the keys of its own server, if any.
            .no_proxy()
            .build()
            .map_err(|cause| failed("cannot be asked").with_source(cause))?;
        let token = client.put(format!("{}/meta-data/latest/api/token", self.endpoint));
        let token = match ask(token.header(TOKEN_LIFETIME, "21600")).await {
            Ok(token) => Some(Secret::checked("the metadata token", token.trim().to_owned())?),
            // An older server knows no token and needs none.
            Err(error) if matches!(error.status(), Some(404 | 405)) => None,
            Err(error) => return Err(error),
        };
        let mut keys = client.get(format!("{}/openstack/latest/securitykey", self.endpoint));
        if let Some(token) = token.as_ref().and_then(Secret::header) {
            keys = keys.header(TOKEN, token);
        }
        let body: Value = serde_json::from_str(&ask(keys).await?)
            .map_err(|_| failed("gives no keys: is an agency assigned to this server?"))?;
        let field = |name: &str| body.get("credential")?.get(name)?.as_str();
        let text = |name: &str| field(name).unwrap_or_default().to_owned();
        let key = AccessKey::new(text("access"), text("secret"))?;
        let identity = Identity::access_key(key.with_security_token(text("securitytoken"))?);
        let ends: Option<Timestamp> = field("expires_at").and_then(|ends| ends.parse().ok());
        let left = ends.map(|ends| Duration::try_from(ends.duration_since(now)));
        Ok(match left {
            Some(left) => identity.valid_for(left.unwrap_or_default()),
            None => identity,
        })
    }
}

impl CredentialProvider for Ecs {
    fn provide<'a>(&'a self, context: &'a CredentialContext) -> CredentialFuture<'a> {
        Box::pin(async { Ok(self.identity(context.now()).await?) })
    }
}

fn failed(what: &str) -> Error {
    Error::new(ErrorKind::Credential, format!("the metadata service of the cloud server {what}"))
}

/// The body of the response. It may be a secret, so no error shows it.
async fn ask(request: RequestBuilder) -> Result<Zeroizing<String>, Error> {
    let response = request.send().await;
    let mut response = response.map_err(|cause| failed("cannot be reached").with_source(cause))?;
    let status = response.status();
    if status != StatusCode::OK {
        return Err(failed("gives none").with_status(status.as_u16()));
    }
    let body = pipeline::read(&mut response, MAX_RESPONSE_BYTES).await;
    let body = body.map_err(|error| error.of_credential("the metadata service"))?;
    let body = Zeroizing::new(Vec::from(body));
    Ok(Zeroizing::new(String::from_utf8_lossy(&body).into_owned()))
}
