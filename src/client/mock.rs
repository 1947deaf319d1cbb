//! For your own tests (feature `mock`): typed mocks of every call, and a simulated service.
//!
//! [`MockServerExt`] adds a method for each operation of the document to
//! [`httpmock::MockServer`]. Requests and responses are the generated types,
//! so a mock cannot drift from the document.
//!
//! ```
//! use codearts_build::{Client, Credential, mock::MockServerExt, types::*};
//!
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! let server = httpmock::MockServer::start_async().await;
//! // A record proves itself by its number.
//! let status = BuildStatus::Success;
//! let record = BuildRecord { build_no: Some(7), status, ..Default::default() };
//! let mock = server.show_record_detail(|when, then| {
//!     when.build_no(&"7".parse().unwrap());
//!     then.ok(&RecordInfoResponse { result: Some(record), ..Default::default() });
//! });
//!
//! let client = Client::builder()
//!     .endpoint(server.base_url())
//!     .credential(Credential::token("any")?)
//!     .build()?;
//! let record = client.record_info("f9d6c8466d614a9788e9a0acf6c15f46", 7).await?;
//! assert!(record.is_success());
//! mock.assert();
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use crate::client::{builder::ClientBuilder, calls::Client};
use crate::credential::Credential;
use crate::error::Error;
use crate::types::{
    AutoExecuteRequest, BuildConfigType, BuildRecord, BuildStatus, ErrorBody, RecordInfoResponse,
    ResponseStatus, RunJobRequest, StartBuildResponse, TriggerType,
};
use ::httpmock::{HttpMockRequest, HttpMockResponse, MockServer};
use jiff::Timestamp;
use serde::Serialize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use generated::{MockServerExt, operations};

#[allow(
    missing_docs,
    clippy::all,
    clippy::panic,
    clippy::unwrap_used,
    reason = "the generator's code, for tests only"
)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/mock.rs"));
}

/// A build service on loopback that simulates builds, without checking credentials.
///
/// A build waits, runs and ends as it is polled: the first poll finds it in the queue, the second and
/// the third running, the fourth at its end. Each job has its own build numbers.
///
/// ```
/// use codearts_build::{mock::SimulatedService, types::RunJobRequest};
///
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// let service = SimulatedService::start().await;
/// let client = service.client()?;
/// let request = RunJobRequest::new("f9d6c8466d614a9788e9a0acf6c15f46")?;
/// let build = client.run_job(request).await?;
/// assert!(client.wait(&build).await?.is_success());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SimulatedService {
    server: MockServer,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    builds: Vec<Build>,
    ending: Option<(BuildStatus, Option<String>)>,
}

struct Build {
    polls: usize,
    record: BuildRecord,
}

impl SimulatedService {
    /// Starts a service. It ends when it is dropped.
    pub async fn start() -> Self {
        let server = MockServer::start_async().await;
        let state = Arc::new(Mutex::new(State::default()));
        let shared = state.clone();
        server.run_job(|_, then| {
            then.into_inner().respond_with(move |request| run(&mut lock(&shared), request));
        });
        let shared = state.clone();
        server.execute_auto_build_job(|_, then| {
            then.into_inner().respond_with(move |request| auto(&mut lock(&shared), request));
        });
        let shared = state.clone();
        server.show_record_detail(|_, then| {
            then.into_inner().respond_with(move |request| poll(&mut lock(&shared), request));
        });
        Self { server, state }
    }

    /// The base URL of the service.
    pub fn endpoint(&self) -> String {
        self.server.base_url()
    }

    /// A client of the service, with defaults.
    ///
    /// # Errors
    ///
    /// None but those of a machine on which no HTTP client can be set up.
    pub fn client(&self) -> Result<Client, Error> {
        let credential = Credential::token("simulated")?;
        ClientBuilder::default().endpoint(self.endpoint()).credential(credential).build()
    }

