//! The client: ways in, and the everyday calls.

use crate::{
    Credential, Error, ErrorKind, Region, RetryPolicy, StartedBuild,
    credential::Clock,
    environment, generated,
    region::Endpoint,
    request,
    retry::Budget,
    transport::{Road, Transport},
    types::{AutoExecuteRequest, BuildRecord, RunJobRequest},
};
use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

/// A client of the build service. Clones are cheap and share everything.
#[derive(Clone)]
pub struct Client {
    api: generated::Client,
}

impl Client {
    /// A client of a region's public endpoint, with an IAM token and every default of
    /// [`builder`](Self::builder).
    ///
    /// ```
    /// use codearts_build::{Client, Region};
    ///
    /// let token = "MIIaBwYJKoZIhvcNAQcCoIIZ-DCCGfQCAQExDTAL";
    /// let client = Client::new(Region::CN_NORTH_4, token)?;
    /// let client = Client::new("eu-west-101", token)?;
    /// # Ok::<(), codearts_build::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] if the region's id is none, [`ErrorKind::Credential`] if the token is
    /// none. See [`Region::new`] and [`Credential::token`].
    pub fn new<R>(region: R, token: impl Into<String>) -> Result<Self, Error>
    where
        R: TryInto<Region>,
        Error: From<R::Error>,
    {
        Self::builder().region(region).credential(Credential::token(token)?).build()
    }

    /// A client of what the environment names:
    ///
    /// | variable | is |
    /// | --- | --- |
    /// | `CODEARTS_BUILD_REGION` | the region, as `cn-north-4` |
    /// | `CODEARTS_BUILD_ENDPOINT` | a base URL instead of the region's public endpoint |
    /// | `HUAWEICLOUD_SDK_REGION_CODEARTSBUILD_<REGION>` | the same for one region, as the official SDKs read it; the region in upper case with `_` for `-` |
    ///
    /// Who is calling is what [`Credential::from_env`] finds, in the simplest case a token in
    /// `CODEARTS_BUILD_TOKEN`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] or [`ErrorKind::Credential`] with the names of the variables that are
    /// missing, or the name of the one that is malformed.
    pub fn from_env() -> Result<Self, Error> {
        environment::client(&|name| std::env::var_os(name))
    }

    /// A client with settings of your own.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// Starts a build of a task.
    ///
    /// API reference: "Running a Build Task", `POST /v3/jobs/build`.
    ///
    /// # Errors
    ///
    /// Every [`ErrorKind`] but [`ErrorKind::InvalidArgument`]. After an error, ask
    /// [`may_have_started_build`](Error::may_have_started_build) before you call again.
    pub async fn run_job(&self, request: RunJobRequest) -> Result<StartedBuild, Error> {
        let job_id = request.job_id.clone();
        let answer = self.api.run_job().body(request).send().await?;
        StartedBuild::from_answer(job_id, answer.into_inner())
    }

    /// Starts a build of a task on behalf of a code push.
    ///
    /// API reference: "Triggering a Build Task Upon Code Update",
    /// `POST /v1/job/{job_id}/auto-execute`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] if the job id is not 32 letters and digits, otherwise those of
    /// [`run_job`](Self::run_job).
    pub async fn auto_execute(
        &self,
        job_id: impl AsRef<str>,
        event: AutoExecuteRequest,
    ) -> Result<StartedBuild, Error> {
        let job_id: crate::types::JobId = request::checked("job_id", job_id.as_ref())?;
        let answer =
            self.api.execute_auto_build_job().job_id(job_id.clone()).body(event).send().await?;
        StartedBuild::from_answer(job_id, answer.into_inner())
    }

    /// Reads the record of a build.
    ///
    /// API reference: "Obtaining Build Record Information (Version 4)",
    /// `GET /v4/jobs/{job_id}/{build_no}/record-info`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] if the job id is not 32 letters and digits or the build number not 1 to
    /// 2147483647, otherwise every other [`ErrorKind`].
    pub async fn record_info(
        &self,
        job_id: impl AsRef<str>,
        build_no: u32,
    ) -> Result<BuildRecord, Error> {
        self.record(&StartedBuild::new(job_id, build_no)?).await
    }

