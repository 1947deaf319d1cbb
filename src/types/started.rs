//! A build that was started.

use crate::error::{Error, ErrorKind};
use crate::generated::{
    json::integer,
    types::{BuildNumber, JobId, StartBuildResponse},
};
use crate::types::request;

/// A build that was started: the job it belongs to and its number, which together name it.
#[derive(Clone, Debug, PartialEq)]
pub struct StartedBuild {
    pub(crate) job_id: JobId,
    pub(crate) build_no: BuildNumber,
    daily_build_number: Option<String>,
    octopus_job_name: Option<String>,
}

impl StartedBuild {
    /// A build that somebody else started, to follow it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] if the job id is not 32 letters and digits, or the build number not 1 to
    /// 2147483647.
    pub fn new(job_id: impl AsRef<str>, build_no: u32) -> Result<Self, Error> {
        Ok(Self {
            job_id: request::checked("job_id", job_id.as_ref())?,
            build_no: request::build_number(build_no)?,
            daily_build_number: None,
            octopus_job_name: None,
        })
    }

    /// Reads the response of a call that started a build. Without a number it is invalid.
    pub(crate) fn from_response(
        job_id: JobId,
        response: StartBuildResponse,
    ) -> Result<Self, Error> {
        let given = response.actual_build_number.unwrap_or_default();
        let number = integer(&given).and_then(|no| u32::try_from(no).ok());
        let number = number.and_then(|no| request::build_number(no).ok());
        let build_no = number.ok_or_else(|| {
            // What was given is not shown: it may be of any length, or an echoed secret.
            let message = format!("actual_build_number is no number from 1 to {}", i32::MAX);
            Error::new(ErrorKind::InvalidResponse, message)
                .with_status(200)
                .with_unknown_outcome(true)
        })?;
        Ok(Self {
            job_id,
            build_no,
            daily_build_number: response.daily_build_number,
            octopus_job_name: response.octopus_job_name,
        })
    }

    /// Id of the job.
    pub fn job_id(&self) -> &str {
        &self.job_id
    }

    /// Number of the build, counted per task from 1.
    pub fn build_no(&self) -> u32 {
        self.build_no.get()
    }

    /// Number of the build within its day, as `20200612.20`, where the service gave one.
    pub fn daily_build_number(&self) -> Option<&str> {
        self.daily_build_number.as_deref()
    }

    /// Temporary name of the running job, where the service gave one.
    pub fn octopus_job_name(&self) -> Option<&str> {
        self.octopus_job_name.as_deref()
    }
}