    /// How builds end from now on, and with which error message of their own. Builds succeed as
    /// long as nothing is said.
    pub fn end_with(&self, status: BuildStatus, err_msg: Option<&str>) {
        lock(&self.state).ending = Some((status, err_msg.map(str::to_owned)));
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn run(state: &mut State, request: &HttpMockRequest) -> HttpMockResponse {
    let request: RunJobRequest = match serde_json::from_slice(request.body_ref()) {
        Ok(request) => request,
        Err(cause) => return error_response(400, "SIMULATED.400", &cause.to_string()),
    };
    let scm = request.scm.unwrap_or_default();
    let branch = request.parameter.iter().find(|item| item.name.as_str() == "codeBranch");
    let record = BuildRecord {
        branch: branch.map(|item| item.value.to_string()),
        commit: scm.build_commit_id,
        tag: scm.build_tag,
        trigger_type: Some(TriggerType::Manual),
        ..BuildRecord::default()
    };
    start(state, &request.job_id, record)
}

fn auto(state: &mut State, request: &HttpMockRequest) -> HttpMockResponse {
    let event: AutoExecuteRequest = match serde_json::from_slice(request.body_ref()) {
        Ok(event) => event,
        Err(cause) => return error_response(400, "SIMULATED.400", &cause.to_string()),
    };
    let record = BuildRecord {
        branch: event.ref_.map(|name| name.trim_start_matches("refs/heads/").to_owned()),
        commit: event.after,
        repo_name: event.repository.and_then(|repository| repository.name),
        trigger_type: Some(TriggerType::CodehubTrigger),
        ..BuildRecord::default()
    };
    start(state, path_segment(request, 2).unwrap_or_default().as_str(), record)
}

fn start(state: &mut State, job_id: &str, record: BuildRecord) -> HttpMockResponse {
    let of_job =
        state.builds.iter().filter(|build| build.record.codeci_job_id.as_deref() == Some(job_id));
    let build_no = i32::try_from(of_job.count()).unwrap_or(i32::MAX).saturating_add(1);
    let now = Timestamp::now();
    let daily = now.strftime(&format!("%Y%m%d.{build_no}")).to_string();
    let record = BuildRecord {
        codeci_job_id: Some(job_id.to_owned()),
        build_no: Some(build_no),
        daily_build_num: Some(daily.clone()),
        build_config_type: Some(BuildConfigType::Yaml),
        create_time: Some(now.to_string()),
        queued_time: Some(now.to_string()),
        ..record
    };
    state.builds.push(Build { polls: 0, record });
    response(
        200,
        &StartBuildResponse {
            octopus_job_name: Some(format!("j_{build_no}")),
            actual_build_number: Some(build_no.to_string()),
            daily_build_number: Some(daily),
            ..StartBuildResponse::default()
        },
    )
}

fn poll(state: &mut State, request: &HttpMockRequest) -> HttpMockResponse {
    let (job_id, build_no) = (path_segment(request, 2), path_segment(request, 3));
    let build_no = build_no.and_then(|build_no| build_no.parse::<i32>().ok());
    let build = state
        .builds
        .iter_mut()
        .find(|build| build.record.codeci_job_id == job_id && build.record.build_no == build_no);
    let Some(Build { polls, record }) = build else {
        return error_response(404, "SIMULATED.404", "there is no such build");
    };
    *polls = polls.saturating_add(1);
    let now = Timestamp::now();
    let status = match *polls {
        1 => BuildStatus::InQueue,
        2 | 3 => BuildStatus::Running,
        _ => state.ending.as_ref().map_or(BuildStatus::Success, |ending| ending.0.clone()),
    };
    if status == BuildStatus::Running && record.start_time.is_none() {
        record.start_time = Some(now.to_string());
    }
    if *polls > 3 && record.finish_time.is_none() {
        let took = record.started_at().map(|start| now.duration_since(start).as_millis());
        record.duration = took.and_then(|took| i64::try_from(took).ok());
        record.finish_time = Some(now.to_string());
        record.err_msg = state.ending.as_ref().and_then(|ending| ending.1.clone());
    }
    record.status = status;
    response(
        200,
        &RecordInfoResponse {
            status: Some(ResponseStatus::Success),
            result: Some(record.clone()),
            ..RecordInfoResponse::default()
        },
    )
}

fn path_segment(request: &HttpMockRequest, position: usize) -> Option<String> {
    request.uri().path().split('/').skip(1).nth(position).map(str::to_owned)
}

fn error_response(status: u16, code: &str, message: &str) -> HttpMockResponse {
    response(
        status,
        &ErrorBody {
            error_code: Some(code.to_owned()),
            error_msg: Some(message.to_owned()),
            ..ErrorBody::default()
        },
    )
}

fn response(status: u16, body: &impl Serialize) -> HttpMockResponse {
    HttpMockResponse::builder()
        .status(status)
        .header("content-type", "application/json")
        .body(serde_json::to_vec(body).unwrap_or_default())
        .build()
}
