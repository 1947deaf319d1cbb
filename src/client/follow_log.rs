//! The log of a build while it runs.

use crate::client::Client;
use crate::types::build_id::BuildId;
use futures_core::Stream;
use futures_util::{StreamExt, stream::try_unfold};
use huaweicloud_core::{__runtime::Backoff, ByteStream, Error, bytes::Bytes};
use std::{pin::Pin, time::Duration};
use tokio::{
    runtime::Handle,
    time::{Instant, sleep},
};

/// How much of a log is asked for.
const LENGTH: i32 = 1_000_000;
/// After a part of this length there is more to read at once, in bytes.
const LONG: usize = 500_000;
const MIN_INTERVAL: Duration = Duration::from_secs(1);
const MAX_INTERVAL: Duration = Duration::from_secs(15);
const TOLERANCE: Duration = Duration::from_secs(600);
const APPEARS_WITHIN: Duration = Duration::from_secs(60);
/// How often a part that ends within a character is read again if it does not grow. No character has more bytes.
const MAX_REPEATS: u8 = 4;
/// How often nothing new may come after the end of a build whose log is said to go on.
const MAX_EMPTY: u8 = 5;
/// A build that has not reached an executor has no log.
const NO_LOG: &str = ".00030004";
/// The region has no such route.
const NO_ROUTE: &str = ".0101";
/// Stands for half a character.
const HALF: char = '\u{fffd}';

impl Client {
    /// Follows the log of a build: a stream of its text, which ends with the build. It may be called before,
    /// while and after the build runs, and yields the log from its beginning.
    ///
    /// ```no_run
    /// use codearts_build::{BuildId, Client};
    /// use futures_util::TryStreamExt;
    /// use std::io::Write;
    ///
    /// # async fn run(client: Client, build: BuildId) -> Result<(), Box<dyn std::error::Error>> {
    /// let mut log = client.follow_log(&build);
    /// while let Some(text) = log.try_next().await? {
    ///     std::io::stdout().write_all(&text)?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Polls
    ///
    /// The log is polled after a second, and less and less often while nothing new comes, up to every 15
    /// seconds. When nothing new comes, the record is read, too. All polls take turns with those of
    /// [watches](Self::watch). No text is lost or comes twice: each poll asks for what follows the last part.
    /// A part that ends within a character is read again.
    ///
    /// A region may have no operation for it. Then a warning is logged, the end of the build is waited for, and
    /// the whole [`log`](Self::log) follows.
    ///
    /// API reference: "Downloading Real-time Build Logs",
    /// `GET /v3/jobs/{job_id}/{build_no}/real-time-log`.
    ///
    /// # Errors
    ///
    /// Those of [`record_info`](Self::record_info). Throttling is waited out, and faults that pass for ten
    /// minutes. An error ends the stream.
    pub fn follow_log(
        &self,
        build: impl AsRef<BuildId>,
    ) -> Pin<Box<dyn Stream<Item = Result<Bytes, Error>> + Send>> {
        let follower = LogFollower {
            client: self.clone(),
            build: build.as_ref().clone(),
            offset: 0,
            yielded: 0,
            repeats: 0,
            empty: 0,
            has_ended: false,
            is_over: false,
            delay: None,
            intervals: Backoff::new(MIN_INTERVAL, MAX_INTERVAL),
            failing_since: None,
            whole: None,
        };
        Box::pin(try_unfold(follower, |mut follower| async move {
            Ok(follower.next().await?.map(|text| (text, follower)))
        }))
    }
}

struct LogFollower {
    client: Client,
    build: BuildId,
    offset: u32,
    /// How much of the part at this offset was yielded.
    yielded: usize,
    /// How often the part at this offset was read without growing. It ends within a character.
    repeats: u8,
    /// How many parts in a row had nothing new after the build had ended.
    empty: u8,
    /// Whether the build has ended.
    has_ended: bool,
    /// Whether the log has ended, too.
    is_over: bool,
    delay: Option<Duration>,
    intervals: Backoff,
    failing_since: Option<Instant>,
    /// The whole log, in a region where it cannot be followed.
    whole: Option<ByteStream>,
}

