//! Promise: whatever a response is, reading it does not panic, and makes no success of what is none.
//!
//! Responses are made up in three ways: of any bytes, of JSON with familiar names in unfamiliar
//! places, and of documented responses that something happened to. What must hold is said by an oracle
//! that shares nothing with the code but the JSON parser.
//!
//! `PROPTEST_CASES=100000 cargo test --release --lib properties` looks longer than `cargo test`. What
//! fails is kept in `proptest-regressions`, to be committed, and tried first from then on.

use crate::auth::Secret;
use crate::error::{Error, ErrorKind};
use crate::generated::{
    OPENAPI, OPERATIONS, Operation,
    types::{BuildRecord, RecordInfoResponse},
};
use crate::pipeline::Received;
use crate::types::started::StartedBuild;
use http::{HeaderMap, StatusCode};
use proptest::{
    collection::vec,
    prelude::*,
    sample::{Index, select},
    strategy::ValueTree,
    test_runner::TestRunner,
};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

const JOB: &str = "f9d6c8466d614a9788e9a0acf6c15f46";
/// What the service may echo and nobody may see.
const SECRET: &str = "canary-MIIaBwYJKoZIhvcNAQcCoIIZ";
static TOKEN: LazyLock<Secret> = LazyLock::new(|| Secret::from(SECRET));

fn operation(id: &str) -> &'static Operation {
    OPERATIONS.iter().find(|operation| operation.id == id).unwrap()
}

// Reading, as a call does it: the hooks, the generated code, the wrapper.

fn understand(operation: &Operation, status: u16, body: &[u8]) -> Result<Vec<u8>, Error> {
    let received = Received {
        status: StatusCode::from_u16(status).unwrap(),
        headers: &HeaderMap::new(),
        body,
        redact: &|text| TOKEN.redact(text),
    };
    let (status, body) = received.interpret(Some(operation))?;
    // What the generated code does not take for a documented response, it does not decode.
    assert!(operation.success.contains(&status.as_u16()), "{status}");
    Ok(body)
}

fn start(operation: &Operation, status: u16, body: &[u8]) -> Result<StartedBuild, Error> {
    let body = understand(operation, status, body)?;
    let response = serde_json::from_slice(&body).unwrap();
    StartedBuild::from_response(JOB.parse().unwrap(), response)
}

fn record(status: u16, body: &[u8]) -> Result<BuildRecord, Error> {
    let body = understand(operation("show_record_detail"), status, body)?;
    let response: RecordInfoResponse = serde_json::from_slice(&body).unwrap();
    Ok(response.result.expect("what was interpreted holds a record"))
}

// The oracle.

/// The object that a good response is.
fn object(status: u16, body: &[u8]) -> Option<Map<String, Value>> {
    let good = (200..300).contains(&status);
    serde_json::from_slice(body).ok().filter(|_| good)
}

/// Whether a response holds an error so clearly that nothing else it says counts.
fn holds_error(body: &Map<String, Value>) -> bool {
    let blank = |name: &str| match body.get(name) {
        None => true,
        Some(value) => [json!(null), json!(""), json!([]), json!({})].contains(value),
    };
    let status = body.get("status").and_then(Value::as_str).unwrap_or_default();
    let failed = ["fail", "failed", "error"].iter().any(|word| status.eq_ignore_ascii_case(word));
    !blank("error_code")
        || !blank("errorCode")
        || (!blank("error") && blank("result"))
        || (failed && body.contains_key("result"))
}

/// The build number that an object names.
fn number(object: &Map<String, Value>) -> Option<u64> {
    let number = match object.get("actual_build_number")? {
        Value::Number(number) => number.as_u64()?,
        Value::String(text) => {
            let text = text.trim();
            let digits = text.strip_prefix('+').unwrap_or(text);
            if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            digits.trim_start_matches('0').parse().ok()?
        }
        _ => return None,
    };
    (1..=2_147_483_647).contains(&number).then_some(number)
}

/// An object, and the one in its `result`.
fn flat_or_wrapped(body: &Map<String, Value>) -> Vec<&Map<String, Value>> {
    std::iter::once(body).chain(body.get("result").and_then(Value::as_object)).collect()
}

