//! What several tests need.

#[allow(dead_code, unreachable_pub, reason = "shared with the tests of codearts-build")]
pub(crate) mod document;

use huaweicloud_core::{
    Client, ClientBuilder, Credential, ErrorCodes, Pipeline, RetryPolicy, Service, ServiceInfo,
    httpmock::MockServer,
};
use std::time::Duration;
use whole_service::api;

pub(crate) const JOB: &str = "f9d6c8466d614a9788e9a0acf6c15f46";
pub(crate) const TOKEN: &str = "the-token";

/// Settings of a client of a service, which waits for nothing.
pub(crate) fn builder<C: Service>(server: &MockServer) -> ClientBuilder<C> {
    let millisecond = Duration::from_millis(1);
    ClientBuilder::default()
        .endpoint(server.base_url())
        .credential(Credential::token(TOKEN).unwrap())
        .retry(RetryPolicy::default().with_backoff(millisecond, millisecond))
}

pub(crate) fn client(server: &MockServer) -> Client {
    builder(server).build().unwrap()
}

/// The client of `openapi.yaml`.
pub(crate) fn api(server: &MockServer) -> api::Client {
    client(server).pipeline().into()
}

/// The document that responses are made up for.
pub(crate) fn openapi() -> serde_json::Value {
    yaml_serde::from_str(include_str!("../../shapes.yaml")).unwrap()
}

/// A client that knows codes of its service.
pub(crate) struct Builds(pub(crate) Pipeline);

impl From<Pipeline> for Builds {
    fn from(pipeline: Pipeline) -> Self {
        Self(pipeline)
    }
}

impl Service for Builds {
    const INFO: &'static ServiceInfo = &ServiceInfo {
        name: "BUILDS",
        variables: "BUILDS",
        user_agent: "builds/1.0",
        endpoint: |_| None,
        // Those of the build service.
        codes: ErrorCodes {
            own: &["CB.", "DEVCB.", "DEV.CB."],
            faults: &["CB.00060100", "CB.00060101"],
            passing: &["CB.00060100"],
            not_accepted: &["CB.000602"],
            throttled: &["CB.00060211"],
            not_found: &[".00031006", ".00060200"],
        },
    };
}
