//! What a request is authenticated with, and how.

use crate::auth::{access_key::AccessKey, secret::Secret, signer};
use crate::error::Error;
use http::HeaderName;
use jiff::Timestamp;
use reqwest::Request;
use std::{iter::once, sync::Arc, time::Duration};

const TOKEN: HeaderName = HeaderName::from_static("x-auth-token");

/// Tells the time for signatures.
pub(crate) type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// A token or an access key, and for how long it is valid. A
/// [`CredentialProvider`](crate::CredentialProvider) gives it.
#[derive(Clone, Debug)]
#[must_use]
pub struct Identity {
    pub(crate) scheme: Scheme,
    pub(crate) valid_for: Option<Duration>,
}

/// How a request is authenticated, and with what.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Scheme {
    Token(Secret),
    AccessKey(Box<AccessKey>),
    /// The request authenticates itself, by these secrets in its body.
    InBody(Vec<Secret>),
}

impl Identity {
    /// An IAM token of the region, scoped to a project.
    ///
    /// # Errors
    ///
    /// Those of [`Credential::token`](crate::Credential::token).
    pub fn token(token: impl Into<String>) -> Result<Self, Error> {
        Ok(Self::new(Scheme::Token(Secret::checked("the token", token.into())?)))
    }

    /// An access key, which should have a project id: it is not looked up.
    pub fn access_key(key: AccessKey) -> Self {
        Self::new(Scheme::AccessKey(Box::new(key)))
    }

    /// For how long it is valid, from now. Without this it is never refreshed, unless the service
    /// says that it has expired.
    pub fn valid_for(mut self, duration: Duration) -> Self {
        self.valid_for = Some(duration);
        self
    }

    /// For a request that carries secrets in its body instead of a header.
    pub(crate) fn in_body(secrets: Vec<Secret>) -> Self {
        Self::new(Scheme::InBody(secrets))
    }

    fn new(scheme: Scheme) -> Self {
        Self { scheme, valid_for: None }
    }

    /// The secrets that every request with this identity carries.
    pub(crate) fn secrets(&self) -> Vec<&Secret> {
        match &self.scheme {
            Scheme::Token(token) => vec![token],
            Scheme::AccessKey(key) => once(&key.secret_key).chain(&key.security_token).collect(),
            Scheme::InBody(secrets) => secrets.iter().collect(),
        }
    }
}

/// What an attempt was authenticated with.
pub(crate) struct Authenticated {
    pub(crate) identity: Arc<Identity>,
    /// When the attempt was signed, and the signature.
    signed: Option<(Timestamp, Secret)>,
}

impl Authenticated {
    /// Sets the headers that authenticate a request. Each attempt needs them anew.
    pub(crate) fn new(
        identity: Arc<Identity>,
        request: &mut Request,
        clock: &Clock,
    ) -> Result<Self, Error> {
        let signed = match &identity.scheme {
            Scheme::Token(token) => {
                request.headers_mut().insert(TOKEN, token.header()?);
                None
            }
            Scheme::AccessKey(key) => {
                let now = clock();
                Some((now, signer::sign(request, key, now)?))
            }
            Scheme::InBody(_) => None,
        };
        Ok(Self { identity, signed })
    }

    /// Whether both are of the same token or key.
    pub(crate) fn is_same_identity(&self, other: &Self) -> bool {
        self.identity.scheme == other.identity.scheme
    }

    /// Whether the response to the request may hold a new secret: it is a login.
    pub(crate) fn gets_secret(&self) -> bool {
        matches!(self.identity.scheme, Scheme::InBody(_))
    }

    /// Takes every secret that the request carried out of a text.
    pub(crate) fn redact(&self, text: &str) -> String {
        let signature = self.signed.iter().map(|(_, signature)| signature);
        let secrets = self.identity.secrets().into_iter().chain(signature);
        secrets.fold(text.to_owned(), |text, secret| secret.redact(&text))
    }

    /// The time that the signature bears, if there is one.
    pub(crate) fn signed_at(&self) -> Option<Timestamp> {
        self.signed.as_ref().map(|(time, _)| *time)
    }
}
