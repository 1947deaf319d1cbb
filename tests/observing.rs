//! Promise: an observer sees one span a call and one event a repeat (feature `tracing`), and never a
//! secret, however much is logged.

mod support;

use codearts_build::{Client, Credential, ErrorKind};
use httpmock::MockServer;
use serde_json::json;
use std::{
    collections::BTreeMap,
    fmt,
    io::Write,
    sync::{LazyLock, Mutex},
    thread,
};
use support::{
    CANARY, JOB,
    broken::{Act, Broken, Nobody, answer, json},
    faults::*,
    printed,
};
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    level_filters::LevelFilter,
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{
    Layer,
    filter::Targets,
    fmt::format::FmtSpan,
    layer::{Context, SubscriberExt},
    registry::LookupSpan,
    util::SubscriberInitExt,
};

type Fields = BTreeMap<&'static str, String>;

/// A span of this crate, with the events in it.
#[derive(Clone, Debug, Default)]
struct Seen {
    fields: Fields,
    events: Vec<(Level, Fields)>,
}

/// Everything that was logged, as text.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static SPANS: Mutex<BTreeMap<u64, Seen>> = Mutex::new(BTreeMap::new());

/// Sees and logs whatever anybody says, at every level. There is one for all tests, because what
/// speaks through `log` knows only one.
static OBSERVER: LazyLock<()> = LazyLock::new(|| {
    let log = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_span_events(FmtSpan::FULL)
        .with_writer(|| Log);
    // All but the server of a test, which has every right to know what it was sent.
    let levels =
        Targets::new().with_default(LevelFilter::TRACE).with_target("httpmock", LevelFilter::OFF);
    let observer = tracing_subscriber::registry().with(log).with(levels);
    observer.with(Spans).init();
});

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
    metadata.target().starts_with("codearts_build")
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Spans {
    fn on_new_span(&self, attributes: &Attributes, id: &Id, _: Context<S>) {
        if ours(attributes.metadata()) {
            let mut seen = Seen::default();
            attributes.record(&mut Visitor(&mut seen.fields));
            SPANS.lock().unwrap().insert(id.into_u64(), seen);
        }
    }

    fn on_record(&self, id: &Id, record: &Record, _: Context<S>) {
        if let Some(seen) = SPANS.lock().unwrap().get_mut(&id.into_u64()) {
            record.record(&mut Visitor(&mut seen.fields));
        }
    }

    fn on_event(&self, event: &Event, context: Context<S>) {
        if ours(event.metadata()) {
            let span = context.lookup_current().expect("an event outside of any span");
            let mut fields = Fields::new();
            event.record(&mut Visitor(&mut fields));
            let mut spans = SPANS.lock().unwrap();
            let seen = spans.get_mut(&span.id().into_u64()).expect("in a span of this crate");
            seen.events.push((*event.metadata().level(), fields));
        }
    }

    fn on_close(&self, id: Id, _: Context<S>) {
        // The number of a closed span is used again.
        let mut spans = SPANS.lock().unwrap();
        if let Some(seen) = spans.remove(&id.into_u64()) {
            CLOSED.lock().unwrap().push(seen);
        }
    }
}

static CLOSED: Mutex<Vec<Seen>> = Mutex::new(Vec::new());

struct Visitor<'a>(&'a mut Fields);

impl Visit for Visitor<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

/// The spans of the calls of one server.
fn spans(port: u16) -> Vec<Seen> {
    let of_port = |seen: &&Seen| seen.fields.get("server.port") == Some(&port.to_string());
    CLOSED.lock().unwrap().iter().filter(of_port).cloned().collect()
}