/// What a response holds that cannot be taken for an error, flat or wrapped.
fn plain(body: &Map<String, Value>) -> Option<&Map<String, Value>> {
    let error = |name: &String| name != "result" && ERROR_NAMES.contains(&name.as_str());
    if body.keys().any(error) {
        return None;
    }
    body.get("result").map_or(Some(body), Value::as_object)
}

fn documented_fields() -> Vec<&'static str> {
    static FIELDS: LazyLock<Vec<String>> = LazyLock::new(|| {
        let pointer = "/components/schemas/BuildRecord/properties";
        DOCUMENT.pointer(pointer).unwrap().as_object().unwrap().keys().cloned().collect()
    });
    FIELDS.iter().map(String::as_str).collect()
}

/// Names that an error, or what belongs to it, may go by.
const ERROR_NAMES: [&str; 18] = [
    "error_code",
    "errorCode",
    "code",
    "error_msg",
    "errorMsg",
    "error_message",
    "message",
    "reason",
    "msg",
    "error_description",
    "title",
    "error",
    "status",
    "result",
    "request_id",
    "requestId",
    "X-Request-Id",
    "detail",
];

fn check_start(operation: &Operation, status: u16, body: &[u8]) -> Result<(), TestCaseError> {
    let object = object(status, body);
    match start(operation, status, body) {
        Ok(build) => {
            prop_assert!(object.is_some(), "not a good response at all");
            let object = object.unwrap();
            prop_assert!(!holds_error(&object), "an error");
            let said = u64::from(build.build_no());
            let named = flat_or_wrapped(&object).into_iter().any(|at| number(at) == Some(said));
            prop_assert!(named, "{said} is not in the response");
            prop_assert_eq!(build.job_id(), JOB);
        }
        Err(error) => {
            if let Some(object) = object {
                let started = plain(&object).is_some_and(|at| number(at).is_some());
                prop_assert!(!started, "a started build: {error}");
            }
            check_error(status, &error)?;
        }
    }
    Ok(())
}

fn check_record(status: u16, body: &[u8]) -> Result<(), TestCaseError> {
    let object = object(status, body);
    let given = |at: &Map<String, Value>| {
        documented_fields().iter().any(|name| at.get(*name).is_some_and(|value| !value.is_null()))
    };
    match record(status, body) {
        Ok(record) => {
            prop_assert!(object.is_some(), "not a good response at all");
            let object = object.unwrap();
            prop_assert!(!holds_error(&object), "an error");
            let at = flat_or_wrapped(&object).pop().unwrap();
            prop_assert!(given(at), "no record");
            // What is told is what was said.
            for (name, told) in [("status", &record.status), ("commit", &record.commit)] {
                if let Some(Value::String(said)) = at.get(name) {
                    prop_assert_eq!(told.as_deref(), Some(said.as_str()));
                }
            }
            // Typed reading does not panic either.
            _ = (record.duration(), record.started_at(), record.is_finished());
            // Nothing is lost: what the document does not have is kept as it came.
            for (name, said) in at {
                if !documented_fields().contains(&name.as_str()) {
                    prop_assert_eq!(record.extra.get(name), Some(said));
                }
            }
        }
        Err(error) => {
            if let Some(object) = object {
                prop_assert!(!plain(&object).is_some_and(given), "a record: {error}");
            }
            check_error(status, &error)?;
        }
    }
    Ok(())
}

fn check_error(status: u16, error: &Error) -> Result<(), TestCaseError> {
    prop_assert!(matches!(error.kind(), ErrorKind::Service | ErrorKind::InvalidResponse));
    // One good status is told for another.
    let documented = if (200..300).contains(&status) { 200 } else { status };
    prop_assert!(error.status() == Some(status) || error.status() == Some(documented));
    if (400..500).contains(&status) {
        prop_assert_eq!(error.kind(), ErrorKind::Service, "an error status is an error");
    }
    prop_assert!(!error.message().is_empty());
    let shown = error.to_string();
    prop_assert!(shown.chars().count() < 3000, "{} characters", shown.chars().count());
    prop_assert!(!shown.chars().any(char::is_control), "{shown:?}");
    // No more of the secret than too little to tell.
    let printed = format!("{shown} {error:?}");
    let telling = SECRET.as_bytes().windows(12).map(|part| std::str::from_utf8(part).unwrap());
    prop_assert!(!telling.into_iter().any(|part| printed.contains(part)), "{printed}");
    Ok(())
}

