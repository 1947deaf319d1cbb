//! The one error of this crate.

mod codes;
pub(crate) mod text;

pub use codes::ErrorCodes;

use std::{
    convert::Infallible, error::Error as StdError, fmt, iter::successors, sync::Arc, time::Duration,
};

/// Why a call failed: what happened, whether it may have taken effect, what to do.
///
/// One word in size, cheap to clone, and free of secrets. [`kind`](Self::kind) says at which point
/// the call failed; [`status`](Self::status), [`code`](Self::code), [`message`](Self::message) and
/// [`request_id`](Self::request_id) are what the service said, where it said anything.
///
/// ```no_run
/// # async fn run(client: huaweicloud_core::Client) {
/// match client.request("POST", "/v3/users").send::<serde_json::Value>().await {
///     Ok(user) => println!("made {user}"),
///     Err(error) if error.may_have_taken_effect() => println!("find out before a retry: {error}"),
///     Err(error) if error.is_throttled() => println!("too many calls: {error}"),
///     Err(error) => println!("nothing was made: {error}"),
/// }
/// # }
/// ```
#[derive(Clone)]
pub struct Error(pub(crate) Arc<Details>);

/// What is known of an error.
#[derive(Clone)]
pub(crate) struct Details {
    pub(crate) kind: ErrorKind,
    pub(crate) status: Option<u16>,
    pub(crate) code: Option<String>,
    pub(crate) message: String,
    pub(crate) request_id: Option<String>,
    pub(crate) retry_after: Option<Duration>,
    /// Whether the code does not tell if the request took effect: the response has proof as well, or the
    /// code stands where no error has it.
    pub(crate) is_inconclusive: bool,
    /// Whether time does not heal it: a certificate that is not trusted, a proxy that wants another password.
    pub(crate) is_lasting: bool,
    /// Whether the server says that it did not process the request.
    pub(crate) is_unprocessed: bool,
    /// Whether there is no credential where it was looked for, so that a chain asks the next provider.
    pub(crate) is_absent: bool,
    /// Whether the same call may succeed later, and it is safe to make it again.
    pub(crate) is_transient: bool,
    pub(crate) may_have_taken_effect: bool,
    /// The operation that was called, and what its effect is.
    pub(crate) operation: Option<&'static str>,
    pub(crate) effect: Option<&'static str>,
    /// What the code means.
    pub(crate) codes: &'static ErrorCodes,
    pub(crate) source: Option<Arc<dyn StdError + Send + Sync>>,
}

/// At which point a call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An argument or a setting broke a rule. Nothing was sent. The message names the field, the
    /// rule and what was given.
    InvalidArgument,
    /// There is no usable credential. The request was not sent; if it was a retry, an earlier attempt was,
    /// and [`may_have_taken_effect`](Error::may_have_taken_effect) tells what that means.
    Credential,
    /// No connection could be made: wrong address, no network, a proxy or TLS in the way. The
    /// request was not sent.
    Connect,
    /// The connection was lost before the whole response had come. The request may have arrived, unless HTTP/2
    /// says that it was not processed.
    ConnectionLost,
    /// The whole response did not come in time. The request may have arrived.
    Timeout,
    /// The time limit of a wait is over, which is no fault of a call: what is waited for goes on. The
    /// status, the code and the source are those of the last poll, if that failed.
    TimeLimit,
    /// The service, or the gateway before it, responded with an error.
    Service,
    /// The response is not one of this service, whatever its status: a page of a proxy or of a gateway in
    /// an outage, a redirect, half a document, more bytes than the client reads.
    InvalidResponse,
}

