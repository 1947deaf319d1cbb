//! Following one build: when it is polled, which errors are waited out, what is a change.

use crate::client::Client;
use crate::types::{BuildRecord, build_id::BuildId};
use huaweicloud_core::{__runtime::Backoff, Error, ErrorKind};
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, sleep, timeout_at};

/// A record is not found for good after this time, and after this many polls.
const APPEARS_WITHIN: Duration = Duration::from_secs(60);
const MIN_MISSES: u32 = 3;

/// The longest delay between two polls that a service can ask for.
const MAX_DELAY: Duration = Duration::from_secs(60);

type Tell = Arc<dyn Fn(&Error) + Send + Sync>;

/// How a build is followed.
#[derive(Clone)]
pub(super) struct Settings {
    pub(super) min_interval: Duration,
    pub(super) max_interval: Duration,
    pub(super) timeout: Option<Duration>,
    pub(super) tolerance: Duration,
    /// Is called with the error of each failed poll that is waited out.
    pub(super) on_failed_poll: Option<Tell>,
}

/// Follows one build.
pub(super) struct Follower {
    client: Client,
    id: BuildId,
    settings: Settings,
    intervals: Backoff,
    ends_at: Option<Instant>,
    /// The delay before the next poll. `None` before the first one.
    delay: Option<Delay>,
    /// For how long polls have failed in a row. `None` after a good one.
    failing: Option<Duration>,
    /// For how long the record has been missing, and for how many polls.
    missing: Option<(Duration, u32)>,
    warned: bool,
    /// The newest record.
    record: Option<BuildRecord>,
    /// The error of the newest poll, if that failed.
    failed: Option<Error>,
}

/// A delay between two polls, and whether it counts as time in which polls fail.
#[derive(Clone, Copy)]
struct Delay {
    time: Duration,
    counts: bool,
}

impl Follower {
    pub(super) fn new(client: Client, id: BuildId, settings: Settings) -> Self {
        // A time limit that is too long for a clock has no effect.
        let ends_at = settings.timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        Self {
            client,
            id,
            intervals: Backoff::new(settings.min_interval, settings.max_interval),
            settings,
            ends_at,
            delay: None,
            failing: None,
            missing: None,
            warned: false,
            record: None,
            failed: None,
        }
    }

    /// The newest record.
    pub(super) fn record(&self) -> Option<&BuildRecord> {
        self.record.as_ref()
    }

    /// Whether the build has ended.
    pub(super) fn has_ended(&self) -> bool {
        self.record().is_some_and(BuildRecord::is_finished)
    }

    /// Waits for the next change.
    pub(super) async fn change(&mut self) -> Result<BuildRecord, Error> {
        // Without it the first timer would panic.
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(Error::invalid_argument("a build must be followed within a tokio runtime"));
        }
        match self.ends_at {
            None => self.next_change().await,
            Some(ends_at) => match timeout_at(ends_at, self.next_change()).await {
                Ok(outcome) => outcome,
                Err(_) => Err(self.timed_out()),
            },
        }
    }

    async fn next_change(&mut self) -> Result<BuildRecord, Error> {
        loop {
            let mut spent = Duration::ZERO;
            if let Some(Delay { time, counts }) = self.delay {
                sleep(time).await;
                spent = if counts { time } else { spent };
            }
            let started = self.client.pace.turn().await;
            // On the heap, because a watch is idle most of the time and there may be many.
            let polled = Box::pin(self.client.poll(&self.id)).await;
            spent = spent.saturating_add(started.elapsed());
            match polled {
                Ok(record) => {
                    self.client.pace.accepted(started);
                    (self.failing, self.missing, self.failed) = (None, None, None);
                    self.delay_next(Duration::ZERO, true);
                    if self.has_changed_to(&record) {
                        self.record = Some(record.clone());
                        return Ok(record);
                    }
                    self.record = Some(record);
                }
                Err(error) => {
                    let is_throttled = error.is_throttled();
                    if is_throttled {
                        self.client.pace.throttled(started, error.retry_after());
                    } else {
                        self.tolerate(&error, spent)?;
                    }
                    tracing::debug!(build = %self.id, %error, "a poll failed");
                    if let Some(tell) = &self.settings.on_failed_poll {
                        tell(&error);
                    }
                    let delay = error.retry_after().unwrap_or_default().min(MAX_DELAY);
                    self.delay_next(delay, !is_throttled);
                    self.failed = Some(error);
                }
            }
        }
    }

    /// Sets the delay before the next poll.
    fn delay_next(&mut self, min: Duration, counts: bool) {
        let interval = self.intervals.next_delay();
        // Up to a quarter less at random, so that builds that were started together are not polled together.
        let jittered = interval.mul_f64(1.0 - fastrand::f64() / 4.0);
        let time = jittered.max(self.settings.min_interval).max(min);
        self.delay = Some(Delay { time, counts });
    }

    /// Returns the error if it is final, or if polls have failed for too long.
    fn tolerate(&mut self, error: &Error, spent: Duration) -> Result<(), Error> {
        // A connection error that is not transient is that of a certificate or of an unusable proxy.
        let is_final = error.is_invalid_argument()
            || error.is_unauthorized()
            || matches!(error.status(), Some(403 | 407))
            || (error.is_connect() && !error.is_transient());
        if is_final {
            return Err(error.clone());
        }
        let failing = self.failing.map_or(Duration::ZERO, |time| time.saturating_add(spent));
        self.failing = Some(failing);
        if let Some((time, _)) = &mut self.missing {
            *time = time.saturating_add(spent);
        }
        if error.is_not_found() {
            let (time, polls) = self.missing.unwrap_or_default();
            let polls = polls.saturating_add(1);
            self.missing = Some((time, polls));
            let is_missing = time >= APPEARS_WITHIN && polls >= MIN_MISSES;
            return if is_missing { Err(error.clone()) } else { Ok(()) };
        }
        if failing < self.settings.tolerance {
            return Ok(());
        }
        let note = format!("polls have failed for {} s", failing.as_secs());
        Err(error.clone().with_note(&note))
    }

    /// Whether a record differs from the newest one. `duration` does not count, because it grows all the
    /// time, nor do fields that the document does not have.
    fn has_changed_to(&mut self, new: &BuildRecord) -> bool {
        if !self.warned && !new.is_finished() && !new.status.is_known() {
            self.warned = true;
            // The status itself is not shown: a text of the service may echo a secret.
            tracing::warn!(
                build = %self.id,
                "unknown status: the build is followed until its status is final or it has a finish time"
            );
        }
        let Some(record) = &mut self.record else { return true };
        record.duration = new.duration;
        record.extra.clone_from(&new.extra);
        record != new
    }

    fn timed_out(&self) -> Error {
        let limit = self.settings.timeout.unwrap_or_default();
        let mut message = format!("build {} has not ended within {limit:?}", self.id);
        // The text of an unknown status may echo a secret.
        if let Some(record) = self.record().filter(|record| record.status.is_known()) {
            message += &format!(", its status is {}", record.status);
        }
        match &self.failed {
            Some(error) => {
                message += &format!("; the last poll failed: {}", error.message());
                error.clone().of_time_limit(message)
            }
            None => Error::new(ErrorKind::TimeLimit, message),
        }
    }
}
