//! The pace of polls: all watches of a client take turns, at one rate that gives way to throttling.

use std::{
    collections::BTreeSet,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::{Instant, sleep};

/// How long after slowing down a throttled poll says nothing new.
const COOL_DOWN: Duration = Duration::from_secs(1);
/// How long a `Retry-After` stops the polls of all watches at most.
const MAX_STOP: Duration = Duration::from_secs(60);
/// How long the rate that was throttled is remembered.
const MEMORY: Duration = Duration::from_secs(600);
/// How many seconds the rate takes to grow by the throttled one. Near that it takes ten times as long.
const GROWTH: f64 = 120.0;
/// Where growth becomes slow, and where it ends, as shares of the throttled rate.
const NEAR: f64 = 0.9;
const BEYOND: f64 = 1.1;
/// How far throttling without a good poll in between slows down, as a share of the throttled rate.
const LEAST: f64 = 0.125;
/// The lowest rate, in polls a second.
const MIN_RATE: f64 = 1.0 / 60.0;
/// A longer wait is checked again halfway, because the rate may change.
const SHORT: Duration = Duration::from_millis(250);
/// What a timer can tell.
const SHORTEST: Duration = Duration::from_millis(1);
/// How far rounding may be off, in turns.
const ROUNDING: f64 = 1e-6;

/// Who may poll when. Nothing runs by itself, and no watch wakes another: each computes when its turn is
/// due, so that a watch that nobody runs delays no other.
pub(crate) struct Pace(Mutex<Schedule>);

/// Turns have numbers, and become due one after the other, at the rate.
struct Schedule {
    /// Polls a second, at most and now.
    max: f64,
    rate: f64,
    /// The rate that was throttled.
    throttled_rate: Option<f64>,
    /// When the rate was lowered, and whether a poll that started later succeeded.
    slowed_at: Option<Instant>,
    accepted: bool,
    /// How many turns were due at that time, and how many were handed out. No turn is due before it is
    /// handed out: time in which nobody polls gives no credit.
    due: f64,
    at: Option<Instant>,
    handed_out: u64,
    /// Numbers of turns that nobody waits for any more.
    given_back: BTreeSet<u64>,
}

/// A turn that is waited for. It is given back if it is dropped.
struct Turn<'a> {
    pace: &'a Pace,
    number: u64,
    is_taken: bool,
}

impl Pace {
    pub(crate) fn new(polls_per_second: u32) -> Self {
        let max = f64::from(polls_per_second.max(1));
        Self(Mutex::new(Schedule {
            max,
            rate: max,
            throttled_rate: None,
            slowed_at: None,
            accepted: false,
            due: 0.0,
            at: None,
            handed_out: 0,
            given_back: BTreeSet::new(),
        }))
    }

    /// Waits for a turn. Returns the time at which it was due.
    pub(crate) async fn turn(&self) -> Instant {
        let mut turn = self.take_number();
        let mut may_be_late = false;
        loop {
            let now = Instant::now();
            let wait = self.schedule().wait(turn.number, now);
            match wait {
                // Many that have missed their turns must not poll at the same time. A watch waits anew
                // only once, so that it polls in the end.
                Wait::Missed if !may_be_late => {
                    may_be_late = true;
                    turn = self.take_number();
                }
                Wait::Missed | Wait::Due => {
                    turn.is_taken = true;
                    return now;
                }
                // The rate may change, and turns before this one may be given back.
                Wait::For(time) if time > SHORT => sleep(time.mul_f64(0.5)).await,
                // A shorter time may be none for a clock that is paused.
                Wait::For(time) => sleep(time.max(SHORTEST)).await,
            }
        }
    }

    /// The poll that started then succeeded.
    pub(crate) fn accepted(&self, started: Instant) {
        let mut schedule = self.schedule();
        schedule.accepted |= schedule.slowed_at.is_none_or(|at| started >= at);
    }

    /// The poll that started then was throttled.
    pub(crate) fn throttled(&self, started: Instant, retry_after: Option<Duration>) {
        self.schedule().throttled(started, retry_after, Instant::now());
    }

    fn take_number(&self) -> Turn<'_> {
        let mut schedule = self.schedule();
        schedule.advance(Instant::now());
        let number = schedule.handed_out;
        schedule.handed_out = number.saturating_add(1);
        Turn { pace: self, number, is_taken: false }
    }

    fn schedule(&self) -> MutexGuard<'_, Schedule> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if !self.is_taken {
            let mut schedule = self.pace.schedule();
            schedule.advance(Instant::now());
            if schedule.due < self.number as f64 + 1.0 {
                schedule.given_back.insert(self.number);
            }
        }
    }
}

