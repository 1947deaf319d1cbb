//! Authenticating requests with an identity that is refreshed.

use crate::auth::{
    cache::{Cache, Fetch},
    identity::{Identity, Scheme},
    secret::Secret,
    signer,
};
use crate::error::Error;
use http::HeaderName;
use jiff::Timestamp;
use reqwest::Request;
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;

const TOKEN: HeaderName = HeaderName::from_static("x-auth-token");

/// Tells the time for signatures.
pub(crate) type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Authenticates every request of a client.
pub(crate) struct Authenticator {
    cache: Cache,
    clock: Clock,
}

/// What an attempt was authenticated with.
pub(crate) struct Authenticated {
    identity: Arc<Identity>,
    /// When the attempt was signed, and the signature.
    signed: Option<(Timestamp, Secret)>,
}

impl Authenticator {
    pub(crate) fn new(fetch: Fetch, attempt_timeout: Duration, clock: Clock) -> Self {
        Self { cache: Cache::new(fetch, attempt_timeout), clock }
    }

    /// Sets the headers that authenticate a request. Each attempt needs them anew. It takes until
    /// `ends_at` at most.
    pub(crate) async fn authenticate(
        &self,
        request: &mut Request,
        ends_at: Instant,
    ) -> Result<Authenticated, Error> {
        let identity = self.cache.get(ends_at).await?;
        let signed = match &identity.scheme {
            Scheme::Token(token) => {
                request.headers_mut().insert(TOKEN, token.header()?);
                None
            }
            Scheme::AccessKey(key) => {
                let now = (self.clock)();
                Some((now, signer::sign(request, key, now)?))
            }
            Scheme::InBody(_) => None,
        };
        Ok(Authenticated { identity, signed })
    }

    /// Gives up an identity that the service calls expired. False if no other one can be had.
    pub(crate) fn expire(&self, expired: &Authenticated) -> bool {
        self.cache.expire(&expired.identity)
    }
}

impl Authenticated {
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
