//! Temporary keys that STS gives for an ID token of an OIDC provider, for example of a CI.

use crate::auth::{Identity, Secret};
use crate::codec::operation::Operation;
use crate::credential::iam::{self, NamedUrl, not_empty, object, quoted};
use crate::credential::provider::{CredentialContext, CredentialFuture, CredentialProvider};
use crate::credential::{file, temporary};
use crate::error::Error;
use bytes::Bytes;
use serde_json::json;
use std::{path::PathBuf, time::Duration};

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
#[must_use]
pub struct OidcAgency {
    provider_urn: String,
    agency_urn: String,
    pub(super) session_name: String,
    duration: Duration,
    pub(super) policy: Option<String>,
    policy_ids: Vec<String>,
    token: IdToken,
    pub(super) sts_endpoint: Option<NamedUrl>,
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
            session_name: "oidc-sts-session".to_owned(),
            duration: Duration::from_secs(60 * 60),
            policy: None,
            policy_ids: Vec::new(),
            token,
            sts_endpoint: None,
        })
    }

    /// What the service's logs call the session. Default: `oidc-sts-session`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credential`](crate::ErrorKind::Credential) if it is empty.
    pub fn with_session_name(self, name: impl Into<String>) -> Result<Self, Error> {
        Ok(Self { session_name: not_empty("session name", name.into())?, ..self })
    }

    /// How long the keys are valid, in whole seconds. Default: an hour.
    pub fn with_duration(self, duration: Duration) -> Self {
        Self { duration, ..self }
    }

    /// A policy in JSON that narrows what the agency may do. Default: none.
    pub fn with_policy(self, policy: impl Into<String>) -> Self {
        Self { policy: Some(policy.into()), ..self }
    }

    /// The ids of policies that narrow what the agency may do. Default: none.
    pub fn with_policy_ids(self, ids: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { policy_ids: ids.into_iter().map(Into::into).collect(), ..self }
    }

    /// Where STS is. Default: its public endpoint of the region.
    pub fn with_sts_endpoint(self, url: impl Into<String>) -> Self {
        Self { sts_endpoint: Some(("STS endpoint", url.into())), ..self }
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
        Ok(Self(Source::Text(Secret::checked("the ID token", token.into())?)))
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

static ASSUME: Operation = iam::post("sts_assume_with_oidc", "/v5/agencies/assume-with-oidc");

impl OidcAgency {
    async fn assume(&self, context: &CredentialContext) -> Result<http::Response<Bytes>, Error> {
        let token = self.token.read()?;
        let mut fields = vec![
            ("provider_urn", quoted(&self.provider_urn)),
            ("agency_urn", quoted(&self.agency_urn)),
            ("agency_session_name", quoted(&self.session_name)),
            ("id_token", quoted(token.text())),
            ("duration_seconds", self.duration.as_secs().to_string().into()),
        ];
        fields.extend(self.policy.as_deref().map(|policy| ("policy", quoted(policy))));
        let ids = json!(self.policy_ids).to_string().into();
        fields.extend((!self.policy_ids.is_empty()).then_some(("policy_ids", ids)));

        let sts = context.endpoint(&iam::STS, self.sts_endpoint.as_ref())?;
        let request = iam::request(&sts, &ASSUME, Some(object(&fields)))?;
        context.call(request, &iam::STS, &ASSUME, Identity::in_body(vec![token])).await
    }
}

impl CredentialProvider for OidcAgency {
    fn provide<'a>(&'a self, context: &'a CredentialContext) -> CredentialFuture<'a> {
        Box::pin(async {
            let keys = self.assume(context).await;
            let keys = keys.map_err(|error| error.of_credential("assuming the agency at STS"))?;
            let no_keys = "assuming the agency at STS: it gives no keys";
            Ok(temporary::identity(keys, context, no_keys).await?)
        })
    }

    fn check(&self, context: &CredentialContext) -> Result<(), Error> {
        context.endpoint(&iam::STS, self.sts_endpoint.as_ref())?;
        context.check_project()
    }
}
