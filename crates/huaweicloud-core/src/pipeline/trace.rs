//! Tracing: one span a call, one event a retry. Field names follow the OpenTelemetry conventions for
//! HTTP clients. No secret, no body.

use crate::codec::operation::Operation;
use crate::error::Error;
use crate::service::ServiceInfo;
use http::StatusCode;
use reqwest::Request;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};
use tracing::{Instrument, Span, field::Empty};

pub(crate) struct Trace {
    span: Span,
    attempts: AtomicU32,
    start: Instant,
}

impl Trace {
    pub(crate) fn new(service: &ServiceInfo, operation: &Operation, request: &Request) -> Self {
        let (method, Operation { id, path, .. }) = (request.method().as_str(), operation);
        let span = tracing::info_span!(
            "huaweicloud",
            rpc.service = service.name,
            otel.name = %format_args!("{method} {path}"),
            otel.kind = "client",
            otel.status_code = Empty,
            operation.id = id,
            http.request.method = method,
            http.request.resend_count = Empty,
            http.response.status_code = Empty,
            url.template = path,
            server.address = request.url().host_str(),
            server.port = request.url().port_or_known_default(),
            request.id = Empty,
            error.type = Empty,
            duration_ms = Empty,
        );
        Self { span, attempts: AtomicU32::new(0), start: Instant::now() }
    }

    /// Runs a call inside its span, and records how it ended.
    pub(crate) async fn around<T>(
        &self,
        call: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let outcome = call.instrument(self.span.clone()).await;
        if let Err(error) = &outcome {
            self.span.record("error.type", format!("{:?}", error.kind()));
            self.record(error.status(), error.request_id());
        }
        self.span.record("otel.status_code", if outcome.is_ok() { "OK" } else { "ERROR" });
        let retries = self.attempts.load(Relaxed).saturating_sub(1);
        self.span.record("http.request.resend_count", retries);
        self.span.record("duration_ms", millis(self.start.elapsed()));
        outcome
    }

    /// A request is sent.
    pub(crate) fn attempt(&self) {
        self.attempts.fetch_add(1, Relaxed);
    }

    /// A good response came.
    pub(crate) fn responded(&self, status: StatusCode, request_id: impl Fn() -> Option<String>) {
        if !self.span.is_disabled() {
            self.record(Some(status.as_u16()), request_id().as_deref());
        }
    }

    fn record(&self, status: Option<u16>, request_id: Option<&str>) {
        self.span.record("http.response.status_code", status);
        self.span.record("request.id", request_id);
    }

    /// The request will be sent again after a delay.
    pub(crate) fn retry(&self, error: &Error, delay: Duration) {
        tracing::warn!(
            reason = %error,
            error.type = ?error.kind(),
            http.response.status_code = error.status(),
            http.request.resend_count = self.attempts.load(Relaxed),
            delay_ms = millis(delay),
            "retrying the request"
        );
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
