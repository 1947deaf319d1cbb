//! Keeps what a provider gave, and refreshes it ahead of its expiry, once for all calls.
//!
//! A refresh is a part of the call that makes it, and is dropped with that call. No task is spawned,
//! so nothing runs between calls, and nothing depends on a runtime that may have ended. The other
//! calls see the refresh as a channel. It tells them the outcome, and it is closed if the call that
//! makes the refresh is dropped.

use crate::auth::identity::Identity;
use crate::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::{pin::Pin, time::Duration};
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

/// Asks the provider. Its requests end at the given time.
pub(crate) type Fetch = Box<dyn Fn(Instant) -> FetchFuture + Send + Sync>;
pub(crate) type FetchFuture = Pin<Box<dyn Future<Output = Result<Identity, Error>> + Send>>;
type Outcome = Result<Arc<Identity>, Error>;

/// An identity is refreshed in the last tenth of its time, at the earliest this long before its end.
const EARLIEST_REFRESH: Duration = Duration::from_secs(60 * 60);
/// This long before its end an identity counts as expired, or half of its time if that is shorter: a request
/// takes its time to arrive.
const MARGIN: Duration = Duration::from_secs(10);
/// How long a call that has a valid identity waits for the next one.
const MAX_WAIT: Duration = Duration::from_secs(5);
/// How long no refresh begins after one that failed, or that the service made necessary.
const COOLDOWN: Duration = Duration::from_secs(30);
/// The same after an error that says that the credential is wrong: as long as IAM locks a user or a
/// key.
const COOLDOWN_OF_WRONG: Duration = Duration::from_secs(5 * 60);

/// What a provider gave, until it expires.
pub(crate) struct Cache {
    fetch: Fetch,
    /// After this time another call takes over a refresh.
    attempt_timeout: Duration,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    ongoing: Option<OngoingRefresh>,
    cooldown: Option<Cooldown>,
}

struct Held {
    identity: Arc<Identity>,
    /// When it is to be refreshed, and when it counts as expired, if ever.
    due_at: Option<Instant>,
    ends_at: Option<Instant>,
}

/// The refresh of one call, as the others see it.
#[derive(Clone)]
struct OngoingRefresh {
    outcome: watch::Receiver<Option<Outcome>>,
    until: Instant,
}

/// Until it is over no refresh begins, as long as a valid identity is held.
struct Cooldown {
    until: Instant,
    /// The error that says that the credential is wrong. It stands for calls without an identity.
    wrong: Option<Error>,
}

/// What a call does.
enum Next {
    Return(Outcome),
    WaitFor(OngoingRefresh),
    Refresh(Refresh),
}

/// The refresh of this call. Dropped, it lets another call take over.
struct Refresh {
    outcome: watch::Sender<Option<Outcome>>,
    since: Instant,
    ask_until: Instant,
    until: Instant,
    /// What the call goes on with if the refresh fails.
    held: Option<Arc<Identity>>,
}

impl Held {
    /// What the provider gave that was asked at this time.
    fn new(identity: Arc<Identity>, since: Instant) -> Self {
        // An identity that comes expired is more likely the sign of a wrong clock. Asking for another
        // one with every call would not help.
        let valid = identity.valid_for.map(|valid| if valid.is_zero() { COOLDOWN } else { valid });
        let before_its_end = |part: u32, at_most: Duration| {
            let early = valid?.checked_div(part)?.min(at_most);
            since.checked_add(valid?.saturating_sub(early))
        };
        let (due_at, ends_at) = (before_its_end(10, EARLIEST_REFRESH), before_its_end(2, MARGIN));
        Self { identity, due_at, ends_at }
    }
}

impl Cache {
    pub(crate) fn new(fetch: Fetch, attempt_timeout: Duration) -> Self {
        Self { fetch, attempt_timeout, state: Mutex::default() }
    }

