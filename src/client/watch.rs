//! Watching a build: a stream of its changes, or its final record.

use crate::client::{
    Client,
    follow::{Follower, Settings},
};
use crate::types::{BuildRecord, build_id::BuildId};
use futures_core::Stream;
use huaweicloud_core::Error;
use std::{
    fmt, future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};
use tokio::runtime::{Handle, Id};

const MIN_INTERVAL: Duration = Duration::from_millis(500);
const MAX_INTERVAL: Duration = Duration::from_secs(15);
/// Longer than any build takes, and still a time that can be counted with.
const LONGEST_INTERVAL: Duration = Duration::from_secs(60 * 60 * 24 * 365);
const TOLERANCE: Duration = Duration::from_secs(600);

type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

impl Client {
    /// Follows a build to its end and gives its final record, of a build that failed as well: ask
    /// [`BuildRecord::is_success`]. The same as [`watch`](Self::watch), awaited.
    ///
    /// There is no time limit. To set one, use [`Watch::timeout`].
    ///
    /// # Errors
    ///
    /// Those of [`Watch`].
    pub async fn wait(&self, build: impl AsRef<BuildId>) -> Result<BuildRecord, Error> {
        self.watch(build).await
    }

    /// Follows a build to its end: a stream of its changes and, awaited, its final record.
    ///
    /// ```no_run
    /// use codearts_build::{BuildId, Client};
    /// use futures_util::StreamExt;
    /// use std::time::Duration;
    ///
    /// # async fn run(client: Client, id: BuildId) -> Result<(), codearts_build::Error> {
    /// let mut changes = client.watch(&id);
    /// while let Some(record) = changes.next().await {
    ///     println!("{}", record?.status);
    /// }
    ///
    /// let record = client.watch(&id).timeout(Duration::from_secs(3600)).await?;
    /// println!("build {id} ended {}", record.status);
    /// # Ok(())
    /// # }
    /// ```
    pub fn watch(&self, build: impl AsRef<BuildId>) -> Watch {
        Watch(State::New {
            client: self.clone(),
            id: build.as_ref().clone(),
            settings: Settings {
                min_interval: MIN_INTERVAL,
                max_interval: MAX_INTERVAL,
                timeout: None,
                tolerance: TOLERANCE,
                on_failed_poll: None,
            },
        })
    }
}

/// A build that is followed, by [`Client::watch`]: a [`Stream`] of its changes and, awaited, its final
/// record. It does nothing until it is polled. Dropping it stops the polls, not the build.
///
/// # Changes
///
/// The stream gives the first record, then each record that differs from the one before in a documented
/// field other than `duration`, and ends after the final one. [`BuildRecord::is_finished`] tells when
/// that is. A status that is not known is logged once as a warning, and the build is followed on.
///
/// # Polls
///
/// The record is polled at once, then after half a second, and after twice the time before each further
/// poll, up to 15 seconds, less up to a quarter at random. All watches of a client and its clones take
/// turns, 20 polls a second at most: see
/// [`with_polls_per_second`](Client::with_polls_per_second). Throttling slows them all down. A poll is
/// one attempt: the [retry policy](crate::RetryPolicy) does not apply.
///
/// # Errors
///
/// What passes is waited out. An error is given, and ends the stream, if
///
/// - polls fail for longer than is [tolerated](Self::tolerate);
/// - the record is not found for a minute and for three polls. A build may be started before it has a
///   record;
/// - it is final: an invalid argument, status 403, status 401, after a refresh of the credential if that
///   can help, or what no time heals, as a certificate that is not trusted or a proxy that wants another
///   password;
/// - the [time limit](Self::timeout) is over.
#[must_use = "a build is only followed if the watch is awaited or read as a stream"]
pub struct Watch(State);

enum State {
    New {
        client: Client,
        id: BuildId,
        settings: Settings,
    },
    Idle(Box<Follower>),
    Waiting(Waiting),
    Ended(Result<Box<BuildRecord>, Error>),
    /// Only while the state changes.
    Changing,
}

impl Watch {
    /// How long to wait before the second poll, and between two polls at most. The interval doubles from
    /// the one to the other. Default: half a second and 15 seconds.
    pub fn poll_interval(self, min: Duration, max: Duration) -> Self {
        let max = max.min(LONGEST_INTERVAL);
        self.with(|settings| (settings.min_interval, settings.max_interval) = (min.min(max), max))
    }

    /// How long to follow the build at most, from the first poll on. After that, the error is a
    /// [time limit](crate::ErrorKind::TimeLimit), which says what the last poll said: the status of the
    /// build, or why the poll failed. Default: no limit, so that endless throttling is waited out without
    /// end.
    pub fn timeout(self, timeout: Duration) -> Self {
        self.with(|settings| settings.timeout = Some(timeout))
    }

