//! What several tests need.

use huaweicloud_core::{
    Client, ClientBuilder, Credential, RetryPolicy, Service, httpmock::MockServer,
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
