//! What several tests need.
#![allow(dead_code, unused_imports, unused_macros, reason = "no test needs all of it")]

pub mod broken;
pub mod clock;
pub mod faults;

use codearts_build::{Client, Credential, Error, OPENAPI};
use httpmock::{HttpMockRequest, MockServer};
use serde_json::Value;
use std::{env, path::PathBuf, process::Command, time::Duration};

/// The ids of the documented examples.
pub const JOB: &str = "f9d6c8466d614a9788e9a0acf6c15f46";
pub const COMMIT: &str = "2fdc0170f0d540ae952c03ee6cabae3a8943d16a";
/// A token that must be seen on the wire and nowhere else.
pub const CANARY: &str = "canary-MIIaBwYJKoZIhvcNAQcCoIIZ";

pub fn client(server: &MockServer) -> Client {
    client_at(server.base_url())
}

pub fn client_at(endpoint: impl Into<String>) -> Client {
    Client::builder()
        .endpoint(endpoint)
        .credential(Credential::token(CANARY).unwrap())
        // Long, because some tests move the clock while a server on a busy machine thinks.
        .connect_timeout(Duration::from_secs(60))
        .attempt_timeout(Duration::from_secs(120))
        .build()
        .unwrap()
}

/// `openapi.yaml`.
pub fn document() -> Value {
    yaml_serde::from_str(OPENAPI).unwrap()
}

/// What the document shows as the example at a place.
pub fn example(pointer: &str) -> Value {
    let document = document();
    document.pointer(pointer).unwrap_or_else(|| panic!("no example at {pointer}")).clone()
}

/// A JSON value without the nulls, which mean the same as nothing.
pub fn without_nulls(mut value: Value) -> Value {
    if let Value::Object(fields) = &mut value {
        fields.retain(|_, value| !value.is_null());
        fields.values_mut().for_each(|value| *value = without_nulls(value.take()));
    }
    value
}

/// Runs the example, which cargo builds with the tests, in an environment of nothing but this.
pub fn run_build(arguments: &[&str], environment: &[(&str, &str)]) -> (i32, String, String) {
    let mut path: PathBuf = env::current_exe().unwrap();
    path.pop();
    path.pop();
    path.push(format!("examples/run_build{}", env::consts::EXE_SUFFIX));
    assert!(path.exists(), "`cargo test` builds the example, `cargo test --test …` does not");
    let mut command = Command::new(path);
    command.env_clear().args(arguments);
    if !environment.is_empty() {
        // No test asks the metadata service of the machine that it runs on.
        command.env("CODEARTS_BUILD_METADATA_ENDPOINT", "http://127.0.0.1:1");
    }
    command.envs(environment.iter().copied());
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// A request as it was on the wire.
pub fn raw(request: &HttpMockRequest) -> Vec<u8> {
    let uri = request.uri();
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    let mut raw = format!("{} {target} HTTP/1.1\r\n", request.method()).into_bytes();
    for (name, value) in &request.headers() {
        raw.extend(format!("{name}: ").into_bytes());
        raw.extend(value.as_bytes());
        raw.extend(b"\r\n");
    }
    raw.extend(b"\r\n");
    raw.extend(request.body_ref());
    raw
}

/// Everything that can be printed of an error, its sources included.
pub fn printed(error: &Error) -> String {
    let mut printed = format!("{error} {error:#} {error:?} {error:#?}");
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        printed += &format!(" {error} {error:?}");
        source = error.source();
    }
    printed
}
