//! The steps of a build.

use crate::client::Client;
use crate::types::build_id::BuildId;
use crate::types::status::Conclusion;
use crate::types::{BuildStep, RecordId};
use huaweicloud_core::{Error, ErrorKind};

impl Client {
    /// Reads the steps of a build, in the order in which they run. A build that never ran has none.
    ///
    /// ```no_run
    /// use codearts_build::{BuildId, Client, Error};
    ///
    /// # async fn run(client: Client, build: BuildId) -> Result<(), Error> {
    /// for step in client.steps(&build).await? {
    ///     println!("{} took {:?}", step.name(), step.took());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// It reads the record first, for the id of the record.
    ///
    /// API reference: "Obtaining Information About Each Task Stage",
    /// `GET /v1/record/{record_id}/full-stages`.
    ///
    /// # Errors
    ///
    /// Those of [`record_info`](Self::record_info).
    pub async fn steps(&self, build: impl AsRef<BuildId>) -> Result<Vec<BuildStep>, Error> {
        let record_id = self.record_id(build.as_ref()).await?;
        let response = self.api.show_build_record_full_stages().record_id(record_id).send().await?;
        let steps = response.into_inner().result.unwrap_or_default().build_stages;
        let mut steps: Vec<_> = steps.into_iter().collect();
        // A step without a number comes last, `stage9` before `stage10`.
        let place = |step: &BuildStep| step.sequence.unwrap_or(i32::MAX);
        steps.sort_by_cached_key(|(stage, step)| (place(step), stage.len(), stage.clone()));
        let named = steps.into_iter().map(|(stage, mut step)| {
            step.execution_stage_name.get_or_insert(stage);
            step
        });
        Ok(named.collect())
    }

    /// Reads the steps of a build, and returns the first that failed or timed out, if one did.
    ///
    /// # Errors
    ///
    /// Those of [`steps`](Self::steps).
    pub async fn failed_step(
        &self,
        build: impl AsRef<BuildId>,
    ) -> Result<Option<BuildStep>, Error> {
        let failed = [Some(Conclusion::Failed), Some(Conclusion::TimedOut)];
        let mut steps = self.steps(build).await?.into_iter();
        Ok(steps.find(|step| failed.contains(&step.conclusion())))
    }

    /// Reads the id of the record of a build, which some operations need.
    pub(super) async fn record_id(&self, build: &BuildId) -> Result<RecordId, Error> {
        let record = self.record_info(build.job_id(), build.build_no()).await?;
        record.build_record_id.as_deref().and_then(|id| id.parse().ok()).ok_or_else(|| {
            Error::new(ErrorKind::InvalidResponse, "the record has no build_record_id")
        })
    }
}