    pub(crate) async fn record(&self, build: &StartedBuild) -> Result<BuildRecord, Error> {
        let call = self.api.show_record_detail().job_id(build.job_id.clone());
        let answer = call.build_no(build.build_no.clone()).send().await?.into_inner();
        answer.result.ok_or_else(|| {
            Error::new(ErrorKind::InvalidResponse, "the answer holds no record").with_status(200)
        })
    }

    /// The generated client: every operation of the document, each with the same authentication,
    /// bounds and reading of errors.
    ///
    /// Turn its errors into [`Error`], by `?` or `Error::from`, to learn all that is known of them.
    ///
    /// ```no_run
    /// # async fn run(client: codearts_build::Client) -> Result<(), codearts_build::Error> {
    /// let answer = client
    ///     .api()
    ///     .show_record_detail()
    ///     .job_id("cb5fa20de5fd4cf8be681d4bd6fdd2f6")
    ///     .build_no("61")
    ///     .send()
    ///     .await?;
    /// println!("{:?} {:?}", answer.status, answer.result);
    /// # Ok(())
    /// # }
    /// ```
    pub fn api(&self) -> &generated::Client {
        &self.api
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Transport { authenticator, road } = &self.api.inner;
        f.debug_struct("Client")
            .field("endpoint", &self.api.baseurl)
            .field("credential", authenticator)
            .field("attempt_timeout", &road.attempt_timeout)
            .field("timeout", &road.timeout)
            .field("max_response_bytes", &road.max_response_bytes)
            .field("retry", &road.retry)
            .finish()
    }
}

/// Settings of a [`Client`]. Required are a credential, and a region or an endpoint.
///
/// ```
/// use codearts_build::{Client, Credential, Region};
/// use std::time::Duration;
///
/// let client = Client::builder()
///     .region(Region::CN_NORTH_4)
///     .credential(Credential::token("MIIaBwYJKoZIhvcNAQcCoIIZ-DCCGfQCAQExDTAL")?)
///     .attempt_timeout(Duration::from_secs(10))
///     .build()?;
/// # Ok::<(), codearts_build::Error>(())
/// ```
#[must_use]
pub struct ClientBuilder {
    region: Option<Result<Region, Error>>,
    endpoint: Option<String>,
    credential: Option<Credential>,
    connect_timeout: Duration,
    attempt_timeout: Duration,
    timeout: Duration,
    max_response_bytes: usize,
    retry: RetryPolicy,
    user_agent: String,
    http: Option<reqwest::ClientBuilder>,
    plain_http: bool,
    clock: Clock,
}

impl Default for ClientBuilder {
    fn default() -> Self {
        Self {
            region: None,
            endpoint: None,
            credential: None,
            connect_timeout: Duration::from_secs(10),
            attempt_timeout: Duration::from_secs(30),
            timeout: Duration::from_secs(120),
            max_response_bytes: 8 * 1024 * 1024,
            retry: RetryPolicy::default(),
            user_agent: concat!("codearts-build/", env!("CARGO_PKG_VERSION")).into(),
            http: None,
            plain_http: false,
            clock: Arc::new(jiff::Timestamp::now),
        }
    }
}

impl ClientBuilder {
    /// The region whose public endpoint is called: a [`Region`], or its id. No default.
    pub fn region<R>(mut self, region: R) -> Self
    where
        R: TryInto<Region>,
        Error: From<R::Error>,
    {
        self.region = Some(region.try_into().map_err(Error::from));
        self
    }

    /// The base URL to call instead of the region's public endpoint. It may end in `/` and may carry
    /// a path. No default.
    pub fn endpoint(mut self, url: impl Into<String>) -> Self {
        self.endpoint = Some(url.into());
        self
    }

    /// Who is calling. No default.
    pub fn credential(mut self, credential: impl Into<Credential>) -> Self {
        self.credential = Some(credential.into());
        self
    }

