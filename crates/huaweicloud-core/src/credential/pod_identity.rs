//! Temporary keys of the pod that this runs in.

use crate::auth::{Identity, NamedUrl};
use crate::codec::operation::Operation;
use crate::credential::{
    file, iam,
    project::Project,
    provider::{CredentialContext, CredentialFuture, CredentialProvider},
    temporary::TemporaryKey,
};
use crate::error::Error;
use crate::pipeline::Target;
use crate::region;
use crate::service::ServiceInfo;
use http::header::AUTHORIZATION;
use std::path::PathBuf;

static SERVICE: ServiceInfo = ServiceInfo { name: "pod-identity", ..ServiceInfo::UNKNOWN };
static KEYS: Operation = iam::operation("pod_identity", "POST", "");

/// The identity of the pod that this runs in, as a cluster (CCE) gives it: temporary keys for the pod's token,
/// which is read from its file each time. The request is sent with the client's own settings and proxies,
/// unless the address is one of this machine.
#[derive(Clone, Debug)]
pub struct PodIdentity {
    url: String,
    token_file: PathBuf,
    pub(super) project: Project,
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
        Self::at(("URL of pod identity", url.as_ref().to_owned()), token_file.into())
    }

    /// The same with a name for errors.
    pub(super) fn at((name, url): NamedUrl, token_file: PathBuf) -> Result<Self, Error> {
        let url = region::link_local_endpoint(name, &url)?;
        Ok(Self { url, token_file, project: Project::default() })
    }

    /// The project of the requests, by id. Default: the region's own project, whose id is looked up at IAM
    /// once.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credential`](crate::ErrorKind::Credential) if it is not 1 to 64 letters, digits, hyphens
    /// and underscores.
    pub fn with_project_id(mut self, id: impl Into<String>) -> Result<Self, Error> {
        self.project.set_id(id.into())?;
        Ok(self)
    }

    /// Where IAM is, for looking up the project. Default: IAM's public endpoint of the region.
    #[must_use]
    pub fn with_iam_endpoint(mut self, url: impl Into<String>) -> Self {
        self.project.iam_endpoint = Some(("IAM endpoint", url.into()));
        self
    }

    async fn key(&self, context: &CredentialContext) -> Result<TemporaryKey, Error> {
        let token = file::token("the pod's token", &self.token_file)?;
        let mut request = iam::request(&self.url, &KEYS)?;
        request.headers_mut().insert(AUTHORIZATION, token.header()?);
        iam::set_body(&mut request, "{}".to_owned().into());
        let target = Target { service: &SERVICE, operation: &KEYS };
        let response = context.call(request, target, Identity::in_body(vec![token])).await;
        let response =
            response.map_err(|error| error.of_credential("asking the service of pod identity"))?;
        TemporaryKey::read(&response, context, "the service of pod identity gives no keys")
    }
}

impl CredentialProvider for PodIdentity {
    fn provide<'a>(&'a self, context: &'a CredentialContext) -> CredentialFuture<'a> {
        Box::pin(async {
            let key = self.key(context).await?;
            Ok(key.identity(context, &self.project).await?)
        })
    }

    fn check(&self, context: &CredentialContext) -> Result<(), Error> {
        self.project.check(context)
    }
}
