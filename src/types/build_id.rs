//! The id of a build.

use crate::types::{BuildNumber, JobId, request};
use huaweicloud_core::{__runtime::quoted, Error};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::{fmt, str::FromStr};

/// The id of a build: the id of its job and its number, written `job/61`.
///
/// Store it to follow the build later, also in another process. In JSON it is a string.
///
/// ```
/// use codearts_build::BuildId;
///
/// let id = BuildId::new("f9d6c8466d614a9788e9a0acf6c15f46", 61)?;
/// assert_eq!(id.to_string(), "f9d6c8466d614a9788e9a0acf6c15f46/61");
/// assert_eq!(id, "f9d6c8466d614a9788e9a0acf6c15f46/61".parse()?);
/// # Ok::<(), codearts_build::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BuildId {
    pub(crate) job_id: JobId,
    pub(crate) build_no: BuildNumber,
}

impl BuildId {
    /// The id of the build of this job with this number.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the job id is not 32
    /// letters and digits, or the build number not 1 to 2147483647.
    pub fn new(job_id: impl AsRef<str>, build_no: u32) -> Result<Self, Error> {
        Ok(Self {
            job_id: request::checked("job_id", job_id.as_ref())?,
            build_no: request::build_number(build_no)?,
        })
    }

    /// Id of the job.
    pub fn job_id(&self) -> &str {
        &self.job_id
    }

    /// Number of the build. The builds of a job are counted from 1.
    pub fn build_no(&self) -> u32 {
        self.build_no.get()
    }
}

impl fmt::Display for BuildId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}/{}", self.job_id(), self.build_no()))
    }
}

impl FromStr for BuildId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (job_id, build_no) = text.split_once('/').unwrap_or((text, ""));
        let digits = build_no.bytes().all(|byte| byte.is_ascii_digit());
        let build_no = build_no.parse().ok().filter(|_| digits);
        let rule = "must be the id of a job, a slash and the number of a build";
        let broken = || Error::invalid_argument(format!("build id {}: {rule}", quoted(text)));
        Self::new(job_id, build_no.ok_or_else(broken)?)
    }
}

impl TryFrom<&str> for BuildId {
    type Error = Error;

    fn try_from(text: &str) -> Result<Self, Error> {
        text.parse()
    }
}

impl TryFrom<String> for BuildId {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl AsRef<BuildId> for BuildId {
    fn as_ref(&self) -> &BuildId {
        self
    }
}

impl Serialize for BuildId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for BuildId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|error: Error| D::Error::custom(error.message()))
    }
}
