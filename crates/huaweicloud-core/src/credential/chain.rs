//! Providers that are asked one after the other.

use crate::credential::provider::{
    Credential, CredentialContext, CredentialFuture, CredentialProvider,
};
use crate::error::Error;
use std::sync::OnceLock;

/// A list of providers, of which the first that has a credential is used.
///
/// A provider that has none here says so with [`Error::no_credential_here`], and the next one is asked. Any
/// other error ends the chain, so that a fault of one provider never makes the client go on as somebody
/// else. The provider that gave an identity is the only one that is asked from then on.
///
/// ```
/// use huaweicloud_core::{Client, Credential, CredentialChain, EcsAgency, Profile, Service};
///
/// let chain = CredentialChain::new().with(Profile::home()).with(EcsAgency::new());
/// let builder = Client::builder().region("cn-north-4").credential(chain);
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct CredentialChain {
    /// Where there is none, for the error.
    pub(super) tried: Vec<String>,
    providers: Vec<Credential>,
    /// The one that gave an identity.
    found: OnceLock<Credential>,
}

impl CredentialChain {
    /// A chain without any provider, which has no credential.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a provider that is asked after all others.
    pub fn with(mut self, provider: impl Into<Credential>) -> Self {
        self.providers.push(provider.into());
        self
    }
}

impl CredentialProvider for CredentialChain {
    fn provide<'a>(&'a self, context: &'a CredentialContext) -> CredentialFuture<'a> {
        Box::pin(async {
            if let Some(found) = self.found.get() {
                return found.provide(context).await;
            }
            let mut last = Error::no_credential_here("the chain has no providers");
            let mut reasons = self.tried.clone();
            for provider in &self.providers {
                let error = match provider.provide(context).await {
                    Ok(identity) => {
                        _ = self.found.set(provider.clone());
                        return Ok(identity);
                    }
                    Err(cause) => *cause.downcast::<Error>()?,
                };
                if !error.0.is_absent {
                    let before = format!("none found before: {}", reasons.join("; "));
                    let is_first = reasons.is_empty();
                    return Err(if is_first { error } else { error.with_note(&before) }.into());
                }
                reasons.push(error.message().to_owned());
                last = error;
            }
            let none = Error::no_credential_here(format!("none found: {}", reasons.join("; ")));
            Err(none.edit(|it| it.status = last.status()).with_source(last).into())
        })
    }

    fn check(&self, context: &CredentialContext) -> Result<(), Error> {
        self.providers.iter().try_for_each(|provider| provider.check(context))
    }
}
