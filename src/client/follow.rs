//! Following one build: what is a change, and when its time is over.

use crate::client::Client;
use crate::client::listing::Source;
use crate::client::polls::{Polls, check_runtime};
use crate::types::BuildRecord;
use huaweicloud_core::{Error, ErrorKind};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// Follows one build: a source of its changes.
pub(super) struct Follower {
    pub(super) polls: Polls,
    /// When the first poll was asked for.
    began: Option<Instant>,
    warned: bool,
    /// The newest record.
    record: Option<BuildRecord>,
}

impl Source for Follower {
    type Item = BuildRecord;

    async fn next(&mut self) -> Result<Vec<BuildRecord>, Error> {
        if self.record.as_ref().is_some_and(BuildRecord::is_finished) {
            return Ok(Vec::new());
        }
        check_runtime()?;
        let began = *self.began.get_or_insert_with(Instant::now);
        let limit = self.polls.settings.timeout;
        // A time limit that is too long for a clock has no effect.
        let ends_at = limit.and_then(|limit| began.checked_add(limit));
        let change = match ends_at {
            None => self.next_change().await,
            Some(ends_at) => match timeout_at(ends_at, self.next_change()).await {
                Ok(change) => change,
                Err(_) => Err(self.timed_out(ends_at.saturating_duration_since(began))),
            },
        };
        Ok(vec![change?])
    }
}

impl Follower {
    pub(super) fn new(polls: Polls) -> Self {
        Self { polls, began: None, warned: false, record: None }
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
