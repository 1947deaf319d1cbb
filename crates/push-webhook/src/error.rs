//! The one error of this crate.

use crate::{event::PushEvent, platform::Platform};
use std::fmt;

/// Why a webhook cannot be trusted or read, or why a secret cannot be used.
///
/// It holds no text of the webhook and nothing of the secret, so that it can be logged and sent back.
///
/// ```
/// use http::HeaderMap;
/// use push_webhook::{ErrorKind, PushEvent};
///
/// let error = PushEvent::from_webhook(&HeaderMap::new(), b"{}").unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::UnknownPlatform);
/// assert!(!error.is_not_authentic());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(Reason);

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The webhook has no valid token or signature. Whoever sent it may not know the secret.
    NotAuthentic,
    /// The secret that was configured is empty, or it begins or ends with white space.
    InvalidSecret,
    /// The request is no webhook of a known platform.
    UnknownPlatform,
    /// The body is larger than [`PushEvent::MAX_BODY_BYTES`].
    TooLarge,
    /// The body is not the JSON of a push, or a required field is missing or odd.
    NotUnderstood,
}

/// All that an error can say. No variant can hold a text from outside, which might be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    NotAuthentic(Platform),
    EmptySecret,
    SecretWithWhiteSpace,
    UnknownPlatform,
    Foreign(&'static str),
    TooLarge { bytes: usize },
    Form,
    NotAPush { line: usize, column: usize },
    Missing(&'static str),
}

impl Error {
    /// What is wrong.
    pub fn kind(&self) -> ErrorKind {
        match self.0 {
            Reason::NotAuthentic(_) => ErrorKind::NotAuthentic,
            Reason::EmptySecret | Reason::SecretWithWhiteSpace => ErrorKind::InvalidSecret,
            Reason::UnknownPlatform | Reason::Foreign(_) => ErrorKind::UnknownPlatform,
            Reason::TooLarge { .. } => ErrorKind::TooLarge,
            Reason::Form | Reason::NotAPush { .. } | Reason::Missing(_) => ErrorKind::NotUnderstood,
        }
    }

    /// Whether the webhook has no valid token or signature. The HTTP status for it is 401.
    pub fn is_not_authentic(&self) -> bool {
        self.kind() == ErrorKind::NotAuthentic
    }
}

impl From<Reason> for Error {
    fn from(reason: Reason) -> Self {
        Self(reason)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Reason::NotAuthentic(platform) => {
                let time = match platform {
                    Platform::Gitee => ", or its time is more than an hour off",
                    _ => "",
                };
                write!(
                    f,
                    "the webhook of {platform} has no token or signature of this secret{time}"
                )
            }
            Reason::EmptySecret => f.write_str("the secret of the webhook is empty"),
            Reason::SecretWithWhiteSpace => {
                f.write_str("the secret of the webhook begins or ends with white space")
            }
            Reason::UnknownPlatform => f.write_str(
                "no header names the kind of event, as X-GitHub-Event does: the request is no webhook \
                 of a known platform",
            ),
            Reason::Foreign(name) => write!(f, "not a known platform: this is a webhook of {name}"),
            Reason::TooLarge { bytes } => {
                let max = PushEvent::MAX_BODY_BYTES;
                write!(f, "the webhook has {bytes} bytes; at most {max} are read")
            }
            Reason::Form => {
                f.write_str("the webhook is a form; set its content type to application/json")
            }
            Reason::NotAPush { line, column } => {
                write!(f, "the body of the webhook is no push: line {line}, column {column}")
            }
            Reason::Missing(field) => write!(f, "the webhook has no readable {field}"),
        }
    }
}

impl std::error::Error for Error {}
