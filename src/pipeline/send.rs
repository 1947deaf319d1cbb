//! Sending a request: each attempt authenticated, bounded, interpreted, and retried where that is
//! safe.

use crate::auth::{Authenticated, Authenticator};
use crate::error::Error;
use crate::generated::Operation;
use crate::pipeline::{
    body::{no_response, read},
    interpret::Received,
    retry::{Budget, Effect, Retries, RetryPolicy},
    trace::Trace,
};
use http::{HeaderName, Method, StatusCode};
use jiff::Timestamp;
use reqwest::{Request, Response};
use std::time::Duration;
use tokio::time::Instant;

/// progenitor sends it with the version of the document; the service has no such header.
const UNDOCUMENTED_HEADER: HeaderName = HeaderName::from_static("api-version");
/// The gateway takes signatures that are up to 15 minutes off; a few are worth a word.
const MIN_SKEW_MINUTES: u64 = 5;
/// Longer than anybody waits, and still a time that a clock can count.
const FOREVER: Duration = Duration::from_secs(60 * 60 * 24 * 365);

/// Sends the requests of a client, those to IAM as well.
#[derive(Debug)]
pub(crate) struct Sender {
    /// Sends idempotent requests, over connections that are kept open.
    pub(crate) pooled: reqwest::Client,
    /// Sends all others. It never uses a connection twice: one that the server closes while a request
    /// is on its way would leave the outcome of that request unknown.
    pub(crate) unpooled: reqwest::Client,
    pub(crate) attempt_timeout: Duration,
    /// Bounds a call, with all its attempts and delays.
    pub(crate) timeout: Duration,
    pub(crate) max_response_bytes: usize,
    pub(crate) retry: RetryPolicy,
    pub(crate) budget: Budget,
    /// What to say when no connection can be made.
    pub(crate) connect_hint: Option<String>,
}

/// One request and its attempts.
struct Call<'a> {
    request: Request,
    operation: Option<&'a Operation>,
    idempotent: bool,
    ends_at: Instant,
    trace: &'a Trace,
}

/// Why an attempt failed, and how long the service asks to wait.
struct Failure {
    error: Error,
    retry_after: Option<Duration>,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, retry_after: None }
    }
}

impl Sender {
    /// Sends a request until it succeeds or no retry is left.
    pub(crate) async fn call(
        &self,
        mut request: Request,
        operation: Option<&Operation>,
        authenticator: &Authenticator,
    ) -> Result<Response, Error> {
        let trace = Trace::new(operation, &request);
        request.headers_mut().remove(UNDOCUMENTED_HEADER);
        let now = Instant::now();
        // A timeout beyond what a clock can count is none.
        let ends_at = now.checked_add(self.timeout).or_else(|| now.checked_add(FOREVER));
        let call = Call {
            idempotent: matches!(*request.method(), Method::GET | Method::HEAD),
            request,
            operation,
            ends_at: ends_at.unwrap_or(now),
            trace: &trace,
        };
        trace.around(self.attempts(&call, authenticator)).await
    }

    async fn attempts(
        &self,
        call: &Call<'_>,
        authenticator: &Authenticator,
    ) -> Result<Response, Error> {
        // Without it the first timer would panic.
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(Error::invalid_argument("a call must be made within a tokio runtime"));
        }
        let mut retries = Retries::new(&self.retry, &self.budget, call.ends_at);
        // Once a call, because a credential that fails again and again gets locked.
        let mut may_refresh = true;
        let mut expired: Option<(Authenticated, Error)> = None;
        loop {
            // Documented bodies are JSON in memory, which can be sent more than once.
            let request = call.request.try_clone();
            let mut request =
                request.ok_or_else(|| Error::invalid_argument("the body is a stream"))?;
            let authenticated = authenticator.authenticate(&mut request, call.ends_at).await?;
            if let Some((old, error)) = expired.take() {
                if authenticated.is_same_identity(&old) {
                    // The provider has nothing newer.
                    return Err(error);
                }
                call.trace.retry(&error, Duration::ZERO);
            }
            let Failure { error, retry_after } =
                match self.attempt(call, request, &authenticated).await {
                    Ok(response) => {
                        self.budget.earn();
                        return Ok(response);
                    }
                    Err(failure) => failure,
                };
            if may_refresh && has_expired(&error) && authenticator.expire(&authenticated) {
                may_refresh = false;
                expired = Some((authenticated, error));
                continue;
            }
            let effect = Effect::of(&error);
            match retries.delay(effect, call.idempotent, retry_after) {
                Some(delay) => {
                    call.trace.retry(&error, delay);
                    tokio::time::sleep(delay).await;
                }
                None if effect.is_unknown() && !call.idempotent => {
                    return Err(error.with_unknown_outcome());
                }
                None => return Err(error),
            }
        }
    }

    async fn attempt(
        &self,
        call: &Call<'_>,
        mut request: Request,
        authenticated: &Authenticated,
    ) -> Result<Response, Failure> {
        let left = call.ends_at.saturating_duration_since(Instant::now());
        *request.timeout_mut() = Some(left.min(self.attempt_timeout));
        call.trace.attempt();
        let http = if call.idempotent { &self.pooled } else { &self.unpooled };
        let response = http.execute(request).await;
        let mut response = response.map_err(|cause| self.with_hint(no_response(cause)))?;
        let status = response.status();
        let headers = std::mem::take(response.headers_mut());
        let (body, lost) = match read(response, self.max_response_bytes).await {
            Ok(body) => (body, None),
            Err(error) => (Vec::new(), Some(error)),
        };
        let received = Received {
            status,
            headers: &headers,
            body: &body,
            redact: &|text| authenticated.redact(text),
        };
        let failed = |mut error: Error| {
            if status == StatusCode::UNAUTHORIZED
                && let (Some(here), Some(there)) = (authenticated.signed_at(), received.date())
                && let Some(note) = skew(here, there)
            {
                error = error.with_note(&note);
            }
            Failure { error, retry_after: received.retry_after() }
        };
        if let Some(error) = lost {
            return Err(failed(received.located(error)));
        }
        let (documented, body) = received.interpret(call.operation).map_err(failed)?;
        call.trace.responded(status, received.request_id());
        let mut response = http::Response::new(body);
        *response.status_mut() = documented;
        *response.headers_mut() = headers;
        Ok(response.into())
    }

    fn with_hint(&self, error: Error) -> Error {
        match &self.connect_hint {
            Some(hint) if error.is_connect() => error.with_note(hint),
            _ => error,
        }
    }
}

/// Whether the gateway says that the time of a token is over.
fn has_expired(error: &Error) -> bool {
    let code = error.code().unwrap_or_default();
    let gateway = code.starts_with("APIG");
    // A signature expires as well, by a wrong clock, which no refresh would help.
    let says = |word| error.message().contains(word);
    let expired = code.ends_with(".0307") || (says("token") && says("expire"));
    error.status() == Some(401) && gateway && expired
}

/// How far this machine's clock is off, if it is so far off that signatures fail for it.
fn skew(here: Timestamp, there: Timestamp) -> Option<String> {
    let seconds = here.as_second().saturating_sub(there.as_second());
    let minutes = seconds.unsigned_abs() / 60;
    let side = if seconds < 0 { "behind" } else { "ahead of" };
    (minutes >= MIN_SKEW_MINUTES)
        .then(|| format!("this machine's clock is {minutes} minutes {side} the service's"))
}