impl Error {
    /// An error of your own: a [`CredentialProvider`](crate::CredentialProvider) needs one, and a fake of
    /// a client.
    ///
    /// ```
    /// use huaweicloud_core::{Error, ErrorKind};
    ///
    /// let error = Error::new(ErrorKind::Credential, "the vault knows no such role").with_status(403);
    /// assert!(error.is_forbidden());
    /// ```
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Arc::new(Details {
            kind,
            status: None,
            code: None,
            message: message.into(),
            request_id: None,
            retry_after: None,
            is_inconclusive: false,
            is_lasting: false,
            is_unprocessed: false,
            is_absent: false,
            is_transient: false,
            may_have_taken_effect: false,
            operation: None,
            effect: None,
            codes: &ErrorCodes::NONE,
            source: None,
        }))
    }

    /// An argument or a setting that broke a rule.
    pub fn invalid_argument(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidArgument, message)
    }

    /// There is no usable credential.
    pub(crate) fn credential(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Credential, message)
    }

    /// There is no credential here: a [`CredentialChain`](crate::CredentialChain) asks its next provider. The
    /// message says what was looked for. Any other error ends the chain.
    pub fn no_credential_here(message: impl Into<String>) -> Self {
        Self::credential(message).edit(|it| it.is_absent = true)
    }

    pub(crate) fn edit(mut self, edit: impl FnOnce(&mut Details)) -> Self {
        edit(Arc::make_mut(&mut self.0));
        self
    }

    /// Says what the message is about.
    #[doc(hidden)]
    pub fn prefixed(self, origin: &str) -> Self {
        self.edit(|it| it.message = format!("{origin}: {}", it.message))
    }

    /// Adds what explains the error.
    #[doc(hidden)]
    pub fn with_note(self, note: &str) -> Self {
        self.edit(|it| it.message = format!("{}; {note}", it.message))
    }

    /// Makes it the reason why there is no usable credential, and the source of that error.
    pub(crate) fn of_credential(self, doing: &str) -> Self {
        let source = self.clone();
        let credential = self.edit(|it| {
            it.kind = ErrorKind::Credential;
            // A token more or less does no harm.
            it.is_transient |= it.may_have_taken_effect;
            it.may_have_taken_effect = false;
        });
        credential.prefixed(doing).with_source(source)
    }

    /// Makes what the last poll of a wait failed with the reason why its time limit is over.
    #[doc(hidden)]
    pub fn of_time_limit(self, message: String) -> Self {
        let kind = ErrorKind::TimeLimit;
        self.edit(|it| (it.kind, it.message, it.is_transient) = (kind, message, false))
    }

    /// Adds the HTTP status of the response.
    pub fn with_status(self, status: u16) -> Self {
        self.edit(|it| it.status = Some(status))
    }

    /// Adds what caused the error. It must show no secret.
    pub fn with_source(self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let source = Arc::from(source.into());
        self.edit(|it| it.source = Some(source))
    }

    /// Adds the service's error code.
    pub fn with_code(self, code: impl Into<String>) -> Self {
        self.edit(|it| it.code = Some(code.into()))
    }

    /// Adds the id under which the service knows the request.
    pub fn with_request_id(self, id: impl Into<String>) -> Self {
        self.edit(|it| it.request_id = Some(id.into()))
    }

    /// Adds how long the service asks to wait.
    pub fn with_retry_after(self, delay: Duration) -> Self {
        self.edit(|it| it.retry_after = Some(delay))
    }

    /// Sets whether the same call may succeed later and is safe to make again. An error of a call that may
    /// have taken effect is never transient.
    pub fn with_transience(self, is_transient: bool) -> Self {
        self.edit(|it| it.is_transient = is_transient && !it.may_have_taken_effect)
    }

    /// Marks that the call may have taken effect, as after a lost connection.
    pub fn with_unknown_outcome(self) -> Self {
        self.edit(|it| (it.may_have_taken_effect, it.is_transient) = (true, false))
    }

    /// At which point the call failed.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The HTTP status of the response, if there was one.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The service's error code, as `DEV.CB.0310007` or `APIGW.0301`, if it gave one.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// What went wrong, on one line: the service's own message if it gave one, else this crate's. Before it
    /// may stand what was being done, as "logging in at IAM", and behind it what else is known.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The id under which the service's support finds the request, if it gave one.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// How long the service asks to wait before the next call (`Retry-After`), if it does.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The operation that was called, by the id that the vendor gave it, as `RunJob`. `None` if the
    /// document has no such operation, or the error is not one of a call.
    pub fn operation(&self) -> Option<&str> {
        self.0.operation
    }

    /// Whether the call may have taken effect although it failed: a build may have been started by it, for
    /// example.
    ///
    /// True when a request that may change something was sent, and nothing proves that it had no
    /// effect: the connection was lost, a gateway reported an error of its own, or the response is
    /// not one of this service. If a call was retried, this is about all its attempts, and the rest of
    /// the error about the last one. Find out what happened before you make the call again. False means
    /// that the call had no effect, or that it only reads. [`operation`](Self::operation) says of which
    /// call, and the text of the error what its effect is.
    pub fn may_have_taken_effect(&self) -> bool {
        self.0.may_have_taken_effect
    }

    /// Whether the same call may succeed later, and is safe to make again: the fault passes, and the
    /// call had no effect or is idempotent. Never true when it may have taken effect.
    pub fn is_transient(&self) -> bool {
        self.0.is_transient
    }

    /// Whether an argument or a setting broke a rule. Nothing was sent; correct it.
    pub fn is_invalid_argument(&self) -> bool {
        self.kind() == ErrorKind::InvalidArgument
    }

    /// Whether no connection could be made. Nothing was sent; check the endpoint, the network and
    /// the proxy.
    pub fn is_connect(&self) -> bool {
        self.kind() == ErrorKind::Connect
    }

    /// Whether the whole response did not come in time. See
    /// [`may_have_taken_effect`](Self::may_have_taken_effect) before you make the call again.
    pub fn is_timeout(&self) -> bool {
        self.kind() == ErrorKind::Timeout
    }

    /// Whether the time limit of a wait is over. What was waited for goes on.
    pub fn is_time_limit(&self) -> bool {
        self.kind() == ErrorKind::TimeLimit
    }

    /// Whether the credential is missing, wrong, expired or of another region (status 401). Further
    /// attempts with a wrong one lock the account; get a new one first. An outage of what gives the
    /// credential does not count; [`is_transient`](Self::is_transient) is true of that.
    pub fn is_unauthorized(&self) -> bool {
        let is_unusable = self.kind() == ErrorKind::Credential && self.status().is_none();
        self.status() == Some(401) || (is_unusable && !self.is_transient())
    }

    /// Whether the caller is known but not permitted (status 403).
    pub fn is_forbidden(&self) -> bool {
        self.status() == Some(403)
    }

    /// Whether the service does not know what the call is about: status 404, or 422 with one of the
    /// service's codes for it. An [unknown path](Self::is_unknown_path) does not count.
    pub fn is_not_found(&self) -> bool {
        match self.status() {
            // What gives a credential is not what the call is about.
            _ if self.kind() == ErrorKind::Credential => false,
            Some(404) => !self.is_unknown_path(),
            Some(422) => self.code().is_some_and(|code| self.0.codes.is_not_found(code)),
            _ => false,
        }
    }

    /// Whether the gateway does not know the path of the call: status 404 with a code as `APIGW.0101`. The
    /// endpoint is a wrong one, or the region does not offer the operation.
    pub fn is_unknown_path(&self) -> bool {
        let is_of_gateway = |code: &str| code.starts_with("APIG") && code.ends_with(".0101");
        self.status() == Some(404) && self.code().is_some_and(is_of_gateway)
    }

    /// Whether too many calls were made: status 429, or a code of the service that means the same. The
    /// call had no effect; wait before the next.
    pub fn is_throttled(&self) -> bool {
        let has_code = self.code().is_some_and(|code| self.0.codes.throttled.contains(&code));
        self.status() == Some(429) || has_code
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Details { kind, status, code, message, request_id, effect, .. } = &*self.0;
        f.write_str(match kind {
            ErrorKind::InvalidArgument => "invalid argument",
            ErrorKind::Credential => "no usable credential",
            ErrorKind::Connect => "no connection",
            ErrorKind::ConnectionLost => "connection lost",
            ErrorKind::Timeout => "no response in time",
            ErrorKind::TimeLimit => "time limit over",
            ErrorKind::Service => "service error",
            ErrorKind::InvalidResponse => "invalid response",
        })?;
        if let Some(status) = status {
            write!(f, ", status {status}")?;
        }
        if let Some(code) = code {
            write!(f, ", code {code}")?;
        }
        write!(f, ": {message}")?;
        if let Some(request_id) = request_id {
            write!(f, " (request id {request_id})")?;
        }
        let advice = match (kind, status) {
            _ if self.may_have_taken_effect() => effect
                .unwrap_or("the call may have taken effect: find out before you make it again"),
            (ErrorKind::Connect, _) => {
                "nothing was sent: check the endpoint, the network, the proxy and the certificates"
            }
            (ErrorKind::Service, Some(401)) => {
                "check the credential: it may be wrong, expired or of another region"
            }
            _ => return Ok(()),
        };
        write!(f, "; {advice}")
    }
}

