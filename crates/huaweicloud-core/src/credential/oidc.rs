//! Temporary keys that STS gives for an ID token of an OIDC provider, for example of a CI.

use crate::auth::{Identity, NamedUrl, Secret};
use crate::codec::operation::Operation;
use crate::credential::{
    file,
    iam::{self, object, quoted},
    project::Project,
    provider::{CredentialContext, CredentialFuture, CredentialProvider},
    temporary::TemporaryKey,
};
use crate::error::Error;
use crate::pipeline::Target;
use serde_json::json;
use std::path::PathBuf;

/// An agency that is assumed with an ID token.
pub(super) struct Oidc {
    pub(super) provider_urn: String,
    pub(super) agency_urn: String,
    pub(super) session_name: String,
    pub(super) duration_seconds: u32,
    pub(super) policy: Option<String>,
    pub(super) policy_ids: Vec<String>,
    pub(super) token: IdToken,
    pub(super) sts_endpoint: Option<NamedUrl>,
    pub(super) project: Project,
}

pub(super) enum IdToken {
    Fixed(Secret),
    /// Read each time, because what issues the token replaces it.
    File(PathBuf),
}

static ASSUME: Operation =
    iam::operation("sts_assume_with_oidc", "POST", "/v5/agencies/assume-with-oidc");

impl Oidc {
    async fn key(&self, context: &CredentialContext) -> Result<TemporaryKey, Error> {
        let token = match &self.token {
            IdToken::Fixed(token) => token.clone(),
            IdToken::File(path) => file::token("the ID token", path)?,
        };
        let (provider, agency) = (quoted(&self.provider_urn), quoted(&self.agency_urn));
        let (session, id_token) = (quoted(&self.session_name), quoted(token.text()));
        let duration = self.duration_seconds.to_string();
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
        TemporaryKey::read(response.body(), "it gives no keys")
    }
}

impl CredentialProvider for Oidc {
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
