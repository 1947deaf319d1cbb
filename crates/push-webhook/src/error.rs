//! The error type of this crate.

use crate::{event::PushEvent, platform::Platform};

/// An error: a webhook is not authentic or cannot be read, or a secret cannot be used.
///
/// It contains no text of the webhook and nothing of the secret, so that it can be logged and sent back.
///
/// ```
/// use http::HeaderMap;
/// use push_webhook::{ErrorKind, PushEvent};
///
/// let error = PushEvent::from_webhook(&HeaderMap::new(), b"{}").unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::UnknownPlatform);
/// assert!(!error.is_not_authentic());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct Error(#[from] Reason);

/// The kind of an [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The webhook has no valid token or signature. Its sender may not know the secret.
    NotAuthentic,
    /// The secret that was configured is empty, or it begins or ends with white space.
    InvalidSecret,
    /// The request is no webhook of a known platform.
    UnknownPlatform,
    /// The body is larger than [`PushEvent::MAX_BODY_BYTES`].
    TooLarge,
    /// The body is not the JSON of a push, or a required field is missing or malformed.
    NotUnderstood,
}

/// The messages of errors. No variant has a text of the webhook, which may be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Reason {
    #[error("the webhook of {0} has no token or signature of this secret")]
    NotAuthentic(Platform),
    #[error(
        "the webhook of Gitee has no token or signature of this secret, or its time is more than an \
         hour off"
    )]
    NotAuthenticOrLate,
    #[error("the secret of the webhook is empty")]
    EmptySecret,
    #[error("the secret of the webhook begins or ends with white space")]
    SecretWithWhiteSpace,
    #[error(
        "no header names the kind of event, as X-GitHub-Event does: the request is no webhook of a \
         known platform"
    )]
    UnknownPlatform,
    #[error("not a known platform: this is a webhook of {0}")]
    Foreign(&'static str),
    #[error("the webhook has {bytes} bytes; at most {} are read", PushEvent::MAX_BODY_BYTES)]
    TooLarge { bytes: usize },
    #[error("the webhook is a form; set its content type to application/json")]
    Form,
    #[error("the body of the webhook is no push: line {line}, column {column}")]
    NotAPush { line: usize, column: usize },
    #[error("the webhook has no readable {0}")]
    Missing(&'static str),
}

impl Error {
    /// The kind of the error.
    pub fn kind(&self) -> ErrorKind {
        match self.0 {
            Reason::NotAuthentic(_) | Reason::NotAuthenticOrLate => ErrorKind::NotAuthentic,
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
