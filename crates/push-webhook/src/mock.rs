//! Signing webhooks, for tests of a receiver (feature `mock`).

use crate::{platform::Platform, secret::WebhookSecret};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderName, HeaderValue};
use std::time::SystemTime;

impl WebhookSecret {
    /// Returns the headers with which a platform posts this body now, for your own tests (feature `mock`).
    /// The token or the signature of this secret is among them.
    ///
    /// `kind` is the kind of the event: for a push `push` at GitHub and `Push Hook` elsewhere, for a tag
    /// `push` at GitHub and `Tag Push Hook` elsewhere. For Gitee, the headers have a signature, not the
    /// password.
    ///
    /// ```
    /// use push_webhook::{Platform, PushEvent, WebhookSecret};
    ///
    /// let secret = WebhookSecret::new("a long random text")?;
    /// let body = br#"{
    ///     "ref": "refs/heads/master",
    ///     "after": "2fdc0170f0d540ae952c03ee6cabae3a8943d16a",
    ///     "repository": { "name": "app" }
    /// }"#;
    /// let headers = secret.sign(Platform::GitHub, "push", body);
    /// secret.verify(&headers, body)?;
    /// assert_eq!(PushEvent::from_webhook(&headers, body)?.branch(), Some("master"));
    ///
    /// // A webhook that is not authentic.
    /// let headers = WebhookSecret::new("another text")?.sign(Platform::GitHub, "push", body);
    /// assert!(secret.verify(&headers, body).unwrap_err().is_not_authentic());
    /// # Ok::<(), push_webhook::Error>(())
    /// ```
    pub fn sign(&self, platform: Platform, kind: &str, body: &[u8]) -> HeaderMap {
        self.sign_at(platform, kind, body, SystemTime::now())
    }

    /// Does what [`sign`](Self::sign) does, at another time than now. Only webhooks of Gitee tell the time.
    pub fn sign_at(
        &self,
        platform: Platform,
        kind: &str,
        body: &[u8],
        now: SystemTime,
    ) -> HeaderMap {
        let secret = self.0.as_str();
        let time = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let time = time.as_millis().to_string();
        let (kind_header, proof_header, proof) = match platform {
            Platform::CodeArtsRepo => ("x-devcloud-event", "x-repo-token", secret.to_owned()),
            Platform::GitLab => ("x-gitlab-event", "x-gitlab-token", secret.to_owned()),
            Platform::GitHub => {
                let signature = base16ct::lower::encode_string(&self.signature(&[body]));
                ("x-github-event", "x-hub-signature-256", format!("sha256={signature}"))
            }
            Platform::Gitee => {
                let signature = self.signature(&[time.as_bytes(), b"\n", secret.as_bytes()]);
                ("x-gitee-event", "x-gitee-token", STANDARD.encode(signature))
            }
        };
        let json = ("content-type", "application/json");
        let time = ("x-gitee-timestamp", &*time);
        let headers = [json, (kind_header, kind), (proof_header, &proof), time];
        let count = if platform == Platform::Gitee { 4 } else { 3 };
        // No platform sends a text that is no value of a header.
        let header = |(name, value)| {
            Some((HeaderName::from_static(name), HeaderValue::from_str(value).ok()?))
        };
        headers.into_iter().take(count).filter_map(header).collect()
    }
}
