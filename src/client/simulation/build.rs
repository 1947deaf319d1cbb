//! A simulated build: how it goes on, and what of it can be seen at its age.

use crate::types::{BuildJob, BuildRecord, BuildStatus, BuildStep, BuildSummary};
use jiff::Timestamp;
use std::{collections::HashMap, time::Duration};
use tokio::time::Instant;

/// A job of a [`SimulatedService`](super::SimulatedService). By default, its builds wait 0.3 seconds, run for
/// 0.9 seconds and succeed. If one is stopped, it ends 0.3 seconds later. They have the steps `Checkout` and `Build`, and a line of log for each.
#[derive(Clone, Debug)]
#[must_use]
pub struct SimulatedJob {
    name: String,
    pub(super) queued_for: Duration,
    runs_for: Duration,
    status: BuildStatus,
    err_msg: Option<String>,
    steps: Vec<String>,
    log: Option<String>,
    pub(super) artifacts: Vec<String>,
}

impl Default for SimulatedJob {
    fn default() -> Self {
        Self {
            name: "simulated".to_owned(),
            queued_for: Duration::from_millis(300),
            runs_for: Duration::from_millis(900),
            status: BuildStatus::Success,
            err_msg: None,
            steps: ["Checkout", "Build"].map(str::to_owned).into(),
            log: None,
            artifacts: Vec::new(),
        }
    }
}

impl SimulatedJob {
    /// Creates a job with the defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the name of the job in the list of jobs.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Sets how long a build waits in the queue; with [`Duration::MAX`], for ever.
    pub fn queued_for(mut self, duration: Duration) -> Self {
        self.queued_for = duration;
        self
    }

    /// Sets how long a build runs; with [`Duration::MAX`], for ever.
    pub fn runs_for(mut self, duration: Duration) -> Self {
        self.runs_for = duration;
        self
    }

    /// Sets the status with which a build ends. One that ends with
    /// [`ScheduleFailure`](BuildStatus::ScheduleFailure) has never run: it has no steps and no log.
    pub fn ends(mut self, status: BuildStatus) -> Self {
        self.status = status;
        self
    }

    /// Sets the error message in the record of a build that has ended.
    pub fn with_error(mut self, err_msg: impl Into<String>) -> Self {
        self.err_msg = Some(err_msg.into());
        self
    }

    /// Sets the steps of a build. Each takes an equal share of the time for which it runs, and the last one
    /// ends with the status of the build.
    pub fn with_steps<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.steps = names.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the log of a build. It grows evenly while the build runs.
    pub fn with_log(mut self, log: impl Into<String>) -> Self {
        self.log = Some(log.into());
        self
    }

    /// Adds a package that a build has produced when it succeeds.
    pub fn with_artifact(mut self, name: impl Into<String>) -> Self {
        self.artifacts.push(name.into());
        self
    }

    fn log(&self) -> String {
        let lines = self.steps.iter().map(|step| format!("[INFO] [{step}]\n"));
        let error = self.err_msg.iter().map(|message| format!("[ERROR] {message}\n"));
        self.log.clone().unwrap_or_else(|| lines.chain(error).collect())
    }

    /// The job in the list of jobs, with its last build.
    pub(super) fn listed(&self, id: &str, last: Option<&Build>) -> BuildJob {
        let status = last.map(|build| build.status());
        BuildJob {
            id: Some(id.to_owned()),
            job_name: Some(self.name.clone()),
            build_number: last.and_then(|build| build.fixed.build_no).map(|no| no.to_string()),
            is_finished: status.as_ref().map(BuildStatus::is_finished),
            last_build_status: status.unwrap_or_default(),
            ..BuildJob::default()
        }
    }
}

/// A build of a job.
pub(super) struct Build {
    pub(super) job: SimulatedJob,
    pub(super) started: Instant,
    /// The time of the day of its start.
    pub(super) time: Timestamp,
    /// How long after its start the build is stopped.
    pub(super) aborted: Option<Duration>,
    /// What of its record stays the same.
    pub(super) fixed: BuildRecord,
}

impl Build {
    pub(super) fn age(&self) -> Duration {
        self.started.elapsed()
    }

