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
/// [deadline](crate::ClientBuilder::timeout) of the call is not waited for.
///
/// All clones of a client share a budget of 100 repeats. Each ten calls that succeed win one back,
/// so that an outage is not made worse.
///
/// ```
/// use codearts_build::RetryPolicy;
/// use std::time::Duration;
///
/// let patient = RetryPolicy::default()
///     .with_max_attempts(6)
///     .with_backoff(Duration::from_secs(1), Duration::from_secs(30));
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
        Self::default().with_max_attempts(1)
    }

    /// How often a request is sent at most, the first time included. Default: 4. Zero counts as 1.
    pub fn with_max_attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// The bound of the first pause, which doubles from repeat to repeat, and the bound of them all.
    /// Default: 200 ms and 10 s.
    pub fn with_backoff(mut self, first: Duration, longest: Duration) -> Self {
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
            .with_min_delay(policy.first_pause.min(policy.longest_pause))
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
        // What these were about has been repeated already, or cannot be helped.
        (ErrorKind::InvalidArgument | ErrorKind::Credential, _) => false,
        (ErrorKind::Connect, _) | (_, Some(429)) => true,
        // A refusal is one even if its words were lost on the way; a 401 that is repeated locks keys.
        (_, Some(400..=499)) => false,
        (ErrorKind::ConnectionLost | ErrorKind::Timeout, _) | (_, Some(502..=504)) => !changes,
        _ => false,
    }
}

