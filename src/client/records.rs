//! Looking for builds after an unknown outcome.

use crate::client::Client;
use crate::types::BuildRecord;
use futures_core::Stream;
use futures_util::stream::try_unfold;
use huaweicloud_core::Error;
use std::pin::Pin;

impl Client {
    /// Reads the records of a job's builds after this number, one after the other, until a number has no
    /// record. Start at 0 for all builds. Each record has its `build_no`. Use it after a call that
    /// [may have taken effect](Error::may_have_taken_effect), if a number before it is known. Without one, see
    /// [`history`](Self::history).
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
    /// - A record proves that the build exists. It does not prove that your call started it: no field names
    ///   the call. Compare `commit`, `branch`, `tag`, `trigger_type`, `user_id` and `create_time`. Records do
    ///   not contain parameters. Two builds of the same commit by the same user look alike.
    /// - A missing record does not prove that nothing was started. The request may not have arrived yet, and
    ///   a build may be started before it has a record. Read the records again after some minutes. If your
    ///   build is still missing then, it is unlikely to appear.
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
            // The number after the highest possible one would be an invalid argument.
            let Some(build_no) = last.checked_add(1).filter(|no| i32::try_from(*no).is_ok()) else {
                return Ok(None);
            };
            match client.record_info(&job_id, build_no).await {
                Ok(mut record) => {
                    // A record without a number is possible: its record id is proof, too.
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
