//! What may be sent again, how long to wait before, and how much of it all calls may do together.

use crate::{Error, ErrorKind};
use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use std::{
    sync::atomic::{AtomicU32, Ordering::Relaxed},
    time::Duration,
};
use tokio::time::Instant;

/// How often and after which pauses a failed request is sent again.
///
/// Only what cannot start a build twice is sent again: a `GET` after a fault on the way, and any
/// request that provably never took effect, because no connection was made or because the gateway
/// throttled it (429).
///
/// The pause before the first repeat is chosen at random between nothing and 200 ms; the bound
/// doubles with each further one, up to 10 s. It is never shorter than a `Retry-After` of the
/// service. A repeat whose pause would not end before the
/// [deadline](crate::ClientBuilder::deadline) of the call is not waited for.
///
/// All clones of a client share a budget of 100 repeats. Each ten calls that succeed win one back,
/// so that an outage is not made worse.
///
/// ```
/// use codearts_build::RetryPolicy;
/// use std::time::Duration;
///
/// let patient = RetryPolicy::default()
///     .with_attempts(6)
///     .with_pauses(Duration::from_secs(1), Duration::from_secs(30));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct RetryPolicy {
    attempts: u32,
    first_pause: Duration,
    longest_pause: Duration,
}

impl Default for RetryPolicy {
    /// Four attempts, pauses of up to 200 ms at first and up to 10 s at most.
    fn default() -> Self {
        Self {
            attempts: 4,
            first_pause: Duration::from_millis(200),
            longest_pause: Duration::from_secs(10),
        }
    }
}

impl RetryPolicy {
    /// Every request is sent once.
    pub fn never() -> Self {
        Self::default().with_attempts(1)
    }

    /// How often a request is sent at most, the first time included. Default: 4. Zero counts as 1.
    pub fn with_attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// The bound of the first pause, which doubles from repeat to repeat, and the bound of them all.
    /// Default: 200 ms and 10 s.
    pub fn with_pauses(mut self, first: Duration, longest: Duration) -> Self {
        self.first_pause = first;
        self.longest_pause = longest;
        self
    }
}

/// The repeats that all calls of a client have left, in tenths.
#[derive(Debug)]
pub(crate) struct Budget(AtomicU32);

const A_REPEAT: u32 = 10;
const FULL: u32 = 100 * A_REPEAT;

impl Default for Budget {
    fn default() -> Self {
        Self(AtomicU32::new(FULL))
    }
}

impl Budget {
    /// A call succeeded.
    pub(crate) fn earn(&self) {
        let more = |left: u32| Some(left.saturating_add(1).min(FULL));
        _ = self.0.fetch_update(Relaxed, Relaxed, more);
    }

    fn spend(&self) -> bool {
        self.0.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(A_REPEAT)).is_ok()
    }
}

/// The repeats of one call.
pub(crate) struct Repeats<'a> {
    bounds: ExponentialBackoff,
    budget: &'a Budget,
    deadline: Instant,
}

impl<'a> Repeats<'a> {
    pub(crate) fn new(policy: &RetryPolicy, budget: &'a Budget, deadline: Instant) -> Self {
        let bounds = ExponentialBuilder::new()
            .with_min_delay(policy.first_pause)
            .with_max_delay(policy.longest_pause)
            .with_factor(2.0)
            .with_max_times(policy.attempts.saturating_sub(1).try_into().unwrap_or(usize::MAX))
            .build();
        Self { bounds, budget, deadline }
    }

    /// How long to wait before the request is sent again, or that it is not.
    pub(crate) fn pause(
        &mut self,
        error: &Error,
        changes: bool,
        retry_after: Option<Duration>,
    ) -> Option<Duration> {
        if !may_repeat(error, changes) {
            return None;
        }
        // Full jitter: callers that failed together do not come back together.
        let pause = self.bounds.next()?.mul_f64(fastrand::f64());
        let pause = pause.max(retry_after.unwrap_or_default());
        let in_time = pause < self.deadline.saturating_duration_since(Instant::now());
        (in_time && self.budget.spend()).then_some(pause)
    }
}

/// Whether a request that failed so may be sent again. `changes` says that it is not a `GET`.
fn may_repeat(error: &Error, changes: bool) -> bool {
    match (error.kind(), error.status()) {
        (ErrorKind::Connect, _) | (_, Some(429)) => true,
        // A refusal is one even if its words were lost on the way; a 401 that is repeated locks keys.
        (_, Some(400..=499)) => false,
        (ErrorKind::Interrupted | ErrorKind::Timeout, _) | (_, Some(502..=504)) => !changes,
        _ => false,
    }
}

/// Whether a request that changes something and failed so may have taken effect.
pub(crate) fn outcome_is_unknown(error: &Error) -> bool {
    let gateway = error.code().is_some_and(|code| code.starts_with("APIG"));
    match (error.kind(), error.status()) {
        (ErrorKind::Input | ErrorKind::Credential | ErrorKind::Connect, _) => false,
        (_, Some(300..=499)) => false,
        (ErrorKind::Interrupted | ErrorKind::Timeout, _) => true,
        // Where a gateway speaks for the service, the service was not asked what it did.
        (ErrorKind::Refused, Some(502 | 504)) => true,
        (ErrorKind::Refused, Some(500..)) => gateway,
        (ErrorKind::Refused, _) => false,
        (ErrorKind::Answer, _) => true,
    }
}
