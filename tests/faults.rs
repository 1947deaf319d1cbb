//! Promise: whatever goes wrong on the way, a build is not started twice, what is safe to repeat is
//! repeated, and the caller learns what is known. The table is in `tests/support/faults.rs`.

mod support;

use codearts_build::{ErrorKind, RetryPolicy};
use expect_test::expect_file;
use std::{
    collections::VecDeque,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
    thread,
};
use support::{
    broken::{Act, Broken, Nobody, json},
    faults::*,
};

fn check(name: &str) {
    let row = rows().into_iter().find(|row| row.name == name).unwrap();
    let get = row.measure(Call::RecordInfo);
    assert_eq!((get.arrived, &*get.to_string()), row.get, "{:?}", get.outcome);
    assert!(!get.may_have_started_build(), "reading starts nothing");
    check_any(&row, &get);
    for call in [Call::RunJob, Call::AutoExecute] {
        let post = row.measure(call);
        let seen = (post.arrived, &*post.to_string(), post.may_have_started_build());
        assert_eq!(seen, row.post, "{call:?} {:?}", post.outcome);
        check_any(&row, &post);
        // Whatever the row expects: what may have started a build is not sent again.
        let told_no = row.name.starts_with("throttled") || post.arrived == 0;
        assert!(told_no || post.arrived == 1, "{} requests", post.arrived);
    }
}

fn check_any(row: &Row, measured: &Measured) {
    if let Err(error) = &measured.outcome {
        assert!(!error.message().is_empty());
        assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
    }
    match row.fault {
        // Without a connection nothing was sent, so that anything is tried as often as may be.
        Fault::NoTls => assert_eq!(measured.attempts, 4),
        Fault::Nobody => {}
        // Beyond what is read, there is only what the buffers of the connection hold.
        Fault::Server(_) => assert!(measured.sent < 64 << 20, "{} bytes", measured.sent),
    }
}

macro_rules! tests {
    ($($name:ident)*) => {
        mod a_server_may_answer {
            $(
                #[test]
                fn $name() {
                    super::check(stringify!($name));
                }
            )*
        }
    };
}
with_rows!(tests);

const INTRODUCTION: &str = "\
# What goes wrong, and what becomes of it

Each line is a fault that a server on this machine was made to show, twice; from the third request
on, it answers well. The first two lines are faults that do not end. Reading a record stands for
every `GET`, starting a build for every `POST`; both with four attempts, as by default, and almost
no pauses.

- **arrives**: how many requests reached the server.
- **the caller gets**: success, or the kind of the error with status, code, message and request id.
- **may have started**: what `may_have_started_build` says after the `POST`.

Measured and written by `tests/faults.rs`, which fails when anything here changes.

| fault | `GET` arrives | the caller gets | `POST` arrives | the caller gets | may have started |
| --- | --- | --- | --- | --- | --- |
";

#[test]
fn the_documented_table_is_what_is_measured() {
    // A few at a time, because each asks for threads and sockets.
    let (rows, queue) = (rows(), Mutex::new(0));
    let lines = Mutex::new(vec![String::new(); rows.len()]);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                loop {
                    let mut next = queue.lock().unwrap();
                    let Some(row) = rows.get(*next) else { return };
                    let position = *next;
                    *next += 1;
                    drop(next);
                    lines.lock().unwrap()[position] = line(row);
                }
            });
        }
    });
    let table = INTRODUCTION.to_owned() + &lines.into_inner().unwrap().concat();
    expect_file!["../docs/faults.md"].assert_eq(&table);
}

fn line(row: &Row) -> String {
    let (get, post) = (row.measure(Call::RecordInfo), row.measure(Call::RunJob));
    let cell = |text: String| text.replace('|', "\\|").replace('<', "&lt;");
    let may = if post.may_have_started_build() { "yes" } else { "no" };
    format!(
        "| {} | {} | {} | {} | {} | {may} |\n",
        row.title,
        get.arrived,
        cell(get.to_string()),
        post.arrived,
        cell(post.to_string()),
    )
}

