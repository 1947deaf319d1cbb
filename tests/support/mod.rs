//! What several tests need.
#![allow(dead_code, unused_imports, unused_macros, reason = "no test needs all of it")]

pub mod broken;
pub mod clock;
pub mod faults;

use codearts_build::{Client, Credential, OPENAPI};
use httpmock::MockServer;
use serde_json::Value;
use std::time::Duration;

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
        .timeout(Duration::from_secs(5))
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