    /// The identity that is held, if it is still valid; else a new one of the provider. The provider is
    /// asked once for all calls that wait. Takes until `ends_at` at most.
    pub(crate) async fn get(&self, ends_at: Instant) -> Outcome {
        let whole = ends_at.saturating_duration_since(Instant::now());
        let short = whole.min(self.attempt_timeout).checked_div(10).unwrap_or_default();
        let mut late = None;
        loop {
            let outcome = match self.next(Instant::now(), ends_at) {
                Next::Return(outcome) => Some(outcome),
                Next::WaitFor(ongoing) => wait_for(ongoing, ends_at).await,
                Next::Refresh(refresh) => self.refresh(refresh, &mut late).await,
            };
            if let Some(outcome) = outcome {
                return outcome;
            }
            // What is left is too short to try again.
            if ends_at.saturating_duration_since(Instant::now()) <= short {
                let none = || Error::credential("none could be had in time");
                return Err(late.unwrap_or_else(|| none().with_transience(true)));
            }
        }
    }

    fn next(&self, now: Instant, ends_at: Instant) -> Next {
        let mut state = self.lock();
        let held = state.held.as_ref().filter(|held| held.ends_at.is_none_or(|end| now < end));
        // The channel is closed if the call was dropped, cancelled or with its runtime.
        let goes_on = |it: &&OngoingRefresh| now < it.until && it.outcome.has_changed().is_ok();
        let ongoing = state.ongoing.as_ref().filter(goes_on);
        let cooldown = state.cooldown.as_ref().filter(|cooldown| now < cooldown.until);
        let left = ends_at.saturating_duration_since(now);
        let limit = match (held, ongoing, cooldown) {
            (Some(held), None, None) if held.due_at.is_some_and(|due| due <= now) => {
                MAX_WAIT.min(left.checked_div(4).unwrap_or_default())
            }
            (Some(held), ..) => return Next::Return(Ok(held.identity.clone())),
            (None, Some(ongoing), _) => return Next::WaitFor(ongoing.clone()),
            (None, None, Some(Cooldown { wrong: Some(error), .. })) => {
                return Next::Return(Err(error.clone()));
            }
            (None, None, _) => left.min(self.attempt_timeout),
        };
        let held = held.map(|held| held.identity.clone());
        let until = now.checked_add(limit).unwrap_or(ends_at);
        // A request ends a tenth earlier, so that its error can say what took so long.
        let ask_until = until.checked_sub(limit.checked_div(10).unwrap_or_default());
        let (outcome, receiver) = watch::channel(None);
        state.ongoing = Some(OngoingRefresh { outcome: receiver, until });
        let ask_until = ask_until.unwrap_or(until);
        Next::Refresh(Refresh { outcome, since: now, ask_until, until, held })
    }

    /// Asks the provider. Returns nothing if that took too long, which an error may explain, or if
    /// another call took over: then the call tries again.
    async fn refresh(&self, refresh: Refresh, late: &mut Option<Error>) -> Option<Outcome> {
        let fetched = timeout_at(refresh.until, (self.fetch)(refresh.ask_until)).await;
        let now = Instant::now();
        let mut state = self.lock();
        let own = refresh.outcome.subscribe();
        // A result that comes after another call took over is ignored.
        state.ongoing.take_if(|current| current.outcome.same_channel(&own))?;
        let error = match fetched {
            Ok(Ok(identity)) => {
                let identity = Arc::new(identity);
                // Counted from before the provider was asked, so that no delay makes it longer.
                state.held = Some(Held::new(identity.clone(), refresh.since));
                refresh.outcome.send_replace(Some(Ok(identity.clone())));
                return Some(Ok(identity));
            }
            Ok(Err(error)) => Some(error),
            Err(_) => None,
        };
        // Anything else than a wrong credential may pass.
        let is_wrong = |error: &Error| matches!(error.status(), Some(401 | 403));
        let wrong = error.clone().filter(is_wrong);
        let cooldown = if wrong.is_some() { COOLDOWN_OF_WRONG } else { COOLDOWN };
        state.cooldown = now.checked_add(cooldown).map(|until| Cooldown { until, wrong });
        if let Some(held) = refresh.held {
            let reason = error.as_ref().map_or("it took too long".to_owned(), Error::to_string);
            tracing::warn!(
                reason,
                "the credential was not refreshed; the current one is still valid"
            );
            return Some(Ok(held));
        }
        if refresh.ask_until <= now {
            // Another call takes over.
            *late = error.or(late.take());
            return None;
        }
        // All calls that wait get the same error.
        let outcome = error.map(Err);
        refresh.outcome.send_replace(outcome.clone());
        outcome
    }

