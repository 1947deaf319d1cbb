//! Authenticating requests with a fixed identity or with one that is refreshed.

use crate::auth::{
    cache::{Cache, Fetch},
    identity::{Identity, Kind},
    secret::Secret,
    signer,
};
use crate::error::Error;
use http::HeaderName;
use jiff::Timestamp;
use reqwest::Request;
use std::{fmt, sync::Arc, time::Duration};
use tokio::time::Instant;

const TOKEN: HeaderName = HeaderName::from_static("x-auth-token");

/// Tells the time for signatures.
pub(crate) type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Authenticates every request of a client.
pub(crate) struct Authenticator {
    source: Source,
    clock: Clock,
}

enum Source {
    Fixed(Arc<Identity>),
    Cached(Cache),
}

/// What an attempt was authenticated with.
pub(crate) struct Authenticated {
    identity: Arc<Identity>,
    /// When the attempt was signed, and the signature.
    signed: Option<(Timestamp, Secret)>,
}

impl Authenticator {
    pub(crate) fn fixed(identity: Identity, clock: Clock) -> Self {
        Self { source: Source::Fixed(Arc::new(identity)), clock }
    }

    pub(crate) fn cached(fetch: Fetch, attempt_timeout: Duration, clock: Clock) -> Self {
        Self { source: Source::Cached(Cache::new(fetch, attempt_timeout)), clock }
    }

    /// Sets the headers that authenticate a request of a call that ends then. Called anew for each
    /// attempt.
    pub(crate) async fn authenticate(
        &self,
        request: &mut Request,
        ends_at: Instant,
    ) -> Result<Authenticated, Error> {
        let identity = match &self.source {
            Source::Fixed(identity) => identity.clone(),
            Source::Cached(cache) => cache.get(ends_at).await?,
        };
        let mut signed = None;
        match &identity.kind {
            Kind::Token(token) => {
                request.headers_mut().insert(TOKEN, token.header()?);
            }
            Kind::AccessKey(key) => {
                let key = signer::Key {
                    access: &key.access_key,
                    secret: key.secret_key.bytes(),
                    security_token: key.security_token.as_ref().map(Secret::header).transpose()?,
                    project_id: key.project_id.as_deref(),
                };
                let now = (self.clock)();
                signed = Some((now, signer::sign(request, &key, now)?));
            }
            Kind::InBody(_) => {}
        }
        Ok(Authenticated { identity, signed })
    }

    /// Gives up an identity that the service calls expired. False if no other one can be had.
    pub(crate) fn expire(&self, expired: &Authenticated) -> bool {
        match &self.source {
            Source::Fixed(_) => false,
            Source::Cached(cache) => cache.expire(&expired.identity),
        }
    }
}

impl Authenticated {
    /// Whether both are of the same token or key.
    pub(crate) fn is_same_identity(&self, other: &Self) -> bool {
        self.identity.kind == other.identity.kind
    }

    /// Whether the response to the request may hold a new secret: it is a login.
    pub(crate) fn gets_secret(&self) -> bool {
        matches!(self.identity.kind, Kind::InBody(_))
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

impl fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authenticator").finish_non_exhaustive()
    }
}
