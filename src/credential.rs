//! Who is calling.

mod secret;

use crate::{Error, ErrorKind};
use http::HeaderName;
use reqwest::Request;
use secret::Secret;
use std::fmt;
use zeroize::Zeroizing;

/// Who is calling. It never shows its secret, and wipes it when its last user lets go.
///
/// ```
/// use codearts_build::Credential;
///
/// let credential = Credential::token("MIIaBwYJKoZIhvcNAQcCoIIZ-DCCGfQCAQExDTAL")?;
/// assert_eq!(format!("{credential:?}"), "Credential::Token([redacted])");
/// # Ok::<(), codearts_build::Error>(())
/// ```
#[derive(Clone)]
pub struct Credential(Source);

#[derive(Clone)]
enum Source {
    Token(Secret),
}

const TOKEN_HEADER: HeaderName = HeaderName::from_static("x-auth-token");
/// The longest header that the gateway takes.
const LONGEST_TOKEN: usize = 32 * 1024;

impl Credential {
    /// An IAM user token, as the response header `X-Subject-Token` of an IAM login gives it. It must
    /// be a token of the region, scoped to a project; it is valid for 24 hours.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credential`](crate::ErrorKind::Credential) if the token is empty, longer than the
    /// 32 KiB that the gateway takes, or has a line break or another character that no token has.
    pub fn token(token: impl Into<String>) -> Result<Self, Error> {
        let token = Zeroizing::new(token.into());
        let invalid = |rule: String| Err(Error::new(ErrorKind::Credential, rule));
        if token.is_empty() {
            return invalid("the token is empty".into());
        }
        if token.len() > LONGEST_TOKEN {
            return invalid(format!(
                "the token has {} bytes; the gateway takes {LONGEST_TOKEN} at most",
                token.len()
            ));
        }
        if let Some(position) = token.bytes().position(|byte| !byte.is_ascii_graphic()) {
            let what = match token.as_bytes().get(position) {
                Some(b'\n' | b'\r') => "a line break",
                Some(b' ' | b'\t') => "white space",
                _ => "a character that no token has",
            };
            return invalid(format!(
                "the token has {what} at position {}",
                position.saturating_add(1)
            ));
        }
        Ok(Self(Source::Token(Secret::new(token))))
    }

    /// Puts onto a request what proves who is calling. Called anew for each attempt.
    pub(crate) fn authorize(&self, request: &mut Request) -> Result<(), Error> {
        let Source::Token(token) = &self.0;
        let header = token.header().ok_or_else(|| {
            Error::new(ErrorKind::Credential, "the token cannot be sent as a header")
        })?;
        request.headers_mut().insert(TOKEN_HEADER, header);
        Ok(())
    }

    /// Takes every secret of this credential out of a text.
    pub(crate) fn redact(&self, text: &str) -> String {
        let Source::Token(token) = &self.0;
        token.redact(text)
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Source::Token(token) = &self.0;
        write!(f, "Credential::Token({token:?})")
    }
}