    /// How long polls may fail, from the first one that fails after a good one. Waiting for throttling or
    /// for a turn does not count. Default: 10 minutes.
    pub fn tolerate(self, time: Duration) -> Self {
        self.with(|settings| settings.tolerance = time)
    }

    /// Is told of each poll that fails and is waited out: an outage, throttling, a record that is not there
    /// yet. By default nobody is; what is [tolerated](Self::tolerate) too long is the error of the watch.
    ///
    /// ```no_run
    /// # async fn run(client: codearts_build::Client, id: codearts_build::BuildId) -> Result<(), codearts_build::Error> {
    /// let watch = client.watch(&id).on_failed_poll(|error| eprintln!("still waiting: {error}"));
    /// let record = watch.await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn on_failed_poll(self, tell: impl Fn(&Error) + Send + Sync + 'static) -> Self {
        self.with(|settings| settings.on_failed_poll = Some(Arc::new(tell)))
    }

    fn with(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        // Later it would have no effect.
        if let State::New { settings, .. } = &mut self.0 {
            change(settings);
        }
        self
    }
}

/// The wait for the next change.
struct Waiting {
    change: Boxed<Result<BuildRecord, Error>>,
    /// Where the follower is once the wait is over, or is dropped.
    follower: Slot,
    /// The runtime that has its timers.
    runtime: Option<Id>,
}

type Slot = Arc<Mutex<Option<Box<Follower>>>>;

/// A follower that is returned when this is dropped.
struct Lent(Option<Box<Follower>>, Slot);

impl Drop for Lent {
    fn drop(&mut self) {
        *self.1.lock().unwrap_or_else(PoisonError::into_inner) = self.0.take();
    }
}

fn runtime() -> Option<Id> {
    Handle::try_current().ok().map(|handle| handle.id())
}

impl Waiting {
    fn of(follower: Box<Follower>) -> Self {
        let slot = Slot::default();
        let mut lent = Lent(Some(follower), slot.clone());
        let change = Box::pin(async move {
            match &mut lent.0 {
                Some(follower) => follower.change().await,
                None => Err(Error::invalid_argument("the build is not followed")),
            }
        });
        Self { change, follower: slot, runtime: runtime() }
    }

    /// Goes on in this runtime. A timer of another one, which may have ended, would panic.
    fn here(self) -> Option<Self> {
        if self.runtime == runtime() {
            return Some(self);
        }
        let Self { change, follower, .. } = self;
        drop(change);
        take(&follower).map(Self::of)
    }
}

fn take(slot: &Slot) -> Option<Box<Follower>> {
    slot.lock().unwrap_or_else(PoisonError::into_inner).take()
}

impl Stream for Watch {
    type Item = Result<BuildRecord, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let waiting = match std::mem::replace(&mut self.0, State::Changing) {
            State::New { client, id, settings } => {
                Some(Waiting::of(Box::new(Follower::new(client, id, settings))))
            }
            State::Idle(follower) => Some(Waiting::of(follower)),
            State::Waiting(waiting) => waiting.here(),
            ended @ (State::Ended(_) | State::Changing) => {
                self.0 = ended;
                None
            }
        };
        let Some(mut waiting) = waiting else { return Poll::Ready(None) };
        let polled = waiting.change.as_mut().poll(context);
        let Poll::Ready(outcome) = polled else {
            self.0 = State::Waiting(waiting);
            return Poll::Pending;
        };
        let Waiting { change, follower, .. } = waiting;
        drop(change);
        self.0 = match (&outcome, take(&follower)) {
            (Ok(_), Some(follower)) if !follower.has_ended() => State::Idle(follower),
            (Ok(record), _) => State::Ended(Ok(Box::new(record.clone()))),
            (Err(error), _) => State::Ended(Err(error.clone())),
        };
        Poll::Ready(Some(outcome))
    }
}

impl IntoFuture for Watch {
    type Output = Result<BuildRecord, Error>;
    type IntoFuture = Boxed<Self::Output>;

    fn into_future(mut self) -> Self::IntoFuture {
        Box::pin(async move {
            while future::poll_fn(|context| Pin::new(&mut self).poll_next(context)).await.is_some()
            {
            }
            match self.0 {
                State::Ended(outcome) => outcome.map(|record| *record),
                // A stream ends in no other state.
                _ => Err(Error::invalid_argument("the build is not followed")),
            }
        })
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").finish_non_exhaustive()
    }
}
