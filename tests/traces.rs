//! Promise: a subscriber sees one span for each call and one event for each retry, and no secret at
//! any level.

use crate::support::{
    CANARY, JOB,
    calls::*,
    faults::rows,
    faulty_server::{Action, ClosedPort, FaultyServer, json, response},
    printed_without_secrets, respond,
};
use codearts_build::{AccessKey, Client, Credential, ErrorKind, PasswordLogin, types};
use httpmock::MockServer;
use serde_json::json;
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    fmt,
    io::Write,
    sync::{LazyLock, Mutex},
    thread,
};
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{
    Layer,
    filter::dynamic_filter_fn,
    fmt::format::FmtSpan,
    layer::{Context, SubscriberExt},
    registry::LookupSpan,
    util::SubscriberInitExt,
};

type Fields = BTreeMap<&'static str, String>;

/// A span of this crate, with the events in it.
#[derive(Debug, Default)]
struct Seen {
    fields: Fields,
    events: Vec<(Level, Fields)>,
}

/// Everything that was logged, as text.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

thread_local! {
    /// Whether this thread belongs to a test of this module.
    static OBSERVED: Cell<bool> = const { Cell::new(false) };
    /// The open and the closed spans of this thread. Ports cannot tell them apart: the system gives
    /// the port of a server to another one later.
    static OPEN: RefCell<BTreeMap<u64, Seen>> = const { RefCell::new(BTreeMap::new()) };
    static CLOSED: RefCell<Vec<Seen>> = const { RefCell::new(Vec::new()) };
}

/// Observes this thread. There is one subscriber for all tests, because the crate `log` knows only
/// one. The calls of these tests run on their own threads, and the servers on others.
fn observe() {
    static SUBSCRIBER: LazyLock<()> = LazyLock::new(|| {
        let log = tracing_subscriber::fmt::layer()
            .with_ansi(false)
            .with_span_events(FmtSpan::FULL)
            .with_writer(|| Log);
        let observed = dynamic_filter_fn(|_, _| OBSERVED.get());
        tracing_subscriber::registry().with(observed).with(log).with(Spans).init();
    });
    LazyLock::force(&SUBSCRIBER);
    OBSERVED.set(true);
}

struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

struct Spans;

fn ours(metadata: &Metadata) -> bool {
    ["codearts_build", "huaweicloud_core"].iter().any(|it| metadata.target().starts_with(it))
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Spans {
    fn on_new_span(&self, attributes: &Attributes, id: &Id, _: Context<S>) {
        if ours(attributes.metadata()) {
            let mut seen = Seen::default();
            attributes.record(&mut Visitor(&mut seen.fields));
            OPEN.with_borrow_mut(|open| open.insert(id.into_u64(), seen));
        }
    }

    fn on_record(&self, id: &Id, record: &Record, _: Context<S>) {
        OPEN.with_borrow_mut(|open| {
            if let Some(seen) = open.get_mut(&id.into_u64()) {
                record.record(&mut Visitor(&mut seen.fields));
            }
        });
    }

    fn on_event(&self, event: &Event, context: Context<S>) {
        if ours(event.metadata()) {
            let span = context.lookup_current().expect("an event outside of any span");
            let mut fields = Fields::new();
            event.record(&mut Visitor(&mut fields));
            OPEN.with_borrow_mut(|open| {
                let seen = open.get_mut(&span.id().into_u64()).expect("in a span of this crate");
                seen.events.push((*event.metadata().level(), fields));
            });
        }
    }

    fn on_close(&self, id: Id, _: Context<S>) {
        // Another span may get the same id.
        if let Some(seen) = OPEN.with_borrow_mut(|open| open.remove(&id.into_u64())) {
            CLOSED.with_borrow_mut(|closed| closed.push(seen));
        }
    }
}

struct Visitor<'a>(&'a mut Fields);

impl Visit for Visitor<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

