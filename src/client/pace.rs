//! The pace of polls: all watches of a client share one rate, which throttling lowers.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Polls that started within this time after the rate was lowered do not lower it again.
const COOLDOWN: Duration = Duration::from_secs(1);
/// The longest time for which a `Retry-After` stops the polls of all watches.
const MAX_STOP: Duration = Duration::from_secs(60);
/// How long the throttled rate is remembered.
const REMEMBERED_FOR: Duration = Duration::from_secs(600);
/// The time in which the rate grows by as much as the throttled rate, in seconds.
const GROWTH_SECONDS: f64 = 120.0;
/// From this share of the throttled rate on, the rate grows ten times more slowly.
const SLOW_GROWTH_FROM: f64 = 0.9;
/// The rate grows up to this share of the throttled rate.
const GROWTH_LIMIT: f64 = 1.1;
/// Without a good poll in between, the rate is lowered to this share of the throttled rate at least.
const MIN_SHARE: f64 = 0.125;
/// The lowest rate, in polls a second.
const MIN_RATE: f64 = 1.0 / 60.0;
/// A watch that waits for longer checks halfway whether the rate has changed.
const LONG_WAIT: Duration = Duration::from_millis(250);
/// tokio's timers count milliseconds. A paused clock may not move for a shorter time.
const MIN_WAIT: Duration = Duration::from_millis(1);
/// A turn this close, as a share of a turn, is due: the difference is an error of rounding.
const ROUNDING: f64 = 1e-6;

/// Gives each poll a turn. Turns become due at the rate.
///
/// There is no task, and no watch wakes another one. Each watch computes when its own turn is due, so that a
/// watch that is not polled delays no other watch.
pub(crate) struct Pace(Mutex<Schedule>);

/// Turns are numbered in the order in which they become due.
struct Schedule {
    /// The highest rate, in polls a second.
    max: f64,
    /// The current rate, in polls a second.
    rate: f64,
    /// The rate at which polls were throttled.
    throttled_rate: Option<f64>,
    /// When the rate was lowered.
    lowered_at: Option<Instant>,
    /// Whether a poll that started after that has succeeded.
    has_succeeded: bool,
    /// How many turns are due, at `counted_at`. It never exceeds `handed_out`, so that turns that nobody
    /// wanted do not add up.
    due: f64,
    counted_at: Option<Instant>,
    /// How many turns were handed out. The next one has this number.
    handed_out: u64,
    /// The turns that were given back before they were due.
    given_back: BTreeSet<u64>,
}

/// A turn of a poll. If it is dropped before it is used, it is given back.
struct Turn<'a> {
    pace: &'a Pace,
    number: u64,
    is_used: bool,
}

impl Pace {
    pub(crate) fn new(polls_per_second: u32) -> Self {
        let max = f64::from(polls_per_second.max(1));
        Self(Mutex::new(Schedule {
            max,
            rate: max,
            throttled_rate: None,
            lowered_at: None,
            has_succeeded: false,
            due: 0.0,
            counted_at: None,
            handed_out: 0,
            given_back: BTreeSet::new(),
        }))
    }

    /// Waits until a poll may start. Returns the time at which it starts.
    pub(crate) async fn turn(&self) -> Instant {
        let mut turn = self.hand_out();
        let mut may_be_late = false;
        loop {
            let now = Instant::now();
            let state = self.schedule().state(turn.number, now);
            match state {
                // Many watches that have missed their turns must not poll at the same time. A watch takes a
                // new turn only once, so that it polls in the end.
                TurnState::Missed if !may_be_late => {
                    may_be_late = true;
                    turn = self.hand_out();
                }
                TurnState::Missed | TurnState::Due => {
                    turn.is_used = true;
                    return now;
                }
                // The rate may change, and turns before this one may be given back.
                TurnState::DueIn(wait) if wait > LONG_WAIT => sleep(wait.mul_f64(0.5)).await,
                TurnState::DueIn(wait) => sleep(wait.max(MIN_WAIT)).await,
            }
        }
    }

    /// Reports that the poll that started at this time has succeeded.
    pub(crate) fn accepted(&self, started: Instant) {
        let mut schedule = self.schedule();
        schedule.has_succeeded |= schedule.lowered_at.is_none_or(|at| started >= at);
    }

