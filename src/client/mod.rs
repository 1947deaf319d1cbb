//! The client: its everyday calls, following builds, a simulated service, and mocks for tests.

mod artifacts;
mod follow;
mod follow_log;
mod history;
mod jobs;
mod listing;
mod log;
#[cfg(feature = "mock")]
pub mod mock;
mod pace;
mod polls;
mod records;
#[cfg(feature = "simulation")]
pub mod simulation;
mod steps;
mod stop;
mod version;
mod watch;

pub use history::History;
pub use jobs::Jobs;
pub use stop::StopOutcome;
pub use version::ApiVersion;
pub use watch::Watch;

use crate::ClientBuilder;
use crate::api::{self, OPERATIONS};
use crate::client::pace::Pace;
use crate::types::build_id::BuildId;
use crate::types::started::StartedBuild;
use crate::types::{AutoExecuteRequest, BuildRecord, JobId, RunJobRequest, request};
use http::Method;
use huaweicloud_core::{
    Credential, Error, ErrorCodes, Pipeline, Region, Service, ServiceInfo, ServiceRequest,
};
use jiff::Timestamp;
use std::{fmt, sync::Arc};
use tokio::time::Instant;

/// A client of the build service. Clones are cheap and share everything.
///
/// # Runtimes
///
/// A call needs a tokio runtime with timers and I/O, as `enable_all` makes it. Without a runtime, a call
/// is an error. In a runtime without timers or I/O, tokio panics.
///
/// A client can be used in several runtimes, one after the other or at the same time. This crate spawns no
/// task: a call, and the refresh of the credential that it makes, run in the runtime of the call. Other
/// calls wait for that refresh. If the call that makes it is dropped, alone or with its runtime, one of them
/// makes it instead. The same happens after the
/// [attempt timeout](crate::ClientBuilder::attempt_timeout), because the other runtime may have stopped.
///
/// An open connection belongs to the runtime that made it. If that runtime has ended, a new connection is
/// made. A current-thread runtime does nothing between two calls of `block_on`. If a call in another runtime
/// uses one of its connections meanwhile, the call fails after the attempt timeout. To avoid that, use a
/// client for each runtime, or `.http(|http| http.pool_max_idle_per_host(0))`.
#[derive(Clone)]
pub struct Client {
    pipeline: Pipeline,
    api: api::Client,
    /// The same operations, of which each call makes a single attempt.
    polls: api::Client,
    pace: Arc<Pace>,
    version: ApiVersion,
    /// When the client was made, by the time of the day and by tokio's clock.
    made: Arc<(Timestamp, Instant)>,
}

/// The highest rate at which the records of watched builds are polled.
const POLLS_PER_SECOND: u32 = 20;

impl Client {
    /// Builds a client of a region's public endpoint, with an IAM token and every default of
    /// [`builder`](Self::builder).
    ///
    /// ```
    /// use codearts_build::{Client, Region};
    ///
    /// let token = "MIIaBwYJKoZIhvcNAQcCoIIZ-DCCGfQCAQExDTAL";
    /// let client = Client::new(Region::CN_NORTH_4, token)?;
    /// let client = Client::new("my-kualalumpur-1", token)?;
    /// # Ok::<(), codearts_build::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the region's id is malformed,
    /// [`ErrorKind::Credential`](crate::ErrorKind::Credential) if the token is. See [`Region::new`] and
    /// [`Credential::token`].
    pub fn new<R>(region: R, token: impl Into<String>) -> Result<Self, Error>
    where
        R: TryInto<Region>,
        Error: From<R::Error>,
    {
        Self::builder().region(region).credential(Credential::token(token)?).build()
    }

