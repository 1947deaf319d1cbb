//! The one error of this crate.

pub(crate) mod text;

use std::{convert::Infallible, error::Error as StdError, fmt, sync::Arc};

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
    /// The response is not one of this service: a page of a proxy, a redirect, half a document, more
    /// bytes than the client reads.
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

    /// Makes it the reason why there is no usable credential.
    pub(crate) fn of_credential(self, doing: &str) -> Self {
        let credential = self.edit(|it| {
            it.kind = ErrorKind::Credential;
            it.may_have_started_build = false;
        });
        credential.prefixed(doing)
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

    /// Marks that the request may have taken effect though no readable response tells so.
    pub(crate) fn with_unknown_outcome(self) -> Self {
        self.edit(|it| it.may_have_started_build = true)
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

    /// Whether a build may have been started although the call failed.
    ///
    /// True when a request that starts builds may have reached the service and no readable response
    /// came back. Before you start another build, look at the job's history, or read the record of
    /// the build number you expect. False means that no build was started by this call.
    pub fn may_have_started_build(&self) -> bool {
        self.0.may_have_started_build
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
    /// attempts with a wrong one lock the account; get a new one first.
    pub fn is_unauthorized(&self) -> bool {
        self.kind() == ErrorKind::Credential || self.status() == Some(401)
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

    /// Whether too many calls were made (status 429). Nothing was started; wait before the next.
    pub fn is_throttled(&self) -> bool {
        self.status() == Some(429)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { kind, status, code, message, request_id, may_have_started_build, .. } =
            &*self.0;
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
            _ if *may_have_started_build => f.write_str(
                "; a build may have been started: look at the job's builds before starting another",
            ),
            (ErrorKind::Connect, _) => {
                f.write_str("; nothing was sent: check the endpoint, the network and the proxy")
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
