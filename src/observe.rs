//! What an observer sees of a call (feature `tracing`): one span a call, one event a repeat. Field
//! names follow the OpenTelemetry conventions for HTTP clients. No secret, no body.

#[cfg(feature = "tracing")]
pub(crate) use with_tracing::Call;
#[cfg(not(feature = "tracing"))]
pub(crate) use without_tracing::Call;

#[cfg(feature = "tracing")]
mod with_tracing {
    use crate::{Error, generated::Operation};
    use http::StatusCode;
    use reqwest::{Request, Response};
    use std::{
        sync::atomic::{AtomicU32, Ordering::Relaxed},
        time::{Duration, Instant},
    };
    use tracing::{Instrument, Span, field::Empty};

    pub(crate) struct Call {
        span: Span,
        attempts: AtomicU32,
        start: Instant,
    }

    impl Call {
        pub(crate) fn new(operation: Option<&Operation>, request: &Request) -> Self {
            let (id, path) = operation.map_or(("", ""), |known| (known.id, known.path));
            let method = operation.map_or(request.method().as_str(), |known| known.method);
            let span = tracing::info_span!(
                "codearts_build",
                otel.name = format!("{method} {path}"),
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

        pub(crate) async fn around(
            &self,
            call: impl Future<Output = Result<Response, Error>>,
        ) -> Result<Response, Error> {
            let outcome = call.instrument(self.span.clone()).await;
            let span = &self.span;
            if let Err(error) = &outcome {
                span.record("error.type", format!("{:?}", error.kind()));
                self.tell(error.status(), error.request_id());
            }
            span.record("otel.status_code", if outcome.is_ok() { "OK" } else { "ERROR" });
            let repeats = self.attempts.load(Relaxed).saturating_sub(1);
            span.record("http.request.resend_count", repeats);
            let took = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
            span.record("duration_ms", took);
            outcome
        }

        /// A request is sent.
        pub(crate) fn attempt(&self) {
            self.attempts.fetch_add(1, Relaxed);
        }

        /// A good answer came.
        pub(crate) fn answered(&self, status: StatusCode, request_id: Option<String>) {
            self.tell(Some(status.as_u16()), request_id.as_deref());
        }

        fn tell(&self, status: Option<u16>, request_id: Option<&str>) {
            self.span.record("http.response.status_code", status);
            self.span.record("request.id", request_id);
        }

        pub(crate) fn repeat(&self, error: &Error, pause: Duration) {
            tracing::warn!(
                reason = %error,
                error.type = ?error.kind(),
                http.response.status_code = error.status(),
                http.request.resend_count = self.attempts.load(Relaxed),
                pause_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX),
                "sending the request again"
            );
        }
    }
}

#[cfg(not(feature = "tracing"))]
mod without_tracing {
    use crate::{Error, generated::Operation};
    use http::StatusCode;
    use reqwest::{Request, Response};
    use std::time::Duration;

    pub(crate) struct Call;

    impl Call {
        pub(crate) fn new(_: Option<&Operation>, _: &Request) -> Self {
            Self
        }

        pub(crate) async fn around(
            &self,
            call: impl Future<Output = Result<Response, Error>>,
        ) -> Result<Response, Error> {
            call.await
        }

        pub(crate) fn attempt(&self) {}

        pub(crate) fn answered(&self, _: StatusCode, _: Option<String>) {}

        pub(crate) fn repeat(&self, _: &Error, _: Duration) {}
    }
}