    /// Gives up an identity that the service no longer accepts. False if no newer one can be had.
    pub(crate) fn expire(&self, expired: &Identity) -> bool {
        let now = Instant::now();
        let mut state = self.lock();
        if !state.held.as_ref().is_some_and(|held| held.identity.scheme == expired.scheme) {
            // Another call gave it up before.
            return true;
        }
        if state.cooldown.as_ref().is_some_and(|cooldown| now < cooldown.until) {
            return false;
        }
        state.held = None;
        state.cooldown = now.checked_add(COOLDOWN).map(|until| Cooldown { until, wrong: None });
        true
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // The state is whole even after a panic, because no step of a change can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The outcome of another call's refresh. None if that call was dropped or took too long.
async fn wait_for(mut ongoing: OngoingRefresh, ends_at: Instant) -> Option<Outcome> {
    let outcome = ongoing.outcome.wait_for(Option::is_some);
    let outcome = timeout_at(ongoing.until.min(ends_at), outcome).await.ok()?.ok()?;
    outcome.clone()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use futures_util::{FutureExt, future::join_all};
    use std::sync::{
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst},
        mpsc,
    };
    use tokio::{
        runtime::{Builder, Handle, Runtime},
        task::{JoinSet, yield_now},
        time::{advance, sleep},
    };

    const SECOND: Duration = Duration::from_secs(1);
    const MINUTE: Duration = Duration::from_secs(60);
    const HOUR: Duration = Duration::from_secs(60 * 60);
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    const TIMEOUT: Duration = Duration::from_secs(120);
    const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);

    /// A provider whose identities last a day, which takes a second, and can be down, know the
    /// credential to be wrong, or hang.
    #[derive(Default)]
    struct Provider {
        asked: AtomicUsize,
        in_flight: AtomicUsize,
        down: AtomicBool,
        wrong: AtomicBool,
        /// One of each three requests hangs, beginning with this one.
        hangs_from: AtomicUsize,
        /// How long it takes, in milliseconds.
        slow: AtomicU64,
    }

    /// One request to the provider, which must be the only one.
    struct Asking(Arc<Provider>);

    impl Drop for Asking {
        fn drop(&mut self) {
            self.0.in_flight.fetch_sub(1, SeqCst);
        }
    }

    impl Provider {
        fn asked(&self) -> usize {
            self.asked.load(SeqCst)
        }

        async fn provide(self: Arc<Self>) -> Result<Identity, Error> {
            let others = self.in_flight.fetch_add(1, SeqCst);
            let _asking = Asking(self.clone());
            assert_eq!(others, 0, "one at a time");
            let number = self.asked.fetch_add(1, SeqCst) + 1;
            let hangs_from = self.hangs_from.load(SeqCst);
            if hangs_from > 0 && number % 3 == hangs_from % 3 {
                std::future::pending().await
            }
            sleep(Duration::from_millis(1000.max(self.slow.load(SeqCst)))).await;
            if self.down.load(SeqCst) {
                return Err(Error::new(ErrorKind::Connect, "down"));
            }
            if self.wrong.load(SeqCst) {
                return Err(Error::new(ErrorKind::Service, "wrong password").with_status(401));
            }
            Ok(Identity::token(format!("token-{number}")).unwrap().valid_for(DAY))
        }
    }

    fn cache() -> (Arc<Cache>, Arc<Provider>) {
        let provider = Arc::new(Provider::default());
        let shared = provider.clone();
        let fetch = move |_| -> FetchFuture { Box::pin(shared.clone().provide()) };
        (Arc::new(Cache::new(Box::new(fetch), ATTEMPT_TIMEOUT)), provider)
    }