/// Whether a request that changes something and failed so may have taken effect.
pub(crate) fn outcome_is_unknown(error: &Error) -> bool {
    let gateway = error.code().is_some_and(|code| code.starts_with("APIG"));
    match (error.kind(), error.status()) {
        (ErrorKind::InvalidArgument | ErrorKind::Credential | ErrorKind::Connect, _) => false,
        (_, Some(300..=499)) => false,
        (ErrorKind::ConnectionLost | ErrorKind::Timeout, _) => true,
        // Where a gateway speaks for the service, the service was not asked what it did.
        (ErrorKind::Service, Some(502 | 504)) => true,
        (ErrorKind::Service, Some(500..)) => gateway,
        (ErrorKind::Service, _) => false,
        (ErrorKind::InvalidResponse, _) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANY: usize = 2000;

    fn throttled() -> Error {
        Error::new(ErrorKind::Service, "too many").with_status(429)
    }

    /// The pauses of one call, with a deadline in so many seconds.
    fn pauses(policy: &RetryPolicy, retry_after: Option<u64>, deadline: u64) -> Vec<Duration> {
        let budget = Budget::default();
        let deadline = Instant::now() + Duration::from_secs(deadline);
        let mut repeats = Repeats::new(policy, &budget, deadline);
        let retry_after = retry_after.map(Duration::from_secs);
        std::iter::from_fn(|| repeats.pause(&throttled(), true, retry_after)).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn no_bound_is_too_long_or_too_short() {
        for bound in [Duration::ZERO, Duration::from_nanos(1), Duration::MAX] {
            let policy = RetryPolicy::default().with_max_attempts(u32::MAX).with_backoff(bound, bound);
            for _ in 0..MANY {
                let count = pauses(&policy, None, 120).len();
                // Only the budget ends the short ones, and the deadline the long ones.
                assert_eq!(count, if bound == Duration::MAX { 0 } else { 100 });
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_are_spread_over_bounds_that_double() {
        let draws: Vec<_> = (0..MANY).map(|_| pauses(&RetryPolicy::default(), None, 120)).collect();
        for (repeat, bound) in [200, 400, 800].into_iter().enumerate() {
            let mut tenths = [0; 10];
            for pauses in &draws {
                assert_eq!(pauses.len(), 3);
                let share = pauses[repeat].as_secs_f64() / (f64::from(bound) / 1000.0);
                assert!((0.0..1.0).contains(&share), "{:?} of {bound} ms", pauses[repeat]);
                tenths[(share * 10.0) as usize] += 1;
            }
            // 200 are to be expected in each tenth; a fifth of that is 12 standard deviations off.
            assert!(tenths.iter().all(|count| *count > MANY / 50), "{bound} ms: {tenths:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn bounds_stop_at_the_longest() {
        let policy = RetryPolicy::default().with_max_attempts(50);
        let longest = (0..100).flat_map(|_| pauses(&policy, None, 100_000)).max().unwrap();
        assert!(longest <= Duration::from_secs(10), "{longest:?}");
        assert!(longest > Duration::from_secs(9), "{longest:?}");
        let none = RetryPolicy::default().with_backoff(Duration::ZERO, Duration::ZERO);
        assert_eq!(pauses(&none, None, 1), [Duration::ZERO; 3]);
        // A first bound beyond the longest is no way around it.
        let odd =
            RetryPolicy::default().with_backoff(Duration::from_secs(9), Duration::from_secs(1));
        for _ in 0..100 {
            assert!(pauses(&odd, None, 120).iter().all(|pause| *pause <= Duration::from_secs(1)));
        }
        let endless = RetryPolicy::default().with_backoff(Duration::MAX, Duration::MAX);
        for _ in 0..100 {
            assert!(pauses(&endless, None, 120).len() <= 3);
        }
        // As many as one likes, which nothing is set aside for.
        assert_eq!(pauses(&none.with_max_attempts(u32::MAX), None, 1).len(), 100, "the budget");
    }

    #[tokio::test(start_paused = true)]
    async fn retry_after_is_the_least() {
        for _ in 0..100 {
            let pauses = pauses(&RetryPolicy::default(), Some(7), 120);
            assert_eq!(pauses, [Duration::from_secs(7); 3]);
        }
        let policy = RetryPolicy::default().with_backoff(Duration::from_secs(2), Duration::MAX);
        let draws: Vec<_> = (0..100).map(|_| pauses(&policy, Some(1), 120)[0]).collect();
        let one = Duration::from_secs(1);
        assert!(draws.iter().all(|pause| *pause >= one), "{draws:?}");
        assert!(draws.iter().any(|pause| *pause > one), "{draws:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn no_pause_reaches_the_deadline() {
        assert_eq!(pauses(&RetryPolicy::default(), Some(7), 7), []);
        assert_eq!(pauses(&RetryPolicy::default(), Some(7), 8).len(), 3, "time stands still");
        assert_eq!(pauses(&RetryPolicy::default(), Some(u64::MAX), 120), []);
        // What was not waited for was not spent.
        let budget = Budget::default();
        let mut repeats = Repeats::new(&RetryPolicy::default(), &budget, Instant::now());
        assert_eq!(repeats.pause(&throttled(), true, None), None);
        assert_eq!(budget.0.load(Relaxed), FULL);

        let deadline = Instant::now() + Duration::from_secs(10);
        let mut repeats = Repeats::new(&RetryPolicy::default(), &budget, deadline);
        let six = Some(Duration::from_secs(6));
        assert_eq!(repeats.pause(&throttled(), true, six), six);
        tokio::time::advance(Duration::from_secs(6)).await;
        assert_eq!(repeats.pause(&throttled(), true, six), None);
    }

    /// Every kind of failure, and whether a `GET` and a `POST` are sent again.
    #[test]
    fn only_what_is_safe_is_sent_again() {
        use ErrorKind::*;
        for (kind, status, get, post) in [
            (InvalidArgument, None, false, false),
            (Credential, None, false, false),
            (Connect, None, true, true),
            (ConnectionLost, None, true, false),
            (Timeout, None, true, false),
            (ConnectionLost, Some(200), true, false),
            (Timeout, Some(200), true, false),
            (ConnectionLost, Some(401), false, false),
            (Timeout, Some(403), false, false),
            (ConnectionLost, Some(429), true, true),
            (Service, Some(429), true, true),
            (InvalidResponse, Some(502), true, false),
            (Service, Some(503), true, false),
            (InvalidResponse, Some(504), true, false),
            (Service, Some(200), false, false),
            (Service, Some(401), false, false),
            (Service, Some(408), false, false),
            (InvalidResponse, Some(200), false, false),
            (InvalidResponse, Some(302), false, false),
            (Service, Some(500), false, false),
            (InvalidResponse, Some(500), false, false),
            (InvalidResponse, Some(501), false, false),
            (InvalidResponse, Some(505), false, false),
        ] {
            let error = Error::new(kind, "");
            let error = status.map_or(error.clone(), |status| error.with_status(status));
            assert_eq!(may_repeat(&error, false), get, "GET {kind:?} {status:?}");
            assert_eq!(may_repeat(&error, true), post, "POST {kind:?} {status:?}");
            // What is sent again and may have taken effect would start a build twice.
            assert!(!(post && outcome_is_unknown(&error)), "{kind:?} {status:?}");
        }
    }
}