// The responses.

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| yaml_serde::from_str(OPENAPI).unwrap());

/// The documented response of an operation.
fn documented(operation: &Operation) -> Value {
    let method = operation.method.to_lowercase();
    let content = &DOCUMENT["paths"][operation.path][method]["responses"]["200"]["content"];
    content["application/json"]["example"].clone()
}

fn name() -> impl Strategy<Value = String> {
    let started = ["actual_build_number", "daily_build_number", "octopus_job_name"];
    let names = [&ERROR_NAMES[..], &started[..], &documented_fields()].concat();
    // Those on which it hinges more often than the rest.
    let hinges = ["actual_build_number", "result", "status", "error", "error_code", "id"];
    prop_oneof![
        8 => select(hinges.to_vec()).prop_map(String::from),
        8 => select(names).prop_map(String::from),
        1 => "[a-z_]{0,9}",
    ]
}

fn text() -> impl Strategy<Value = String> {
    let telling = [
        "",
        " ",
        "20",
        " 20 ",
        "+7",
        "007",
        "0",
        "-1",
        "2147483647",
        "2147483648",
        "99999999999999999999",
        "1.0",
        "success",
        "fail",
        "error",
        "SUCCESS",
        "Running",
        "null",
        "true",
        "{",
        r#"{"error_code":"CB.00031006","error_msg":"no such task"}"#,
        r#"{"actual_build_number":"20"}"#,
        "2022-10-11T08:28:42.000+00:00",
        "no such task",
        "\u{1b}[31m\u{85}\u{0}red\r\n",
        "<html><body>a page</body></html>",
        SECRET,
        "x-auth-token:canary-MIIaBwYJKoZIhvcNAQcCoIIZ\n",
    ];
    prop_oneof![
        20 => select(telling.to_vec()).prop_map(String::from),
        2 => any::<String>(),
        1 => (any::<char>(), 0..5000_usize).prop_map(|(c, times)| c.to_string().repeat(times)),
    ]
}

fn scalar() -> impl Strategy<Value = Value> {
    let numbers = [0, 1, 20, 401, -1, 2_147_483_647, 2_147_483_648, i64::MIN, i64::MAX];
    prop_oneof![
        2 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        3 => select(numbers.to_vec()).prop_map(Value::from),
        1 => any::<u64>().prop_map(Value::from),
        1 => any::<i32>().prop_map(|eighths| Value::from(f64::from(eighths) / 8.0)),
        6 => text().prop_map(Value::from),
    ]
}

fn fields(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    vec((name(), value), 0..6).prop_map(|fields| Value::Object(fields.into_iter().collect()))
}

fn any_json() -> impl Strategy<Value = Value> + Clone {
    let nested = scalar().prop_recursive(4, 24, 6, |inner| {
        prop_oneof![1 => vec(inner.clone(), 0..4).prop_map(Value::Array), 4 => fields(inner)]
    });
    nested.boxed()
}

/// What may happen to a documented response on its way.
#[derive(Clone, Debug)]
enum Mishap {
    Drop(Index),
    Set(Index, Value),
    Rename(Index, String),
    Add(String, Value),
    Wrap(String),
    Unwrap,
    Quote,
}

fn mishap() -> impl Strategy<Value = Mishap> {
    prop_oneof![
        3 => any::<Index>().prop_map(Mishap::Drop),
        4 => (any::<Index>(), any_json()).prop_map(|(at, value)| Mishap::Set(at, value)),
        1 => (any::<Index>(), name()).prop_map(|(at, name)| Mishap::Rename(at, name)),
        4 => (name(), any_json()).prop_map(|(name, value)| Mishap::Add(name, value)),
        2 => scalar().prop_map(|value| Mishap::Add("actual_build_number".into(), value)),
        2 => prop_oneof![3 => Just("result".to_owned()), 1 => name()].prop_map(Mishap::Wrap),
        1 => Just(Mishap::Unwrap),
        1 => Just(Mishap::Quote),
    ]
}

