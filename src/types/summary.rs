//! The fields of a build in the history of its job as typed values.

use crate::types::{
    BuildSummary,
    record::{MIN_TIME, millis, number},
};
use jiff::Timestamp;
use std::time::Duration;

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
