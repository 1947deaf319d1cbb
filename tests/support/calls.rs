//! Clients and calls for tests with a faulty server.

use super::{
    CANARY, JOB,
    faulty_server::{Action, FaultyServer, json, response},
};
use codearts_build::{Client, ClientBuilder, Credential, Error, RetryPolicy, types::*};
use std::time::Duration;

pub const HOUR: Duration = Duration::from_secs(60 * 60);
/// The maximum response size of these clients.
pub const MAX_RESPONSE_BYTES: usize = 64 * 1024;
/// A good response for a record.
pub const RECORD: &str = r#"{"status":"success","result":{"build_no":1,"status":"SUCCESS"}}"#;
/// A good response for a started build.
pub const STARTED: &str = r#"{"actual_build_number":"20","octopus_job_name":"j_1"}"#;
/// A good response for either.
pub const GOOD: &str = r#"{"result":{"build_no":1,"actual_build_number":"20"}}"#;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Call {
    RecordInfo,
    RunJob,
    AutoExecute,
}

/// One call that is idempotent and one that is not.
pub const BOTH: [Call; 2] = [Call::RecordInfo, Call::RunJob];

pub async fn call(client: Client, call: Call) -> Result<(), Error> {
    match call {
        Call::RecordInfo => client.record_info(JOB, 1).await.map(drop),
        Call::RunJob => client.run_job(RunJobRequest::new(JOB)?).await.map(drop),
        Call::AutoExecute => {
            client.auto_execute(JOB, AutoExecuteRequest::push("master")).await.map(drop)
        }
    }
}

/// A client that retries almost at once.
pub fn fast_client(endpoint: String) -> ClientBuilder {
    let backoff = (Duration::from_millis(1), Duration::from_millis(5));
    Client::builder()
        .endpoint(endpoint)
        .credential(Credential::token(CANARY).unwrap())
        .retry(RetryPolicy::default().with_backoff(backoff.0, backoff.1))
        .max_response_bytes(MAX_RESPONSE_BYTES)
}

/// The same with timeouts that expire only when a test moves the clock.
pub fn long_timeouts(server: &FaultyServer) -> ClientBuilder {
    fast_client(server.url())
        .connect_timeout(24 * HOUR)
        .attempt_timeout(24 * HOUR)
        .timeout(48 * HOUR)
}

pub fn good() -> Action {
    Action::Respond(json("200 OK", GOOD))
}

pub fn unavailable() -> Action {
    Action::Respond(json("503 Service Unavailable", "{}"))
}

/// A server that responds to the first request with 429 and these headers, and well from then on.
pub fn throttled_once(headers: &'static str) -> FaultyServer {
    FaultyServer::start(move |arrival| match arrival.number {
        0 => Action::Respond(response("429 Too Many Requests", headers, "")),
        _ => good(),
    })
}
