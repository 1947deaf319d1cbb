//! The client and its everyday calls.

use crate::error::{Error, ErrorKind};
use crate::generated::{
    self,
    types::{AutoExecuteRequest, BuildRecord, JobId, RunJobRequest},
};
use crate::types::{request, started::StartedBuild};
use std::fmt;

/// A client of the build service. Clones are cheap and share everything.
#[derive(Clone)]
pub struct Client {
    pub(super) api: generated::Client,
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
        self.record(&StartedBuild::new(job_id, build_no)?).await
    }

    pub(crate) async fn record(&self, build: &StartedBuild) -> Result<BuildRecord, Error> {
        let call = self.api.show_record_detail().job_id(build.job_id.clone());
        let response = call.build_no(build.build_no.clone()).send().await?.into_inner();
        response.result.ok_or_else(|| {
            Error::new(ErrorKind::InvalidResponse, "the response holds no record").with_status(200)
        })
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
    /// println!("{:?} {:?}", response.status, response.result);
    /// # Ok(())
    /// # }
    /// ```
    pub fn api(&self) -> &generated::Client {
        &self.api
    }
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
            .finish_non_exhaustive()
    }
}
