//! Retries: whether a failed request is sent again, after which delay, and how many retries all calls
//! have together.

use crate::error::{Details, Error, ErrorKind};
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use tokio::time::Instant;

/// How often a failed request is retried, and after which delays.
///
/// Retried is only what cannot take effect twice: an idempotent request, as every `GET` is, after a
/// fault that passes, and any request that provably took no effect, because no connection was made or
/// because it was throttled.
///
/// The delay before the first retry is chosen at random between nothing and 200 ms; the bound
/// doubles with each further one, up to 10 s (exponential backoff with full jitter). It is never
/// shorter than a `Retry-After` of the service. A retry whose delay would not end before the
/// [timeout](crate::ClientBuilder::timeout) of the call, or for which the service asks to wait for more than
/// an hour, is not made.
///
/// All clones of a client share a budget of 100 retries. Each ten calls that succeed win one back,
/// so that an outage is not made worse.
///
/// ```
/// use huaweicloud_core::RetryPolicy;
/// use std::time::Duration;
///
/// let patient = RetryPolicy::default()
///     .with_max_attempts(6)
///     .with_backoff(Duration::from_secs(1), Duration::from_secs(30));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct RetryPolicy {
    max_attempts: u32,
    min_backoff: Duration,
    max_backoff: Duration,
}

impl Default for RetryPolicy {
    /// Four attempts, delays of up to 200 ms at first and up to 10 s at most.
    fn default() -> Self {
        Self {
            max_attempts: 4,
            min_backoff: Duration::from_millis(200),
            max_backoff: Duration::from_secs(10),
        }
    }
}

impl RetryPolicy {
    /// Sends every request once.
    pub fn never() -> Self {
        Self::default().with_max_attempts(1)
    }

    /// How often a request is sent at most, the first attempt included. Default: 4. Zero counts as 1.
    pub fn with_max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// The bound of the first delay, which doubles from retry to retry, and the bound of them all.
    /// Default: 200 ms and 10 s.
    pub fn with_backoff(mut self, min: Duration, max: Duration) -> Self {
        self.min_backoff = min;
        self.max_backoff = max;
        self
    }
}

/// Exponential backoff: durations that double from a first one up to a bound.
pub struct Backoff {
    next: Duration,
    max: Duration,
}

impl Backoff {
    /// Durations from `min` to `max`.
    pub fn new(min: Duration, max: Duration) -> Self {
        Self { next: min.min(max), max }
    }

    /// The next duration.
    pub fn next_delay(&mut self) -> Duration {
        let next = self.next;
        self.next = next.saturating_mul(2).min(self.max);
        next
    }
}

/// A call does not wait for longer because a response asks for it.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(60 * 60);

/// The retries that all calls of a client have spent, in tenths.
#[derive(Debug, Default)]
pub(crate) struct Budget(AtomicU32);

const ONE_RETRY: u32 = 10;
const ALL: u32 = 100 * ONE_RETRY;

impl Budget {
    /// A call succeeded.
    pub(crate) fn earn(&self) {
        _ = self.0.fetch_update(Relaxed, Relaxed, |spent| Some(spent.saturating_sub(1)));
    }

    fn spend(&self) -> bool {
        let more = |spent: u32| spent.checked_add(ONE_RETRY).filter(|spent| *spent <= ALL);
        self.0.fetch_update(Relaxed, Relaxed, more).is_ok()
    }
}

/// What a failed request did at the service, which decides whether it is retried. One that may have taken
/// effect is retried only if it is idempotent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Effect {
    /// Whether it may have taken effect. If not, it provably took none.
    pub(crate) is_unknown: bool,
    /// Whether another attempt may succeed.
    passes: bool,
}

const NEVER: Effect = Effect { is_unknown: false, passes: false };
const ALWAYS: Effect = Effect { is_unknown: false, passes: true };
const UNKNOWN: Effect = Effect { is_unknown: true, passes: false };
const IF_IDEMPOTENT: Effect = Effect { is_unknown: true, passes: true };