    impl Cache {
        async fn call(&self) -> Outcome {
            self.get(Instant::now() + TIMEOUT).await
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_thousand_calls_ask_a_cold_provider_once() {
        let (cache, provider) = cache();
        let identities = join_all((0..1000).map(|_| cache.call())).await;
        assert!(identities.iter().all(Result::is_ok));
        assert_eq!(provider.asked(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn an_error_is_everybodys_who_waited_and_only_that_of_a_wrong_credential_stands() {
        for is_wrong in [true, false] {
            let (cache, provider) = cache();
            let failing = if is_wrong { &provider.wrong } else { &provider.down };
            failing.store(true, SeqCst);
            for outcome in join_all((0..1000).map(|_| cache.call())).await {
                assert_eq!(outcome.unwrap_err().status(), is_wrong.then_some(401));
            }
            assert_eq!(provider.asked(), 1);
            failing.store(false, SeqCst);
            if is_wrong {
                advance(COOLDOWN_OF_WRONG - SECOND).await;
                assert_eq!(cache.call().await.unwrap_err().message(), "wrong password");
                assert_eq!(provider.asked(), 1);
                advance(SECOND).await;
            }
            assert!(cache.call().await.is_ok());
            assert_eq!(provider.asked(), 2);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_call_refreshes_while_all_others_go_on_with_what_is_held() {
        let (cache, provider) = cache();
        let first = cache.call().await.unwrap();
        advance(DAY - HOUR).await;
        let before = Instant::now();
        let refreshing = {
            let cache = cache.clone();
            tokio::spawn(async move { cache.call().await })
        };
        yield_now().await;
        for _ in 0..1000 {
            assert!(Arc::ptr_eq(&cache.call().await.unwrap(), &first));
        }
        assert_eq!(Instant::now(), before);
        let second = refreshing.await.unwrap().unwrap();
        assert!(!Arc::ptr_eq(&second, &first));
        assert!(Arc::ptr_eq(&cache.call().await.unwrap(), &second));
        assert_eq!((before.elapsed(), provider.asked()), (SECOND, 2));
    }

    #[tokio::test(start_paused = true)]
    async fn a_refresh_takes_five_seconds_and_a_quarter_of_the_calls_time_at_most() {
        let (cache, provider) = cache();
        let first = cache.call().await.unwrap();
        provider.slow.store(10_000, SeqCst);
        advance(DAY - HOUR).await;
        for (timeout, waited) in [(TIMEOUT, 5 * SECOND), (8 * SECOND, 2 * SECOND)] {
            let start = Instant::now();
            let identity = cache.get(start + timeout).await.unwrap();
            assert!(Arc::ptr_eq(&identity, &first));
            assert!(start.elapsed().abs_diff(waited) < SECOND / 100, "{:?}", start.elapsed());
            // It rests for half a minute, and nothing of it is left.
            let asked = provider.asked();
            assert_eq!(provider.in_flight.load(SeqCst), 0);
            advance(COOLDOWN - SECOND).await;
            cache.call().await.unwrap();
            assert_eq!(provider.asked(), asked);
            advance(SECOND).await;
        }
        // With nothing held, a call waits.
        advance(HOUR).await;
        assert!(!Arc::ptr_eq(&cache.call().await.unwrap(), &first));
    }

    #[tokio::test(start_paused = true)]
    async fn a_provider_that_is_down_harms_nobody_while_something_valid_is_held() {
        let (cache, provider) = cache();
        cache.call().await.unwrap();
        provider.down.store(true, SeqCst);
        // The last hour, a call a second.
        let ends_at = Instant::now() + DAY - 15 * SECOND;
        advance(DAY - EARLIEST_REFRESH).await;
        while Instant::now() < ends_at {
            advance(SECOND).await;
            cache.call().await.unwrap();
        }
        let asked = provider.asked();
        assert!((100..=121).contains(&asked), "every half a minute, not every call: {asked}");
        advance(MINUTE).await;
        assert_eq!(cache.call().await.unwrap_err().message(), "down");
        provider.down.store(false, SeqCst);
        assert!(cache.call().await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_service_calls_expired_is_replaced_once() {
        let (cache, provider) = cache();
        let first = cache.call().await.unwrap();
        // Many calls fail at the same time; the first one gives it up for all.
        assert!(cache.expire(&first) && cache.expire(&first));
        let second = cache.call().await.unwrap();
        assert!(cache.expire(&first), "something newer is held already");
        assert!(Arc::ptr_eq(&cache.call().await.unwrap(), &second));
        assert!(!cache.expire(&second), "not again and again");
        assert_eq!(provider.asked(), 2);
        advance(COOLDOWN).await;
        assert!(cache.expire(&second));
    }

    #[tokio::test(start_paused = true)]
    async fn what_comes_expired_is_not_asked_for_with_every_call() {
        let asked = Arc::new(AtomicUsize::new(0));
        let shared = asked.clone();
        let fetch = move |_| -> FetchFuture {
            shared.fetch_add(1, SeqCst);
            Box::pin(async { Ok(Identity::token("token").unwrap().valid_for(Duration::ZERO)) })
        };
        let cache = Cache::new(Box::new(fetch), ATTEMPT_TIMEOUT);
        for _ in 0..MINUTE.as_secs() {
            cache.call().await.unwrap();
            advance(SECOND).await;
        }
        assert_eq!(asked.load(SeqCst), 3);
    }

    /// Calls for three days, one each ten seconds, of which the provider decides what becomes.
    /// Returns when it was asked, and when calls failed.
    async fn three_days(before: impl Fn(&Provider, Duration)) -> (Vec<Duration>, Vec<Duration>) {
        let (cache, provider) = cache();
        let (mut asked, mut failed) = (Vec::new(), Vec::new());
        let start = Instant::now();
        while start.elapsed() < 3 * DAY {
            let (now, count) = (start.elapsed(), provider.asked());
            before(&provider, now);
            if cache.call().await.is_err() {
                failed.push(now);
            }
            asked.extend((count < provider.asked()).then_some(now));
            assert_eq!(provider.in_flight.load(SeqCst), 0, "nothing is left between two calls");
            sleep(10 * SECOND).await;
        }
        let tasks = Handle::current().metrics().num_alive_tasks();
        assert_eq!(tasks, 0);
        (asked, failed)
    }

    #[tokio::test(start_paused = true)]
    async fn three_days_ask_four_times_and_no_call_fails() {
        let (asked, failed) = three_days(|_, _| {}).await;
        assert_eq!((asked.len(), failed.len()), (4, 0), "{asked:?} {failed:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_password_that_changes_fails_no_call_before_the_token_ends() {
        let (asked, failed) = three_days(|provider, now| {
            provider.wrong.store((DAY / 2..2 * DAY).contains(&now), SeqCst);
        })
        .await;
        for times in asked.windows(2) {
            assert!(times[1] - times[0] >= COOLDOWN_OF_WRONG, "{asked:?}");
        }
        assert!(failed[0] >= DAY - MARGIN, "{:?}", failed[0]);
        let last = *failed.last().unwrap();
        assert!(last < 2 * DAY + COOLDOWN_OF_WRONG, "{last:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_provider_that_hangs_at_each_third_request_fails_no_call() {
        for first in [1, 2, 3] {
            let hangs = |provider: &Provider, _| provider.hangs_from.store(first, SeqCst);
            let (asked, failed) = three_days(hangs).await;
            assert_eq!((asked.len() > 4, failed.len()), (true, 0), "{first}: {asked:?} {failed:?}");
        }
    }

    /// A linear congruential generator will do.
    fn random(state: &mut u64, below: u64) -> u64 {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (*state >> 33) % below
    }

    #[tokio::test(start_paused = true)]
    async fn of_a_thousand_calls_half_are_cancelled_and_the_others_succeed() {
        let mut asked = 0;
        for mut seed in 0..20 {
            let (cache, provider) = cache();
            let mut calls = JoinSet::new();
            for call in 0..1000 {
                // The first one, which refreshes, is among them.
                let cancelled = call % 2 == 0;
                let after = Duration::from_millis(random(&mut seed, 1500));
                let cache = cache.clone();
                calls.spawn(async move {
                    if cancelled {
                        tokio::time::timeout(after, cache.call()).await.ok();
                    } else {
                        cache.call().await.unwrap();
                    }
                });
            }
            while let Some(ended) = calls.join_next().await {
                ended.unwrap();
            }
            assert!(cache.lock().ongoing.is_none());
            asked += provider.asked();
        }
        assert!(asked > 20, "the one that asked was cancelled, and another one took over");
    }

    #[tokio::test(start_paused = true)]
    async fn a_provider_that_takes_too_long_is_asked_again_and_its_error_is_reported() {
        let asked = Arc::new(AtomicUsize::new(0));
        let shared = asked.clone();
        let fetch = move |until| -> FetchFuture {
            shared.fetch_add(1, SeqCst);
            Box::pin(async move {
                tokio::time::sleep_until(until).await;
                Err(Error::new(ErrorKind::Timeout, "no response"))
            })
        };
        let cache = Cache::new(Box::new(fetch), ATTEMPT_TIMEOUT);
        let start = Instant::now();
        for outcome in join_all((0..100).map(|_| cache.call())).await {
            let error = outcome.unwrap_err();
            assert!(["no response", "none could be had in time"].contains(&error.message()));
        }
        assert!(start.elapsed() <= TIMEOUT + SECOND, "{:?}", start.elapsed());
        assert_eq!(asked.load(SeqCst), 5, "one at a time, and none in the last moment");
        assert_eq!(cache.call().await.unwrap_err().message(), "no response");
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_hangs_is_taken_over_and_its_late_result_is_ignored() {
        // The test gives the results, the newest first.
        let (sender, results) = mpsc::channel();
        let fetch = move |_| -> FetchFuture {
            let (result, given) = tokio::sync::oneshot::channel::<&str>();
            sender.send(result).unwrap();
            Box::pin(async { Identity::token(given.await.unwrap()) })
        };
        let cache = Cache::new(Box::new(fetch), ATTEMPT_TIMEOUT);
        let token = |identity: Arc<Identity>| identity.secrets()[0].text().to_owned();
        let mut late = Box::pin(cache.call());
        assert!((&mut late).now_or_never().is_none());
        let old = results.recv().unwrap();
        // Nobody polls the first call, as in a runtime that is idle.
        let mut follower = Box::pin(cache.call());
        assert!((&mut follower).now_or_never().is_none());
        advance(ATTEMPT_TIMEOUT).await;
        assert!((&mut follower).now_or_never().is_none());
        let new = results.recv().unwrap();
        old.send("old").unwrap();
        assert!((&mut late).now_or_never().is_none(), "it waits for the new one");
        new.send("new").unwrap();
        assert_eq!(token(follower.await.unwrap()), "new");
        assert_eq!(token(late.await.unwrap()), "new");
        assert_eq!(token(cache.call().await.unwrap()), "new");
    }

    fn runtime(paused: bool) -> Runtime {
        Builder::new_current_thread().enable_all().start_paused(paused).build().unwrap()
    }

    #[test]
    fn a_call_does_not_need_the_runtime_of_the_one_that_refreshes() {
        for has_ended in [true, false] {
            let asked = AtomicUsize::new(0);
            let fetch = move |_| -> FetchFuture {
                let slow = asked.fetch_add(1, SeqCst) == 0;
                Box::pin(async move {
                    sleep(if slow { DAY } else { SECOND }).await;
                    Identity::token("token")
                })
            };
            let cache = Arc::new(Cache::new(Box::new(fetch), ATTEMPT_TIMEOUT));
            let (first, second) = (runtime(false), runtime(true));
            let leader = cache.clone();
            first.spawn(async move { leader.call().await });
            // The call begins to wait, and then nobody runs its runtime any more.
            first.block_on(yield_now());
            let mut follower = Box::pin(cache.call());
            let waits = second.block_on(async { (&mut follower).now_or_never().is_none() });
            assert!(waits);
            let idle = if has_ended {
                drop(first);
                None
            } else {
                Some(first)
            };
            second.block_on(async {
                let start = Instant::now();
                follower.await.unwrap();
                let waited = start.elapsed();
                assert_eq!(waited < ATTEMPT_TIMEOUT, has_ended, "{waited:?}");
                assert!(waited < ATTEMPT_TIMEOUT + 2 * SECOND, "{waited:?}");
            });
            drop(idle);
        }
    }
}