    /// Reports that the poll that started at this time was throttled.
    pub(crate) fn throttled(&self, started: Instant, retry_after: Option<Duration>) {
        self.schedule().throttled(started, retry_after, Instant::now());
    }

    fn hand_out(&self) -> Turn<'_> {
        let mut schedule = self.schedule();
        schedule.advance(Instant::now());
        let number = schedule.handed_out;
        schedule.handed_out = number.saturating_add(1);
        Turn { pace: self, number, is_used: false }
    }

    fn schedule(&self) -> MutexGuard<'_, Schedule> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if !self.is_used {
            let mut schedule = self.pace.schedule();
            schedule.advance(Instant::now());
            if schedule.due < self.number as f64 + 1.0 {
                schedule.given_back.insert(self.number);
            }
        }
    }
}

enum TurnState {
    DueIn(Duration),
    Due,
    /// It was due more than a second ago.
    Missed,
}

impl Schedule {
    fn state(&mut self, number: u64, now: Instant) -> TurnState {
        self.advance(now);
        let turns_ahead = number as f64 - self.due;
        if turns_ahead > ROUNDING {
            // While polls are stopped, the turns are counted up to the end of the stop.
            let stop = self.counted_at.map(|at| at.saturating_duration_since(now));
            let wait = Duration::try_from_secs_f64(turns_ahead / self.rate).unwrap_or(MAX_STOP);
            return TurnState::DueIn(wait.saturating_add(stop.unwrap_or_default()));
        }
        match -turns_ahead > self.rate.max(1.0) {
            true => TurnState::Missed,
            false => TurnState::Due,
        }
    }

    /// Brings the number of due turns and the rate up to this time.
    fn advance(&mut self, now: Instant) {
        let counted_at = *self.counted_at.get_or_insert(now);
        let seconds = now.saturating_duration_since(counted_at).as_secs_f64();
        self.counted_at = Some(counted_at.max(now));
        self.count_due(seconds);
        self.grow(seconds, now);
    }

    fn count_due(&mut self, seconds: f64) {
        self.due += self.rate * seconds;
        // A turn that was given back takes no time.
        while let Some(number) = self.given_back.first().copied()
            && number as f64 <= self.due
        {
            self.given_back.pop_first();
            self.due += 1.0;
        }
        self.due = self.due.min(self.handed_out as f64);
    }

    /// Lets the rate grow back.
    fn grow(&mut self, seconds: f64, now: Instant) {
        if self.rate >= self.max {
            return;
        }
        let is_over = |at| now.saturating_duration_since(at) > REMEMBERED_FOR;
        if self.lowered_at.is_some_and(is_over) {
            self.throttled_rate = None;
        }
        let throttled = self.throttled_rate.unwrap_or(self.max);
        let growth = throttled / GROWTH_SECONDS * seconds;
        let (growth, limit) = match self.rate < throttled * SLOW_GROWTH_FROM {
            true => (growth, throttled * SLOW_GROWTH_FROM),
            false => (growth / 10.0, throttled * GROWTH_LIMIT),
        };
        self.rate = (self.rate + growth).min(limit).min(self.max);
    }

    fn throttled(&mut self, started: Instant, retry_after: Option<Duration>, now: Instant) {
        self.advance(now);
        let stop = retry_after.unwrap_or_default().min(MAX_STOP);
        self.counted_at = self.counted_at.max(now.checked_add(stop));
        let is_counted = |at| started.saturating_duration_since(at) < COOLDOWN;
        if self.lowered_at.is_some_and(is_counted) {
            return;
        }
        // If no poll has succeeded since the rate was lowered, the gateway may throttle at any rate.
        let known = self.throttled_rate.filter(|_| !self.has_succeeded);
        let throttled = known.unwrap_or(self.rate);
        self.throttled_rate = Some(throttled);
        self.rate = (self.rate / 2.0).max(throttled * MIN_SHARE).max(MIN_RATE);
        self.lowered_at = Some(now);
        self.has_succeeded = false;
    }
}

