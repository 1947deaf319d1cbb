//! Keeping what a source gave, and renewing it once, ahead of its end, whatever the number of calls.

use super::Identity;
use crate::Error;
use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared, WeakShared},
};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

pub(super) type Fetch = Box<dyn Fn() -> BoxFuture<'static, Result<Identity, Error>> + Send + Sync>;
type Flight = BoxFuture<'static, Result<Arc<Identity>, Error>>;

/// A grant is renewed in the last tenth of its time, at the earliest this long before its end.
const EARLIEST_RENEWAL: Duration = Duration::from_secs(60 * 60);
/// This long before its end a grant counts as ended: a request takes its time to arrive.
const MARGIN: Duration = Duration::from_secs(10);
/// How long a refusal stands before it is asked for again: as long as IAM locks a user or a key.
const REFUSAL_STANDS: Duration = Duration::from_secs(5 * 60);
/// How long a renewal that failed, or that the service made necessary, is not tried again.
const RENEWAL_RESTS: Duration = Duration::from_secs(30);

/// What a source gave, until it ends.
pub(super) struct Cache {
    fetch: Fetch,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    /// The one fetch that is under way. Those who wait for it keep it alive.
    flight: Option<WeakShared<Flight>>,
    refused: Option<(Instant, Error)>,
    rests_until: Option<Instant>,
}

struct Held {
    grant: Arc<Identity>,
    since: Instant,
}

impl Held {
    fn left(&self, now: Instant) -> Duration {
        let age = now.saturating_duration_since(self.since);
        self.grant.valid_for.map_or(Duration::MAX, |valid| valid.saturating_sub(age))
    }

    fn is_due(&self, now: Instant) -> bool {
        let tenth = self.grant.valid_for.and_then(|valid| valid.checked_div(10));
        self.left(now) <= tenth.unwrap_or_default().min(EARLIEST_RENEWAL)
    }
}

impl Cache {
    pub(super) fn new(fetch: Fetch) -> Arc<Self> {
        Arc::new(Self { fetch, state: Mutex::default() })
    }

    /// What is held, if it is still good; else what the source gives, which is asked once for all
    /// who wait.
    pub(super) async fn get(self: &Arc<Self>) -> Result<Arc<Identity>, Error> {
        let flight = {
            let now = Instant::now();
            let mut state = self.lock();
            if let Some(held) = &state.held
                && held.left(now) > MARGIN
            {
                let grant = held.grant.clone();
                if held.is_due(now)
                    && state.rests_until.is_none_or(|until| until <= now)
                    && state.under_way().is_none()
                {
                    // It runs beside the calls, which go on with what is held.
                    tokio::spawn(self.depart(&mut state).map(drop));
                }
                return Ok(grant);
            }
            match &state.refused {
                Some((since, error)) if now.saturating_duration_since(*since) < REFUSAL_STANDS => {
                    return Err(error.clone());
                }
                _ => {}
            }
            match state.under_way() {
                Some(flight) => flight,
                None => self.depart(&mut state),
            }
        };
        flight.await
    }

    /// Gives up what the service no longer takes. False if there will be nothing newer.
    pub(super) fn discard(&self, refused: &Arc<Identity>) -> bool {
        let now = Instant::now();
        let mut state = self.lock();
        match &state.held {
            // Somebody else gave it up before.
            None => true,
            Some(held) if !Arc::ptr_eq(&held.grant, refused) => true,
            Some(_) if state.rests_until.is_some_and(|until| until > now) => false,
            Some(_) => {
                state.held = None;
                state.rest(now);
                true
            }
        }
    }

    fn depart(self: &Arc<Self>, state: &mut State) -> Shared<Flight> {
        let cache = self.clone();
        let flight = async move {
            let outcome = (cache.fetch)().await;
            cache.land(outcome)
        };
        let flight = flight.boxed().shared();
        state.flight = flight.downgrade();
        flight
    }

