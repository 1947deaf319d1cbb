//! What a request is authenticated with.

use crate::auth::{access_key::AccessKey, secret::Secret};
use crate::error::Error;
use std::{iter::once, time::Duration};

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
