//! Temporary keys of the cloud server that this runs on.

use crate::auth::Secret;
use crate::credential::provider::{CredentialContext, CredentialFuture, CredentialProvider};
use crate::credential::temporary;
use crate::error::Error;
use crate::pipeline;
use crate::region;
use bytes::Bytes;
use http::{HeaderName, StatusCode};
use reqwest::{Client, RequestBuilder};
use std::time::Duration;

const ENDPOINT: &str = "http://169.254.169.254";
const TOKEN_LIFETIME: HeaderName = HeaderName::from_static("x-metadata-token-ttl-seconds");
const TOKEN: HeaderName = HeaderName::from_static("x-metadata-token");

/// How long making a connection may take: the service is near, or not there at all.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// How long a response may take.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How much of a response is read at most, in bytes.
const MAX_RESPONSE_BYTES: usize = 64 * 1024;

/// What errors call it.
const NAME: &str = "the metadata service of the cloud server";
const NO_KEYS: &str = "the metadata service of the cloud server gives no keys: is an agency assigned \
                       to this server?";

/// The agency of the cloud server (ECS) that this runs on: temporary keys of its metadata service, which can
/// be reached within a second or is not there. On a machine without it, or without an agency, there is no
/// credential here.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct EcsAgency {
    /// Default: [`ENDPOINT`].
    pub(super) endpoint: Option<String>,
}

impl EcsAgency {
    /// The agency of this server.
    pub fn new() -> Self {
        Self::default()
    }

    /// Where the metadata service is. Default: `http://169.254.169.254`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if it is no URL, or plain http to
    /// another machine.
    pub fn with_endpoint(self, url: impl AsRef<str>) -> Result<Self, Error> {
        let endpoint = Some(region::link_local_endpoint("metadata endpoint", url.as_ref())?);
        Ok(Self { endpoint })
    }

    async fn keys(&self) -> Result<http::Response<Bytes>, Error> {
        // The client's own settings are not for this machine's service.
        let client = Client::builder()
            .timeout(TIMEOUT)
            .connect_timeout(CONNECT_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            // A proxy would hand out the keys of its own server, if any.
            .no_proxy()
            .build()
            .map_err(Error::of_http)?;
        let endpoint = self.endpoint.as_deref().unwrap_or(ENDPOINT);
        let token = client.put(format!("{endpoint}/meta-data/latest/api/token"));
        let mut keys = client.get(format!("{endpoint}/openstack/latest/securitykey"));
        match ask(token.header(TOKEN_LIFETIME, "21600")).await {
            Ok(token) => {
                let token = String::from_utf8_lossy(token.body()).trim().to_owned();
                keys = keys.header(TOKEN, Secret::checked("the metadata token", token)?.header()?);
            }
            // An older server knows no token and needs none.
            Err(error) if matches!(error.status(), Some(404 | 405 | 503)) => {}
            Err(error) => return Err(error),
        }
        ask(keys).await.map_err(|error| match error.status() {
            // No agency is assigned to this server.
            Some(404) => error.edit(|it| it.is_absent = true),
            _ => error,
        })
    }
}

impl CredentialProvider for EcsAgency {
    fn provide<'a>(&'a self, context: &'a CredentialContext) -> CredentialFuture<'a> {
        Box::pin(async {
            let keys = match self.keys().await {
                // The service asks for a token that it did not give before.
                Err(error) if error.status() == Some(401) => self.keys().await,
                outcome => outcome,
            };
            Ok(temporary::identity(keys?, context, NO_KEYS).await?)
        })
    }
}

/// A response. Its body may be a secret, so no error shows it.
async fn ask(request: RequestBuilder) -> Result<http::Response<Bytes>, Error> {
    let failed = |what: &str, passes: bool| {
        Error::credential(format!("{NAME} {what}")).with_transience(passes)
    };
    let mut response = request.send().await.map_err(|cause| {
        let error = failed("cannot be reached", true);
        error.edit(|it| it.is_absent = cause.is_connect()).with_source(cause)
    })?;
    let status = response.status();
    if status != StatusCode::OK {
        let passes = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
        return Err(failed("gives none", passes).with_status(status.as_u16()));
    }
    let body = pipeline::read(&mut response, MAX_RESPONSE_BYTES).await;
    let body = body.map_err(|error| error.of_credential(NAME))?;
    Ok(http::Response::from(response).map(|_| body))
}