fn fields(expected: &[(&'static str, &str)]) -> Fields {
    expected.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
}

/// The one span since the last call, without what differs from run to run.
fn span(port: u16) -> Seen {
    let mut spans = CLOSED.take();
    assert_eq!(spans.len(), 1, "one span for each call");
    let mut span = spans.remove(0);
    assert_eq!(span.fields.remove("server.port"), Some(port.to_string()));
    span.fields.remove("duration_ms").expect("how long it took").parse::<u64>().unwrap();
    for (_, fields) in &mut span.events {
        fields.remove("delay_ms").expect("how long it waits").parse::<u64>().unwrap();
    }
    span
}

#[tokio::test]
async fn a_call_that_succeeds_is_one_span() {
    observe();
    let server = FaultyServer::start(|_| {
        Action::Respond(response("200 OK", "x-request-id: 0e81\r\n", RECORD))
    });
    call(fast_client(server.url()).build().unwrap(), Call::RecordInfo).await.unwrap();
    let span = span(server.port());
    let expected = fields(&[
        ("otel.name", "GET /v4/jobs/{job_id}/{build_no}/record-info"),
        ("otel.kind", "client"),
        ("otel.status_code", "OK"),
        ("rpc.service", "CODEARTSBUILD"),
        ("operation.id", "ShowRecordDetail"),
        ("http.request.method", "GET"),
        ("http.request.resend_count", "0"),
        ("http.response.status_code", "200"),
        ("url.template", "/v4/jobs/{job_id}/{build_no}/record-info"),
        ("server.address", "127.0.0.1"),
        ("request.id", "0e81"),
    ]);
    assert_eq!(span.fields, expected);
    assert!(span.events.is_empty(), "{:?}", span.events);
}

#[tokio::test]
async fn a_service_error_is_one_span() {
    observe();
    // With any status.
    for (status, code) in [("403 Forbidden", "403"), ("200 OK", "200")] {
        let server = FaultyServer::start(move |_| {
            let body = r#"{"error_code":"CB.1","error_msg":"no"}"#;
            Action::Respond(response(status, "x-request-id: 0e81\r\n", body))
        });
        call(fast_client(server.url()).build().unwrap(), Call::RunJob).await.unwrap_err();
        let span = span(server.port());
        let expected = fields(&[
            ("otel.name", "POST /v3/jobs/build"),
            ("otel.kind", "client"),
            ("otel.status_code", "ERROR"),
            ("rpc.service", "CODEARTSBUILD"),
            ("operation.id", "RunJob"),
            ("http.request.method", "POST"),
            ("http.request.resend_count", "0"),
            ("http.response.status_code", code),
            ("url.template", "/v3/jobs/build"),
            ("server.address", "127.0.0.1"),
            ("request.id", "0e81"),
            ("error.type", "Service"),
        ]);
        assert_eq!(span.fields, expected);
        assert!(span.events.is_empty(), "{:?}", span.events);
    }
}

#[tokio::test]
async fn each_retry_is_an_event_with_its_reason() {
    observe();
    let server = FaultyServer::start(|arrival| match arrival.number {
        0 => Action::Respond(json("429 Too Many Requests", r#"{"error_code":"APIGW.0308"}"#)),
        1 => Action::Close(vec![]),
        _ => Action::Respond(json("200 OK", RECORD)),
    });
    call(fast_client(server.url()).build().unwrap(), Call::RecordInfo).await.unwrap();
    let mut span = span(server.port());
    assert_eq!(span.fields["otel.status_code"], "OK");
    assert_eq!(span.fields["http.request.resend_count"], "2");
    assert_eq!(span.fields["http.response.status_code"], "200");
    assert_eq!(span.fields.get("error.type"), None);
    assert!(span.events.iter().all(|(level, _)| *level == Level::WARN));

    assert_eq!(span.events.len(), 2);
    let reason = span.events[1].1.remove("reason").unwrap();
    assert!(reason.starts_with("connection lost: "), "{reason}");
    let expected = [
        fields(&[
            ("message", "retrying the request"),
            ("reason", "service error, status 429, code APIGW.0308: no reason given"),
            ("error.type", "Service"),
            ("http.response.status_code", "429"),
            ("http.request.resend_count", "1"),
        ]),
        fields(&[
            ("message", "retrying the request"),
            ("error.type", "ConnectionLost"),
            ("http.request.resend_count", "2"),
        ]),
    ];
    let events: Vec<_> = span.events.into_iter().map(|(_, fields)| fields).collect();
    assert_eq!(events, expected);
}

/// The provider has the same token only, which would fail again and might get the user locked.
#[tokio::test]
async fn an_expired_token_that_nothing_replaces_is_no_retry() {
    observe();
    let expired = r#"{"error_code":"APIGW.0307","error_msg":"The token must be updated"}"#;
    let server = FaultyServer::start(move |_| Action::Respond(json("401 Unauthorized", expired)));
    let client = fast_client(server.url()).build().unwrap();
    for _ in 0..2 {
        let error = call(client.clone(), Call::RecordInfo).await.unwrap_err();
        assert_eq!((error.status(), error.code()), (Some(401), Some("APIGW.0307")));
        let events = span(server.port()).events;
        assert!(events.is_empty(), "{events:?}");
    }
    assert_eq!(server.arrived(), 2, "one request a call");
}

#[tokio::test]
async fn a_call_without_a_connection_is_one_span() {
    observe();
    let closed = ClosedPort::new();
    let client = fast_client(format!("http://{}", closed.address())).build().unwrap();
    call(client, Call::AutoExecute).await.unwrap_err();
    let span = span(closed.address().port());
    assert_eq!(span.fields["otel.name"], "POST /v1/job/{job_id}/auto-execute");
    assert_eq!(span.fields["otel.status_code"], "ERROR");
    assert_eq!(span.fields["error.type"], "Connect");
    assert_eq!(span.fields["http.request.resend_count"], "3");
    assert_eq!(span.fields.get("http.response.status_code"), None);
    assert_eq!(span.events.len(), 3);
}

#[test]
fn no_fault_makes_a_log_or_an_error_show_the_token() {
    observe();
    let rows = Mutex::new(rows());
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                observe();
                loop {
                    let Some(row) = rows.lock().unwrap().pop() else { return };
                    for call in [Call::RecordInfo, Call::RunJob] {
                        if let Err(error) = row.measure(call).outcome {
                            assert_ne!(error.kind(), ErrorKind::InvalidArgument);
                            printed_without_secrets(&error);
                        }
                    }
                }
            });
        }
    });
    let log = log_without_secrets();
    // The log has entries of every level, among them those of the code that handles the token.
    for source in ["huaweicloud_core", "reqwest::connect", "hyper_util::client", "TRACE", "DEBUG"] {
        assert!(log.contains(source), "{source} logs nothing");
    }
    for logged in ["request.id=\"[redacted]\"", "x-auth-token:[redacted]"] {
        assert!(log.contains(logged), "the service echoes the token");
    }
}

