//! Authenticating a request with an identity.

use crate::auth::identity::{Identity, Scheme};
use crate::auth::secret::Secret;
use crate::auth::signer;
use crate::error::Error;
use http::HeaderName;
use jiff::Timestamp;
use reqwest::Request;
use std::sync::Arc;

const TOKEN: HeaderName = HeaderName::from_static("x-auth-token");

/// Tells the time for signatures.
pub(crate) type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

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