    /// Builds a client from the environment: see [`ClientBuilder::from_env`]. The variables of its own
    /// begin with `CODEARTS_BUILD`:
    ///
    /// | variable | is |
    /// | --- | --- |
    /// | `CODEARTS_BUILD_REGION` or `OS_REGION_NAME` | the region, as `cn-north-4` |
    /// | `CODEARTS_BUILD_ENDPOINT` | a base URL instead of the region's public endpoint |
    /// | `HUAWEICLOUD_SDK_REGION_CODEARTSBUILD_<REGION>` | the same for one region, as the official SDKs read it; the region in upper case with `_` for `-` |
    ///
    /// The credential is what [`Credential::from_env`] finds, in the simplest case a token in
    /// `CODEARTS_BUILD_TOKEN`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) or
    /// [`ErrorKind::Credential`](crate::ErrorKind::Credential) with the names of the variables that are
    /// missing, or the name of the one that is malformed.
    pub fn from_env() -> Result<Self, Error> {
        ClientBuilder::from_env()?.build()
    }

    /// Builds a client with settings of your own.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// Sets how many times a second all watches, and all logs that are followed, poll at most: see [`Watch`].
    /// They take turns. The rate is halved if the service throttles and grows back slowly. Default: 20. Zero counts
    /// as 1.
    ///
    /// The client that this returns and its clones share the rate. Other clones of the original client keep
    /// their own.
    #[must_use]
    pub fn with_polls_per_second(mut self, polls: u32) -> Self {
        self.pace = Arc::new(Pace::new(polls));
        self
    }

    /// Sets by which operations [`run_job`](Self::run_job) starts builds, and [`record_info`](Self::record_info)
    /// and all that follows builds reads records. Arguments and results are the same. Default:
    /// [`ApiVersion::V3`].
    ///
    /// If a region does not offer an operation, the error of the call names the version to try: see
    /// [`Error::is_unknown_path`].
    #[must_use]
    pub fn with_api_version(mut self, version: ApiVersion) -> Self {
        self.version = version;
        self
    }

    /// Starts a build of a job, which the API reference also calls a build task. The request can name a
    /// commit or a tag, and set parameters. To report a push to a repository, call
    /// [`auto_execute`](Self::auto_execute).
    ///
    /// If the future is dropped before it is ready, by `select!` or on Ctrl-C for example, the build may
    /// have been started.
    ///
    /// `examples/run_build.rs` is a whole program: it follows the build and shows why it failed.
    ///
    /// API reference: "Running a Build Task", `POST /v3/jobs/build`; with [`ApiVersion::V1`],
    /// `POST /v1/job/execute`.
    ///
    /// # Errors
    ///
    /// After an error, ask [`may_have_taken_effect`](Error::may_have_taken_effect) before you call again:
    /// true means that a build may have been started. It can be true of the kinds `ConnectionLost`,
    /// `Timeout`, `Service` and `InvalidResponse`. Nothing was started after `Credential`, `Connect` and
    /// `InvalidArgument` (no tokio runtime).
    pub async fn run_job(&self, request: RunJobRequest) -> Result<StartedBuild, Error> {
        let job_id = request.job_id.clone();
        let response = self.version.run_job(&self.api, request).await?;
        StartedBuild::from_response(job_id, response)
    }

    /// Reports a push to a repository, as a webhook of the repository does, and so starts a build of the
    /// pushed commit. For any other build, call [`run_job`](Self::run_job).
    ///
    /// `examples/push_webhook.rs` is a server that does so for the webhooks of code platforms.
    ///
    /// API reference: "Triggering a Build Task Upon Code Update",
    /// `POST /v1/job/{job_id}/auto-execute`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the job id is not 32 letters
    /// and digits, otherwise those of [`run_job`](Self::run_job).
    pub async fn auto_execute(
        &self,
        job_id: impl AsRef<str>,
        event: AutoExecuteRequest,
    ) -> Result<StartedBuild, Error> {
        let job_id: JobId = request::checked("job_id", job_id.as_ref())?;
        let response =
            self.api.execute_auto_build_job().job_id(job_id.clone()).body(event).send().await?;
        StartedBuild::from_response(job_id, response)
    }

    /// Reads the record of a build.
    ///
    /// API reference: "Obtaining Build Record Information (Version 4)",
    /// `GET /v4/jobs/{job_id}/{build_no}/record-info`; with [`ApiVersion::V1`], "… (Version 1)",
    /// `GET /v1/record/{job_id}/{build_no}/record-info`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the job id is not 32 letters
    /// and digits or the build number not 1 to 2147483647, otherwise every other [`ErrorKind`](crate::ErrorKind).
    pub async fn record_info(
        &self,
        job_id: impl AsRef<str>,
        build_no: u32,
    ) -> Result<BuildRecord, Error> {
        self.version.record(&self.api, &BuildId::new(job_id, build_no)?).await
    }

