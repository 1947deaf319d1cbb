//! The fields of a build record, of a build in the history and of a step as typed values.

use crate::types::{BuildRecord, BuildStep, BuildSummary};
use jiff::{Timestamp, tz::TimeZone};
use std::time::Duration;

/// The earliest time at which a build can have ended, in seconds. An earlier one means that there is none.
const MIN_TIME: i64 = 1_000_000_000;

/// Fields as typed values. A time that is missing or in an unknown form is `None`. The field itself still has
/// the text that the service sent.
impl BuildRecord {
    /// Whether the build has ended: its status is final, or the status is unknown and `finish_time` is a valid
    /// time.
    pub fn is_finished(&self) -> bool {
        self.status.is_finished()
            || (!self.status.is_known() && self.finish_time.as_deref().is_some_and(is_time))
    }

    /// Whether the build has ended well.
    pub fn is_success(&self) -> bool {
        self.status.is_success()
    }

    /// Number of the build, from `build_no`.
    pub fn number(&self) -> Option<u32> {
        number(self.build_no)
    }

    /// How long the build took or has taken, from `duration`, which is in milliseconds.
    pub fn took(&self) -> Option<Duration> {
        millis(self.duration)
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

impl BuildSummary {
    /// Number of the build, from `number`.
    pub fn build_no(&self) -> Option<u32> {
        number(self.number)
    }

    /// When the build started, from `start_time`. Returns `None` if it has not started.
    pub fn started_at(&self) -> Option<Timestamp> {
        let time = Timestamp::from_millisecond(self.start_time?).ok()?;
        (time.as_second() >= MIN_TIME).then_some(time)
    }

    /// How long the build took, from `cost_time`, else from `build_time`. The unit is that of the example,
    /// milliseconds: no page names one.
    pub fn took(&self) -> Option<Duration> {
        millis(self.cost_time).or_else(|| millis(self.build_time))
    }
}

impl BuildStep {
    /// What to call the step: its name in the job, else that of its stage. Empty if it has neither.
    pub fn name(&self) -> &str {
        let names = [&self.display_name, &self.execution_stage_name];
        let mut names = names.into_iter().flatten().filter(|name| !name.trim().is_empty());
        names.next().map_or("", String::as_str)
    }

    /// How long the step took without the wait before it, from `build_duration`, else from `duration`; both
    /// are in milliseconds.
    pub fn took(&self) -> Option<Duration> {
        millis(self.build_duration).or_else(|| millis(self.duration))
    }
}

fn number(field: Option<i32>) -> Option<u32> {
    u32::try_from(field?).ok().filter(|number| *number > 0)
}

fn millis(field: Option<i64>) -> Option<Duration> {
    u64::try_from(field?).ok().map(Duration::from_millis)
}

fn time(field: &Option<String>) -> Option<Timestamp> {
    field.as_deref()?.parse().ok()
}

/// Whether a text is a time at which a build can have ended: with or without an offset, or as seconds
/// or milliseconds since 1970. 0 and the year 1 mean that there is no time.
fn is_time(text: &str) -> bool {
    let text = text.trim();
    let number = text.parse::<i64>().ok();
    let instant = || Some(text.parse::<Timestamp>().ok()?.as_second());
    let local = || Some(TimeZone::UTC.to_timestamp(text.parse().ok()?).ok()?.as_second());
    number.or_else(instant).or_else(local).is_some_and(|seconds| seconds >= MIN_TIME)
}