    /// How long after its start the build ends. With the longest duration it never does.
    fn ends_after(&self) -> Duration {
        let SimulatedJob { queued_for, runs_for, .. } = self.job;
        let ends_after = queued_for.saturating_add(runs_for);
        self.aborted.map_or(ends_after, |aborted| aborted.min(ends_after))
    }

    fn is_aborted(&self) -> bool {
        self.aborted == Some(self.ends_after())
    }

    pub(super) fn has_ended(&self) -> bool {
        self.age() >= self.ends_after()
    }

    /// Whether the build never reaches an executor.
    pub(super) fn never_runs(&self) -> bool {
        self.job.status == BuildStatus::ScheduleFailure
            || (self.is_aborted() && self.ends_after() <= self.job.queued_for)
    }

    fn status(&self) -> BuildStatus {
        match self.has_ended() {
            true if self.is_aborted() => BuildStatus::Aborted,
            true => self.job.status.clone(),
            false if self.age() < self.job.queued_for => BuildStatus::InQueue,
            false => BuildStatus::Running,
        }
    }

    /// The current record of the build.
    pub(super) fn record(&self) -> BuildRecord {
        let (runs_after, ends_after) = (self.job.queued_for, self.ends_after());
        let time = |after| Some(self.time.checked_add(after).unwrap_or(Timestamp::MAX).to_string());
        let mut record = self.fixed.clone();
        record.status = self.status();
        if self.age() >= runs_after && runs_after <= ends_after {
            record.start_time = time(runs_after);
        }
        if self.has_ended() {
            record.finish_time = time(ends_after);
            record.duration = i64::try_from(ends_after.saturating_sub(runs_after).as_millis()).ok();
            record.err_msg = self.job.err_msg.clone().filter(|_| !self.is_aborted());
        }
        record
    }

    /// The build in the history of its job.
    pub(super) fn summary(&self) -> BuildSummary {
        let record = self.record();
        let state = if self.has_ended() { self.status() } else { BuildStatus::Unreported };
        let progress = if self.has_ended() { BuildStatus::Finished } else { self.status() };
        BuildSummary {
            number: record.build_no,
            daily_build_number: record.daily_build_num.clone(),
            job_running_status: progress,
            state,
            start_time: record.started_at().map(Timestamp::as_millisecond),
            cost_time: record.duration,
            trigger_type: record.trigger_type.as_ref().map(ToString::to_string),
            code_branch: record.branch,
            commit_id: record.commit,
            ..BuildSummary::default()
        }
    }

    /// The steps of the build, under the names of their stages.
    pub(super) fn steps(&self) -> HashMap<String, BuildStep> {
        let count = u32::try_from(self.job.steps.len()).unwrap_or(u32::MAX).max(1);
        let share = self.job.runs_for.checked_div(count).unwrap_or_default();
        let age = self.age().min(self.ends_after());
        let steps = self.job.steps.iter().filter(|_| !self.never_runs()).zip(1_i32..);
        let steps = steps.map(|(name, sequence)| {
            let place = sequence.unsigned_abs();
            let begins = share.saturating_mul(place.saturating_sub(1));
            let begins = self.job.queued_for.saturating_add(begins);
            let took = age.saturating_sub(begins).min(share);
            let status = match (age < begins, place == count || age < begins.saturating_add(share))
            {
                (true, _) => BuildStatus::Unreported,
                (false, true) => self.status(),
                (false, false) => BuildStatus::Success,
            };
            let step = BuildStep {
                sequence: Some(sequence),
                display_name: Some(name.clone()),
                status,
                build_duration: i64::try_from(took.as_millis()).ok(),
                ..BuildStep::default()
            };
            (format!("stage{sequence}"), step)
        });
        steps.collect()
    }

    /// What has been logged.
    pub(super) fn log(&self) -> Vec<u8> {
        let mut log = self.job.log().into_bytes();
        let ran = self.age().min(self.ends_after()).saturating_sub(self.job.queued_for);
        if ran < self.job.runs_for {
            let share = ran.as_secs_f64() / self.job.runs_for.as_secs_f64();
            log.truncate((log.len() as f64 * share) as usize);
        }
        log
    }
}
