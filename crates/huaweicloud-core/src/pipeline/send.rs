//! Sending a request: each attempt authenticated, bounded, interpreted, and retried where that is
//! safe.

use crate::auth::{Authenticated, Cache, Clock};
use crate::codec::operation::{Content, Operation};
use crate::error::{Error, ErrorKind};
use crate::pipeline::body::{Body, read, read_beginning};
use crate::pipeline::http_clients::HttpClients;
use crate::pipeline::interpret::{Received, date};
use crate::pipeline::redaction::Redaction;
use crate::pipeline::response::Response;
use crate::pipeline::retry::{Budget, Effect, Retries, RetryPolicy};
use crate::pipeline::trace::Trace;
use crate::region::is_local;
use crate::service::ServiceInfo;
use http::{HeaderValue, header};
use jiff::Timestamp;
use reqwest::{Request, Url};
use std::{any::Any, sync::Arc, time::Duration};
use tokio::time::{Instant, timeout_at};

/// An error tells of a clock that is off by this much. The gateway accepts up to 15 minutes.
const MIN_SKEW_MINUTES: u64 = 5;
/// A longer timeout, for which a clock may have no time, has no effect.
const FOREVER: Duration = Duration::from_secs(60 * 60 * 24 * 365);

/// No coding of the content is asked for: what a gateway encodes all the same cannot be read.
const IDENTITY: HeaderValue = HeaderValue::from_static("identity");

/// Gives something that is dropped when a request is no longer in flight.
pub type InFlight = Arc<dyn Fn() -> Box<dyn Any + Send> + Send + Sync>;

/// The settings of a client that each of its calls needs.
pub(crate) struct Settings {
    /// Whether requests may go over plain http to other machines.
    pub(crate) allow_http: bool,
    pub(crate) attempt_timeout: Duration,
    /// Bounds a call, with all its attempts and delays.
    pub(crate) timeout: Duration,
    pub(crate) max_response_bytes: usize,
    pub(crate) retry: RetryPolicy,
    pub(crate) clock: Clock,
    /// Gives what is kept while a request is in flight.
    pub(crate) in_flight: Option<InFlight>,
}

/// Sends the requests of a client, those to IAM as well.
pub(crate) struct Sender {
    pub(crate) http: HttpClients,
    pub(crate) settings: Settings,
    pub(crate) budget: Budget,
    /// What to say when no connection can be made.
    pub(crate) connect_hint: Option<String>,
}

/// One request and its attempts.
pub(crate) struct Call<'a> {
    pub(crate) request: Request,
    pub(crate) service: &'static ServiceInfo,
    pub(crate) operation: &'static Operation,
    pub(crate) identities: &'a Cache,
    pub(crate) ends_at: Instant,
    /// Whether it is a single attempt, which is outside the budget of retries.
    pub(crate) is_single: bool,
}

impl Sender {
    /// When a call ends that begins now.
    pub(crate) fn ends_at(&self) -> Instant {
        let now = Instant::now();
        now.checked_add(self.settings.timeout.min(FOREVER)).unwrap_or(now)
    }

    /// Sends a request until it succeeds, no retry is left, or the time of the call is over.
    pub(crate) async fn call(&self, mut call: Call<'_>) -> Result<Response, Error> {
        encode_spaces(call.request.url_mut());
        call.request.headers_mut().insert(header::ACCEPT_ENCODING, IDENTITY);
        let trace = Trace::new(call.service, call.operation, &call.request);
        let mut is_unknown = false;
        let outcome = trace.around(self.attempts(&call, &trace, &mut is_unknown)).await;
        outcome.map_err(|error| call.operation.error(error, is_unknown))
    }

    /// Makes attempts, and tells whether one of them may have taken effect. What a later attempt proves says
    /// nothing about an earlier one.
    async fn attempts(
        &self,
        call: &Call<'_>,
        trace: &Trace,
        is_unknown: &mut bool,
    ) -> Result<Response, Error> {
        self.may_send_to(call.request.url())?;
        let policy = if call.is_single { &RetryPolicy::never() } else { &self.settings.retry };
        let mut retries = Retries::new(policy, &self.budget, call.ends_at);
        // Once per call: a credential that fails again and again gets locked.
        let mut may_refresh = true;
        let mut expired: Option<(Authenticated, Error)> = None;
        loop {
            // Documented bodies are JSON in memory, which can be sent more than once.
            let is_stream = || Error::invalid_argument("the body is a stream");
            let mut request = call.request.try_clone().ok_or_else(is_stream)?;
            let identity = call.identities.get(call.ends_at).await?;
            let authenticated = Authenticated::new(identity, &mut request, &self.settings.clock)?;
            if let Some((old, error)) = expired.take() {
                if authenticated.is_same_identity(&old) {
                    // The provider has nothing newer.
                    return Err(error);
                }
                trace.retry(&error, Duration::ZERO);
            }
            trace.attempt();
            let error = match self.attempt(call, request, &authenticated, trace).await {
                Ok(response) => {
                    if !call.is_single {
                        self.budget.earn();
                    }
                    return Ok(response);
                }
                Err(error) => error.edit(|it| it.codes = &call.service.codes),
            };
            if may_refresh && has_expired(&error) && call.identities.expire(&authenticated.identity)
            {
                may_refresh = false;
                expired = Some((authenticated, error));
                continue;
            }
            let effect = Effect::of(&error);
            *is_unknown |= effect.is_unknown;
            let may_retry = effect.permits_retry(call.operation.idempotent);
            let delay = if may_retry { retries.delay(error.retry_after()) } else { None };
            let Some(delay) = delay else { return Err(error.with_transience(may_retry)) };
            trace.retry(&error, delay);
            tokio::time::sleep(delay).await;
        }
    }

