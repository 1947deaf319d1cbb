//! A build that was started.

use crate::types::{JobId, StartBuildResponse, build_id::BuildId, request};
use huaweicloud_core::{Error, ResponseValue};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A build that was started: its [`BuildId`], and other fields of the response.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct StartedBuild {
    id: BuildId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    daily_build_number: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    octopus_job_name: Option<String>,
}

impl StartedBuild {
    /// Creates the value for a build, for a fake of your own (feature `mock`).
    ///
    /// ```
    /// use codearts_build::{BuildId, StartedBuild};
    ///
    /// let id: BuildId = "f9d6c8466d614a9788e9a0acf6c15f46/61".parse()?;
    /// let build = StartedBuild::new(id).with_daily_build_number("20200612.20");
    /// assert_eq!(build.build_no(), 61);
    /// # Ok::<(), codearts_build::Error>(())
    /// ```
    #[cfg(feature = "mock")]
    pub fn new(id: BuildId) -> Self {
        Self { id, daily_build_number: None, octopus_job_name: None }
    }

    /// Sets what [`daily_build_number`](Self::daily_build_number) returns (feature `mock`).
    #[cfg(feature = "mock")]
    #[must_use]
    pub fn with_daily_build_number(mut self, number: impl Into<String>) -> Self {
        self.daily_build_number = Some(number.into());
        self
    }

    /// Sets what [`octopus_job_name`](Self::octopus_job_name) returns (feature `mock`).
    #[cfg(feature = "mock")]
    #[must_use]
    pub fn with_octopus_job_name(mut self, name: impl Into<String>) -> Self {
        self.octopus_job_name = Some(name.into());
        self
    }

    /// Reads the response of a call that started a build. Without a number it is invalid.
    pub(crate) fn from_response(
        job_id: JobId,
        response: ResponseValue<StartBuildResponse>,
    ) -> Result<Self, Error> {
        let number = request::given_number(response.actual_build_number.as_deref());
        let build_no = number.ok_or_else(|| {
            // The error does not show the value, which may be long or contain a secret.
            response.invalid("actual_build_number is no number from 1 to 2147483647")
        })?;
        let response = response.into_inner();
        Ok(Self {
            id: BuildId { job_id, build_no },
            daily_build_number: response.daily_build_number,
            octopus_job_name: response.octopus_job_name,
        })
    }

    /// The id of the build, to store or to compare.
    pub fn id(&self) -> &BuildId {
        &self.id
    }

    /// Id of the job.
    pub fn job_id(&self) -> &str {
        self.id.job_id()
    }

    /// Number of the build. The builds of a job are counted from 1.
    pub fn build_no(&self) -> u32 {
        self.id.build_no()
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

impl fmt::Display for StartedBuild {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.id.fmt(f)
    }
}

impl AsRef<BuildId> for StartedBuild {
    fn as_ref(&self) -> &BuildId {
        &self.id
    }
}

impl From<StartedBuild> for BuildId {
    fn from(build: StartedBuild) -> Self {
        build.id
    }
}
