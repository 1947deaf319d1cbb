//! Which version of the API starts builds and reads their records.

use crate::api;
use crate::types::{BuildRecord, RunJobRequest, StartBuildResponse, build_id::BuildId};
use huaweicloud_core::{Error, ResponseValue};

/// The operations by which a [`Client`](crate::Client) starts builds and reads their records: see
/// [`with_api_version`](crate::Client::with_api_version).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ApiVersion {
    /// `RunJob` of version 3 and `ShowRecordDetail` of version 4. The API reference has complete pages of
    /// both, and lists them as out of date.
    #[default]
    V3,
    /// Their successors of version 1, `ExecuteJob` and `ShowJobBuildRecordDetail`.
    V1,
}

impl ApiVersion {
    pub(super) async fn run_job(
        self,
        api: &api::Client,
        request: RunJobRequest,
    ) -> Result<ResponseValue<StartBuildResponse>, Error> {
        match self {
            Self::V3 => api.run_job().body(request).send().await,
            Self::V1 => api.execute_job().body(request).send().await,
        }
        .map_err(|error| self.explained(error))
    }

    pub(super) async fn record(
        self,
        api: &api::Client,
        BuildId { job_id, build_no }: &BuildId,
    ) -> Result<BuildRecord, Error> {
        let (job_id, build_no) = (job_id.clone(), *build_no);
        let response = match self {
            Self::V3 => api.show_record_detail().job_id(job_id).build_no(build_no).send().await,
            Self::V1 => {
                api.show_job_build_record_detail().job_id(job_id).build_no(build_no).send().await
            }
        };
        let mut response = response.map_err(|error| self.explained(error))?;
        let record = response.result.take();
        record.ok_or_else(|| response.invalid("the response holds no record"))
    }

    /// Names the other version if the region does not have this one.
    fn explained(self, error: Error) -> Error {
        let other = match self {
            Self::V3 => "try Client::with_api_version(ApiVersion::V1)",
            Self::V1 => "try Client::with_api_version(ApiVersion::V3)",
        };
        if error.is_unknown_path() { error.with_note(other) } else { error }
    }
}
