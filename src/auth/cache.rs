//! Keeps what a provider gave, and refreshes it once, ahead of its expiry, for all calls.

use crate::auth::identity::Identity;
use crate::error::Error;
use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared, WeakShared},
};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// Asks the provider.
pub(crate) type Fetch = Box<dyn Fn() -> BoxFuture<'static, Result<Identity, Error>> + Send + Sync>;
type Refresh = BoxFuture<'static, Result<Arc<Identity>, Error>>;

/// An identity is refreshed in the last tenth of its time, at the earliest this long before its end.
const EARLIEST_REFRESH: Duration = Duration::from_secs(60 * 60);
/// This long before its end an identity counts as expired: a request takes its time to arrive.
const MARGIN: Duration = Duration::from_secs(10);
/// How long the error of a wrong credential stands: as long as IAM locks a user or a key.
const ERROR_STANDS: Duration = Duration::from_secs(5 * 60);
/// How long after a refresh that failed, or that the service made necessary, no other one begins.
const REFRESH_RESTS: Duration = Duration::from_secs(30);

/// What a provider gave, until it expires.
pub(super) struct Cache {
    fetch: Fetch,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    /// The one refresh in flight. Those who wait for it keep it alive.
    in_flight: Option<WeakShared<Refresh>>,
    error: Option<(Instant, Error)>,
    rests_until: Option<Instant>,
}

struct Held {
    identity: Arc<Identity>,
    since: Instant,
}

impl Held {
    fn left(&self, now: Instant) -> Duration {
        let age = now.saturating_duration_since(self.since);
        self.identity.valid_for.map_or(Duration::MAX, |valid| valid.saturating_sub(age))
    }

    fn is_due(&self, now: Instant) -> bool {
        let tenth = self.identity.valid_for.and_then(|valid| valid.checked_div(10));
        self.left(now) <= tenth.unwrap_or_default().min(EARLIEST_REFRESH)
    }
}

impl Cache {
    pub(super) fn new(fetch: Fetch) -> Arc<Self> {
        Arc::new(Self { fetch, state: Mutex::default() })
    }

    /// What is held, if it is still valid; else what the provider gives, which is asked once for all
    /// who wait.
    pub(super) async fn get(self: &Arc<Self>) -> Result<Arc<Identity>, Error> {
        let refresh = {
            let now = Instant::now();
            let mut state = self.lock();
            if let Some(held) = &state.held
                && held.left(now) > MARGIN
            {
                let identity = held.identity.clone();
                if held.is_due(now)
                    && state.rests_until.is_none_or(|until| until <= now)
                    && state.in_flight().is_none()
                {
                    // It runs beside the calls, which go on with what is held.
                    tokio::spawn(self.refresh(&mut state).map(drop));
                }
                return Ok(identity);
            }
            if let Some((since, error)) = &state.error
                && now.saturating_duration_since(*since) < ERROR_STANDS
            {
                return Err(error.clone());
            }
            state.in_flight().unwrap_or_else(|| self.refresh(&mut state))
        };
        refresh.await
    }

    /// Gives up what the service no longer takes. False if there will be nothing newer.
    pub(super) fn expire(&self, expired: &Arc<Identity>) -> bool {
        let now = Instant::now();
        let mut state = self.lock();
        match &state.held {
            // Another call gave it up before.
            None => true,
            Some(held) if !Arc::ptr_eq(&held.identity, expired) => true,
            Some(_) if state.rests_until.is_some_and(|until| until > now) => false,
            Some(_) => {
                state.held = None;
                state.rest(now);
                true
            }
        }
    }

    fn refresh(self: &Arc<Self>, state: &mut State) -> Shared<Refresh> {
        let cache = self.clone();
        let refresh = async move {
            let outcome = (cache.fetch)().await;
            cache.finish(outcome)
        };
        let refresh = refresh.boxed().shared();
        state.in_flight = refresh.downgrade();
        refresh
    }