    /// How long making a connection may take, at most half of the
    /// [`attempt_timeout`](Self::attempt_timeout). Default: 10 seconds.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How long one attempt of a call may take, from connecting to the last byte of the answer.
    /// Default: 30 seconds.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = timeout;
        self
    }

    /// How long a call may take, with all its attempts and the pauses between them. Default: 2
    /// minutes.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How often and after which pauses a failed request is sent again. Default:
    /// [`RetryPolicy::default`].
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// How many bytes of an answer are read at most. Default: 8 MiB.
    pub fn max_response_bytes(mut self, bytes: usize) -> Self {
        self.max_response_bytes = bytes;
        self
    }

    /// What the client calls itself. Default: `codearts-build/` and its version.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = user_agent.into();
        self
    }

    /// The HTTP client to build on, for proxies, certificates and the like. Default: reqwest's own.
    ///
    /// Redirects are never followed, whatever it says; the timeouts and the user agent are those of
    /// this builder. It keeps no connection open after a call, because there is only one of it, and a
    /// request that starts a build must not be sent over a connection that the server is closing.
    pub fn http(mut self, http: reqwest::ClientBuilder) -> Self {
        self.http = Some(http);
        self
    }

    /// Permits a plain `http://` endpoint that is not on this machine, where whoever can read the
    /// traffic can read the token. Default: refused.
    pub fn allow_http(mut self, allow: bool) -> Self {
        self.plain_http = allow;
        self
    }

    /// What tells the time that signatures of access keys bear. Default: the system's clock.
    pub fn clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(move || clock().try_into().unwrap_or_default());
        self
    }

    /// The client.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] if there is neither region nor endpoint, one of them is malformed, the
    /// endpoint is plain http to another machine, or the HTTP client cannot be set up;
    /// [`ErrorKind::Credential`] if there is no credential.
    pub fn build(self) -> Result<Client, Error> {
        let region = self.region.transpose()?;
        let url = match (self.endpoint, &region) {
            (Some(url), _) => url,
            (None, Some(region)) => region.endpoint(),
            (None, None) => return Err(Error::invalid_argument("region: neither it nor an endpoint is set")),
        };
        let endpoint = Endpoint::permitted("endpoint", &url, self.plain_http)?;
        let credential = self
            .credential
            .ok_or_else(|| Error::new(ErrorKind::Credential, "no credential is set"))?;
        // Ends before the attempt does, because only then is it known that nothing was sent.
        let half = self.attempt_timeout.checked_div(2).unwrap_or_default();
        let connect_timeout = self.connect_timeout.min(half);
        let user_agent = self.user_agent;
        let client = |http: reqwest::ClientBuilder, pooled: bool| {
            let mut http = http
                .redirect(reqwest::redirect::Policy::none())
                .retry(reqwest::retry::never())
                // It would log every byte, and so the token.
                .connection_verbose(false)
                .connect_timeout(connect_timeout)
                .user_agent(user_agent.as_str());
            if !pooled {
                http = http.pool_max_idle_per_host(0);
            }
            if endpoint.url.starts_with("http:") && !self.plain_http {
                // A proxy of the environment would carry the token off this machine.
                http = http.no_proxy();
            }
            let failed =
                |cause| Error::invalid_argument("the HTTP client cannot be set up").with_source(cause);
            http.build().map_err(failed)
        };
        let (reading, changing) = match self.http {
            Some(http) => {
                let only = client(http, false)?;
                (only.clone(), only)
            }
            None => (client(Default::default(), true)?, client(Default::default(), false)?),
        };
        let road = Arc::new(Road {
            reading,
            changing,
            attempt_timeout: self.attempt_timeout,
            timeout: self.timeout,
            max_response_bytes: self.max_response_bytes,
            retry: self.retry,
            budget: Budget::default(),
        });
        let authenticator =
            credential.authenticator(&road, region.as_ref(), self.plain_http, self.clock)?;
        let reading = road.reading.clone();
        let transport = Transport { authenticator: Arc::new(authenticator), road };
        Ok(Client { api: generated::Client::new_with_client(&endpoint.url, reading, transport) })
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The endpoint may hold a password until it is checked.
        f.debug_struct("ClientBuilder")
            .field("region", &self.region)
            .field("credential", &self.credential)
            .field("attempt_timeout", &self.attempt_timeout)
            .finish_non_exhaustive()
    }
}