/// All that was logged so far, which must show no secret.
fn log_without_secrets() -> String {
    let log = String::from_utf8(LOG.lock().unwrap().clone()).unwrap();
    let shown: Vec<_> = log.lines().filter(|line| line.contains("canary")).take(3).collect();
    assert!(shown.is_empty(), "{shown:#?}");
    log
}

/// A gateway that throttles and quotes the request, which is retried and so logged.
#[tokio::test]
async fn no_value_of_a_build_parameter_is_logged() {
    observe();
    let server = MockServer::start_async().await;
    server.mock(|_, then| {
        then.respond_with(|request| {
            let body = json!({ "error_code": "APIGW.0308", "error_msg": request.body_string() });
            let mut response = respond(429, body);
            let id = "canary-of-a-parameter".parse().unwrap();
            response.headers.get_or_insert_default().push(("x-request-id".into(), id));
            response
        });
    });
    let client = fast_client(server.base_url()).build().unwrap();
    let request = types::RunJobRequest::new(JOB).unwrap();
    let request = request.with_parameter("codeBranch", "canary-of-a-parameter").unwrap();
    let error = client.run_job(request).await.unwrap_err();
    let printed = printed_without_secrets(&error);
    assert!(printed.contains("[codeBranch]"), "{printed}");
    assert!(log_without_secrets().contains("[codeBranch]"));
}

/// Logins that succeed and fail, and signed requests, with a gateway that echoes every request.
#[tokio::test]
async fn no_credential_is_logged_with_its_secrets() {
    observe();
    let server = MockServer::start_async().await;
    server.mock(|when, then| {
        when.path("/good/v3/auth/tokens");
        then.status(201).header("x-subject-token", CANARY).json_body(json!({ "token": {} }));
    });
    server.mock(|_, then| {
        then.respond_with(|request| {
            let sent = format!("{:?} {}", request.headers(), request.body_string());
            let body = json!({ "error_code": "APIGW.0301", "error_msg": sent });
            respond(401, body)
        });
    });
    let login = || {
        let login = PasswordLogin::new("domain", "user", "canary-password").unwrap();
        Credential::from(login).with_project("project").unwrap()
    };
    let key = || AccessKey::new("AK", "canary-secret-key").unwrap();
    let credentials: [Credential; 4] = [
        login().with_iam_endpoint(server.url("/good")),
        login().with_iam_endpoint(server.url("/bad")),
        key().with_project_id("1").unwrap().into(),
        key().with_project_id("1").unwrap().with_security_token("canary-token").unwrap().into(),
    ];
    for credential in credentials {
        let client = Client::builder().endpoint(server.base_url()).credential(credential);
        let client = client.build().unwrap();
        let error = client.record_info(JOB, 1).await.unwrap_err();
        assert!(error.is_unauthorized(), "{error}");
        let printed = printed_without_secrets(&error);
        assert!(printed.contains("[redacted]"), "{printed}");
    }
    let log = log_without_secrets();
    for logged in ["iam_login", "ShowRecordDetail", "Credential", "Service"] {
        assert!(log.contains(logged), "{logged}");
    }
}
