//! The log of a build while it runs.

use crate::client::Client;
use crate::client::listing::{Source, items};
use crate::client::polls::{Polls, Settings, check_runtime};
use crate::types::build_id::BuildId;
use futures_core::Stream;
use futures_util::TryStreamExt;
use huaweicloud_core::{ByteStream, Error, bytes::Bytes};
use std::{pin::Pin, time::Duration};

/// How much of a log is asked for.
const LENGTH: i32 = 1_000_000;
/// After a part of this length the next one is read at once, in bytes: the service may send less than it is
/// asked for.
const LONG: usize = 50_000;
const MIN_INTERVAL: Duration = Duration::from_secs(1);
/// How often a part that ends within a character is read again if it does not grow. No character has more bytes.
const MAX_REREADS: u8 = 4;
/// How often nothing new may come after the end of a build whose log is said to go on.
const MAX_EMPTY: u8 = 5;
/// The code of the error that says that a build has no log.
const NO_LOG: &str = ".00030004";
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
    /// The log is polled at once, then after a second, and less and less often while nothing new comes, up to
    /// every 15 seconds. When nothing new comes, the record is read, too. All polls take turns with those of
    /// [watches](Self::watch). No text is lost or comes twice: each poll asks for what follows the last part.
    /// A part that ends within a character is read again.
    ///
    /// A region may have no operation for it. Then a warning is logged, the end of the build is waited for, and
    /// the whole [`log`](Self::log) follows.
    ///
    /// `examples/follow_log.rs` is a whole program.
    ///
    /// API reference: "Downloading Real-time Build Logs",
    /// `GET /v3/jobs/{job_id}/{build_no}/real-time-log`.
    ///
    /// # Errors
    ///
    /// Those of a [`Watch`](crate::Watch) without settings: failed polls are waited out, for ten minutes at
    /// most. An error ends the stream.
    pub fn follow_log(
        &self,
        build: impl AsRef<BuildId>,
    ) -> Pin<Box<dyn Stream<Item = Result<Bytes, Error>> + Send>> {
        let settings = Settings::every(MIN_INTERVAL);
        items(Box::new(LogFollower {
            polls: Polls::new(self.clone(), build.as_ref().clone(), settings),
            cursor: Cursor::default(),
            whole: None,
        }))
    }
}

struct LogFollower {
    polls: Polls,
    cursor: Cursor,
    /// The whole log, in a region where it cannot be followed.
    whole: Option<ByteStream>,
}

/// What a poll has found.
enum Found {
    /// What was logged since the last poll; nothing, as long as nothing was.
    Text(String),
    /// The log has ended.
    End,
    /// The region has no such operation.
    NoRoute,
}

impl Source for LogFollower {
    type Item = Bytes;

    async fn next(&mut self) -> Result<Vec<Bytes>, Error> {
        check_runtime()?;
        loop {
            if let Some(whole) = &mut self.whole {
                return Ok(Vec::from_iter(whole.try_next().await?));
            }
            let cursor = &mut self.cursor;
            let poll = |client, build| async move { cursor.read(&client, &build).await };
            match self.polls.next(poll).await? {
                Some(Found::Text(text)) if !text.is_empty() => {
                    self.polls.start_again(text.len() >= LONG);
                    return Ok(vec![text.into()]);
                }
                Some(Found::Text(_)) | None => {}
                Some(Found::End) => return Ok(Vec::new()),
                Some(Found::NoRoute) => match whole(&self.polls).await {
                    Err(error) if has_no_log(&error) => return Ok(Vec::new()),
                    whole => self.whole = Some(whole?),
                },
            }
        }
    }
}

/// Waits for the end of a build and reads its whole log.
async fn whole(Polls { client, build, .. }: &Polls) -> Result<ByteStream, Error> {
    tracing::warn!(%build, "the region has no log to follow; the whole log follows the build");
    client.watch(build).await?;
    client.log(build).await
}

/// Where a log is read.
#[derive(Default)]
struct Cursor {
    offset: u32,
    /// How much of the part at this offset was yielded.
    yielded: usize,
    /// How often the part at this offset was read without growing. It ends within a character.
    rereads: u8,
    /// How many parts in a row had nothing new after the build had ended.
    empty: u8,
    /// Whether the build has ended.
    has_ended: bool,
}

impl Cursor {
    /// Reads what follows the last part. If that is nothing, it finds out whether the build has ended, and at
    /// the next poll without a text whether its log has.
    async fn read(&mut self, client: &Client, build: &BuildId) -> Result<Found, Error> {
        let (text, goes_on) = match self.part(client, build).await {
            Err(error) if has_no_log(&error) => (String::new(), false),
            Err(error) if error.is_unknown_path() && self.offset == 0 && self.yielded == 0 => {
                return Ok(Found::NoRoute);
            }
            part => part?,
        };
        if !text.is_empty() {
            self.empty = 0;
        } else if self.has_ended {
            // The log may have grown between its end and that of the build.
            self.empty = self.empty.saturating_add(1);
            if !goes_on || self.empty > MAX_EMPTY {
                return Ok(Found::End);
            }
        } else {
            client.pace.turn().await;
            self.has_ended = client.poll(build).await?.is_finished();
        }
        Ok(Found::Text(text))
    }

    /// Reads what follows the last part, and whether the service says that the log goes on.
    async fn part(&mut self, client: &Client, build: &BuildId) -> Result<(String, bool), Error> {
        let call = client.polls.download_real_time_log().job_id(build.job_id.clone());
        let call = call.build_no(build.build_no).offset(self.offset);
        // One more character may complete the last one.
        let mut response = call.length(LENGTH.saturating_add(self.rereads.into())).send().await?;
        let part = response.result.take().unwrap_or_default();
        let content = part.content.unwrap_or_default();
        let complete = content.trim_end_matches(HALF);
        let goes_on = part.has_more_data.unwrap_or_default();
        let has_grown = complete.len() > self.yielded;
        if complete.len() < content.len() && (has_grown || self.rereads < MAX_REREADS) {
            let text = complete.get(self.yielded..).unwrap_or_default().to_owned();
            self.rereads = if has_grown { 1 } else { self.rereads.saturating_add(1) };
            self.yielded = complete.len().max(self.yielded);
            return Ok((text, true));
        }
        let text = content.get(self.yielded..).unwrap_or_default().to_owned();
        if !content.is_empty() {
            let next = part.offset.and_then(|offset| u32::try_from(offset).ok());
            let next = next.filter(|next| *next > self.offset);
            self.offset = next.ok_or_else(|| response.invalid("the log has no next offset"))?;
            (self.yielded, self.rereads) = (0, 0);
        }
        Ok((text, goes_on))
    }
}

/// Whether a build has no log, because it has not reached an executor.
fn has_no_log(error: &Error) -> bool {
    error.code().is_some_and(|code| code.ends_with(NO_LOG))
}