/// What `main` shows of an error that it returns: the error as [`Display`](fmt::Display) shows it, and of its
/// sources what that does not say.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = self.to_string();
        for error in successors(self.source(), |&error| error.source()) {
            let text = error.to_string();
            if !shown.contains(&text) {
                shown += &format!("; caused by: {text}");
            }
        }
        f.write_str(&shown)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

impl Error {
    /// The error of a request that got no whole response.
    pub(crate) fn of_http(cause: reqwest::Error) -> Self {
        let kind = if cause.is_builder() {
            ErrorKind::InvalidArgument
        } else if cause.is_connect() {
            ErrorKind::Connect
        } else if cause.is_timeout() {
            ErrorKind::Timeout
        } else {
            ErrorKind::ConnectionLost
        };
        // The innermost cause says it best, as "Connection refused (os error 111)".
        let causes = successors(Some(&cause as &dyn StdError), |&error| error.source());
        let why = causes.last().map(ToString::to_string).unwrap_or_default();
        // Only their texts tell these: of rustls, of the TLS of the system, of a proxy, of reqwest.
        let lasting = ["certificate", "proxy authorization required", "unsupported scheme"];
        // HTTP/2 says so of a stream, or of all streams above the last that was processed.
        let unprocessed = ["stream error received: refused stream", "connection error received: "];
        let text = why.to_ascii_lowercase();
        let message = match cause.url().and_then(|url| url.host_str()) {
            Some(host) if kind == ErrorKind::Connect => format!("{host}: {why}"),
            _ => why,
        };
        // The whole URL may hold secrets, which `Debug` and the source would show.
        let error = Error::new(kind, message).with_source(cause.without_url());
        error.edit(|it| {
            it.is_lasting = lasting.iter().any(|part| text.contains(part));
            it.is_unprocessed = unprocessed.iter().any(|start| text.starts_with(start));
        })
    }
}

