//! Temporary keys that STS gives for an ID token of an OIDC provider, for example of a CI.

use crate::auth::{Identity, NamedUrl, Secret};
use crate::codec::operation::Operation;
use crate::credential::{
    file,
    iam::{self, not_empty, object, quoted},
    project::Project,
    provider::{CredentialContext, CredentialFuture, CredentialProvider},
    temporary::TemporaryKey,
};
use crate::error::Error;
use crate::pipeline::Target;
use serde_json::json;
use std::{path::PathBuf, time::Duration};

const DEFAULT_SESSION_NAME: &str = "oidc-sts-session";
const DEFAULT_DURATION: Duration = Duration::from_secs(60 * 60);

/// An agency that is assumed with an ID token: STS gives temporary keys for it.
///
/// ```
/// use huaweicloud_core::{Client, IdToken, OidcAgency};
///
/// let token = IdToken::file("/var/run/secrets/tokens/huaweicloud");
/// let agency = OidcAgency::new("iam::123:oidcProvider:ci", "iam::123:agency:builds", token)?
///     .with_session_name("nightly")?;
/// let builder = Client::builder().region("cn-north-4").credential(agency);
/// # Ok::<(), huaweicloud_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct OidcAgency {
    provider_urn: String,
    agency_urn: String,
    session_name: String,
    duration: Duration,
    policy: Option<String>,
    policy_ids: Vec<String>,
    token: IdToken,
    pub(super) sts_endpoint: Option<NamedUrl>,
    pub(super) project: Project,
}

impl OidcAgency {
    /// The URN of the identity provider, the URN of the agency, and the token that the provider issued.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credential`](crate::ErrorKind::Credential) if a URN is empty.
    pub fn new(
        provider_urn: impl Into<String>,
        agency_urn: impl Into<String>,
        token: IdToken,
    ) -> Result<Self, Error> {
        Ok(Self {
            provider_urn: not_empty("URN of the identity provider", provider_urn.into())?,
            agency_urn: not_empty("URN of the agency", agency_urn.into())?,
            session_name: DEFAULT_SESSION_NAME.to_owned(),
            duration: DEFAULT_DURATION,
            policy: None,
            policy_ids: Vec::new(),
            token,
            sts_endpoint: None,
            project: Project::default(),
        })
    }

    /// What the service's logs call the session. Default: `oidc-sts-session`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credential`](crate::ErrorKind::Credential) if it is empty.
    pub fn with_session_name(mut self, name: impl Into<String>) -> Result<Self, Error> {
        self.session_name = not_empty("session name", name.into())?;
        Ok(self)
    }

    /// How long the keys are valid, in whole seconds. Default: an hour.
    #[must_use]
    pub fn with_duration(mut self, duration: Duration) -> Self {
        self.duration = duration;
        self
    }

    /// A policy in JSON that narrows what the agency may do. Default: none.
    #[must_use]
    pub fn with_policy(mut self, policy: impl Into<String>) -> Self {
        self.policy = Some(policy.into());
        self
    }

    /// The ids of policies that narrow what the agency may do. Default: none.
    #[must_use]
    pub fn with_policy_ids(mut self, ids: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.policy_ids = ids.into_iter().map(Into::into).collect();
        self
    }

    /// Where STS is. Default: its public endpoint of the region.
    #[must_use]
    pub fn with_sts_endpoint(mut self, url: impl Into<String>) -> Self {
        self.sts_endpoint = Some(("STS endpoint", url.into()));
        self
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
}

/// A token that an identity provider issued for this program, for example a CI for one of its jobs.
#[derive(Clone, Debug)]
pub struct IdToken(Source);

#[derive(Clone, Debug)]
enum Source {
    Text(Secret),
    File(PathBuf),
}

impl IdToken {
    /// A token that does not change.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credential`](crate::ErrorKind::Credential) if the token is empty, longer than 32 KiB, or
    /// has a character that no token has.
    pub fn new(token: impl Into<String>) -> Result<Self, Error> {
        Self::named("the ID token", token.into())
    }

    /// The same with a name for errors.
    pub(super) fn named(name: &str, token: String) -> Result<Self, Error> {
        Ok(Self(Source::Text(Secret::checked(name, token)?)))
    }

    /// A token that is read from its file each time, because what issues the token replaces it.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self(Source::File(path.into()))
    }

    pub(super) fn read(&self) -> Result<Secret, Error> {
        match &self.0 {
            Source::Text(token) => Ok(token.clone()),
            Source::File(path) => file::token("the ID token", path),
        }
    }
}

static ASSUME: Operation =
    iam::operation("sts_assume_with_oidc", "POST", "/v5/agencies/assume-with-oidc");

impl OidcAgency {
    async fn key(&self, context: &CredentialContext) -> Result<TemporaryKey, Error> {
        let token = self.token.read()?;
        let (provider, agency) = (quoted(&self.provider_urn), quoted(&self.agency_urn));
        let (session, id_token) = (quoted(&self.session_name), quoted(token.text()));
        let duration = self.duration.as_secs().to_string();
        let policy = self.policy.as_deref().map(quoted);
        let ids = json!(self.policy_ids).to_string();
        let mut fields = vec![
            ("provider_urn", provider.as_str()),
            ("agency_urn", &agency),
            ("agency_session_name", &session),
            ("id_token", &id_token),
            ("duration_seconds", &duration),
        ];
        fields.extend(policy.as_ref().map(|policy| ("policy", policy.as_str())));
        fields.extend((!self.policy_ids.is_empty()).then_some(("policy_ids", ids.as_str())));

        let sts = context.endpoint(&iam::STS, self.sts_endpoint.as_ref())?;
        let mut request = iam::request(&sts, &ASSUME)?;
        iam::set_body(&mut request, object(&fields));
        let target = Target { service: &iam::STS, operation: &ASSUME };
        let response = context.call(request, target, Identity::in_body(vec![token])).await?;
        TemporaryKey::read(&response, context, "it gives no keys")
    }
}

impl CredentialProvider for OidcAgency {
    fn provide<'a>(&'a self, context: &'a CredentialContext) -> CredentialFuture<'a> {
        Box::pin(async {
            let key = self.key(context).await;
            let key = key.map_err(|error| error.of_credential("assuming the agency at STS"))?;
            Ok(key.identity(context, &self.project).await?)
        })
    }

    fn check(&self, context: &CredentialContext) -> Result<(), Error> {
        context.endpoint(&iam::STS, self.sts_endpoint.as_ref())?;
        self.project.check(context)
    }
}