    /// Reads the record of a build in one attempt, outside the budget of retries.
    pub(super) async fn poll(&self, build: &BuildId) -> Result<BuildRecord, Error> {
        self.version.record(&self.polls, build).await
    }

    /// The time of the day. A test that moves tokio's clock moves it too.
    pub(super) fn now(&self) -> Timestamp {
        let (time, made) = *self.made;
        let moved = time.checked_add(made.elapsed()).unwrap_or(Timestamp::MAX);
        Timestamp::now().max(moved)
    }

    /// The generated client, with every operation of the document. Its calls go through the same pipeline:
    /// authentication, limits, retries and error handling.
    ///
    /// ```no_run
    /// # async fn run(client: codearts_build::Client) -> Result<(), codearts_build::Error> {
    /// let response = client
    ///     .api()
    ///     .show_record_detail()
    ///     .job_id("cb5fa20de5fd4cf8be681d4bd6fdd2f6")
    ///     .build_no("61")
    ///     .send()
    ///     .await?;
    /// println!("{:?}", response.result);
    /// # Ok(())
    /// # }
    /// ```
    pub fn api(&self) -> &api::Client {
        &self.api
    }

    /// Makes any other call of the service, JSON in and out, through the same pipeline: authentication,
    /// limits, retries and error handling.
    ///
    /// ```no_run
    /// # async fn run(client: codearts_build::Client) -> Result<(), codearts_build::Error> {
    /// let jobs: serde_json::Value =
    ///     client.request("GET", "/v1/job/list").query("page_size", "10").send().await?;
    /// println!("{jobs}");
    /// # Ok(())
    /// # }
    /// ```
    pub fn request(&self, method: impl TryInto<Method>, path: impl AsRef<str>) -> ServiceRequest {
        ServiceRequest::new(&self.pipeline, OPERATIONS, method, path)
    }

    /// The pipeline of the client, for clients that are generated from documents of your own. They share
    /// its credential, connections and budget of retries.
    pub fn pipeline(&self) -> Pipeline {
        self.pipeline.clone()
    }
}

/// The codes of the service, by the vendor's table of error codes.
const CODES: ErrorCodes = ErrorCodes {
    own: &["CB.", "DEVCB.", "DEV.CB."],
    // "Network busy, try again later", and "internal error".
    faults: &["CB.00060100", "CB.00060101"],
    passing: &["CB.00060100"],
    // From 200 on, all of them say what is wrong with a request.
    not_accepted: &["CB.000602"],
    // "Too many requests, try again later".
    throttled: &["CB.00060211"],
    // A job or a build that does not exist, with either prefix.
    not_found: &[".00031006", ".00060200"],
};

impl Service for Client {
    const INFO: &'static ServiceInfo = &ServiceInfo {
        name: "CODEARTSBUILD",
        variables: "CODEARTS_BUILD",
        user_agent: concat!("codearts-build/", env!("CARGO_PKG_VERSION")),
        endpoint: |region| {
            // The one example of the European documentation calls another host. Whether it is still the
            // right one is not known.
            let host =
                if *region == Region::EU_WEST_101 { "build-backend" } else { "cloudbuild-ext" };
            Some(format!("https://{host}.{region}.{}", region.domain()))
        },
        codes: CODES,
    };
}

impl From<Pipeline> for Client {
    fn from(pipeline: Pipeline) -> Self {
        Self {
            api: api::Client::from(pipeline.clone()),
            polls: api::Client::from(pipeline.single_attempt()),
            pipeline,
            pace: Arc::new(Pace::new(POLLS_PER_SECOND)),
            version: ApiVersion::default(),
            made: Arc::new((Timestamp::now(), Instant::now())),
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("pipeline", &self.pipeline)
            .field("pace", &self.pace)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}