impl From<Infallible> for Error {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `main` shows it to everybody.
    #[test]
    fn debug_is_readable_and_says_nothing_twice() {
        let cause = std::io::Error::other("No such file");
        let error =
            Error::new(ErrorKind::Credential, "profile p: cannot be read").with_source(cause);
        let shown = "no usable credential: profile p: cannot be read; caused by: No such file";
        assert_eq!(format!("{error:?} {error:#?}"), format!("{shown} {shown}"));
        let outer = Error::new(ErrorKind::Service, "no such job").with_status(404).with_code("X");
        let outer = outer.with_source(Error::invalid_argument("no such job"));
        let shown = "service error, status 404, code X: no such job; caused by: invalid argument: \
                     no such job";
        assert_eq!(format!("{outer:?}"), shown);
        let twice = Error::new(ErrorKind::ConnectionLost, "reset by peer");
        let twice = twice.with_source(std::io::Error::other("reset by peer"));
        assert_eq!(format!("{twice:?}"), twice.to_string());
    }

    #[test]
    fn an_error_is_one_word_and_keeps_its_source() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
        let cause = std::io::Error::other("the cause");
        let error = Error::new(ErrorKind::Connect, "message").with_source(cause);
        // A clone that is edited leaves the original as it was.
        let edited = error.clone().with_status(503);
        assert_eq!((error.status(), edited.status()), (None, Some(503)));
        assert_eq!(edited.source().unwrap().to_string(), "the cause");
    }
}
