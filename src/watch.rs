//! Following a build to its end.

use crate::{Client, Error, StartedBuild, types::BuildRecord};
use futures_core::Stream;
use futures_util::stream::try_unfold;
use std::time::Duration;

/// The first pause between two looks at a build. Each following one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest pause between two looks.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// Where following a build stands.
struct Watch {
    client: Client,
    build: StartedBuild,
    pause: Option<Duration>,
    last: Option<BuildRecord>,
}

impl Client {
    /// Follows a build to its end and gives its final record, of a build that failed as well: ask
    /// [`BuildRecord::is_success`].
    ///
    /// The build is looked at at once, then after half a second, and after twice the time before
    /// each further look, up to 15 seconds. There is no limit of its own; `tokio::time::timeout`
    /// sets one. Dropping the future stops looking, not the build.
    ///
    /// # Errors
    ///
    /// Those of [`record_info`](Self::record_info).
    pub async fn wait(&self, build: &StartedBuild) -> Result<BuildRecord, Error> {
        let mut watch = Watch::new(self, build);
        loop {
            let record = watch.look().await?;
            if record.is_finished() {
                return Ok(record);
            }
        }
    }

    /// Follows a build to its end as a stream of its changes: each record that differs from the one
    /// before, the last one being the final record. An error ends the stream.
    ///
    /// It looks as often as [`wait`](Self::wait).
    pub fn watch(
        &self,
        build: &StartedBuild,
    ) -> impl Stream<Item = Result<BuildRecord, Error>> + Send + Unpin + use<> {
        Box::pin(try_unfold(Watch::new(self, build), |mut watch| async move {
            if watch.last.as_ref().is_some_and(BuildRecord::is_finished) {
                return Ok(None);
            }
            loop {
                let record = watch.look().await?;
                if watch.last.as_ref() != Some(&record) {
                    watch.last = Some(record.clone());
                    return Ok(Some((record, watch)));
                }
            }
        }))
    }
}

impl Watch {
    fn new(client: &Client, build: &StartedBuild) -> Self {
        Self { client: client.clone(), build: build.clone(), pause: None, last: None }
    }

    async fn look(&mut self) -> Result<BuildRecord, Error> {
        if let Some(pause) = self.pause {
            tokio::time::sleep(pause).await;
        }
        self.pause = Some(after(self.pause));
        self.client.record(&self.build).await
    }
}

/// The pause after a pause, or after the first look.
fn after(pause: Option<Duration>) -> Duration {
    pause.map_or(FIRST_PAUSE, |pause| pause.saturating_mul(2)).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pauses_double_up_to_15_seconds() {
        let pauses = std::iter::successors(Some(after(None)), |pause| Some(after(Some(*pause))));
        let pauses: Vec<_> = pauses.take(8).map(|pause| pause.as_millis()).collect();
        assert_eq!(pauses, [500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
    }
}
