//! What proves who is calling: for a while, on a request, of a client.

use super::{AccessKey, Secret, cache::Cache, signature};
use crate::{Error, ErrorKind};
use http::{HeaderName, header};
use jiff::Timestamp;
use reqwest::Request;
use std::{error::Error as StdError, fmt, pin::Pin, sync::Arc, time::Duration};

const TOKEN_HEADER: HeaderName = HeaderName::from_static("x-auth-token");

/// What tells the time for signatures.
pub(crate) type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// A token or an access key, and for how long it is good. A [`CredentialProvider`] gives it.
#[derive(Clone, Debug)]
pub struct Identity {
    proof: Proof,
    pub(super) valid_for: Option<Duration>,
}

#[derive(Clone, Debug)]
enum Proof {
    Token(Secret),
    AccessKey(Box<AccessKey>),
    /// Nothing to prove; secrets of the request's body.
    Nothing(Vec<Secret>),
}

impl Identity {
    /// An IAM token of the region, scoped to a project.
    ///
    /// # Errors
    ///
    /// Those of [`Credential::token`](super::Credential::token).
    pub fn token(token: impl Into<String>) -> Result<Self, Error> {
        Ok(Self::of_token(Secret::checked("token", token.into())?))
    }

    /// An access key, which should have a project id: it is not looked up.
    pub fn access_key(key: AccessKey) -> Self {
        Self { proof: Proof::AccessKey(Box::new(key)), valid_for: None }
    }

    /// For how long it is good, from now. Without this it is never renewed, unless the service calls
    /// it expired.
    #[must_use]
    pub fn valid_for(mut self, duration: Duration) -> Self {
        self.valid_for = Some(duration);
        self
    }

    pub(super) fn of_token(token: Secret) -> Self {
        Self { proof: Proof::Token(token), valid_for: None }
    }

    /// For a request that says in its body who is calling.
    pub(super) fn nothing(secrets: Vec<Secret>) -> Self {
        Self { proof: Proof::Nothing(secrets), valid_for: None }
    }
}

/// What a [`CredentialProvider`] gives, in time.
pub type CredentialFuture<'a> =
    Pin<Box<dyn Future<Output = Result<Identity, Box<dyn StdError + Send + Sync>>> + Send + 'a>>;

/// A source of tokens or access keys of your own, for
/// [`Credential::source`](super::Credential::source).
///
/// The client keeps what the source gives, asks again ahead of its end while calls go on with the
/// old one, and never asks twice at the same time. The message of an error becomes part of the
/// client's: keep secrets out of it.
///
/// ```
/// use codearts_build::{Credential, CredentialProvider, CredentialFuture, Identity};
/// use std::time::Duration;
///
/// struct Vault;
///
/// impl CredentialProvider for Vault {
///     fn fetch(&self) -> CredentialFuture<'_> {
///         Box::pin(async {
///             let token = String::from("what the vault holds");
///             Ok(Identity::token(token.replace(' ', "-"))?.valid_for(Duration::from_secs(3600)))
///         })
///     }
/// }
///
/// let credential = Credential::source(Vault);
/// ```
pub trait CredentialProvider: Send + Sync + 'static {
    /// Fetches a new token or access key.
    fn fetch(&self) -> CredentialFuture<'_>;
}

/// What proves who is calling, on every request.
pub(crate) struct Authenticator {
    source: Source,
    clock: Clock,
}

enum Source {
    Fixed(Arc<Identity>),
    Renewed(Arc<Cache>),
}

/// What a request was authorized with.
pub(crate) struct Authorized {
    grant: Arc<Identity>,
    /// When it was signed, and the signature.
    signed: Option<(Timestamp, Secret)>,
}

impl Authenticator {
    pub(super) fn fixed(grant: Identity, clock: Clock) -> Self {
        Self { source: Source::Fixed(Arc::new(grant)), clock }
    }

    pub(super) fn renewed(cache: Arc<Cache>, clock: Clock) -> Self {
        Self { source: Source::Renewed(cache), clock }
    }

    /// Puts onto a request what proves who is calling. Called anew for each attempt.
    pub(crate) async fn authorize(&self, request: &mut Request) -> Result<Authorized, Error> {
        let grant = match &self.source {
            Source::Fixed(grant) => grant.clone(),
            Source::Renewed(cache) => cache.get().await?,
        };
        let unusable = || Error::new(ErrorKind::Credential, "it cannot be sent as a header");
        let mut signed = None;
        match &grant.proof {
            Proof::Token(token) => {
                let header = token.header().ok_or_else(unusable)?;
                request.headers_mut().insert(TOKEN_HEADER, header);
            }
            Proof::AccessKey(key) => {
                let token = key.security_token.as_ref();
                let key = signature::Key {
                    access: &key.access_key,
                    secret: key.secret_key.bytes(),
                    security_token: token
                        .map(|token| token.header().ok_or_else(unusable))
                        .transpose()?,
                    project_id: key.project_id.as_deref(),
                };
                let now = (self.clock)();
                signature::sign(request, &key, now)?;
                let header = request.headers().get(header::AUTHORIZATION);
                let header = header.and_then(|header| header.to_str().ok()).unwrap_or_default();
                signed = header.split_once("Signature=").map(|(_, it)| (now, Secret::from(it)));
            }
            Proof::Nothing(_) => {}
        }
        Ok(Authorized { grant, signed })
    }

    /// Whether another attempt can be authorized with something newer than what was refused.
    pub(crate) fn renew(&self, refused: &Authorized) -> bool {
        match &self.source {
            Source::Fixed(_) => false,
            Source::Renewed(cache) => cache.discard(&refused.grant),
        }
    }
}

impl Authorized {
    /// Takes every secret that the request carried out of a text.
    pub(crate) fn redact(&self, text: &str) -> String {
        let secrets = match &self.grant.proof {
            Proof::Token(token) => vec![token],
            Proof::AccessKey(key) => {
                let signature = self.signed.as_ref().map(|(_, signature)| signature);
                [Some(&key.secret_key), key.security_token.as_ref(), signature]
                    .into_iter()
                    .flatten()
                    .collect()
            }
            Proof::Nothing(secrets) => secrets.iter().collect(),
        };
        secrets.into_iter().fold(text.to_owned(), |text, secret| secret.redact(&text))
    }

    /// The time that the signature bears, where there is one.
    pub(crate) fn signed_at(&self) -> Option<Timestamp> {
        self.signed.as_ref().map(|(time, _)| *time)
    }
}

impl fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            Source::Fixed(grant) => grant.proof.fmt(f),
            Source::Renewed(_) => f.write_str("renewed ahead of its end"),
        }
    }
}
