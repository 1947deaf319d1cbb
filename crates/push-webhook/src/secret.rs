//! Verifying webhooks by their token or signature.

use crate::{
    error::{Error, Reason},
    platform::Platform,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderValue};
use percent_encoding::percent_decode;
use sha2::{Sha256, digest::Output};
use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};
use zeroize::Zeroizing;

/// How far the time of a webhook of Gitee may be from now: an hour.
const MAX_SKEW: Duration = Duration::from_secs(60 * 60);
/// CodeArts Repo sends the token in one of these headers. Which one depends on the settings and the age of
/// the webhook.
const CODEARTS_TOKENS: [&str; 5] =
    ["x-repo-token", "x-gitlab-token", "x-auth-token", "x-devcloud-token", "x-codehub-token"];

/// The secret of a webhook. The settings of the code platforms call it token, secret, password or signature
/// key.
///
/// `Debug` does not show it. All clones share one memory, which is wiped when the last of them is
/// dropped.
///
/// ```
/// use http::HeaderMap;
/// use push_webhook::WebhookSecret;
///
/// let secret = WebhookSecret::new("a long random text")?;
/// let mut headers = HeaderMap::new();
/// headers.insert("x-gitlab-event", "Push Hook".parse().unwrap());
/// assert!(secret.verify(&headers, b"{}").unwrap_err().is_not_authentic());
/// headers.insert("x-gitlab-token", "a long random text".parse().unwrap());
/// secret.verify(&headers, b"{}")?;
/// # Ok::<(), push_webhook::Error>(())
/// ```
#[derive(Clone)]
pub struct WebhookSecret(pub(crate) Arc<Zeroizing<String>>);

impl WebhookSecret {
    /// A secret as it is set at the platform.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidSecret`](crate::ErrorKind::InvalidSecret) if it is empty, or begins or ends
    /// with white space, which is lost in a header.
    pub fn new(secret: impl Into<String>) -> Result<Self, Error> {
        let secret = Zeroizing::new(secret.into());
        if secret.is_empty() {
            return Err(Reason::EmptySecret.into());
        }
        if secret.trim().len() != secret.len() {
            return Err(Reason::SecretWithWhiteSpace.into());
        }
        Ok(Self(Arc::new(secret)))
    }

    /// Verifies that the sender of a webhook knows the secret. Compares in constant time.
    ///
    /// | platform | what is checked |
    /// | --- | --- |
    /// | CodeArts Repo | the token in `X-Repo-Token`, `X-Gitlab-Token`, `X-Auth-Token`, `X-Devcloud-Token` or `X-Codehub-Token` |
    /// | GitLab | the token in `X-Gitlab-Token` |
    /// | GitHub | the signature of the body in `X-Hub-Signature-256` |
    /// | Gitee | in `X-Gitee-Token` the password, or the signature of `X-Gitee-Timestamp`, which is at most an hour from now |
    ///
    /// Only GitHub signs the body. Webhooks of the others can be changed on the way, so that they need https.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::NotAuthentic`](crate::ErrorKind::NotAuthentic) if the request has no valid token
    ///   or signature;
    /// - [`ErrorKind::UnknownPlatform`](crate::ErrorKind::UnknownPlatform) if it is no webhook of a
    ///   known platform.
    pub fn verify(&self, headers: &HeaderMap, body: &[u8]) -> Result<(), Error> {
        self.verify_at(headers, body, SystemTime::now())
    }

    /// Does what [`verify`](Self::verify) does, at another time than now.
    ///
    /// # Errors
    ///
    /// Those of [`verify`](Self::verify).
    pub fn verify_at(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: SystemTime,
    ) -> Result<(), Error> {
        let platform = Platform::of(headers)?;
        let get = |name: &str| headers.get(name).map(HeaderValue::as_bytes);
        let is_valid = match platform {
            Platform::CodeArtsRepo => {
                CODEARTS_TOKENS.iter().any(|name| get(name).is_some_and(|it| self.is(it)))
            }
            Platform::GitLab => get("x-gitlab-token").is_some_and(|token| self.is(token)),
            Platform::GitHub => get("x-hub-signature-256")
                .and_then(|signature| signature.strip_prefix(b"sha256="))
                .and_then(|hex| base16ct::mixed::decode_vec(hex).ok())
                .is_some_and(|signature| self.has_signed(&[body], &signature)),
            Platform::Gitee => get("x-gitee-token").is_some_and(|token| {
                self.is(token) || self.is_gitee_signature(token, get("x-gitee-timestamp"), now)
            }),
        };
        match platform {
            _ if is_valid => Ok(()),
            Platform::Gitee => Err(Reason::NotAuthenticOrLate.into()),
            platform => Err(Reason::NotAuthentic(platform).into()),
        }
    }

    fn is(&self, token: &[u8]) -> bool {
        // The signatures of two texts have one length, whatever the length of the texts.
        self.has_signed(&[token], &self.signature(&[self.0.as_bytes()]))
    }

    fn is_gitee_signature(&self, token: &[u8], time: Option<&[u8]>, now: SystemTime) -> bool {
        let Some(time) = time else { return false };
        let millis = std::str::from_utf8(time).ok().and_then(|time| time.parse().ok());
        let sent = millis
            .and_then(|millis| SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(millis)));
        let is_recent = sent.is_some_and(|sent| {
            let skew = now.duration_since(sent).unwrap_or_else(|ahead| ahead.duration());
            skew <= MAX_SKEW
        });
        // Gitee documents that the signature is percent-encoded, and sends it as it is.
        let signature: Vec<u8> = percent_decode(token).collect();
        let signature = STANDARD.decode(signature).unwrap_or_default();
        is_recent && self.has_signed(&[time, b"\n", self.0.as_bytes()], &signature)
    }

    fn has_signed(&self, parts: &[&[u8]], signature: &[u8]) -> bool {
        self.signer(parts).is_some_and(|signer| signer.verify_slice(signature).is_ok())
    }

    pub(crate) fn signature(&self, parts: &[&[u8]]) -> Output<Sha256> {
        self.signer(parts).map(|signer| signer.finalize().into_bytes()).unwrap_or_default()
    }

    fn signer(&self, parts: &[&[u8]]) -> Option<Hmac<Sha256>> {
        let mut signer = Hmac::<Sha256>::new_from_slice(self.0.as_bytes()).ok()?;
        parts.iter().for_each(|part| signer.update(part));
        Some(signer)
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret([redacted])")
    }
}
