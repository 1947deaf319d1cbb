//! Following a build to its end.

use crate::client::calls::Client;
use crate::error::Error;
use crate::generated::types::BuildRecord;
use crate::pipeline::retry::Backoff;
use crate::types::build_id::BuildId;
use futures_core::Stream;
use futures_util::stream::try_unfold;
use std::time::Duration;

/// The first interval between two polls of a build. Each following one is twice as long.
const MIN_INTERVAL: Duration = Duration::from_millis(500);
/// The longest interval between two polls.
const MAX_INTERVAL: Duration = Duration::from_secs(15);

/// Polls one build.
struct Watch {
    client: Client,
    build: BuildId,
    polled: bool,
    backoff: Backoff,
    last: Option<BuildRecord>,
}

impl Client {
    /// Follows a build to its end and gives its final record, of a build that failed as well: ask
    /// [`BuildRecord::is_success`].
    ///
    /// The record is polled at once, then after half a second, and after twice the time before each
    /// further poll, up to 15 seconds. There is no timeout of its own; `tokio::time::timeout` sets
    /// one. Dropping the future stops the polls, not the build.
    ///
    /// # Errors
    ///
    /// Those of [`record_info`](Self::record_info).
    pub async fn wait(&self, build: impl AsRef<BuildId>) -> Result<BuildRecord, Error> {
        let mut watch = Watch::new(self, build.as_ref());
        loop {
            let record = watch.poll().await?;
            if record.is_finished() {
                return Ok(record);
            }
        }
    }

    /// Follows a build to its end as a stream of its changes: each record that differs from the one
    /// before, the last one being the final record. An error ends the stream.
    ///
    /// It polls as often as [`wait`](Self::wait).
    pub fn watch(
        &self,
        build: impl AsRef<BuildId>,
    ) -> impl Stream<Item = Result<BuildRecord, Error>> + Send + Unpin {
        Box::pin(try_unfold(Watch::new(self, build.as_ref()), |mut watch| async move {
            if watch.last.as_ref().is_some_and(BuildRecord::is_finished) {
                return Ok(None);
            }
            loop {
                let record = watch.poll().await?;
                if watch.last.as_ref() != Some(&record) {
                    watch.last = Some(record.clone());
                    return Ok(Some((record, watch)));
                }
            }
        }))
    }
}

impl Watch {
    fn new(client: &Client, build: &BuildId) -> Self {
        let backoff = Backoff::new(MIN_INTERVAL, MAX_INTERVAL);
        Self { client: client.clone(), build: build.clone(), polled: false, backoff, last: None }
    }

    async fn poll(&mut self) -> Result<BuildRecord, Error> {
        if self.polled {
            tokio::time::sleep(self.backoff.next()).await;
        }
        self.polled = true;
        self.client.record(&self.build).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_intervals_double_up_to_15_seconds() {
        let mut backoff = Backoff::new(MIN_INTERVAL, MAX_INTERVAL);
        let intervals: Vec<_> = (0..8).map(|_| backoff.next().as_millis()).collect();
        assert_eq!(intervals, [500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
    }
}
