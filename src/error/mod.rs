//! The one error of this crate.

pub(crate) mod text;

use std::{convert::Infallible, error::Error as StdError, fmt, sync::Arc, time::Duration};

/// "Too many requests, try again later", whatever the status.
pub(crate) const THROTTLED: &str = "CB.00060211";

/// Why a call failed: what happened, whether a build may have started, what to do.
///
/// One word in size, cheap to clone, and free of secrets. [`kind`](Self::kind) says at which point
/// the call failed; [`status`](Self::status), [`code`](Self::code), [`message`](Self::message) and
/// [`request_id`](Self::request_id) are what the service said, where it said anything.
///
/// ```no_run
/// # async fn run(client: codearts_build::Client, request: codearts_build::types::RunJobRequest) {
/// match client.run_job(request).await {
///     Ok(build) => println!("started build {}", build.build_no()),
///     Err(error) if error.may_have_started_build() => println!("find the build before a retry: {error}"),
///     Err(error) if error.is_throttled() => println!("too many calls: {error}"),
///     Err(error) => println!("nothing was started: {error}"),
/// }
/// # }
/// ```
#[derive(Clone)]
pub struct Error(Arc<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    kind: ErrorKind,
    status: Option<u16>,
    code: Option<String>,
    message: String,
    request_id: Option<String>,
    retry_after: Option<Duration>,
    is_inconclusive: bool,
    is_transient: bool,
    outcome_is_unknown: bool,
    may_have_started_build: bool,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

/// At which point a call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An argument or a setting broke a rule. Nothing was sent. The message names the field, the
    /// rule and what was given.
    InvalidArgument,
    /// There is no usable credential. The call itself was not sent.
    Credential,
    /// No connection could be made: wrong address, no network, a proxy or TLS in the way. The
    /// request was not sent.
    Connect,
    /// The connection was lost before the whole response had come. The request may have arrived.
    ConnectionLost,
    /// The whole response did not come in time. The request may have arrived.
    Timeout,
    /// The service, or the gateway before it, responded with an error.
    Service,
    /// The response is not one of this service, whatever its status: a page of a proxy or of a gateway in
    /// an outage, a redirect, half a document, more bytes than the client reads.
    InvalidResponse,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Arc::new(Inner {
            kind,
            status: None,
            code: None,
            message: message.into(),
            request_id: None,
            retry_after: None,
            is_inconclusive: false,
            is_transient: false,
            outcome_is_unknown: false,
            may_have_started_build: false,
            source: None,
        }))
    }

    pub(crate) fn invalid_argument(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidArgument, message)
    }

    fn edit(mut self, edit: impl FnOnce(&mut Inner)) -> Self {
        edit(Arc::make_mut(&mut self.0));
        self
    }

    /// Says what the message is about.
    pub(crate) fn prefixed(self, origin: &str) -> Self {
        self.edit(|it| it.message = format!("{origin}: {}", it.message))
    }

    /// Adds what explains the error.
    pub(crate) fn with_note(self, note: &str) -> Self {
        self.edit(|it| it.message = format!("{}; {note}", it.message))
    }

    /// Makes it the reason why there is no usable credential, and the source of that error.
    pub(crate) fn of_credential(self, doing: &str) -> Self {
        let source = self.clone();
        let credential = self.edit(|it| {
            it.kind = ErrorKind::Credential;
            // A token more or less does no harm.
            it.is_transient |= it.outcome_is_unknown;
            it.outcome_is_unknown = false;
            it.may_have_started_build = false;
        });
        credential.prefixed(doing).with_source(source)
    }

    pub(crate) fn with_status(self, status: u16) -> Self {
        self.edit(|it| it.status = Some(status))
    }

    pub(crate) fn with_code(self, code: Option<String>) -> Self {
        self.edit(|it| it.code = code)
    }

    pub(crate) fn with_request_id(self, request_id: Option<String>) -> Self {
        self.edit(|it| it.request_id = request_id)
    }

    pub(crate) fn with_source(self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let source = Arc::from(source.into());
        self.edit(|it| it.source = Some(source))
    }

    pub(crate) fn with_retry_after(self, delay: Option<Duration>) -> Self {
        self.edit(|it| it.retry_after = delay)
    }

    /// Marks that the service's code does not tell whether the request took effect: the response has
    /// proof as well, or the code stands where no error has it.
    pub(crate) fn inconclusive(self) -> Self {
        self.edit(|it| it.is_inconclusive = true)
    }

    /// Marks that the same call may succeed later, and that it is safe to make it again.
    pub(crate) fn with_transience(self, is_transient: bool) -> Self {
        self.edit(|it| it.is_transient = is_transient)
    }

    /// Marks that the request may have taken effect, and whether that would have started a build.
    pub(crate) fn with_unknown_outcome(self, starts_builds: bool) -> Self {
        self.edit(|it| {
            it.outcome_is_unknown = true;
            it.may_have_started_build = starts_builds;
        })
    }

    /// Whether the service's code does not tell whether the request took effect.
    pub(crate) fn is_inconclusive(&self) -> bool {
        self.0.is_inconclusive
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

    /// What went wrong: the service's own message if it gave one, else this crate's.
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

    /// Whether the call may have taken effect although it failed.
    ///
    /// True when a request that may change something was sent, and nothing proves that it had no
    /// effect: the connection was lost, a gateway reported an error of its own, or the response is
    /// not one of this service. Find out what happened before you make the call again. False means
    /// that the call had no effect, or that it only reads.
    pub fn outcome_is_unknown(&self) -> bool {
        self.0.outcome_is_unknown
    }

    /// Whether a build may have been started although the call failed: what
    /// [`outcome_is_unknown`](Self::outcome_is_unknown) says of the calls that start builds.
    ///
    /// Before you start another build, look at the job's history, or read the
    /// [records](crate::Client::records_after) after the last build that you know. False means that no build was started by this call.
    pub fn may_have_started_build(&self) -> bool {
        self.0.may_have_started_build
    }

    /// Whether the same call may succeed later, and is safe to make again: the fault passes, and the
    /// call had no effect or is idempotent. Never true when the outcome is unknown.
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
    /// [`may_have_started_build`](Self::may_have_started_build) before you make the call again.
    pub fn is_timeout(&self) -> bool {
        self.kind() == ErrorKind::Timeout
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

    /// Whether the service does not know the job or the build: status 404, or 422 with one of the
    /// codes that stand for a job that does not exist. A 404 of a gateway that does not know the path
    /// of the call does not count; it is the sign of a wrong endpoint.
    pub fn is_not_found(&self) -> bool {
        let code = self.code().unwrap_or_default();
        match self.status() {
            Some(404) => !(code.starts_with("APIG") && code.ends_with(".0101")),
            Some(422) => code.ends_with(".00031006") || code.ends_with(".00060200"),
            _ => false,
        }
    }

    /// Whether too many calls were made: status 429, or the code `CB.00060211`, which the service
    /// sends with status 500. The call had no effect; wait before the next.
    pub fn is_throttled(&self) -> bool {
        self.status() == Some(429) || self.code() == Some(THROTTLED)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { kind, status, code, message, request_id, .. } = &*self.0;
        f.write_str(match kind {
            ErrorKind::InvalidArgument => "invalid argument",
            ErrorKind::Credential => "no usable credential",
            ErrorKind::Connect => "no connection",
            ErrorKind::ConnectionLost => "connection lost",
            ErrorKind::Timeout => "no response in time",
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
        match (kind, status) {
            _ if self.may_have_started_build() => f.write_str(
                "; a build may have been started: look at the job's builds before starting another",
            ),
            _ if self.outcome_is_unknown() => {
                f.write_str("; the call may have taken effect: find out before you make it again")
            }
            (ErrorKind::Connect, _) => {
                f.write_str("; nothing was sent: check the endpoint, the network, the proxy and the certificates")
            }
            (ErrorKind::Service, Some(401)) => {
                f.write_str("; check the credential: it may be wrong, expired or of another region")
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

/// A request that got no whole response.
impl From<reqwest::Error> for Error {
    fn from(cause: reqwest::Error) -> Self {
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
        let mut innermost: &dyn StdError = &cause;
        while let Some(source) = innermost.source() {
            innermost = source;
        }
        let message = innermost.to_string();
        let host = cause.url().and_then(|url| url.host_str()).map(str::to_owned);
        let error = Error::new(kind, message).with_source(cause);
        match host {
            Some(host) if kind == ErrorKind::Connect => error.prefixed(&host),
            _ => error,
        }
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
