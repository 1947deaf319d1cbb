//! The polls of one build: when each is made, and which errors are waited out.

use crate::client::Client;
use crate::types::build_id::BuildId;
use huaweicloud_core::{__runtime::Backoff, Error};
use std::{sync::Arc, time::Duration};
use tokio::{runtime::Handle, time::sleep};

/// A record is not found for good after this time, and after this many polls.
const APPEARS_WITHIN: Duration = Duration::from_secs(60);
const MIN_MISSES: u32 = 3;
/// The longest delay between two polls that a service can ask for.
const MAX_DELAY: Duration = Duration::from_secs(60);
const MAX_INTERVAL: Duration = Duration::from_secs(15);
const TOLERANCE: Duration = Duration::from_secs(600);

type Tell = Arc<dyn Fn(&Error) + Send + Sync>;

/// How a build is polled.
#[derive(Clone)]
pub(super) struct Settings {
    pub(super) min_interval: Duration,
    pub(super) max_interval: Duration,
    /// For how long a build is followed.
    pub(super) timeout: Option<Duration>,
    /// For how long polls may fail in a row.
    pub(super) tolerance: Duration,
    /// Is called with the error of each failed poll that is waited out.
    pub(super) on_failed_poll: Option<Tell>,
}

impl Settings {
    /// The defaults, with this shortest interval.
    pub(super) fn every(min_interval: Duration) -> Self {
        Self {
            min_interval,
            max_interval: MAX_INTERVAL,
            timeout: None,
            tolerance: TOLERANCE,
            on_failed_poll: None,
        }
    }
}

/// Returns an error outside a tokio runtime, where the first timer would panic.
pub(super) fn check_runtime() -> Result<(), Error> {
    let handle = Handle::try_current().map(drop);
    handle.map_err(|_| Error::invalid_argument("a build must be followed within a tokio runtime"))
}

/// Polls one build, in turn with all others of the client.
pub(super) struct Polls {
    pub(super) client: Client,
    pub(super) build: BuildId,
    pub(super) settings: Settings,
    /// The intervals between the polls. `None` before the first one.
    intervals: Option<Backoff>,
    /// The delay before the next poll. `None` if it is made at once.
    delay: Option<Duration>,
    /// For how long polls have failed in a row. `None` after a good one.
    failing: Option<Duration>,
    /// For how long the record has been missing, and for how many polls.
    missing: Option<(Duration, u32)>,
    /// The error of the newest poll, if that failed.
    pub(super) failed: Option<Error>,
}

impl Polls {
    pub(super) fn new(client: Client, build: BuildId, settings: Settings) -> Self {
        Self {
            client,
            build,
            settings,
            intervals: None,
            delay: None,
            failing: None,
            missing: None,
            failed: None,
        }
    }

    /// Makes the next poll when it is due. Returns `None` if it has failed and there is to be another one.
    pub(super) async fn next<T, F>(
        &mut self,
        poll: impl FnOnce(Client, BuildId) -> F,
    ) -> Result<Option<T>, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let mut spent = Duration::ZERO;
        if let Some(delay) = self.delay {
            sleep(delay).await;
            // A service that throttles is not one that fails.
            let was_throttled = self.failed.as_ref().is_some_and(Error::is_throttled);
            spent = if was_throttled { spent } else { delay };
        }
        let started = self.client.pace.turn().await;
        // On the heap, because most of the time a build is waited for, and there may be many.
        let polled = Box::pin(poll(self.client.clone(), self.build.clone())).await;
        spent = spent.saturating_add(started.elapsed());
        let error = match polled {
            Ok(found) => {
                self.client.pace.accepted(started);
                (self.failing, self.missing, self.failed) = (None, None, None);
                self.delay_next(Duration::ZERO);
                return Ok(Some(found));
            }
            Err(error) => error,
        };
        if error.is_throttled() {
            self.client.pace.throttled(started, error.retry_after());
        } else {
            self.tolerate(&error, spent)?;
        }
        tracing::debug!(build = %self.build, %error, "a poll failed");
        if let Some(tell) = &self.settings.on_failed_poll {
            tell(&error);
        }
        self.delay_next(error.retry_after().unwrap_or_default().min(MAX_DELAY));
        self.failed = Some(error);
        Ok(None)
    }

    /// Lets the intervals grow from the shortest one again. The next poll is made at once, or after that.
    pub(super) fn start_again(&mut self, at_once: bool) {
        self.intervals = None;
        self.delay_next(Duration::ZERO);
        self.delay = self.delay.filter(|_| !at_once);
    }

    /// Sets the delay before the next poll.
    fn delay_next(&mut self, min: Duration) {
        let Settings { min_interval, max_interval, .. } = self.settings;
        let intervals = self.intervals.get_or_insert(Backoff::new(min_interval, max_interval));
        let interval = intervals.next_delay();
        // Up to a quarter less at random, so that builds that were started together are not polled together.
        let jittered = interval.mul_f64(1.0 - fastrand::f64() / 4.0);
        self.delay = Some(jittered.max(min_interval).max(min));
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
}