/// How long to wait for a turn.
enum Wait {
    For(Duration),
    /// It is due.
    Due,
    /// It was due more than a second ago.
    Missed,
}

impl Schedule {
    fn wait(&mut self, number: u64, now: Instant) -> Wait {
        self.advance(now);
        let ahead = number as f64 - self.due;
        if ahead > ROUNDING {
            let stopped = self.at.map(|at| at.saturating_duration_since(now));
            let wait = Duration::try_from_secs_f64(ahead / self.rate).unwrap_or(MAX_STOP);
            return Wait::For(wait.saturating_add(stopped.unwrap_or_default()));
        }
        if -ahead > self.rate.max(1.0) { Wait::Missed } else { Wait::Due }
    }

    /// Counts the turns that are due by now, and lets the rate grow.
    fn advance(&mut self, now: Instant) {
        let at = *self.at.get_or_insert(now);
        let elapsed = now.saturating_duration_since(at).as_secs_f64();
        self.at = Some(at.max(now));
        self.due += self.rate * elapsed;
        while let Some(number) = self.given_back.first().copied()
            && number as f64 <= self.due
        {
            self.given_back.pop_first();
            self.due += 1.0;
        }
        self.due = self.due.min(self.handed_out as f64);
        if self.rate >= self.max {
            return;
        }
        if self.slowed_at.is_some_and(|at| now.saturating_duration_since(at) > MEMORY) {
            self.throttled_rate = None;
        }
        let throttled = self.throttled_rate.unwrap_or(self.max);
        let (growth, bound) = match self.rate < throttled * NEAR {
            true => (throttled / GROWTH, throttled * NEAR),
            false => (throttled / GROWTH / 10.0, throttled * BEYOND),
        };
        self.rate = (self.rate + growth * elapsed).min(bound).min(self.max);
    }

    fn throttled(&mut self, started: Instant, retry_after: Option<Duration>, now: Instant) {
        self.advance(now);
        if let Some(stop) = now.checked_add(retry_after.unwrap_or_default().min(MAX_STOP)) {
            self.at = self.at.max(Some(stop));
        }
        let is_news = |at: Instant| started.saturating_duration_since(at) >= COOL_DOWN;
        if !self.slowed_at.is_none_or(is_news) {
            return;
        }
        // Without a good poll since the last time, this says nothing of the rate.
        let throttled = self.throttled_rate.filter(|_| !self.accepted).unwrap_or(self.rate);
        self.throttled_rate = Some(throttled);
        self.rate = (self.rate / 2.0).max(throttled * LEAST).max(MIN_RATE);
        self.slowed_at = Some(now);
        self.accepted = false;
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

    /// Lets so many watches poll once, and returns when each did.
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
    async fn turns_come_in_order_and_at_the_rate() {
        for rate in [1, 20, 200] {
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
    async fn unused_time_gives_no_credit() {
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
    async fn a_watch_that_nobody_runs_holds_up_no_other() {
        let pace = Arc::new(Pace::new(10));
        pace.turn().await;
        let mut stalled = Box::pin(pace.turn());
        assert!((&mut stalled).now_or_never().is_none());
        let others = polls(&pace, 5).await;
        assert!(*others.last().unwrap() < Duration::from_millis(800), "{others:?}");
        // Of many that come back late, no more poll at once than in a second.
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
    async fn throttling_halves_the_rate_once_and_it_grows_back() {
        let pace = Arc::new(Pace::new(20));
        let rate = || {
            let mut schedule = pace.schedule();
            schedule.advance(Instant::now());
            schedule.rate
        };
        let started = pace.turn().await;
        pace.throttled(started, None);
        // Polls that were under way.
        pace.throttled(started, None);
        assert_eq!(rate(), 10.0);
        // Without a good poll in between it slows down further, to an eighth.
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
    async fn the_rate_that_was_throttled_is_passed_by_a_tenth_until_it_is_forgotten() {
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
    async fn retry_after_stops_all_for_a_minute_at_most() {
        for (asked, least, most) in [(30, 30, 31), (3600, 60, 61)] {
            let pace = Arc::new(Pace::new(20));
            let started = pace.turn().await;
            pace.throttled(started, Some(Duration::from_secs(asked)));
            let polls = polls(&pace, 3).await;
            let seconds = Duration::from_secs(least)..Duration::from_secs(most);
            assert!(polls.iter().all(|at| seconds.contains(at)), "{polls:?}");
        }
    }

    /// A gateway with a bucket of tokens, or one that counts in windows.
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
            // It is first throttled at twice the limit; the second time tells the limit.
            let most = seconds.range(20..).map(|(_, polls)| *polls).max().unwrap();
            assert!(most <= 115, "{most}");
        }
    }
}
