//! What gives an identity: the trait, what it is given, and the credential that holds one.

use crate::auth::{Cache, FetchFuture, Identity, project_id};
use crate::codec::operation::{Content, Operation};
use crate::credential::iam::{GivenProject, NamedUrl, Project, not_empty};
use crate::error::{Error, ErrorKind};
use crate::pipeline::{Call, Sender};
use crate::region::{self, Region};
use crate::service::ServiceInfo;
use bytes::Bytes;
use jiff::Timestamp;
use reqwest::Request;
use std::{error::Error as StdError, fmt, pin::Pin, sync::Arc};
use tokio::time::Instant;

/// What a [`CredentialProvider`] gives, in time.
pub type CredentialFuture<'a> =
    Pin<Box<dyn Future<Output = Result<Identity, Box<dyn StdError + Send + Sync>>> + Send + 'a>>;

/// Gives tokens or access keys. Every built-in credential is a provider; a vault of your own can be
/// another.
///
/// The client keeps what the provider gives, asks again ahead of its expiry, and never asks twice at the
/// same time. It asks within a call, whose runtime the provider may use; the other calls go on with the
/// old identity. If the provider takes too long, its future is dropped, and later it is asked again. The
/// message of an error becomes part of the client's: keep secrets out of it. An [`Error`] with the
/// status 401 or 403 says that the credential is wrong, and stands for five minutes.
///
/// ```
/// use huaweicloud_core::{
///     Client, CredentialContext, CredentialFuture, CredentialProvider, Identity,
/// };
/// use std::time::Duration;
///
/// struct Vault;
///
/// impl CredentialProvider for Vault {
///     fn provide<'a>(&'a self, _: &'a CredentialContext) -> CredentialFuture<'a> {
///         Box::pin(async {
///             let token = String::from("what the vault holds");
///             Ok(Identity::token(token.replace(' ', "-"))?.valid_for(Duration::from_secs(3600)))
///         })
///     }
/// }
///
/// let endpoint = "https://iam.cn-north-4.myhuaweicloud.com";
/// let builder = Client::builder().region("cn-north-4").endpoint(endpoint);
/// let client = builder.credential(Vault).build()?;
/// # Ok::<(), huaweicloud_core::Error>(())
/// ```
pub trait CredentialProvider: Send + Sync + 'static {
    /// Gives a new token or access key.
    fn provide<'a>(&'a self, context: &'a CredentialContext) -> CredentialFuture<'a>;

    /// Checks, when a client is built, what can be checked without asking anybody. Finds nothing
    /// wrong unless it is written.
    ///
    /// # Errors
    ///
    /// What makes [`ClientBuilder::build`](crate::ClientBuilder::build) fail.
    fn check(&self, context: &CredentialContext) -> Result<(), Error> {
        _ = context;
        Ok(())
    }
}

/// What a [`CredentialProvider`] is given: the client's region and clock, and a way to send requests.
#[derive(Clone)]
pub struct CredentialContext {
    pub(crate) region: Option<Region>,
    pub(crate) sender: Arc<Sender>,
    /// What is set of the project, by the credential that asks.
    pub(crate) project: Project,
    /// When the requests of this refresh end.
    pub(crate) ends_at: Option<Instant>,
}

impl CredentialContext {
    /// The client's region, unless it has only an endpoint.
    pub fn region(&self) -> Option<&Region> {
        self.region.as_ref()
    }

    /// The time, by the client's clock.
    pub fn now(&self) -> Timestamp {
        (self.sender.settings.clock)()
    }

    /// Sends a request as the client sends its own, with its bounds and retries, but without
    /// authentication. Of the response, an error shows the service's code and message only.
    ///
    /// # Errors
    ///
    /// Those of a call, as an [`ErrorKind::Service`] if the status of the response is an error's.
    pub async fn send(&self, request: Request) -> Result<http::Response<Bytes>, Error> {
        let operation = Operation::undocumented(request.method().as_str(), Content::Any);
        let nobody = Identity::in_body(Vec::new());
        self.call(request, &ServiceInfo::UNKNOWN, operation, nobody).await
    }

    pub(super) async fn call(
        &self,
        request: Request,
        service: &'static ServiceInfo,
        operation: &'static Operation,
        identity: Identity,
    ) -> Result<http::Response<Bytes>, Error> {
        let ends_at = self.sender.ends_at();
        let ends_at = self.ends_at.map_or(ends_at, |end| end.min(ends_at));
        let identities = &Credential::from(identity).identities(self.clone())?;
        let call = Call { request, service, operation, identities, ends_at, is_single: false };
        Ok(self.sender.call(call).await?.whole())
    }

    /// The endpoint of IAM or STS: the one given, else the public one of the region.
    pub(super) fn endpoint(
        &self,
        service: &ServiceInfo,
        given: Option<&NamedUrl>,
    ) -> Result<String, Error> {
        match (given, self.region().and_then(service.endpoint)) {
            (Some((name, url)), _) => region::endpoint(name, url, self.sender.settings.allow_http),
            (None, Some(public)) => Ok(public),
            (None, None) => Err(missing(&format!("{} endpoint", service.name))),
        }
    }
}

/// The error of a setting for which the region would do as well.
pub(super) fn missing(what: &str) -> Error {
    Error::credential(format!("{what}: neither it nor the region is set"))
}

impl fmt::Debug for CredentialContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CredentialContext").field("region", &self.region).finish_non_exhaustive()
    }
}