    fn may_send_to(&self, target: &Url) -> Result<(), Error> {
        // Without a runtime the first timer would panic.
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(Error::invalid_argument("a call must be made within a tokio runtime"));
        }
        if target.scheme() != "http" || self.settings.allow_http || is_local(target) {
            return Ok(());
        }
        let host = target.host_str().unwrap_or_default();
        let rule = "plain http would show secrets to everybody on the way";
        Err(Error::invalid_argument(format!("{host}: {rule}")))
    }

    async fn attempt(
        &self,
        call: &Call<'_>,
        request: Request,
        authenticated: &Authenticated,
        trace: &Trace,
    ) -> Result<Response, Error> {
        let Settings { attempt_timeout, max_response_bytes, .. } = self.settings;
        let ends_at = Instant::now().checked_add(attempt_timeout);
        let ends_at = ends_at.unwrap_or(call.ends_at).min(call.ends_at);
        let in_time = |_| Error::new(ErrorKind::Timeout, "the time of the attempt is over");
        let _in_flight = self.settings.in_flight.as_ref().map(|in_flight| in_flight());
        let operation = call.operation;
        let http = self.http.of(request.url(), operation.idempotent)?;
        let response = timeout_at(ends_at, http.execute(request)).await.map_err(in_time)?;
        let mut response = response.map_err(|cause| self.with_hint(Error::of_http(cause)))?;

        let status = response.status();
        let streamed = status.is_success() && operation.content == Content::Stream;
        let body = async {
            match streamed {
                true => read_beginning(&mut response).await,
                false => read(&mut response, max_response_bytes).await,
            }
        };
        let body = timeout_at(ends_at, body).await.unwrap_or_else(|late| Err(in_time(late)));
        let headers = std::mem::take(response.headers_mut());
        let redaction = Redaction { authenticated, request: &call.request, operation };
        let received = Received { status, headers, redaction };
        let body = body.map_err(|error| received.located(error));
        let body = body.and_then(|body| received.interpret(body));
        let skew = |error| with_skew(error, authenticated.signed_at(), date(&received.headers));
        let bytes = body.map_err(skew)?;
        trace.responded(status, || received.request_id());
        let rest = streamed.then_some((response, attempt_timeout));
        let mut response = http::Response::new(Body { bytes, rest });
        *response.status_mut() = status;
        *response.headers_mut() = received.headers;
        Ok(Response { response, operation })
    }

    fn with_hint(&self, error: Error) -> Error {
        match &self.connect_hint {
            Some(hint) if error.is_connect() => error.with_note(hint),
            _ => error,
        }
    }
}

/// Writes a space in the query as `%20`. Forms write `+`, which not every server reads as a space, and nobody
/// knows how the gateway reads it in a signature.
fn encode_spaces(url: &mut Url) {
    let query = url.query().filter(|query| query.contains('+'));
    if let Some(query) = query.map(|query| query.replace('+', "%20")) {
        url.set_query(Some(&query));
    }
}

/// Whether a 401 says that the time of a token is over.
fn has_expired(error: &Error) -> bool {
    let code = error.code().unwrap_or_default();
    let message = error.message().to_ascii_lowercase();
    // A signature expires as well, because of a wrong clock. A refresh would not help.
    let expired = message.contains("expire") && !message.contains("signature");
    error.status() == Some(401)
        && (expired || (code.starts_with("APIG") && code.ends_with(".0307")))
}

/// Adds how far this machine's clock is off to a 401, if it is so far off that signatures fail for it.
fn with_skew(error: Error, here: Option<Timestamp>, there: Option<Timestamp>) -> Error {
    let (Some(here), Some(there), Some(401)) = (here, there, error.status()) else { return error };
    let seconds = here.as_second().saturating_sub(there.as_second());
    let minutes = seconds.unsigned_abs() / 60;
    if minutes < MIN_SKEW_MINUTES {
        return error;
    }
    let side = if seconds < 0 { "behind" } else { "ahead of" };
    error.with_note(&format!("this machine's clock is {minutes} minutes {side} the service's"))
}
