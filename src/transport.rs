//! The one road that every request takes: authorize, send, read with a bound, understand, repeat
//! where that is safe, hand on.
//!
//! The generated code calls it through its hooks, for each operation of the document alike.

use crate::{
    Error, ErrorKind, RetryPolicy,
    answer::Answer,
    credential::{Authenticator, Authorized},
    generated::{self, OPERATIONS, Operation},
    observe,
    retry::{Budget, Repeats, outcome_is_unknown},
};
use http::{HeaderName, Method, StatusCode};
use jiff::Timestamp;
use progenitor_client::{ClientHooks, ClientInfo, OperationInfo};
use reqwest::{Request, Response};
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;

/// progenitor sends it with the version of the document; the service has no such header.
const UNDOCUMENTED_HEADER: HeaderName = HeaderName::from_static("api-version");
/// What the generated code sees as the status of a failure that has none.
const NO_STATUS: StatusCode = match StatusCode::from_u16(599) {
    Ok(status) => status,
    Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
};

/// What the generated client holds: who is calling, and the road.
#[derive(Clone, Debug)]
pub struct Transport {
    pub(crate) authenticator: Arc<Authenticator>,
    pub(crate) road: Arc<Road>,
}

/// What every request needs, on IAM as well.
#[derive(Debug)]
pub(crate) struct Road {
    /// Sends what only reads, over connections that are kept open.
    pub(crate) reading: reqwest::Client,
    /// Sends what changes something. It never uses a connection twice: one that the server closes
    /// while a request is on its way would leave the outcome of that request unknown.
    pub(crate) changing: reqwest::Client,
    /// How long one attempt may take.
    pub(crate) attempt_timeout: Duration,
    /// How long a call may take, with all its attempts and pauses.
    pub(crate) timeout: Duration,
    /// How many bytes of an answer are read.
    pub(crate) max_response_bytes: usize,
    pub(crate) retry: RetryPolicy,
    pub(crate) budget: Budget,
}

impl ClientHooks<Transport> for generated::Client {
    async fn exec(&self, request: Request, info: &OperationInfo) -> reqwest::Result<Response> {
        let Transport { authenticator, road } = self.inner();
        let operation = OPERATIONS.iter().find(|operation| operation.id == info.operation_id);
        let observed = observe::Call::new(operation, &request);
        let outcome = road.call(request, operation, authenticator, &observed);
        let outcome = observed.around(outcome).await;
        Ok(outcome.unwrap_or_else(Error::into_response))
    }

    async fn post<E>(
        &self,
        result: &reqwest::Result<Response>,
        _: &OperationInfo,
    ) -> Result<(), generated::Error<E>> {
        // Taken out of the generated code's hands, because what it makes of an error status has
        // neither the method nor the request id, and of a good status no error at all.
        match result.as_ref().ok().and_then(|response| response.extensions().get::<Error>()) {
            Some(error) => Err(generated::Error::UnexpectedResponse(error.clone().into_response())),
            None => Ok(()),
        }
    }
}

impl Road {
    pub(crate) async fn call(
        &self,
        mut request: Request,
        operation: Option<&Operation>,
        who: &Authenticator,
        observed: &observe::Call,
    ) -> Result<Response, Error> {
        // Without it the first timer would panic.
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(Error::invalid_argument("a call must be made within a tokio runtime"));
        }
        let changes = !matches!(*request.method(), Method::GET | Method::HEAD);
        let now = Instant::now();
        // A deadline beyond what a clock can count is none.
        let deadline = now.checked_add(self.timeout).or_else(|| now.checked_add(FOREVER));
        let deadline = deadline.unwrap_or(now);
        let mut repeats = Repeats::new(&self.retry, &self.budget, deadline);
        let mut renewable = true;
        request.headers_mut().remove(UNDOCUMENTED_HEADER);
        loop {
            // Documented bodies are JSON in memory, which can be sent more than once.
            let mut attempt =
                request.try_clone().ok_or_else(|| Error::invalid_argument("the body is a stream"))?;
            let authorized = tokio::time::timeout_at(deadline, who.authorize(&mut attempt));
            let authorized = authorized
                .await
                .map_err(|_| Error::new(ErrorKind::Credential, "none could be had in time"))??;
            let http = if changes { &self.changing } else { &self.reading };
            let sent = self.attempt(http, attempt, operation, deadline, &authorized, observed);
            let Failure { error, retry_after } = match sent.await {
                Ok(response) => {
                    self.budget.earn();
                    return Ok(response);
                }
                Err(failure) => failure,
            };
            // The gateway refused, so nothing took effect. Once a call, because a credential that is
            // refused again and again gets locked.
            if renewable && has_expired(&error) && who.renew(&authorized) {
                renewable = false;
                observed.repeat(&error, Duration::ZERO);
                continue;
            }
            match repeats.pause(&error, changes, retry_after) {
                Some(pause) => {
                    observed.repeat(&error, pause);
                    tokio::time::sleep(pause).await;
                }
                None if changes && outcome_is_unknown(&error) => {
                    return Err(error.with_unknown_outcome());
                }
                None => return Err(error),
            }
        }
    }

    async fn attempt(
        &self,
        http: &reqwest::Client,
        mut request: Request,
        operation: Option<&Operation>,
        deadline: Instant,
        authorized: &Authorized,
        observed: &observe::Call,
    ) -> Result<Response, Failure> {
        let left = deadline.saturating_duration_since(Instant::now());
        *request.timeout_mut() = Some(left.min(self.attempt_timeout));
        observed.attempt();
        let mut response = http.execute(request).await.map_err(not_answered)?;
        let status = response.status();
        let headers = std::mem::take(response.headers_mut());
        let (body, broken) = match read(response, self.max_response_bytes).await {
            Ok(body) => (body, None),
            Err(error) => (Vec::new(), Some(error)),
        };
        let answer = Answer {
            status,
            headers: &headers,
            body: &body,
            redact: &|text| authorized.redact(text),
        };
        let failed = |error: Error| {
            let signed = authorized.signed_at().filter(|_| status == StatusCode::UNAUTHORIZED);
            let note = signed.zip(answer.date()).and_then(|(here, there)| skew(here, there));
            let error = note.into_iter().fold(error, |error, note| error.with_note(&note));
            Failure { error, retry_after: answer.retry_after() }
        };
        if let Some(error) = broken {
            return Err(failed(answer.located(error)));
        }
        let (documented, body) = answer.understand(operation).map_err(failed)?;
        observed.answered(status, answer.request_id());
        let mut response = http::Response::new(body);
        *response.status_mut() = documented;
        *response.headers_mut() = headers;
        Ok(response.into())
    }
}

