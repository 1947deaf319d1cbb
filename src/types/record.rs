//! Typed reading of a build record.

use crate::generated::{extensible_enum::extensible_enum, types::BuildRecord};
use jiff::Timestamp;
use std::time::Duration;

extensible_enum! {
    /// Where a build stands. The API reference lists no values; these have been seen.
    pub enum BuildStatus {
        /// The record names no status.
        Unreported = "unreported",
        /// The build waits for its turn.
        InQueue = "InQueue",
        /// The build runs.
        Running = "Running",
        /// The build succeeded.
        Success = "SUCCESS",
        /// The build failed.
        Failure = "FAILURE",
        /// The build was stopped.
        Aborted = "ABORTED",
        /// The build took longer than it may.
        Timeout = "timeout",
        /// No executor could be found for the build.
        ScheduleFailure = "SCHEDULE_FAILURE",
        /// The build ended, the service does not know how.
        Unknown = "UNKNOWN",
        /// The build ended; the service does not say how.
        Finished = "Finished",
    }
}

impl BuildStatus {
    /// Whether a build with this status has ended. False for a status that is not known: ask
    /// [`BuildRecord::is_finished`], which knows more.
    pub fn is_finished(&self) -> bool {
        match self {
            Self::Unreported | Self::InQueue | Self::Running | Self::Other(_) => false,
            Self::Success
            | Self::Failure
            | Self::Aborted
            | Self::Timeout
            | Self::ScheduleFailure
            | Self::Unknown
            | Self::Finished => true,
        }
    }
}

/// Typed reading. A time that is missing or in no known form is `None`, and costs nothing else: the
/// field of the same meaning still holds what the service sent.
impl BuildRecord {
    /// Where the build stands.
    pub fn status(&self) -> BuildStatus {
        match self.status.as_deref() {
            None | Some("") => BuildStatus::Unreported,
            Some(status) => BuildStatus::from(status),
        }
    }

    /// Whether the build has ended: its status says so, or the record has a `finish_time`.
    pub fn is_finished(&self) -> bool {
        let ended = self.finish_time.as_deref().is_some_and(|time| !time.is_empty());
        ended || self.status().is_finished()
    }

    /// Whether the build has ended well.
    pub fn is_success(&self) -> bool {
        self.status() == BuildStatus::Success
    }

    /// How long the build took or has taken, from `duration`, which is in milliseconds.
    pub fn duration(&self) -> Option<Duration> {
        self.duration.and_then(|millis| u64::try_from(millis).ok()).map(Duration::from_millis)
    }

    /// When the commit was created, from `commit_create_time`.
    pub fn committed_at(&self) -> Option<Timestamp> {
        time(&self.commit_create_time)
    }

    /// When the job was created, from `create_time`.
    pub fn created_at(&self) -> Option<Timestamp> {
        time(&self.create_time)
    }

    /// When the build was assigned, from `schedule_time`.
    pub fn scheduled_at(&self) -> Option<Timestamp> {
        time(&self.schedule_time)
    }

    /// When the build was queued, from `queued_time`.
    pub fn queued_at(&self) -> Option<Timestamp> {
        time(&self.queued_time)
    }

    /// When the build started, from `start_time`.
    pub fn started_at(&self) -> Option<Timestamp> {
        time(&self.start_time)
    }

    /// When CloudOctopus started the build process, from `runnable_time`. It may lie before all the
    /// others.
    pub fn runnable_at(&self) -> Option<Timestamp> {
        time(&self.runnable_time)
    }

    /// When the build ended, from `finish_time`.
    pub fn finished_at(&self) -> Option<Timestamp> {
        time(&self.finish_time)
    }
}

fn time(field: &Option<String>) -> Option<Timestamp> {
    field.as_deref()?.parse().ok()
}
