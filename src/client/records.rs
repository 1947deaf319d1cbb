//! Looking for a build whose number is not known.

use crate::client::Client;
use crate::types::BuildRecord;
use futures_core::Stream;
use futures_util::stream::try_unfold;
use huaweicloud_core::Error;
use std::pin::Pin;

impl Client {
    /// Reads the records of a job's builds after this number, 0 for all of them, until a number has no
    /// record. Each has the number by which it was read. It is what helps after a call with an
    /// [unknown outcome](Error::may_have_taken_effect).
    ///
    /// ```no_run
    /// use codearts_build::{BuildId, Client, Error, types::*};
    /// use futures_util::TryStreamExt;
    ///
    /// /// Looks for a build of this commit after the last one that is known.
    /// async fn find(client: &Client, last: &BuildId, commit: &str) -> Result<Option<BuildId>, Error> {
    ///     let mut records = client.records_after(last.job_id(), last.build_no());
    ///     while let Some(record) = records.try_next().await? {
    ///         if let (Some(number), true) = (record.number(), record.commit.as_deref() == Some(commit)) {
    ///             return BuildId::new(last.job_id(), number).map(Some);
    ///         }
    ///     }
    ///     Ok(None)
    /// }
    /// ```
    ///
    /// # What this proves
    ///
    /// - A record shows that there is such a build. It does not show who started it: no field names the
    ///   call, and parameters are in no record. `commit`, `branch`, `tag`, `trigger_type`, `user_id` and
    ///   `create_time` make it likely. A parameter cannot be compared, a build of the same commit by the
    ///   same user cannot be told apart.
    /// - No record does not show that nothing was started. The request may still be on its way, and a
    ///   build may be started before it has a record. Ask again after some minutes. If no build of
    ///   yours is there then, it is unlikely that one comes.
    ///
    /// # Errors
    ///
    /// Those of [`record_info`](Self::record_info). An error ends the stream.
    pub fn records_after(
        &self,
        job_id: impl Into<String>,
        build_no: u32,
    ) -> Pin<Box<dyn Stream<Item = Result<BuildRecord, Error>> + Send>> {
        let first = (self.clone(), job_id.into(), build_no);
        Box::pin(try_unfold(first, |(client, job_id, last)| async move {
            // After the last number there is, the next one is an invalid argument.
            let Some(build_no) = last.checked_add(1).filter(|no| i32::try_from(*no).is_ok()) else {
                return Ok(None);
            };
            match client.record_info(&job_id, build_no).await {
                Ok(mut record) => {
                    // Its record id proves a record as well.
                    if record.number().is_none() {
                        record.build_no = i32::try_from(build_no).ok();
                    }
                    Ok(Some((record, (client, job_id, build_no))))
                }
                Err(error) if error.is_not_found() => Ok(None),
                Err(error) => Err(error),
            }
        }))
    }
}