impl Effect {
    pub(crate) fn of(error: &Error) -> Self {
        let Details { kind, status, codes, is_inconclusive, is_lasting, .. } = &*error.0;
        // A code that proves nothing is as good as none.
        let code = error.code().filter(|_| !is_inconclusive).unwrap_or_default();
        match (kind, status.unwrap_or_default()) {
            // Another attempt would not change these. What gives a credential has retries of its own.
            (ErrorKind::InvalidArgument | ErrorKind::Credential | ErrorKind::TimeLimit, _) => NEVER,
            (ErrorKind::Connect, _) if *is_lasting => NEVER,
            (ErrorKind::Connect, _) => ALWAYS,
            (ErrorKind::ConnectionLost, 0) if error.0.is_unprocessed => ALWAYS,
            (_, 429) => ALWAYS,
            _ if codes.throttled.contains(&code) => ALWAYS,
            // The status decides even if the body is lost.
            (_, 408 | 425 | 499 | 502..=504) if !codes.is_not_accepted(code) => IF_IDEMPOTENT,
            // A 401 that is retried locks keys.
            (_, 400..=499) => NEVER,
            (ErrorKind::ConnectionLost | ErrorKind::Timeout, _) => IF_IDEMPOTENT,
            (ErrorKind::Service, 500..) if codes.is_not_accepted(code) => NEVER,
            (ErrorKind::Service, 200..=299) if codes.is_own(code) => NEVER,
            (ErrorKind::Service, _) if codes.passing.contains(&code) => IF_IDEMPOTENT,
            (ErrorKind::Service | ErrorKind::InvalidResponse, _) => UNKNOWN,
        }
    }

    pub(crate) fn permits_retry(self, idempotent: bool) -> bool {
        self.passes && (idempotent || !self.is_unknown)
    }
}

/// The retries of one call.
pub(crate) struct Retries<'a> {
    left: u32,
    backoff: Backoff,
    budget: &'a Budget,
    ends_at: Instant,
}

impl<'a> Retries<'a> {
    pub(crate) fn new(policy: &RetryPolicy, budget: &'a Budget, ends_at: Instant) -> Self {
        let left = policy.max_attempts.saturating_sub(1);
        let backoff = Backoff::new(policy.min_backoff, policy.max_backoff);
        Self { left, backoff, budget, ends_at }
    }

