//! A service that simulates builds.

use crate::ClientBuilder;
use crate::api::OPERATIONS;
use crate::client::Client;
use crate::client::simulation::build::{Build, SimulatedJob};
use crate::client::simulation::clock::Clock;
use crate::client::simulation::life::Query;
use crate::client::simulation::server::Server;
use crate::types::{
    AutoExecuteRequest, BuildConfigType, BuildRecord, ErrorBody, RecordInfoResponse,
    ResponseStatus, RunJobRequest, StartBuildResponse, TriggerType, build_id::BuildId,
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use huaweicloud_core::{__runtime::Operation, Credential, Error, ErrorKind, reqwest::Url};
use jiff::Timestamp;
use serde::{Serialize, de::IgnoredAny};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// A fault of a [`SimulatedService`]. Times are those of tokio's clock.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Fault {
    /// The gateway throttles every call: status 429, with `Retry-After` if it is set.
    Throttled {
        /// For how long.
        lasting: Duration,
        /// What `Retry-After` says: whole seconds, rounded up.
        retry_after: Option<Duration>,
    },
    /// Every call gets this status, with the page of a gateway.
    Unavailable {
        /// For how long.
        lasting: Duration,
        /// For example 502, or 200 for the login page of a proxy. A status that no final response
        /// can have, below 200 or above 999, counts as 502.
        status: u16,
    },
    /// An operation gets this response, and does nothing. For example, `{"status":"fail"}` for `StopTheJob`,
    /// or status 404 and `{"error_code":"APIGW.0101","error_msg":"-"}` for one that the region does not offer.
    Response {
        /// The id of the operation, which [`Error::operation`] returns, for example `DownloadRealTimeLog`.
        operation: String,
        /// A final status, as in [`Unavailable`](Self::Unavailable).
        status: u16,
        /// The body. JSON gets the content type of JSON.
        body: String,
        /// For how long.
        lasting: Duration,
    },
    /// Responses are delayed.
    Slow {
        /// For how long.
        lasting: Duration,
        /// How long each is delayed.
        by: Duration,
    },
    /// The next call that starts or stops a build does so, but its response is lost.
    LostResponse,
    /// The next log that is downloaded breaks off.
    BrokenLog {
        /// After how many bytes.
        after: usize,
    },
    /// Tokens that were used before are rejected: status 401.
    ExpiredTokens,
    /// Records are not found at first, nor are the builds in the history of their job.
    LateRecords {
        /// How long after the start of the build.
        by: Duration,
    },
}

/// A request as a [`SimulatedService`] received it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ReceivedRequest {
    /// The method, for example `POST`.
    pub method: String,
    /// The path.
    pub path: String,
    /// The parameters of the query.
    pub query: HashMap<String, String>,
    /// The body, if it is JSON; else null.
    pub body: serde_json::Value,
}

/// A build service on loopback that simulates builds.
///
/// Each job has its own build numbers. Every job is known, and its builds succeed, unless
/// [`add_job`](Self::add_job) says otherwise. Any token is accepted. Times are those of tokio's clock;
/// with a paused one, clients must be made with [`client`](Self::client) or
/// [`client_builder`](Self::client_builder), which keep it still while a request is in flight.
///
/// ```
/// use codearts_build::{simulation::SimulatedService, types::RunJobRequest};
///
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// let service = SimulatedService::start().await?;
/// let client = service.client()?;
/// let request = RunJobRequest::new("f9d6c8466d614a9788e9a0acf6c15f46")?;
/// let build = client.run_job(request).await?;
/// assert!(client.wait(&build).await?.is_success());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SimulatedService {
    server: Server,
    shared: Shared,
}

#[derive(Clone)]
pub(super) struct Shared {
    state: Arc<Mutex<Simulation>>,
    clock: Clock,
}

pub(super) struct Simulation {
    /// The time of the day, and that of tokio's clock, when the service started.
    start: (Timestamp, Instant),
    pub(super) jobs: HashMap<String, SimulatedJob>,
    knows_other_jobs: bool,
    pub(super) builds: BTreeMap<BuildId, Build>,
    /// How many requests to stop a build were accepted.
    pub(super) stops: u32,
    /// The number of builds of a job.
    counts: HashMap<String, u32>,
    faults: Vec<(Instant, Fault)>,
    tokens: HashSet<String>,
    expired: HashSet<String>,
    received: Vec<ReceivedRequest>,
}

