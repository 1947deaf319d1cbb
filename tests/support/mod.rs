//! What several tests need.

pub mod calls;
pub mod clock;
pub mod document;
pub mod environment;
pub mod faults;
pub mod faulty_server;
#[cfg(feature = "schemars")]
pub mod outline;
pub mod shape;
pub mod timeline;
pub mod verifier;

use codearts_build::{AccessKey, Client, ClientBuilder, Credential, Error, OPENAPI};
use httpmock::{HttpMockRequest, HttpMockResponse, Mock, MockServer};
use serde_json::{Value, json};
use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

/// The ids of the documented examples.
pub const JOB: &str = "f9d6c8466d614a9788e9a0acf6c15f46";
pub const COMMIT: &str = "2fdc0170f0d540ae952c03ee6cabae3a8943d16a";
/// A token that must be sent to the service and shown nowhere.
pub const CANARY: &str = "canary-MIIaBwYJKoZIhvcNAQcCoIIZ";
pub const ACCESS_KEY: &str = "AKIDEXAMPLE00000000A";
pub const SECRET_KEY: &str = "canary-SKEXAMPLE00000000000000000000";
pub const SECURITY_TOKEN: &str = "canary-security-token-of-a-temporary-key";
pub const PASSWORD: &str = "canary \"pass\\word\"";
pub const PROJECT: &str = "0123456789abcdef0123456789abcdef";

pub fn client(server: &MockServer) -> Client {
    client_at(server.base_url())
}

pub fn client_at(endpoint: impl Into<String>) -> Client {
    Client::builder()
        .endpoint(endpoint)
        .credential(Credential::token(CANARY).unwrap())
        // Long, because some tests move the clock while a server on a busy machine responds.
        .connect_timeout(Duration::from_secs(60))
        .attempt_timeout(Duration::from_secs(120))
        .build()
        .unwrap()
}

/// A client of a server, without a credential.
pub fn builder(server: &MockServer) -> ClientBuilder {
    Client::builder().endpoint(server.base_url()).attempt_timeout(Duration::from_secs(120))
}

/// An access key without a project.
pub fn key() -> AccessKey {
    AccessKey::new(ACCESS_KEY, SECRET_KEY).unwrap()
}

/// A response of a mock that computes its responses.
pub fn respond(status: u16, body: Value) -> HttpMockResponse {
    HttpMockResponse::builder().status(status).body(body.to_string()).build()
}

/// Makes a service accept a token.
pub fn accept_token<'a>(server: &'a MockServer, token: &str) -> Mock<'a> {
    server.mock(|when, then| {
        when.header("x-auth-token", token);
        then.status(200)
            .json_body(json!({ "result": { "build_no": 1, "actual_build_number": 1 } }));
    })
}

/// A file of this package.
pub fn path(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(relative)
}

/// `openapi.yaml`.
pub fn openapi() -> Value {
    yaml_serde::from_str(OPENAPI).unwrap()
}

/// The example at a place of the document.
pub fn example(pointer: &str) -> Value {
    let document = openapi();
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

/// Runs the example, which cargo builds with the tests, with no other environment than this.
pub fn run_build(arguments: &[&str], environment: &[(&str, &str)]) -> (i32, String, String) {
    run_build_in(Path::new("."), arguments, environment)
}

/// The same in another folder.
pub fn run_build_in(
    folder: &Path,
    arguments: &[&str],
    environment: &[(&str, &str)],
) -> (i32, String, String) {
    let mut command = run_build_command();
    command.current_dir(folder).args(arguments);
    if !environment.is_empty() {
        // No test calls the metadata service of the machine that it runs on.
        command.env("CODEARTS_BUILD_METADATA_ENDPOINT", "http://127.0.0.1:1");
    }
    command.envs(environment.iter().copied());
    output_of(command)
}

/// Runs a program to its end. Returns its exit code and what it printed.
pub fn output_of(mut command: Command) -> (i32, String, String) {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// The example, in an empty environment.
pub fn run_build_command() -> Command {
    example_command("run_build")
}

/// An example, in an empty environment.
pub fn example_command(name: &str) -> Command {
    let mut path: PathBuf = env::current_exe().unwrap();
    path.pop();
    path.pop();
    path.push(format!("examples/{name}{}", env::consts::EXE_SUFFIX));
    assert!(path.exists(), "`cargo test` builds the examples, `cargo test --test …` does not");
    let mut command = Command::new(path);
    command.env_clear();
    command
}

/// A request as it was sent.
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

/// All that can be printed of an error and its sources.
pub fn printed(error: &Error) -> String {
    let mut printed = format!("{error} {error:#} {error:?} {error:#?}");
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        printed += &format!(" {error} {error:?}");
        source = error.source();
    }
    printed
}

/// The same, which must show no secret.
#[track_caller]
pub fn printed_without_secrets(error: &Error) -> String {
    let printed = printed(error);
    assert!(!printed.contains("canary"), "{printed}");
    printed
}