/// A server that answers well, but breaks each connection when a second request comes on it.
fn breaks_used_connections(good: &'static str, fault: fn() -> Act) -> Broken {
    Broken::start(move |arrival| match arrival.on_connection {
        0 => Act::Answer(json("200 OK", good)),
        _ => fault(),
    })
}

const BREAKS: [fn() -> Act; 3] =
    [|| Act::Close(vec![]), || Act::Reset(vec![]), || Act::ResetUnread];
/// Good for a record and for a started build.
const BOTH: &str = r#"{"result":{"id":"1","actual_build_number":"20"}}"#;

#[tokio::test]
async fn a_post_never_uses_a_connection_that_the_server_may_be_closing() {
    for fault in BREAKS {
        let server = breaks_used_connections(BOTH, fault);
        let client = hasty(server.url()).build().unwrap();
        for (sent, of) in [Call::RecordInfo, Call::RunJob, Call::RunJob, Call::AutoExecute]
            .into_iter()
            .enumerate()
        {
            call(client.clone(), of).await.unwrap();
            assert_eq!(server.arrived(), sent + 1, "{of:?}");
        }
        assert_eq!(server.reused(), 0);
    }
}

#[tokio::test]
async fn a_get_that_meets_a_closing_connection_is_sent_again() {
    for fault in BREAKS {
        let server = breaks_used_connections(BOTH, fault);
        let client = hasty(server.url()).build().unwrap();
        // A connection is ready again a moment after its answer was read, so the next call may or
        // may not use it.
        for _ in 0..1000 {
            call(client.clone(), Call::RecordInfo).await.unwrap();
            if server.reused() > 0 {
                break;
            }
        }
        assert!(server.reused() > 0, "connections are kept for reading");
    }
}

#[tokio::test]
async fn the_callers_own_http_client_keeps_no_connection_either() {
    for fault in BREAKS {
        let server = breaks_used_connections(BOTH, fault);
        let http = reqwest::Client::builder().pool_max_idle_per_host(10);
        let client = hasty(server.url()).http(http).build().unwrap();
        for (sent, of) in
            [Call::RecordInfo, Call::RunJob, Call::RunJob, Call::RecordInfo].into_iter().enumerate()
        {
            call(client.clone(), of).await.unwrap();
            assert_eq!(server.arrived(), sent + 1, "{of:?}");
        }
        assert_eq!(server.reused(), 0);
    }
}

/// Finds each time another address.
struct Addresses(Mutex<VecDeque<SocketAddr>>);

impl reqwest::dns::Resolve for Addresses {
    fn resolve(&self, _: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let address = self.0.lock().unwrap().pop_front();
        Box::pin(async move {
            let addresses = address.ok_or("no such name")?;
            Ok(Box::new(std::iter::once(addresses)) as reqwest::dns::Addrs)
        })
    }
}

#[tokio::test]
async fn a_post_that_found_nobody_is_sent_again_and_arrives_once() {
    let server = Broken::start(|_| Act::Answer(json("200 OK", STARTED)));
    let nobody = Nobody::new();
    let good = SocketAddr::from((Ipv4Addr::LOCALHOST, server.port()));
    for (addresses, retry, arrived) in [
        (vec![nobody.address(), nobody.address(), good], RetryPolicy::default(), 1),
        (vec![nobody.address(), good], RetryPolicy::never(), 0),
        // The name is unknown, four times.
        (vec![], RetryPolicy::default(), 0),
    ] {
        let before = server.arrived();
        let addresses = Arc::new(Addresses(Mutex::new(addresses.into())));
        let http = reqwest::Client::builder().no_proxy().dns_resolver(addresses.clone());
        let client = hasty("http://builds.example".into())
            .allow_http(true)
            .retry(retry.with_backoff(Default::default(), Default::default()))
            .http(http)
            .build()
            .unwrap();
        let outcome = call(client, Call::RunJob).await;
        assert_eq!(server.arrived() - before, arrived);
        assert_eq!(outcome.is_ok(), arrived == 1);
        if let Err(error) = outcome {
            assert_eq!(error.kind(), ErrorKind::Connect, "{error:?}");
            assert!(!error.may_have_started_build());
        }
    }
}
