//! Promise: after any fault, a build is not started twice, an idempotent request is retried, and the
//! error says what is known. The table is in `tests/support/faults.rs`.

use crate::support::{calls::*, faults::*, path};
use expect_test::expect_file;

const OTHER_VERSION: &str = "; try Client::with_api_version(ApiVersion::V1)";

fn check(name: &str) {
    let row = rows().into_iter().find(|row| row.name == name).unwrap();
    let get = row.measure(Call::RecordInfo);
    assert_eq!((get.arrived, &*get.to_string()), row.get, "{:?}", get.outcome);
    assert!(!get.may_have_taken_effect(), "reading starts nothing");
    check_any(&row, &get);
    for call in [Call::RunJob, Call::AutoExecute] {
        let post = row.measure(call);
        let seen = (post.arrived, &*post.to_string(), post.may_have_taken_effect());
        // It has one version only.
        let expected = match call {
            Call::AutoExecute => row.post.1.replace(OTHER_VERSION, ""),
            _ => row.post.1.to_owned(),
        };
        assert_eq!(seen, (row.post.0, &*expected, row.post.2), "{call:?} {:?}", post.outcome);
        check_any(&row, &post);
        // In every row: a request that may have started a build is not sent again.
        let not_started = row.name.starts_with("throttled") || post.arrived == 0;
        assert!(not_started || post.arrived == 1, "{} requests", post.arrived);
    }
}

fn check_any(row: &Row, measured: &Measured) {
    if let Err(error) = &measured.outcome {
        assert!(!error.message().is_empty());
        assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
    }
    match row.fault {
        // Without a connection nothing was sent, so every request has all its attempts.
        Fault::NoTls => assert_eq!(measured.attempts, 4),
        Fault::ClosedPort => {}
        // The server sends what is read and what the buffers of the connection hold.
        Fault::Server(_) => assert!(measured.sent < 64 << 20, "{} bytes", measured.sent),
    }
}

macro_rules! tests {
    ($($name:ident)*) => {
        mod a_server_shows {
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
# Faults and their outcomes

Each row is a fault that a test server shows to the first two requests; it responds well from the
third on. The faults of the first two rows do not end. Reading a record stands for every `GET`,
starting a build for every `POST`. Both have the default of four attempts and almost no backoff.

- **arrives**: the number of requests that the server receives.
- **the caller gets**: success, or the kind of the error with status, code, message and request id.
- **may have started**: what `may_have_taken_effect` says after the `POST`.

`tests/faults.rs` writes this page. It makes the calls of every row and compares their outcomes.

| fault | `GET` arrives | the caller gets | `POST` arrives | the caller gets | may have started |
| --- | --- | --- | --- | --- | --- |
";

#[test]
fn the_documented_table_is_the_tested_one() {
    let table = INTRODUCTION.to_owned() + &rows().iter().map(line).collect::<String>();
    expect_file![path("docs/faults.md")].assert_eq(&table);
}

fn line(row: &Row) -> String {
    let (get_arrives, get) = row.get;
    let (post_arrives, post, may_have_started) = row.post;
    let cell = |text: &str| text.replace('|', "\\|").replace('<', "&lt;");
    let may = if may_have_started { "yes" } else { "no" };
    let (get, post) = (cell(get), cell(post));
    format!("| {} | {get_arrives} | {get} | {post_arrives} | {post} | {may} |\n", row.title)
}
