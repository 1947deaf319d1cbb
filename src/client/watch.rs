//! Watching a build: a stream of its changes, or its final record.

use crate::client::{Client, follow::Follower, polls::Settings};
use crate::types::{BuildRecord, build_id::BuildId};
use futures_core::Stream;
use huaweicloud_core::Error;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use std::{fmt, future};
use tokio::runtime::{Handle, Id};

const MIN_INTERVAL: Duration = Duration::from_millis(500);
/// Longer than any build takes, and short enough for every clock.
const LONGEST_INTERVAL: Duration = Duration::from_secs(60 * 60 * 24 * 365);

type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

impl Client {
    /// Follows a build to its end and returns its final record, whether it succeeded or failed: see
    /// [`BuildRecord::is_success`]. It is the same as [`watch`](Self::watch), awaited.
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
    ///
    /// `examples/follow_many.rs` follows many builds at once, `examples/resume.rs` follows builds again after a
    /// restart.
    pub fn watch(&self, build: impl AsRef<BuildId>) -> Watch {
        Watch(Progress::New {
            client: self.clone(),
            id: build.as_ref().clone(),
            settings: Settings::every(MIN_INTERVAL),
        })
    }
}

/// A build that is followed, by [`Client::watch`]: a [`Stream`] of its changes and, awaited, its final
/// record. It does nothing until it is polled. Dropping it stops the polls, not the build.
///
/// # Changes
///
/// The stream yields the first record, then each record that differs from the one before in a documented
/// field other than `duration`. It ends after the record of a build that has ended: see
/// [`BuildRecord::is_finished`]. An unknown status is logged once as a warning, and the watch goes on.
///
/// # Polls
///
/// The record is polled at once, then after half a second. The interval doubles with each further poll, up
/// to 15 seconds. Up to a quarter of it is left out at random. All watches of a client and its clones take
/// turns, 20 polls a second at most: see [`with_polls_per_second`](Client::with_polls_per_second).
/// Throttling lowers that rate. A poll is a single attempt: the [retry policy](crate::RetryPolicy) does not
/// apply.
///
/// # Errors
///
/// A failed poll does not end the watch at once. The watch ends with an error if
///
/// - polls fail for longer than is [tolerated](Self::tolerate);
/// - the record is not found for a minute and for three polls. A build may be started before it has a
///   record;
/// - the error is final: an invalid argument, status 403, status 401 (after a refresh of the credential, if
///   that can help), a certificate that is not trusted, or a proxy that cannot be
///   used or rejects its password;
/// - the [time limit](Self::timeout) is over.
#[must_use = "a build is only followed if the watch is awaited or read as a stream"]
pub struct Watch(Progress);

enum Progress {
    New {
        client: Client,
        id: BuildId,
        settings: Settings,
    },
    Idle(Box<Follower>),
    Waiting(Waiting),
    Ended(Result<Box<BuildRecord>, Error>),
    /// Stands for the state while it is replaced.
    Changing,
}

impl Watch {
    /// Sets the shortest and the longest interval between two polls. The first interval is the shortest one,
    /// and each further one is twice as long, up to the longest. Default: half a second and 15 seconds.
    pub fn poll_interval(self, min: Duration, max: Duration) -> Self {
        let max = max.min(LONGEST_INTERVAL);
        self.with(|it| (it.min_interval, it.max_interval) = (min.min(max), max))
    }

    /// Sets how long to follow the build, from the first poll on. When the time is over, the watch ends with
    /// the error [`TimeLimit`](crate::ErrorKind::TimeLimit), which contains the last status of the build, or
    /// the reason why the last poll failed. Default: no limit. A service that throttles for ever is then
    /// waited for without end.
    pub fn timeout(self, timeout: Duration) -> Self {
        self.with(|it| it.timeout = Some(timeout))
    }

    /// Sets for how long polls may fail in a row. Waiting for throttling or for a turn does not count.
    /// Default: 10 minutes.
    pub fn tolerate(self, time: Duration) -> Self {
        self.with(|it| it.tolerance = time)
    }

    /// Calls a function with the error of each failed poll that does not end the watch: an outage,
    /// throttling, a record that is not there yet.
    ///
    /// ```no_run
    /// # async fn run(client: codearts_build::Client, id: codearts_build::BuildId) -> Result<(), codearts_build::Error> {
    /// let watch = client.watch(&id).on_failed_poll(|error| eprintln!("still waiting: {error}"));
    /// let record = watch.await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn on_failed_poll(self, tell: impl Fn(&Error) + Send + Sync + 'static) -> Self {
        self.with(|it| it.on_failed_poll = Some(Arc::new(tell)))
    }

    fn with(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        // Later it would have no effect.
        if let Progress::New { settings, .. } = &mut self.0 {
            change(settings);
        }
        self
    }
}

/// The future of the next change, which owns the follower.
struct Waiting {
    change: Boxed<Result<BuildRecord, Error>>,
    /// The future puts the follower here when it is dropped.
    follower: Slot,
    /// The runtime to which the timers of the future belong.
    runtime: Option<Id>,
}

type Slot = Arc<Mutex<Option<Box<Follower>>>>;

/// A follower that is put into its slot when this is dropped.
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

    /// Makes the future anew if the current runtime is another one. The old runtime may have ended, and its
    /// timers would panic.
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
        let waiting = match std::mem::replace(&mut self.0, Progress::Changing) {
            Progress::New { client, id, settings } => {
                Some(Waiting::of(Box::new(Follower::new(client, id, settings))))
            }
            Progress::Idle(follower) => Some(Waiting::of(follower)),
            Progress::Waiting(waiting) => waiting.here(),
            ended @ (Progress::Ended(_) | Progress::Changing) => {
                self.0 = ended;
                None
            }
        };
        let Some(mut waiting) = waiting else { return Poll::Ready(None) };
        let polled = waiting.change.as_mut().poll(context);
        let Poll::Ready(outcome) = polled else {
            self.0 = Progress::Waiting(waiting);
            return Poll::Pending;
        };
        let Waiting { change, follower, .. } = waiting;
        drop(change);
        self.0 = match (&outcome, take(&follower)) {
            (Ok(_), Some(follower)) if !follower.has_ended() => Progress::Idle(follower),
            (Ok(record), _) => Progress::Ended(Ok(Box::new(record.clone()))),
            (Err(error), _) => Progress::Ended(Err(error.clone())),
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
                Progress::Ended(outcome) => outcome.map(|record| *record),
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