impl LogFollower {
    /// The next text, or nothing at the end.
    async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        // Without it the first timer would panic.
        if Handle::try_current().is_err() {
            return Err(Error::invalid_argument("a log must be followed within a tokio runtime"));
        }
        loop {
            if let Some(whole) = &mut self.whole {
                return whole.next().await.transpose();
            }
            if let Some(delay) = self.delay.take() {
                sleep(delay).await;
            }
            let started = self.client.pace.turn().await;
            let found = match self.poll().await {
                Ok((text, goes_on)) if text.is_empty() => {
                    self.look_at_build(goes_on).await.map(|()| text)
                }
                found => found.map(|(text, _)| text),
            };
            match &found {
                Err(error) => self.tolerate(error, started).await?,
                Ok(_) => {
                    self.client.pace.accepted(started);
                    self.failing_since = None;
                }
            }
            if self.is_over {
                return Ok(None);
            }
            let text = found.unwrap_or_default();
            if !text.is_empty() {
                (self.intervals, self.empty) = (Backoff::new(MIN_INTERVAL, MAX_INTERVAL), 0);
            }
            self.delay = (text.len() < LONG).then(|| self.intervals.next_delay());
            if !text.is_empty() {
                return Ok(Some(text.into()));
            }
        }
    }

    /// Reads what follows the last part, and whether the service says that the log goes on.
    async fn poll(&mut self) -> Result<(String, bool), Error> {
        let call = self.client.polls.download_real_time_log().job_id(self.build.job_id.clone());
        let call = call.build_no(self.build.build_no).offset(self.offset);
        // One more character may complete the last one.
        let sent = call.length(LENGTH.saturating_add(self.repeats.into())).send().await;
        let mut response = match sent {
            Err(error) if error.code().is_some_and(|code| code.ends_with(NO_LOG)) => {
                return Ok((String::new(), false));
            }
            sent => sent?,
        };
        let part = response.result.take().unwrap_or_default();
        let content = part.content.unwrap_or_default();
        let complete = content.trim_end_matches(HALF);
        let goes_on = part.has_more_data.unwrap_or_default();
        let has_grown = complete.len() > self.yielded;
        if complete.len() < content.len() && (has_grown || self.repeats < MAX_REPEATS) {
            let text = complete.get(self.yielded..).unwrap_or_default().to_owned();
            self.repeats = if has_grown { 1 } else { self.repeats.saturating_add(1) };
            self.yielded = complete.len();
            return Ok((text, true));
        }
        let text = content.get(self.yielded..).unwrap_or_default().to_owned();
        if !content.is_empty() {
            let next = part.offset.and_then(|offset| u32::try_from(offset).ok());
            let next = next.filter(|next| *next > self.offset);
            self.offset = next.ok_or_else(|| response.invalid("the log has no next offset"))?;
            (self.yielded, self.repeats) = (0, 0);
        }
        Ok((text, goes_on))
    }

    /// Finds out whether the build has ended, and at the next poll without a text whether its log has.
    async fn look_at_build(&mut self, goes_on: bool) -> Result<(), Error> {
        if self.has_ended {
            // The log may have grown between its end and that of the build.
            self.empty = self.empty.saturating_add(1);
            self.is_over = !goes_on || self.empty > MAX_EMPTY;
        } else {
            self.has_ended = self.client.poll(&self.build).await?.is_finished();
        }
        Ok(())
    }

    /// Waits out an error, or returns it if it is final.
    async fn tolerate(&mut self, error: &Error, started: Instant) -> Result<(), Error> {
        let has_no_route = error.code().is_some_and(|code| code.ends_with(NO_ROUTE));
        if error.status() == Some(404) && has_no_route && self.offset == 0 {
            tracing::warn!(build = %self.build, "the region has no log to follow; the whole log follows the build");
            self.client.watch(&self.build).await?;
            self.whole = Some(self.client.log(&self.build).await?);
            return Ok(());
        }
        if error.is_throttled() {
            self.client.pace.throttled(started, error.retry_after());
            return Ok(());
        }
        let failing = self.failing_since.get_or_insert(started).elapsed();
        // A build may be started before it has a record.
        let is_missing = error.is_not_found() && failing < APPEARS_WITHIN;
        let may_pass = is_missing || (error.is_transient() && failing < TOLERANCE);
        if may_pass { Ok(()) } else { Err(error.clone()) }
    }
}