fn fields(expected: &[(&'static str, &str)]) -> Fields {
    expected.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
}

/// The one span of a server, less what differs from run to run.
fn span(port: u16) -> Seen {
    let mut spans = spans(port);
    assert_eq!(spans.len(), 1, "one span a call");
    let mut span = spans.remove(0);
    assert_eq!(span.fields.remove("server.port"), Some(port.to_string()));
    span.fields.remove("duration_ms").expect("how long it took").parse::<u64>().unwrap();
    for (_, fields) in &mut span.events {
        fields.remove("pause_ms").expect("how long it waits").parse::<u64>().unwrap();
    }
    span
}

#[tokio::test]
async fn a_call_that_succeeds_is_one_span() {
    let _: () = *OBSERVER;
    let server = Broken::start(|_| Act::Answer(answer("200 OK", "x-request-id: 0e81\r\n", RECORD)));
    call(hasty(server.url()).build().unwrap(), Call::RecordInfo).await.unwrap();
    let span = span(server.port());
    let expected = fields(&[
        ("otel.name", "GET /v4/jobs/{job_id}/{build_no}/record-info"),
        ("otel.kind", "client"),
        ("otel.status_code", "OK"),
        ("operation.id", "show_record_detail"),
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
async fn a_refusal_is_one_span() {
    let _: () = *OBSERVER;
    // Whether it calls itself so or not.
    for (status, code) in [("403 Forbidden", "403"), ("200 OK", "200")] {
        let server = Broken::start(move |_| {
            let body = r#"{"error_code":"CB.1","error_msg":"no"}"#;
            Act::Answer(answer(status, "x-request-id: 0e81\r\n", body))
        });
        call(hasty(server.url()).build().unwrap(), Call::RunJob).await.unwrap_err();
        let span = span(server.port());
        let expected = fields(&[
            ("otel.name", "POST /v3/jobs/build"),
            ("otel.kind", "client"),
            ("otel.status_code", "ERROR"),
            ("operation.id", "run_job"),
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
async fn each_repeat_is_an_event_with_its_reason() {
    let _: () = *OBSERVER;
    let server = Broken::start(|arrival| match arrival.number {
        0 => Act::Answer(json("429 Too Many Requests", r#"{"error_code":"APIGW.0308"}"#)),
        1 => Act::Close(vec![]),
        _ => Act::Answer(json("200 OK", RECORD)),
    });
    call(hasty(server.url()).build().unwrap(), Call::RecordInfo).await.unwrap();
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
            ("message", "sending the request again"),
            ("reason", "service error, status 429, code APIGW.0308: no reason given"),
            ("error.type", "Service"),
            ("http.response.status_code", "429"),
            ("http.request.resend_count", "1"),
        ]),
        fields(&[
            ("message", "sending the request again"),
            ("error.type", "ConnectionLost"),
            ("http.request.resend_count", "2"),
        ]),
    ];
    let events: Vec<_> = span.events.into_iter().map(|(_, fields)| fields).collect();
    assert_eq!(events, expected);
}

#[tokio::test]
async fn a_call_that_reaches_nobody_is_one_span() {
    let _: () = *OBSERVER;
    let nobody = Nobody::new();
    let client = hasty(format!("http://{}", nobody.address())).build().unwrap();
    call(client, Call::AutoExecute).await.unwrap_err();
    let span = span(nobody.address().port());
    assert_eq!(span.fields["otel.name"], "POST /v1/job/{job_id}/auto-execute");
    assert_eq!(span.fields["otel.status_code"], "ERROR");
    assert_eq!(span.fields["error.type"], "Connect");
    assert_eq!(span.fields["http.request.resend_count"], "3");
    assert_eq!(span.fields.get("http.response.status_code"), None);
    assert_eq!(span.events.len(), 3);
}

#[test]
fn whatever_goes_wrong_nothing_logged_and_no_error_shows_the_token() {
    let _: () = *OBSERVER;
    let rows = Mutex::new(rows());
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                loop {
                    let Some(row) = rows.lock().unwrap().pop() else { return };
                    for call in [Call::RecordInfo, Call::RunJob] {
                        if let Err(error) = row.measure(call).outcome {
                            assert_ne!(error.kind(), ErrorKind::InvalidArgument);
                            assert!(!printed(&error).contains("canary"), "{error:?}");
                        }
                    }
                }
            });
        }
    });
    let log = log_without_secrets();
    // The log is one that would tell: those who send the token do speak in it, at the top of their
    // voice.
    for speaker in ["codearts_build", "reqwest::connect", "hyper_util::client", "TRACE", "DEBUG"] {
        assert!(log.contains(speaker), "{speaker} says nothing");
    }
    for told in ["request.id=\"[redacted]\"", "x-auth-token:[redacted]"] {
        assert!(log.contains(told), "the service repeats the token");
    }
}

/// All that was logged so far, in which there is no canary.
fn log_without_secrets() -> String {
    let log = String::from_utf8(LOG.lock().unwrap().clone()).unwrap();
    let shown: Vec<_> = log.lines().filter(|line| line.contains("canary")).take(3).collect();
    assert!(shown.is_empty(), "{shown:#?}");
    log
}

/// Logins, good and refused, and signed requests whose signature is refused in the words of the
/// gateway, which repeats all that it was sent.
#[tokio::test]
async fn no_way_to_be_a_caller_is_logged_with_its_secrets() {
    let _: () = *OBSERVER;
    let server = MockServer::start_async().await;
    server.mock(|when, then| {
        when.path("/good/v3/auth/tokens");
        then.status(201).header("x-subject-token", CANARY).json_body(json!({ "token": {} }));
    });
    server.mock(|_, then| {
        then.respond_with(|request| {
            let sent = format!("{:?} {}", request.headers(), request.body_string());
            let refusal = json!({ "error_code": "APIGW.0301", "error_msg": sent });
            let body = refusal.to_string();
            httpmock::HttpMockResponse::builder().status(401).body(body).build()
        });
    });
    let login = || {
        let login = Credential::password("domain", "user", "canary-password").unwrap();
        login.with_project("project")
    };
    let key = || Credential::access_key("AK", "canary-secret-key").unwrap();
    let callers: [Credential; 4] = [
        login().with_iam_endpoint(server.url("/good")).into(),
        login().with_iam_endpoint(server.url("/bad")).into(),
        key().with_project_id("1").unwrap().into(),
        key().with_project_id("1").unwrap().with_security_token("canary-token").unwrap().into(),
    ];
    for caller in callers {
        let client = Client::builder().endpoint(server.base_url()).credential(caller);
        let client = client.build().unwrap();
        let error = client.record_info(JOB, 1).await.unwrap_err();
        assert!(error.is_unauthorized(), "{error}");
        let printed = printed(&error);
        assert!(!printed.contains("canary"), "{printed}");
        assert!(printed.contains("[redacted]"), "{printed}");
    }
    let log = log_without_secrets();
    for told in ["iam_login", "show_record_detail", "Credential", "Service"] {
        assert!(log.contains(told), "{told}");
    }
}
