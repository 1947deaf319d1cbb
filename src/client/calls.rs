//! The client and its everyday calls.

use crate::client::pace::Pace;
use crate::error::{Error, ErrorKind};
use crate::generated::{
    self,
    types::{AutoExecuteRequest, BuildRecord, JobId, RunJobRequest},
};
use crate::types::{build_id::BuildId, request, started::StartedBuild};
use std::{fmt, sync::Arc};

/// A client of the build service. Clones are cheap and share everything.
///
/// # Runtimes
///
/// A call needs a tokio runtime with timers and I/O, as `enable_all` makes it. Without a runtime, a call
/// is an error. In a runtime without timers or I/O, tokio panics.
///
/// A client can be used in several runtimes, one after the other or at the same time. A call runs in its
/// own runtime alone, and so does the refresh of the credential that it makes: this crate spawns no task.
/// A call that waits for the refresh of another one takes over if that one is dropped, be it with its
/// runtime. It also takes over after the [attempt timeout](crate::ClientBuilder::attempt_timeout), if
/// nobody runs the other runtime.
///
/// An open connection belongs to the runtime that made it. If that runtime has ended, a new connection is
/// made. If it still exists but nobody runs it, which can happen with a current-thread runtime between two
/// `block_on`, a call from elsewhere may get its connection, and then fails after the attempt timeout. A
/// client for each runtime avoids that, and so does
/// `.http(|http| http.pool_max_idle_per_host(0))`.
#[derive(Clone)]
pub struct Client {
    pub(super) api: generated::Client,
    pub(super) pace: Arc<Pace>,
}

impl Client {
    /// Starts a build of a job, which the API reference also calls a build task.
    ///
    /// API reference: "Running a Build Task", `POST /v3/jobs/build`.
    ///
    /// # Errors
    ///
    /// Every [`ErrorKind`] but [`ErrorKind::InvalidArgument`]. After an error, ask
    /// [`may_have_started_build`](Error::may_have_started_build) before you call again.
    pub async fn run_job(&self, request: RunJobRequest) -> Result<StartedBuild, Error> {
        let job_id = request.job_id.clone();
        let response = self.api.run_job().body(request).send().await?;
        StartedBuild::from_response(job_id, response.into_inner())
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
        let job_id: JobId = request::checked("job_id", job_id.as_ref())?;
        let response =
            self.api.execute_auto_build_job().job_id(job_id.clone()).body(event).send().await?;
        StartedBuild::from_response(job_id, response.into_inner())
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
        record(&self.api, &BuildId::new(job_id, build_no)?).await
    }

    /// Reads the record of a build in one attempt, outside the budget of retries.
    pub(super) async fn poll(&self, build: &BuildId) -> Result<BuildRecord, Error> {
        let mut api = self.api.clone();
        api.inner.is_poll = true;
        record(&api, build).await
    }

    /// The generated client: every operation of the document, each with the whole pipeline in force:
    /// authentication, bounds, retries, and reading of errors.
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
    pub fn api(&self) -> &generated::Client {
        &self.api
    }
}

async fn record(api: &generated::Client, build: &BuildId) -> Result<BuildRecord, Error> {
    let call = api.show_record_detail().job_id(build.job_id.clone());
    let response = call.build_no(build.build_no).send().await?.into_inner();
    response.result.ok_or_else(|| {
        Error::new(ErrorKind::InvalidResponse, "the response holds no record").with_status(200)
    })
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sender = &self.api.inner.sender;
        f.debug_struct("Client")
            .field("endpoint", &self.api.baseurl)
            .field("attempt_timeout", &sender.attempt_timeout)
            .field("timeout", &sender.timeout)
            .field("max_response_bytes", &sender.max_response_bytes)
            .field("retry", &sender.retry)
            .field("pace", &self.pace)
            .finish_non_exhaustive()
    }
}
