//! Watching a build: a stream of its changes, or its final record.

use crate::client::Client;
use crate::client::follow::Follower;
use crate::client::listing::Listing;
use crate::client::polls::{Polls, Settings};
use crate::types::{BuildRecord, build_id::BuildId};
use futures_core::Stream;
use futures_util::StreamExt;
use huaweicloud_core::Error;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

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
        let settings = Settings::every(MIN_INTERVAL);
        let polls = Polls::new(self.clone(), build.as_ref().clone(), settings);
        Watch(Listing::new(Follower::new(polls)), None)
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
pub struct Watch(Listing<Follower>, Option<Outcome>);

/// How a watch has ended.
type Outcome = Result<Box<BuildRecord>, Error>;

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

    fn with(self, change: impl FnOnce(&mut Settings)) -> Self {
        Self(self.0.with(|follower| change(&mut follower.polls.settings)), self.1)
    }
}

impl Stream for Watch {
    type Item = Result<BuildRecord, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = self.0.poll(context);
        match &polled {
            Poll::Ready(Some(Ok(record))) if record.is_finished() => {
                self.1 = Some(Ok(Box::new(record.clone())));
            }
            Poll::Ready(Some(Err(error))) => self.1 = Some(Err(error.clone())),
            _ => {}
        }
        polled
    }
}

impl IntoFuture for Watch {
    type Output = Result<BuildRecord, Error>;
    type IntoFuture = Boxed<Self::Output>;

    fn into_future(mut self) -> Self::IntoFuture {
        Box::pin(async move {
            while self.next().await.is_some() {}
            // Without an outcome, the stream has ended by a panic.
            let not_followed = || Error::invalid_argument("the build is not followed");
            self.1.ok_or_else(not_followed)?.map(|record| *record)
        })
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").finish_non_exhaustive()
    }
}
