//! How a build ended, told by the words that the service has for it.

use crate::types::{BuildJob, BuildRecord, BuildStatus, BuildStep, BuildSummary};
use huaweicloud_core::__runtime::is_same;
use std::fmt;

/// Other words for the known final states, which other services use.
const FINAL: [(&str, Conclusion); 6] = [
    ("cancelled", Conclusion::Canceled),
    ("completed", Conclusion::Unknown),
    ("stopped", Conclusion::Canceled),
    ("succeeded", Conclusion::Succeeded),
    ("terminated", Conclusion::Canceled),
    ("timed_out", Conclusion::TimedOut),
];

/// How a build or a step of it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Conclusion {
    /// It succeeded.
    Succeeded,
    /// It failed, or found no executor.
    Failed,
    /// Somebody stopped it.
    Canceled,
    /// It took longer than it may.
    TimedOut,
    /// It ended, and the service does not say how.
    Unknown,
}

impl fmt::Display for Conclusion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
            Self::TimedOut => "timed out",
            Self::Unknown => "ended in an unknown way",
        })
    }
}

impl BuildStatus {
    /// How a build with this status has ended. Returns `None` if it goes on, and for an unknown status.
    pub fn conclusion(&self) -> Option<Conclusion> {
        match self {
            Self::Unreported | Self::InQueue | Self::Starting | Self::Building | Self::Running => {
                None
            }
            Self::Success | Self::Blue => Some(Conclusion::Succeeded),
            Self::Failure | Self::Failed | Self::Red | Self::Error | Self::ScheduleFailure => {
                Some(Conclusion::Failed)
            }
            Self::Aborted | Self::Canceled => Some(Conclusion::Canceled),
            Self::Timeout => Some(Conclusion::TimedOut),
            Self::Unknown | Self::Finished => Some(Conclusion::Unknown),
            Self::Other(value) => {
                let known = FINAL.iter().find(|(known, _)| is_same(value.trim(), known));
                known.map(|(_, conclusion)| *conclusion)
            }
        }
    }

    /// Whether a build with this status has ended. Returns false for an unknown status:
    /// [`BuildRecord::is_finished`] also considers the finish time.
    pub fn is_finished(&self) -> bool {
        self.conclusion().is_some()
    }

    /// Whether a build with this status has ended well.
    pub fn is_success(&self) -> bool {
        self.conclusion() == Some(Conclusion::Succeeded)
    }

    /// Whether it is known if a build with this status has ended.
    pub(crate) fn is_known(&self) -> bool {
        self.is_finished() || !matches!(self, Self::Unreported | Self::Other(_))
    }
}

impl BuildRecord {
    /// How the build ended, or `None` while it goes on. If only the finish time says that it has
    /// [ended](Self::is_finished), it is [`Conclusion::Unknown`].
    pub fn conclusion(&self) -> Option<Conclusion> {
        self.status.conclusion().or(self.is_finished().then_some(Conclusion::Unknown))
    }
}

impl BuildSummary {
    /// How the build ended, from `state`, or `None` while `job_running_status` says that it goes on.
    pub fn conclusion(&self) -> Option<Conclusion> {
        let progress = &self.job_running_status;
        if progress.is_known() && !progress.is_finished() {
            return None;
        }
        self.state.conclusion().or(progress.conclusion())
    }
}

impl BuildStep {
    /// How the step ended, from `status`, or `None` if it goes on or has not begun.
    pub fn conclusion(&self) -> Option<Conclusion> {
        self.status.conclusion()
    }
}

impl BuildJob {
    /// How the last build of the job ended, from `last_build_status`. Returns `None` while it goes on, and for
    /// a job that was never built.
    pub fn conclusion(&self) -> Option<Conclusion> {
        if self.is_finished == Some(false) {
            return None;
        }
        self.last_build_status.conclusion()
    }
}
