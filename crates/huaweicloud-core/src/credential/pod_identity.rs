//! Temporary keys of the pod that this runs in.

use crate::auth::Identity;
use crate::codec::operation::Operation;
use crate::credential::provider::{CredentialContext, CredentialFuture, CredentialProvider};
use crate::credential::{file, iam, temporary};
use crate::error::Error;
use crate::region;
use crate::service::ServiceInfo;
use http::header::AUTHORIZATION;
use std::path::PathBuf;

static SERVICE: ServiceInfo = ServiceInfo { name: "pod-identity", ..ServiceInfo::UNKNOWN };
static KEYS: Operation = iam::post("pod_identity", "");

/// The identity of the pod that this runs in, as a cluster (CCE) gives it: temporary keys for the pod's token,
/// which is read from its file each time. The request is sent with the client's own settings and proxies,
/// unless the address is one of this machine.
#[derive(Clone, Debug)]
#[must_use]
pub struct PodIdentity {
    pub(super) url: String,
    pub(super) token_file: PathBuf,
}

impl PodIdentity {
    /// The URL that gives the keys (`HC_CONTAINER_CREDENTIALS_FULL_URI` in a pod), and the file of the pod's
    /// token (`HC_CONTAINER_AUTHORIZATION_TOKEN_FILE`).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if it is no URL, or plain http to
    /// another machine.
    pub fn new(url: impl AsRef<str>, token_file: impl Into<PathBuf>) -> Result<Self, Error> {
        let url = region::link_local_endpoint("URL of pod identity", url.as_ref())?;
        Ok(Self { url, token_file: token_file.into() })
    }
}

impl CredentialProvider for PodIdentity {
    fn provide<'a>(&'a self, context: &'a CredentialContext) -> CredentialFuture<'a> {
        Box::pin(async {
            let token = file::token("the pod's token", &self.token_file)?;
            let mut request = iam::request(&self.url, &KEYS, Some("{}".to_owned().into()))?;
            request.headers_mut().insert(AUTHORIZATION, token.header()?);
            let keys = context.call(request, &SERVICE, &KEYS, Identity::in_body(vec![token])).await;
            let doing = "asking the service of pod identity";
            let keys = keys.map_err(|error| error.of_credential(doing))?;
            let no_keys = "the service of pod identity gives no keys";
            Ok(temporary::identity(keys, context, no_keys).await?)
        })
    }

    fn check(&self, context: &CredentialContext) -> Result<(), Error> {
        context.check_project()
    }
}