impl fmt::Debug for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let schedule = self.schedule();
        f.debug_struct("Pace")
            .field("max", &schedule.max)
            .field("rate", &schedule.rate)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use std::{collections::BTreeMap, sync::Arc};
    use tokio::task::JoinSet;

    /// Lets this many watches poll once. Returns the time of each poll.
    async fn polls(pace: &Arc<Pace>, watches: u32) -> Vec<Duration> {
        let start = Instant::now();
        let mut tasks = JoinSet::new();
        for number in 0..watches {
            let pace = pace.clone();
            tasks.spawn(async move { (number, pace.turn().await - start) });
        }
        let mut polls = tasks.join_all().await;
        polls.sort_by_key(|(number, _)| *number);
        polls.into_iter().map(|(_, at)| at).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn turns_are_due_in_order_and_at_the_rate() {
        for rate in [1, 20, 200, 1001, u32::MAX] {
            let pace = Arc::new(Pace::new(rate));
            let polls = polls(&pace, 100).await;
            for (number, at) in polls.into_iter().enumerate() {
                let due = Duration::from_secs_f64(number as f64 / f64::from(rate));
                assert!(at + Duration::from_millis(1) >= due, "{number} at {at:?}");
                assert!(at <= due + Duration::from_millis(2), "{number} at {at:?}");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn turns_that_nobody_wanted_do_not_add_up() {
        let pace = Arc::new(Pace::new(10));
        for _ in 0..3 {
            tokio::time::advance(Duration::from_secs(3600)).await;
            let polls = polls(&pace, 11).await;
            assert_eq!(polls[0], Duration::ZERO);
            assert!(*polls.last().unwrap() >= Duration::from_millis(999), "{polls:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_watch_that_is_dropped_gives_its_turn_back() {
        let pace = Arc::new(Pace::new(1));
        let mut waiting = JoinSet::new();
        for _ in 0..60 {
            let pace = pace.clone();
            waiting.spawn(async move { pace.turn().await });
        }
        tokio::task::yield_now().await;
        let last = tokio::spawn({
            let pace = pace.clone();
            async move { pace.turn().await }
        });
        tokio::task::yield_now().await;
        let start = Instant::now();
        waiting.shutdown().await;
        let took = last.await.unwrap() - start;
        assert!(took < Duration::from_secs(40), "{took:?}");
        assert!(pace.schedule().given_back.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_watch_that_is_not_polled_delays_no_other() {
        let pace = Arc::new(Pace::new(10));
        pace.turn().await;
        let mut stalled = Box::pin(pace.turn());
        assert!((&mut stalled).now_or_never().is_none());
        let others = polls(&pace, 5).await;
        assert!(*others.last().unwrap() < Duration::from_millis(800), "{others:?}");
        // Many watches that have missed their turns do not poll at once.
        let mut stalled: Vec<_> = (0..100).map(|_| Box::pin(pace.turn())).collect();
        for turn in &mut stalled {
            assert!(turn.now_or_never().is_none());
        }
        tokio::time::advance(Duration::from_secs(60)).await;
        let start = Instant::now();
        futures_util::future::join_all(stalled).await;
        assert!(start.elapsed() > Duration::from_millis(8500), "{:?}", start.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn throttling_halves_the_rate_once_and_the_rate_grows_back() {
        let pace = Arc::new(Pace::new(20));
        let rate = || {
            let mut schedule = pace.schedule();
            schedule.advance(Instant::now());
            schedule.rate
        };
        let started = pace.turn().await;
        pace.throttled(started, None);
        // Polls that started before the rate was lowered.
        pace.throttled(started, None);
        assert_eq!(rate(), 10.0);
        // Without a good poll in between, the rate is lowered further, to an eighth at least.
        for expected in [5.0, 2.5, 2.5] {
            tokio::time::advance(Duration::from_secs(1)).await;
            pace.throttled(Instant::now(), None);
            assert!((rate() - expected).abs() < 0.5, "{}", rate());
        }
        for _ in 0..90 {
            tokio::time::advance(Duration::from_secs(1)).await;
            rate();
        }
        assert!(rate() < 18.0, "{}", rate());
        for _ in 0..180 {
            tokio::time::advance(Duration::from_secs(1)).await;
            rate();
        }
        assert_eq!(rate(), 20.0);
    }

    #[tokio::test(start_paused = true)]
    async fn the_rate_grows_to_a_tenth_above_the_throttled_rate_until_that_is_forgotten() {
        let pace = Pace::new(100);
        let rate = || {
            let mut schedule = pace.schedule();
            schedule.advance(Instant::now());
            schedule.rate
        };
        pace.throttled(pace.turn().await, None);
        tokio::time::advance(Duration::from_secs(2)).await;
        pace.accepted(Instant::now());
        let throttled = rate();
        pace.throttled(Instant::now(), None);
        let mut most: f64 = 0.0;
        for _ in 0..599 {
            tokio::time::advance(Duration::from_secs(1)).await;
            most = most.max(rate());
        }
        assert!((most / throttled - 1.1).abs() < 0.001, "{most} of {throttled}");
        for _ in 0..600 {
            tokio::time::advance(Duration::from_secs(1)).await;
            rate();
        }
        assert_eq!(rate(), 100.0);
    }

    #[tokio::test(start_paused = true)]
    async fn retry_after_stops_all_polls_for_a_minute_at_most() {
        for (asked, least, most) in [(30, 30, 31), (3600, 60, 61)] {
            let pace = Arc::new(Pace::new(20));
            let started = pace.turn().await;
            pace.throttled(started, Some(Duration::from_secs(asked)));
            let polls = polls(&pace, 3).await;
            let seconds = Duration::from_secs(least)..Duration::from_secs(most);
            assert!(polls.iter().all(|at| seconds.contains(at)), "{polls:?}");
        }
    }

    /// A gateway that limits the rate with a token bucket, or in fixed windows.
    struct Gateway {
        limit: f64,
        window: Duration,
        left: f64,
        since: Instant,
    }

    impl Gateway {
        fn accepts(&mut self) -> bool {
            let now = Instant::now();
            let elapsed = now - self.since;
            if self.window.is_zero() {
                self.left = (self.left + self.limit * elapsed.as_secs_f64()).min(self.limit);
                self.since = now;
            } else if elapsed >= self.window {
                self.left = self.limit * self.window.as_secs_f64();
                self.since = now;
            }
            let accepts = self.left >= 1.0;
            self.left -= if accepts { 1.0 } else { 0.0 };
            accepts
        }
    }

    #[tokio::test(start_paused = true)]
    async fn ten_thousand_builds_end_behind_a_limit_of_half_the_rate() {
        for window in [Duration::ZERO, Duration::from_secs(1)] {
            let pace = Arc::new(Pace::new(200));
            let start = Instant::now();
            let gateway = Gateway { limit: 100.0, window, left: 100.0, since: start };
            let gateway = Arc::new(Mutex::new(gateway));
            let mut tasks = JoinSet::new();
            for _ in 0..10_000 {
                let (pace, gateway) = (pace.clone(), gateway.clone());
                tasks.spawn(async move {
                    let ends = Duration::from_secs_f64(30.0 + 60.0 * fastrand::f64());
                    let (mut polls, mut interval) = (Vec::new(), Duration::from_millis(500));
                    loop {
                        let started = pace.turn().await;
                        polls.push(started - start);
                        sleep(Duration::from_millis(30)).await;
                        let accepted = gateway.lock().unwrap().accepts();
                        match accepted {
                            true => pace.accepted(started),
                            false => pace.throttled(started, None),
                        }
                        if accepted && start.elapsed() > ends {
                            return polls;
                        }
                        sleep(interval).await;
                        interval = (interval * 2).min(Duration::from_secs(15));
                    }
                });
            }
            let polls = tasks.join_all().await.concat();
            assert!(start.elapsed() < Duration::from_secs(600), "{:?}", start.elapsed());
            let mut seconds = BTreeMap::new();
            for at in &polls {
                *seconds.entry(at.as_secs()).or_insert(0) += 1;
            }
            // The first throttling is at twice the limit, the second one near the limit.
            let most = seconds.range(20..).map(|(_, polls)| *polls).max().unwrap();
            assert!(most <= 115, "{most}");
        }
    }
}