    fn finish(&self, outcome: Result<Identity, Error>) -> Result<Arc<Identity>, Error> {
        let now = Instant::now();
        let mut state = self.lock();
        state.in_flight = None;
        match outcome {
            Ok(identity) => {
                let identity = Arc::new(identity);
                state.held = Some(Held { identity: identity.clone(), since: now });
                state.error = None;
                Ok(identity)
            }
            Err(error) => {
                if matches!(error.status(), Some(status @ 400..500) if status != 429) {
                    state.error = Some((now, error.clone()));
                }
                state.rest(now);
                Err(error)
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // What a panic left behind is whole: no step of a change can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn in_flight(&self) -> Option<Shared<Refresh>> {
        self.in_flight.as_ref()?.upgrade()
    }

    fn rest(&mut self, now: Instant) {
        self.rests_until = now.checked_add(REFRESH_RESTS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};

    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    const MINUTE: Duration = Duration::from_secs(60);

    /// A provider whose identities last a day, which takes a second and can be down or know the
    /// credential to be wrong.
    #[derive(Default)]
    struct Provider {
        asked: AtomicU64,
        down: AtomicBool,
        wrong: AtomicBool,
    }

    fn cache() -> (Arc<Cache>, Arc<Provider>) {
        let provider = Arc::new(Provider::default());
        let shared = provider.clone();
        let cache = Cache::new(Box::new(move || {
            let provider = shared.clone();
            async move {
                provider.asked.fetch_add(1, SeqCst);
                tokio::time::sleep(Duration::from_secs(1)).await;
                if provider.down.load(SeqCst) {
                    return Err(Error::new(ErrorKind::Connect, "down"));
                }
                if provider.wrong.load(SeqCst) {
                    return Err(Error::new(ErrorKind::Service, "wrong password").with_status(401));
                }
                Ok(Identity::token("token").unwrap().valid_for(DAY))
            }
            .boxed()
        }));
        (cache, provider)
    }

    async fn advance(duration: Duration) {
        tokio::time::advance(duration).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_thousand_calls_ask_a_cold_provider_once() {
        let (cache, provider) = cache();
        let calls = (0..1000).map(|_| cache.get());
        let identities = futures_util::future::join_all(calls).await;
        assert!(identities.iter().all(Result::is_ok));
        assert_eq!(provider.asked.load(SeqCst), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn the_error_of_a_wrong_credential_is_everybodys_and_stands_for_five_minutes() {
        let (cache, provider) = cache();
        provider.wrong.store(true, SeqCst);
        let calls = (0..1000).map(|_| cache.get());
        for outcome in futures_util::future::join_all(calls).await {
            assert_eq!(outcome.unwrap_err().message(), "wrong password");
        }
        advance(ERROR_STANDS - MINUTE).await;
        assert!(cache.get().await.is_err());
        assert_eq!(provider.asked.load(SeqCst), 1);
        provider.wrong.store(false, SeqCst);
        advance(MINUTE).await;
        assert!(cache.get().await.is_ok());
        assert_eq!(provider.asked.load(SeqCst), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_a_refresh_while_something_valid_is_held() {
        let (cache, provider) = cache();
        let first = cache.get().await.unwrap();
        advance(DAY - MINUTE).await;
        let before = Instant::now();
        for _ in 0..1000 {
            assert!(Arc::ptr_eq(&cache.get().await.unwrap(), &first));
        }
        assert_eq!(Instant::now(), before);
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert!(!Arc::ptr_eq(&cache.get().await.unwrap(), &first));
        assert_eq!(provider.asked.load(SeqCst), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_provider_that_is_down_harms_nobody_while_something_valid_is_held() {
        let (cache, provider) = cache();
        cache.get().await.unwrap();
        provider.down.store(true, SeqCst);
        // The last hour, a call a second.
        advance(DAY - EARLIEST_REFRESH).await;
        for _ in 0..3580 {
            advance(Duration::from_secs(1)).await;
            cache.get().await.unwrap();
        }
        let asked = provider.asked.load(SeqCst);
        assert!((100..=121).contains(&asked), "every half a minute, not every call: {asked}");
        advance(MINUTE).await;
        assert_eq!(cache.get().await.unwrap_err().message(), "down");
        provider.down.store(false, SeqCst);
        assert!(cache.get().await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_service_calls_expired_is_replaced_once() {
        let (cache, provider) = cache();
        let first = cache.get().await.unwrap();
        // Many calls fail at the same time; the first one gives it up for all.
        assert!(cache.expire(&first) && cache.expire(&first));
        let second = cache.get().await.unwrap();
        assert!(cache.expire(&first), "something newer is held already");
        assert!(Arc::ptr_eq(&cache.get().await.unwrap(), &second));
        assert!(!cache.expire(&second), "not again and again");
        assert_eq!(provider.asked.load(SeqCst), 2);
        advance(REFRESH_RESTS).await;
        assert!(cache.expire(&second));
    }

    #[tokio::test(start_paused = true)]
    async fn a_caller_that_gives_up_leaves_nothing_locked() {
        let (cache, provider) = cache();
        let given_up = tokio::time::timeout(Duration::from_millis(500), cache.get()).await;
        assert!(given_up.is_err());
        cache.get().await.unwrap();
        assert_eq!(provider.asked.load(SeqCst), 2, "what nobody waited for was dropped");
    }
}