    /// How long to wait before the next attempt, if there is one.
    pub(crate) fn delay(&mut self, retry_after: Option<Duration>) -> Option<Duration> {
        self.left = self.left.checked_sub(1)?;
        // Full jitter: callers that failed together do not come back together.
        let delay = self.backoff.next_delay().mul_f64(fastrand::f64());
        let retry_after = retry_after.unwrap_or_default();
        let delay = delay.max(retry_after);
        let in_time = delay < self.ends_at.saturating_duration_since(Instant::now());
        let in_time = in_time && retry_after <= MAX_RETRY_AFTER;
        (in_time && self.budget.spend()).then_some(delay)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCodes;

    const MANY: usize = 2000;
    /// Those of one service, as an example.
    const CODES: ErrorCodes = ErrorCodes {
        own: &["CB.", "DEVCB.", "DEV.CB."],
        faults: &["CB.00060100", "CB.00060101"],
        passing: &["CB.00060100"],
        not_accepted: &["CB.000602"],
        throttled: &["CB.00060211"],
        not_found: &[],
    };

    /// The delays of one call, with a timeout of so many seconds.
    fn delays(policy: &RetryPolicy, retry_after: Option<u64>, timeout: u64) -> Vec<Duration> {
        let budget = Budget::default();
        let ends_at = Instant::now() + Duration::from_secs(timeout);
        let mut retries = Retries::new(policy, &budget, ends_at);
        let retry_after = retry_after.map(Duration::from_secs);
        std::iter::from_fn(|| retries.delay(retry_after)).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn no_bound_is_too_long_or_too_short() {
        for bound in [Duration::ZERO, Duration::from_nanos(1), Duration::MAX] {
            let policy =
                RetryPolicy::default().with_max_attempts(u32::MAX).with_backoff(bound, bound);
            for _ in 0..MANY {
                let count = delays(&policy, None, 120).len();
                // Only the budget ends the short ones, and the timeout the long ones.
                assert_eq!(count, if bound == Duration::MAX { 0 } else { 100 });
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn delays_are_spread_over_bounds_that_double() {
        let draws: Vec<_> = (0..MANY).map(|_| delays(&RetryPolicy::default(), None, 120)).collect();
        for (retry, bound) in [200, 400, 800].into_iter().enumerate() {
            let mut tenths = [0; 10];
            for delays in &draws {
                assert_eq!(delays.len(), 3);
                let share = delays[retry].as_secs_f64() / (f64::from(bound) / 1000.0);
                assert!((0.0..1.0).contains(&share), "{:?} of {bound} ms", delays[retry]);
                tenths[(share * 10.0) as usize] += 1;
            }
            // 200 are to be expected in each tenth; a fifth of that is 12 standard deviations off.
            assert!(tenths.iter().all(|count| *count > MANY / 50), "{bound} ms: {tenths:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn bounds_stop_at_the_longest() {
        let policy = RetryPolicy::default().with_max_attempts(50);
        let longest = (0..100).flat_map(|_| delays(&policy, None, 100_000)).max().unwrap();
        assert!(longest <= Duration::from_secs(10), "{longest:?}");
        assert!(longest > Duration::from_secs(9), "{longest:?}");
        let none = RetryPolicy::default().with_backoff(Duration::ZERO, Duration::ZERO);
        assert_eq!(delays(&none, None, 1), [Duration::ZERO; 3]);
        // A first bound beyond the longest is no way around it.
        let odd =
            RetryPolicy::default().with_backoff(Duration::from_secs(9), Duration::from_secs(1));
        for _ in 0..100 {
            assert!(delays(&odd, None, 120).iter().all(|delay| *delay <= Duration::from_secs(1)));
        }
        let endless = RetryPolicy::default().with_backoff(Duration::MAX, Duration::MAX);
        for _ in 0..100 {
            assert!(delays(&endless, None, 120).len() <= 3);
        }
        // As many as one likes, which nothing is set aside for.
        assert_eq!(delays(&none.with_max_attempts(u32::MAX), None, 1).len(), 100, "the budget");
    }

    #[tokio::test(start_paused = true)]
    async fn retry_after_is_the_least() {
        for _ in 0..100 {
            let delays = delays(&RetryPolicy::default(), Some(7), 120);
            assert_eq!(delays, [Duration::from_secs(7); 3]);
        }
        let policy = RetryPolicy::default().with_backoff(Duration::from_secs(2), Duration::MAX);
        let draws: Vec<_> = (0..100).map(|_| delays(&policy, Some(1), 120)[0]).collect();
        let one = Duration::from_secs(1);
        assert!(draws.iter().all(|delay| *delay >= one), "{draws:?}");
        assert!(draws.iter().any(|delay| *delay > one), "{draws:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn no_delay_reaches_the_timeout() {
        assert_eq!(delays(&RetryPolicy::default(), Some(7), 7), []);
        assert_eq!(delays(&RetryPolicy::default(), Some(7), 8).len(), 3, "time stands still");
        assert_eq!(delays(&RetryPolicy::default(), Some(u64::MAX), 120), []);
        // What was not waited for was not spent.
        let budget = Budget::default();
        let mut retries = Retries::new(&RetryPolicy::default(), &budget, Instant::now());
        assert_eq!(retries.delay(None), None);
        assert_eq!(budget.0.load(Relaxed), 0);

        let ends_at = Instant::now() + Duration::from_secs(10);
        let mut retries = Retries::new(&RetryPolicy::default(), &budget, ends_at);
        let six = Some(Duration::from_secs(6));
        assert_eq!(retries.delay(six), six);
        tokio::time::advance(Duration::from_secs(6)).await;
        assert_eq!(retries.delay(six), None);
    }

    /// Every kind of failure: what is retried, and what may have taken effect.
    #[test]
    fn only_what_is_safe_is_retried() {
        use ErrorKind::*;
        for (kind, status, code, effect) in [
            (InvalidArgument, None, "", NEVER),
            (Credential, None, "", NEVER),
            (Credential, Some(503), "", NEVER),
            (Connect, None, "", ALWAYS),
            (ConnectionLost, None, "", IF_IDEMPOTENT),
            (Timeout, None, "", IF_IDEMPOTENT),
            (InvalidResponse, Some(101), "", UNKNOWN),
            (ConnectionLost, Some(200), "", IF_IDEMPOTENT),
            (Timeout, Some(200), "", IF_IDEMPOTENT),
            (InvalidResponse, Some(200), "", UNKNOWN),
            (Service, Some(200), "", UNKNOWN),
            (Service, Some(200), "APIGW.0201", UNKNOWN),
            (Service, Some(200), "CB.00060100", IF_IDEMPOTENT),
            (Service, Some(200), "CB.00060101", UNKNOWN),
            (Service, Some(200), "CB.00060211", ALWAYS),
            (Service, Some(200), "CB.00031006", NEVER),
            (Service, Some(200), "DEVCB.00031006", NEVER),
            (Service, Some(204), "DEV.CB.0310007", NEVER),
            (InvalidResponse, Some(302), "", UNKNOWN),
            (ConnectionLost, Some(302), "", IF_IDEMPOTENT),
            (Service, Some(401), "APIGW.0301", NEVER),
            (ConnectionLost, Some(401), "", NEVER),
            (Timeout, Some(403), "", NEVER),
            (Service, Some(408), "", IF_IDEMPOTENT),
            (Service, Some(425), "", IF_IDEMPOTENT),
            (Service, Some(499), "", IF_IDEMPOTENT),
            (Service, Some(429), "APIGW.0308", ALWAYS),
            (ConnectionLost, Some(429), "", ALWAYS),
            (Service, Some(500), "DEV.CB.0310007", UNKNOWN),
            (Service, Some(500), "CB.00060100", IF_IDEMPOTENT),
            (Service, Some(500), "CB.00060101", UNKNOWN),
            (Service, Some(500), "CB.00060200", NEVER),
            (Service, Some(500), "CB.00060211", ALWAYS),
            (Service, Some(500), "APIGW.0201", UNKNOWN),
            (InvalidResponse, Some(500), "", UNKNOWN),
            (InvalidResponse, Some(501), "", UNKNOWN),
            (Service, Some(502), "DEV.CB.0310007", IF_IDEMPOTENT),
            (InvalidResponse, Some(502), "", IF_IDEMPOTENT),
            (Service, Some(503), "DEV.CB.0310007", IF_IDEMPOTENT),
            (InvalidResponse, Some(503), "", IF_IDEMPOTENT),
            (Service, Some(503), "CB.00060212", NEVER),
            (Service, Some(504), "APIGW.0201", IF_IDEMPOTENT),
            (InvalidResponse, Some(505), "", UNKNOWN),
            (InvalidResponse, Some(599), "", UNKNOWN),
            (Service, Some(999), "", UNKNOWN),
        ] {
            let code = Some(code).filter(|code| !code.is_empty()).map(str::to_owned);
            let error = Error::new(kind, "").edit(|it| {
                (it.status, it.code, it.codes) = (status, code, &CODES);
            });
            assert_eq!(Effect::of(&error), effect, "{error:?}");
        }
        let proven = Error::new(Service, "").with_status(200).edit(|it| {
            (it.code, it.codes) = (Some("CB.00031006".into()), &CODES);
            it.is_inconclusive = true;
        });
        assert_eq!(Effect::of(&proven), UNKNOWN);
    }

    #[test]
    fn what_may_have_taken_effect_is_retried_only_if_idempotent() {
        for (effect, get, post) in [
            (NEVER, false, false),
            (ALWAYS, true, true),
            (UNKNOWN, false, false),
            (IF_IDEMPOTENT, true, false),
        ] {
            assert_eq!(effect.permits_retry(true), get, "GET {effect:?}");
            assert_eq!(effect.permits_retry(false), post, "POST {effect:?}");
        }
    }
}