impl Mishap {
    /// Happens to a body, or to the `result` in it.
    fn happen(self, body: &mut Value, inside: bool) {
        match self {
            Self::Wrap(name) => *body = json!({ name: body.take() }),
            Self::Quote => *body = Value::String(body.to_string()),
            Self::Unwrap => {
                if let Some(result) = body.get_mut("result") {
                    *body = result.take();
                }
            }
            change => {
                let result = body.get("result").is_some_and(Value::is_object) && inside;
                let at = if result { &mut body["result"] } else { body };
                let Value::Object(fields) = at else { return };
                let named = |at: Index| {
                    let names: Vec<_> = fields.keys().cloned().collect();
                    names.get(at.index(names.len().max(1))).cloned().unwrap_or_default()
                };
                match change {
                    Self::Drop(at) => _ = fields.remove(&named(at)),
                    Self::Set(at, value) => _ = fields.insert(named(at), value),
                    Self::Rename(at, name) => {
                        let value = fields.remove(&named(at)).unwrap_or_default();
                        fields.insert(name, value);
                    }
                    Self::Add(name, value) => _ = fields.insert(name, value),
                    Self::Wrap(_) | Self::Unwrap | Self::Quote => {}
                }
            }
        }
    }
}

fn unlucky(body: Value) -> impl Strategy<Value = Vec<u8>> {
    let bytes = vec((any::<Index>(), any::<u8>()), 0..4);
    let broken = prop_oneof![
        6 => Just((None, vec![])),
        1 => any::<Index>().prop_map(|end| (Some(end), vec![])),
        1 => bytes.prop_map(|flips| (None, flips)),
    ];
    (vec((mishap(), any::<bool>()), 0..4), broken).prop_map(move |(mishaps, (end, flips))| {
        let mut body = body.clone();
        for (mishap, inside) in mishaps {
            mishap.happen(&mut body, inside);
        }
        let mut bytes = body.to_string().into_bytes();
        for (at, byte) in flips {
            let at = at.index(bytes.len());
            bytes[at] ^= byte;
        }
        bytes.truncate(end.map_or(bytes.len(), |end| end.index(bytes.len())));
        bytes
    })
}

fn response(operation: &Operation) -> impl Strategy<Value = (u16, Vec<u8>)> {
    let status = prop_oneof![6 => Just(200), 1 => 200..300_u16, 2 => 100..=999_u16];
    let body = prop_oneof![
        1 => vec(any::<u8>(), 0..300),
        1 => any_json().prop_map(|value| value.to_string().into_bytes()),
        4 => fields(any_json()).prop_map(|value| value.to_string().into_bytes()),
        6 => unlucky(documented(operation)),
    ];
    (status, body)
}

/// A response as it is shown where a test fails.
#[derive(Clone)]
struct Body(Vec<u8>);

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", String::from_utf8_lossy(&self.0))
    }
}

fn shown(operation: &Operation) -> impl Strategy<Value = (u16, Body)> {
    response(operation).prop_map(|(status, body)| (status, Body(body)))
}

proptest! {
    #[test]
    fn run_job((status, body) in shown(operation("run_job"))) {
        check_start(operation("run_job"), status, &body.0)?;
    }

    #[test]
    fn auto_execute((status, body) in shown(operation("execute_auto_build_job"))) {
        check_start(operation("execute_auto_build_job"), status, &body.0)?;
    }

    #[test]
    fn record_info((status, body) in shown(operation("show_record_detail"))) {
        check_record(status, &body.0)?;
    }
}

#[test]
fn the_responses_made_up_are_of_every_kind() {
    let mut runner = TestRunner::deterministic();
    for operation in OPERATIONS {
        let (mut good, mut errors, mut invalid) = (0, 0, 0);
        for _ in 0..1000 {
            let (status, body) = response(operation).new_tree(&mut runner).unwrap().current();
            let outcome = match operation.enveloped {
                true => record(status, &body).err(),
                false => start(operation, status, &body).err(),
            };
            match outcome.map(|error| error.kind()) {
                None => good += 1,
                Some(ErrorKind::Service) => errors += 1,
                Some(_) => invalid += 1,
            }
        }
        let seen = (good, errors, invalid);
        assert!(good > 100 && errors > 100 && invalid > 100, "{}: {seen:?}", operation.id);
    }
}