impl SimulatedService {
    /// Starts a service in this runtime. Dropping it closes its port and its connections: calls then fail
    /// with [`ErrorKind::Connect`] or [`ErrorKind::ConnectionLost`].
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Connect`] if no port can be opened.
    pub async fn start() -> Result<Self, Error> {
        let state = Simulation {
            start: (Timestamp::now(), Instant::now()),
            jobs: HashMap::new(),
            knows_other_jobs: true,
            builds: BTreeMap::new(),
            stops: 0,
            counts: HashMap::new(),
            faults: Vec::new(),
            tokens: HashSet::new(),
            expired: HashSet::new(),
            received: Vec::new(),
        };
        let shared = Shared { state: Arc::new(Mutex::new(state)), clock: Clock::default() };
        let server = Server::start(shared.clone()).await.map_err(|cause| {
            Error::new(ErrorKind::Connect, "no port can be opened").with_source(cause)
        })?;
        Ok(Self { server, shared })
    }

    /// The base URL of the service.
    pub fn endpoint(&self) -> String {
        self.server.url.clone()
    }

    /// A client of the service, with defaults.
    ///
    /// # Errors
    ///
    /// Only if no HTTP client can be built on this machine.
    pub fn client(&self) -> Result<Client, Error> {
        self.client_builder().build()
    }

    /// The settings of a client of the service, for changes of your own.
    pub fn client_builder(&self) -> ClientBuilder {
        let clock = self.shared.clock.clone();
        let builder = ClientBuilder::default()
            .endpoint(self.endpoint())
            .in_flight(Arc::new(move || clock.request()));
        match Credential::token("simulated") {
            Ok(token) => builder.credential(token),
            Err(_) => builder,
        }
    }

    /// Sets how the builds of a job behave that are started from now on.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] if the id is not 32 letters and digits.
    pub fn add_job(&self, job_id: impl AsRef<str>, job: SimulatedJob) -> Result<(), Error> {
        let id = BuildId::new(job_id, 1)?;
        self.shared.lock().jobs.insert(id.job_id().to_owned(), job);
        Ok(())
    }

    /// Makes every job unknown that was not [added](Self::add_job), with its builds.
    pub fn know_only_added_jobs(&self) {
        self.shared.lock().knows_other_jobs = false;
    }

    /// Injects a fault, from now on.
    pub fn inject(&self, fault: Fault) {
        let mut state = self.shared.lock();
        if matches!(fault, Fault::ExpiredTokens) {
            let tokens = std::mem::take(&mut state.tokens);
            state.expired.extend(tokens);
            return;
        }
        state.faults.push((Instant::now(), fault));
    }

    /// Stops a build. One that has ended stays as it is.
    pub fn abort(&self, build: &BuildId) {
        if let Some(build) = self.shared.lock().builds.get_mut(build)
            && !build.has_ended()
        {
            build.aborted = Some(build.age());
        }
    }

    /// The received requests, in order.
    pub fn received(&self) -> Vec<ReceivedRequest> {
        self.shared.lock().received.clone()
    }

    /// The builds that were started, including those whose response was lost.
    pub fn builds(&self) -> Vec<BuildId> {
        self.shared.lock().builds.keys().cloned().collect()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Simulation> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Responds to a request. Without a response, the connection is to be closed.
    pub(super) async fn respond(&self, request: Request<Bytes>) -> Option<Response<Bytes>> {
        let delay = self.lock().delay();
        let response = self.lock().respond(&request);
        if !delay.is_zero() {
            let _waiting = self.clock.wait();
            tokio::time::sleep(delay).await;
        }
        response
    }
}

impl Simulation {
    fn respond(&mut self, request: &Request<Bytes>) -> Option<Response<Bytes>> {
        let query = query(request);
        self.received.push(ReceivedRequest {
            method: request.method().to_string(),
            path: request.uri().path().to_owned(),
            query: query.clone(),
            body: serde_json::from_slice(request.body()).unwrap_or_default(),
        });
        let operation = Operation::at(OPERATIONS, request.method(), request.uri().path()).id;
        let response = self.fault().or_else(|| self.check_token(request.headers()));
        let response = response.or_else(|| self.replaced(operation));
        if response.is_some() {
            return response;
        }
        let segments: Vec<_> = request.uri().path().split('/').skip(1).collect();
        let response = match (operation, &*segments) {
            ("RunJob" | "ExecuteJob", _) => self.run_job(request.body()),
            ("ExecuteAutoBuildJob", [_, _, job_id, _]) => self.auto_execute(job_id, request.body()),
            ("ShowRecordDetail" | "ShowJobBuildRecordDetail", [_, _, job_id, build_no, _]) => {
                self.record(job_id, build_no)
            }
            ("StopTheJob", [_, _, job_id, _]) => self.stop(job_id, request.body()),
            ("ListBuildInfoRecordByJobId", [_, _, job_id, _]) => self.history(job_id, &query),
            ("ShowRunningStatus", [_, _, job_id, _]) => self.running_status(job_id),
            ("ShowBuildRecordFullStages", [_, _, record_id, _]) => self.steps(record_id),
            ("DownloadBuildFullLog", [_, _, record_id, _]) => self.log(record_id),
            ("DownloadRealTimeLog", [_, _, job_id, build_no, _]) => {
                self.real_time_log(job_id, build_no, &query)
            }
            // All jobs of the user: not in the document.
            ("ListProjectJobs", _) | ("", ["v1", "job", "list"]) => self.job_list(&query),
            ("ShowNewOutput", [_, _, job_id, build_no, _]) => self.output(job_id, build_no),
            _ => error(404, "APIGW.0101", "The API does not exist or has not been published"),
        };
        let is_change = request.method() == Method::POST && response.status().is_success();
        let lost = |fault: &Fault| matches!(fault, Fault::LostResponse).then_some(());
        let is_lost = is_change && self.take_fault(lost).is_some();
        (!is_lost).then_some(response)
    }

    /// The faults that last, the newest first.
    fn faults(&self) -> impl Iterator<Item = &Fault> {
        let lasts = |(since, fault): &&(Instant, Fault)| match fault {
            Fault::Throttled { lasting, .. }
            | Fault::Unavailable { lasting, .. }
            | Fault::Response { lasting, .. }
            | Fault::Slow { lasting, .. } => since.elapsed() < *lasting,
            _ => true,
        };
        self.faults.iter().rev().filter(lasts).map(|(_, fault)| fault)
    }

    /// How long the response is delayed.
    fn delay(&self) -> Duration {
        let delays = self.faults().filter_map(|fault| match fault {
            Fault::Slow { by, .. } => Some(*by),
            _ => None,
        });
        delays.max().unwrap_or_default()
    }

    /// The response of the newest fault of the gateway.
    fn fault(&self) -> Option<Response<Bytes>> {
        self.faults().find_map(|fault| match fault {
            Fault::Throttled { retry_after, .. } => Some(throttled(*retry_after)),
            Fault::Unavailable { status, .. } => Some(page(*status)),
            _ => None,
        })
    }

    /// The newest response that replaces that of an operation.
    fn replaced(&self, operation: &str) -> Option<Response<Bytes>> {
        self.faults().find_map(|fault| match fault {
            Fault::Response { operation: id, status, body, .. } if id == operation => {
                let mut response = page(*status);
                *response.body_mut() = Bytes::from(body.clone());
                if serde_json::from_str::<IgnoredAny>(body).is_ok() {
                    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
                }
                Some(response)
            }
            _ => None,
        })
    }

    /// The response to a token that has expired. Any other token is noted.
    fn check_token(&mut self, headers: &HeaderMap) -> Option<Response<Bytes>> {
        let token = headers.get("x-auth-token")?.to_str().ok()?;
        if self.expired.contains(token) {
            return Some(error(401, "APIGW.0307", "The token must be updated"));
        }
        self.tokens.insert(token.to_owned());
        None
    }

    /// Takes the first fault of a kind. It happens once.
    pub(super) fn take_fault<T>(&mut self, find: impl Fn(&Fault) -> Option<T>) -> Option<T> {
        let mut faults = self.faults.iter().enumerate();
        let (place, found) = faults.find_map(|(at, (_, fault))| Some((at, find(fault)?)))?;
        self.faults.remove(place);
        Some(found)
    }

    fn run_job(&mut self, body: &[u8]) -> Response<Bytes> {
        let request: RunJobRequest = match serde_json::from_slice(body) {
            Ok(request) => request,
            Err(cause) => return error(400, "CB.00060200", &cause.to_string()),
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
        self.start(&request.job_id, record)
    }

    fn auto_execute(&mut self, job_id: &str, body: &[u8]) -> Response<Bytes> {
        let event: AutoExecuteRequest = match serde_json::from_slice(body) {
            Ok(event) => event,
            Err(cause) => return error(400, "CB.00060200", &cause.to_string()),
        };
        let record = BuildRecord {
            branch: event.ref_.map(|name| name.trim_start_matches("refs/heads/").to_owned()),
            commit: event.after,
            repo_name: event.repository.and_then(|repository| repository.name),
            trigger_type: Some(TriggerType::CodehubTrigger),
            ..BuildRecord::default()
        };
        self.start(job_id, record)
    }

    fn start(&mut self, job_id: &str, record: BuildRecord) -> Response<Bytes> {
        let job = self.jobs.get(job_id).cloned();
        let Some(job) = job.or(self.knows_other_jobs.then(SimulatedJob::default)) else {
            return error(422, "DEVCB.00031006", "the job does not exist");
        };
        let count = self.counts.entry(job_id.to_owned()).or_default();
        *count = count.saturating_add(1);
        let count = *count;
        let Ok(id) = BuildId::new(job_id, count) else {
            return error(400, "CB.00060200", "the job id is malformed");
        };
        let (time, start) = self.start;
        let now = time.checked_add(start.elapsed()).unwrap_or(Timestamp::MAX);
        let daily = now.strftime(&format!("%Y%m%d.{count}")).to_string();
        let place = self.builds.len();
        let record = BuildRecord {
            id: Some(format!("00000000-0000-4000-a000-{place:012}")),
            build_record_id: Some(format!("00000000-0000-4000-8000-{place:012}")),
            codeci_job_id: Some(job_id.to_owned()),
            build_no: i32::try_from(count).ok(),
            daily_build_num: Some(daily.clone()),
            build_config_type: Some(BuildConfigType::Yaml),
            create_time: Some(now.to_string()),
            queued_time: Some(now.to_string()),
            ..record
        };
        let body = StartBuildResponse {
            octopus_job_name: Some(format!("j_{count}")),
            actual_build_number: Some(count.to_string()),
            daily_build_number: Some(daily),
            ..StartBuildResponse::default()
        };
        let build = Build { job, started: Instant::now(), time: now, aborted: None, fixed: record };
        self.builds.insert(id, build);
        json(200, &body)
    }

    fn record(&self, job_id: &str, build_no: &str) -> Response<Bytes> {
        let Some(build) = self.build(job_id, build_no) else {
            return error(404, "CB.00031006", "there is no such build");
        };
        let result = Some(build.record());
        let status = Some(ResponseStatus::Success);
        json(200, &RecordInfoResponse { status, result, ..RecordInfoResponse::default() })
    }

    pub(super) fn build(&self, job_id: &str, build_no: &str) -> Option<&Build> {
        let id = BuildId::new(job_id, build_no.parse().ok()?).ok()?;
        self.builds.get(&id).filter(|build| self.knows(job_id) && !self.is_late(build))
    }

    /// Whether the build is not shown yet.
    pub(super) fn is_late(&self, build: &Build) -> bool {
        self.faults().any(|fault| matches!(fault, Fault::LateRecords { by } if build.age() < *by))
    }

    pub(super) fn knows(&self, job_id: &str) -> bool {
        self.knows_other_jobs || self.jobs.contains_key(job_id)
    }
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");

fn throttled(retry_after: Option<Duration>) -> Response<Bytes> {
    let mut response = error(429, "APIGW.0308", "The throttling threshold has been reached");
    if let Some(delay) = retry_after {
        let seconds = delay.as_secs().saturating_add(u64::from(delay.subsec_nanos() > 0));
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

fn page(status: u16) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(format!("<html><title>{status}</title></html>")));
    let status = StatusCode::from_u16(status).ok().filter(|status| !status.is_informational());
    *response.status_mut() = status.unwrap_or(StatusCode::BAD_GATEWAY);
    response
}

fn query(request: &Request<Bytes>) -> Query {
    let url = Url::parse(&format!("http://localhost{}", request.uri()));
    url.map(|url| url.query_pairs().into_owned().collect()).unwrap_or_default()
}

pub(super) fn error(status: u16, code: &str, message: &str) -> Response<Bytes> {
    let body = ErrorBody {
        error_code: Some(code.to_owned()),
        error_msg: Some(message.to_owned()),
        ..ErrorBody::default()
    };
    json(status, &body)
}

pub(super) fn json(status: u16, body: &impl Serialize) -> Response<Bytes> {
    let mut response = Response::new(serde_json::to_vec(body).unwrap_or_default().into());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    response
}