/// What authenticates the requests of a client, and for which project. It never shows its secrets, and wipes
/// them when their last user is dropped.
///
/// | made by | is | is refreshed |
/// | --- | --- | --- |
/// | [`token`](Self::token) | an IAM token, valid for 24 hours | no |
/// | [`AccessKey`](crate::AccessKey) | an access key, permanent or temporary, that signs requests | need not be |
/// | [`PasswordLogin`](crate::PasswordLogin) | an IAM user, who logs in | ahead of its expiry |
/// | [`FederatedLogin`](crate::FederatedLogin) | a user of an identity provider, who logs in with an ID token | ahead of its expiry |
/// | [`OidcAgency`](crate::OidcAgency) | an agency that is assumed with an ID token, as of a CI | ahead of its expiry |
/// | [`PodIdentity`](crate::PodIdentity) | the identity of the pod this runs in | ahead of its expiry |
/// | [`EcsAgency`](crate::EcsAgency) | the agency of the cloud server this runs on | ahead of its expiry |
/// | [`Profile`](crate::Profile) | what a profile file holds | as what it holds |
/// | [`from_env`](Self::from_env) | the first of these that the environment names | as what it names |
/// | [`CredentialChain`](crate::CredentialChain) | the first of a list that has a credential | as that one |
/// | `from(provider)` | a [`CredentialProvider`] of your own | ahead of its expiry |
///
/// ```
/// use huaweicloud_core::Credential;
///
/// let credential = Credential::token("MIIaBwYJKoZIhvcNAQcCoIIZ-DCCGfQCAQExDTAL")?;
/// assert_eq!(format!("{credential:?}"), "Credential(Identity)");
/// # Ok::<(), huaweicloud_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Credential {
    provider: Arc<dyn CredentialProvider>,
    /// The name of the provider's type.
    name: &'static str,
    pub(super) project: Project,
    /// Where the environment has it.
    origin: Option<Arc<str>>,
}

impl Credential {
    /// The project of the requests, by name. Default: the region's own project, whose name is the region's
    /// id. What a profile says of its project comes first.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credential`] if it is empty.
    pub fn with_project(mut self, name: impl Into<String>) -> Result<Self, Error> {
        let name = not_empty("name of the project", name.into())?;
        self.project.given = Some(GivenProject::Name(name));
        Ok(self)
    }

    /// The project of the requests, by id. Otherwise keys look up the id of the project at IAM once.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credential`] if it is not 1 to 64 letters, digits, hyphens and underscores.
    pub fn with_project_id(mut self, id: impl Into<String>) -> Result<Self, Error> {
        self.project.given = Some(GivenProject::Id(project_id(id.into())?));
        Ok(self)
    }

    /// Where IAM is, for logging in and for looking up the project. Default: IAM's public endpoint of the
    /// region.
    #[must_use]
    pub fn with_iam_endpoint(mut self, url: impl Into<String>) -> Self {
        self.project.iam_endpoint = Some(("IAM endpoint", url.into()));
        self
    }

    /// Where [`from_env`](Self::from_env) found it: the names of variables, or the path of a file.
    pub fn origin(&self) -> Option<&str> {
        self.origin.as_deref()
    }

    pub(super) fn found_in(self, origin: impl Into<Arc<str>>) -> Self {
        Self { origin: Some(origin.into()), ..self }
    }

    /// Asks the provider, as a wrapper of it does.
    pub fn provide<'a>(&'a self, context: &'a CredentialContext) -> CredentialFuture<'a> {
        let context = self.own(context);
        Box::pin(async move { self.provider.provide(&context).await })
    }

    /// Lets the provider check what can be checked without asking anybody.
    ///
    /// # Errors
    ///
    /// Those of [`CredentialProvider::check`].
    pub fn check(&self, context: &CredentialContext) -> Result<(), Error> {
        self.provider.check(&self.own(context))
    }

    /// The context with the settings of this credential.
    fn own(&self, context: &CredentialContext) -> CredentialContext {
        let project = self.project.clone().or(context.project.clone());
        CredentialContext { project, ..context.clone() }
    }

    /// Keeps what the provider gives, for the requests of a client.
    pub(crate) fn identities(self, context: CredentialContext) -> Result<Cache, Error> {
        self.check(&context)?;
        let attempt_timeout = context.sender.settings.attempt_timeout;
        let fetch = move |until| -> FetchFuture {
            let context = CredentialContext { ends_at: Some(until), ..context.clone() };
            let credential = self.clone();
            Box::pin(async move { credential.provide(&context).await.map_err(no_identity) })
        };
        Ok(Cache::new(Box::new(fetch), attempt_timeout))
    }
}

/// What a provider failed with, as an error of this crate.
fn no_identity(cause: Box<dyn StdError + Send + Sync>) -> Error {
    match cause.downcast::<Error>() {
        Ok(error) if error.kind() == ErrorKind::Credential => *error,
        Ok(error) => error.of_credential("the credential's provider"),
        // Nothing says that the credential is wrong.
        Err(cause) => Error::credential(cause.to_string()).with_source(cause).with_transience(true),
    }
}

impl<P: CredentialProvider> From<P> for Credential {
    fn from(provider: P) -> Self {
        let name = std::any::type_name::<P>();
        let name = name.rsplit("::").next().unwrap_or(name);
        Self { provider: Arc::new(provider), name, project: Project::default(), origin: None }
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credential({})", self.name)
    }
}

/// A fixed identity gives itself.
impl CredentialProvider for Identity {
    fn provide<'a>(&'a self, _: &'a CredentialContext) -> CredentialFuture<'a> {
        Box::pin(std::future::ready(Ok(self.clone())))
    }
}