/// Whether the gateway refused a token because its time is over.
fn has_expired(error: &Error) -> bool {
    let code = error.code().unwrap_or_default();
    let gateway = code.starts_with("APIG");
    // A signature expires as well, by a wrong clock, which nothing renewed would help.
    let says = |word| error.message().contains(word);
    let expired = code.ends_with(".0307") || (says("token") && says("expire"));
    error.status() == Some(401) && gateway && expired
}

/// How far this machine's clock is off, if it is so far off that signatures are refused for it.
fn skew(here: Timestamp, there: Timestamp) -> Option<String> {
    let seconds = here.as_second().saturating_sub(there.as_second());
    let minutes = seconds.unsigned_abs() / 60;
    let side = if seconds < 0 { "behind" } else { "ahead of" };
    (minutes >= TOLERATED_SKEW_MINUTES)
        .then(|| format!("this machine's clock is {minutes} minutes {side} the service's"))
}

/// The gateway takes signatures that are up to 15 minutes off; a few are worth a word.
const TOLERATED_SKEW_MINUTES: u64 = 5;
/// Longer than anybody waits, and still a time that a clock can count.
const FOREVER: Duration = Duration::from_secs(60 * 60 * 24 * 365);

/// Why an attempt failed, and how long the service wants to be left alone.
struct Failure {
    error: Error,
    retry_after: Option<Duration>,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, retry_after: None }
    }
}

/// The error of a request that got no whole answer.
fn not_answered(cause: reqwest::Error) -> Error {
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
    let mut innermost: &dyn std::error::Error = &cause;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    Error::new(kind, innermost.to_string()).with_source(cause)
}

async fn read(mut response: Response, longest: usize) -> Result<Vec<u8>, Error> {
    let too_long = || {
        let message = format!("longer than the {longest} bytes that are read at most");
        Err(Error::new(ErrorKind::InvalidResponse, message))
    };
    // What is announced to be too long is not waited for.
    if response.content_length().is_some_and(|length| length > longest as u64) {
        return too_long();
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(not_answered)? {
        if body.len().saturating_add(chunk.len()) > longest {
            return too_long();
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

impl Error {
    /// This error as an answer, the one thing that passes through generated code.
    fn into_response(self) -> Response {
        let status = self.status().and_then(|status| StatusCode::from_u16(status).ok());
        let mut response = http::Response::new(self.to_string());
        *response.status_mut() = status.unwrap_or(NO_STATUS);
        response.extensions_mut().insert(self);
        response.into()
    }
}

/// What a call through [`Client::api`](crate::Client::api) failed with, with all that is known.
impl<E> From<generated::Error<E>> for Error {
    fn from(error: generated::Error<E>) -> Self {
        use generated::Error as Generated;
        match error {
            Generated::InvalidRequest(message) => Error::invalid_argument(message),
            Generated::UnexpectedResponse(mut response) => {
                let status = response.status().as_u16();
                response.extensions_mut().remove::<Error>().unwrap_or_else(|| {
                    Error::new(ErrorKind::InvalidResponse, "undocumented").with_status(status)
                })
            }
            // What follows the hooks keep from happening, except for an operation whose documented
            // answer is no JSON object, and which answers with another type.
            // Neither the body nor what serde says of it is shown: it may repeat a secret.
            Generated::InvalidResponsePayload(..) => {
                Error::new(ErrorKind::InvalidResponse, "it has not the documented type")
                    .with_unknown_outcome()
            }
            Generated::CommunicationError(cause)
            | Generated::InvalidUpgrade(cause)
            | Generated::ResponseBodyError(cause) => not_answered(cause),
            Generated::ErrorResponse(response) => {
                let status = response.status().as_u16();
                Error::new(ErrorKind::Service, "undocumented").with_status(status)
            }
            Generated::Custom(message) => Error::new(ErrorKind::InvalidResponse, message),
        }
    }
}