    fn land(&self, outcome: Result<Identity, Error>) -> Result<Arc<Identity>, Error> {
        let now = Instant::now();
        let mut state = self.lock();
        state.flight = None;
        match outcome {
            Ok(grant) => {
                let grant = Arc::new(grant);
                state.held = Some(Held { grant: grant.clone(), since: now });
                state.refused = None;
                Ok(grant)
            }
            Err(error) => {
                if error
                    .status()
                    .is_some_and(|status| (400..500).contains(&status) && status != 429)
                {
                    state.refused = Some((now, error.clone()));
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
    fn under_way(&self) -> Option<Shared<Flight>> {
        self.flight.as_ref()?.upgrade()
    }

    fn rest(&mut self, now: Instant) {
        self.rests_until = now.checked_add(RENEWAL_RESTS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;
    use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};

    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    const MINUTE: Duration = Duration::from_secs(60);

    /// A source whose grants last a day, which takes a second and can be down or refuse.
    #[derive(Default)]
    struct Source {
        asked: AtomicU64,
        down: AtomicBool,
        refuses: AtomicBool,
    }

    fn cache() -> (Arc<Cache>, Arc<Source>) {
        let source = Arc::new(Source::default());
        let shared = source.clone();
        let cache = Cache::new(Box::new(move || {
            let source = shared.clone();
            async move {
                source.asked.fetch_add(1, SeqCst);
                tokio::time::sleep(Duration::from_secs(1)).await;
                if source.down.load(SeqCst) {
                    return Err(Error::new(ErrorKind::Connect, "down"));
                }
                if source.refuses.load(SeqCst) {
                    return Err(Error::new(ErrorKind::Service, "wrong password").with_status(401));
                }
                Ok(Identity::token("token").unwrap().valid_for(DAY))
            }
            .boxed()
        }));
        (cache, source)
    }

    async fn advance(duration: Duration) {
        tokio::time::advance(duration).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_thousand_callers_of_a_cold_source_ask_it_once() {
        let (cache, source) = cache();
        let calls = (0..1000).map(|_| cache.get());
        let grants = futures_util::future::join_all(calls).await;
        assert!(grants.iter().all(Result::is_ok));
        assert_eq!(source.asked.load(SeqCst), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_is_everybodys_and_stands_for_five_minutes() {
        let (cache, source) = cache();
        source.refuses.store(true, SeqCst);
        let calls = (0..1000).map(|_| cache.get());
        for outcome in futures_util::future::join_all(calls).await {
            assert_eq!(outcome.unwrap_err().message(), "wrong password");
        }
        advance(REFUSAL_STANDS - MINUTE).await;
        assert!(cache.get().await.is_err());
        assert_eq!(source.asked.load(SeqCst), 1);
        source.refuses.store(false, SeqCst);
        advance(MINUTE).await;
        assert!(cache.get().await.is_ok());
        assert_eq!(source.asked.load(SeqCst), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_a_renewal_while_there_is_something_good() {
        let (cache, source) = cache();
        let first = cache.get().await.unwrap();
        advance(DAY - MINUTE).await;
        let before = Instant::now();
        for _ in 0..1000 {
            assert!(Arc::ptr_eq(&cache.get().await.unwrap(), &first));
        }
        assert_eq!(Instant::now(), before);
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert!(!Arc::ptr_eq(&cache.get().await.unwrap(), &first));
        assert_eq!(source.asked.load(SeqCst), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_source_that_is_down_harms_nobody_while_there_is_something_good() {
        let (cache, source) = cache();
        cache.get().await.unwrap();
        source.down.store(true, SeqCst);
        // The last hour, a call a second.
        advance(DAY - EARLIEST_RENEWAL).await;
        for _ in 0..3580 {
            advance(Duration::from_secs(1)).await;
            cache.get().await.unwrap();
        }
        let asked = source.asked.load(SeqCst);
        assert!((100..=121).contains(&asked), "every half a minute, not every call: {asked}");
        advance(MINUTE).await;
        assert_eq!(cache.get().await.unwrap_err().message(), "down");
        source.down.store(false, SeqCst);
        assert!(cache.get().await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_service_calls_expired_is_replaced_once() {
        let (cache, source) = cache();
        let first = cache.get().await.unwrap();
        // Many calls are refused at the same time; the first one gives it up for all.
        assert!(cache.discard(&first) && cache.discard(&first));
        let second = cache.get().await.unwrap();
        assert!(cache.discard(&first), "there is something newer already");
        assert!(Arc::ptr_eq(&cache.get().await.unwrap(), &second));
        assert!(!cache.discard(&second), "not again and again");
        assert_eq!(source.asked.load(SeqCst), 2);
        advance(RENEWAL_RESTS).await;
        assert!(cache.discard(&second));
    }

    #[tokio::test(start_paused = true)]
    async fn a_caller_who_gives_up_leaves_nothing_locked() {
        let (cache, source) = cache();
        let given_up = tokio::time::timeout(Duration::from_millis(500), cache.get()).await;
        assert!(given_up.is_err());
        cache.get().await.unwrap();
        assert_eq!(source.asked.load(SeqCst), 2, "what nobody waited for was dropped");
    }
}
