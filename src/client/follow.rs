//! Following one build: what is a change, and when its time is over.

use crate::client::Client;
use crate::client::polls::{Polls, Settings, check_runtime};
use crate::types::{BuildRecord, build_id::BuildId};
use huaweicloud_core::{Error, ErrorKind};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// Follows one build.
pub(super) struct Follower {
    polls: Polls,
    /// The time limit, and when it is over.
    limit: Option<(Duration, Instant)>,
    warned: bool,
    /// The newest record.
    record: Option<BuildRecord>,
}

impl Follower {
    pub(super) fn new(client: Client, build: BuildId, settings: Settings) -> Self {
        // A time limit that is too long for a clock has no effect.
        let ends_at = |limit| Some((limit, Instant::now().checked_add(limit)?));
        let limit = settings.timeout.and_then(ends_at);
        Self { polls: Polls::new(client, build, settings), limit, warned: false, record: None }
    }

    /// Whether the build has ended.
    pub(super) fn has_ended(&self) -> bool {
        self.record.as_ref().is_some_and(BuildRecord::is_finished)
    }

    /// Waits for the next change.
    pub(super) async fn change(&mut self) -> Result<BuildRecord, Error> {
        check_runtime()?;
        match self.limit {
            None => self.next_change().await,
            Some((limit, ends_at)) => match timeout_at(ends_at, self.next_change()).await {
                Ok(outcome) => outcome,
                Err(_) => Err(self.timed_out(limit)),
            },
        }
    }

    async fn next_change(&mut self) -> Result<BuildRecord, Error> {
        loop {
            let poll = |client: Client, build| async move { client.poll(&build).await };
            if let Some(record) = self.polls.next(poll).await? {
                let has_changed = self.has_changed_to(&record);
                let record = self.record.insert(record);
                if has_changed {
                    return Ok(record.clone());
                }
            }
        }
    }

    /// Whether a record differs from the newest one. `duration` does not count, because it grows all the
    /// time, nor do fields that the document does not have.
    fn has_changed_to(&mut self, new: &BuildRecord) -> bool {
        if !self.warned && !new.is_finished() && !new.status.is_known() {
            self.warned = true;
            // The status itself is not shown: a text of the service may echo a secret.
            tracing::warn!(
                build = %self.polls.build,
                "unknown status: the build is followed until its status is final or it has a finish time"
            );
        }
        let Some(record) = &mut self.record else { return true };
        record.duration = new.duration;
        record.extra.clone_from(&new.extra);
        record != new
    }

    fn timed_out(&self, limit: Duration) -> Error {
        let mut message = format!("build {} has not ended within {limit:?}", self.polls.build);
        // The text of an unknown status may echo a secret.
        if let Some(record) = self.record.as_ref().filter(|record| record.status.is_known()) {
            message += &format!(", its status is {}", record.status);
        }
        match &self.polls.failed {
            Some(error) => {
                message += &format!("; the last poll failed: {}", error.message());
                error.clone().of_time_limit(message)
            }
            None => Error::new(ErrorKind::TimeLimit, message),
        }
    }
}
