//! Streams whose items are read a few at a time: the pages of a list, the changes and the log of a build.

use futures_core::Stream;
use futures_util::TryStreamExt;
use futures_util::stream::{iter, try_unfold};
use huaweicloud_core::Error;
use std::fmt;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use tokio::runtime::Handle;

/// Reads the items of a stream.
pub(super) trait Source: Send + 'static {
    type Item: Send;

    /// Reads the next items. The stream ends if there are none.
    fn next(&mut self) -> impl Future<Output = Result<Vec<Self::Item>, Error>> + Send;
}

pub(super) type Items<T> = Pin<Box<dyn Stream<Item = Result<T, Error>> + Send>>;

/// The stream of the items of a source, whose settings can be changed before it is polled.
pub(super) struct Listing<S: Source> {
    /// What has not begun.
    new: Option<Box<S>>,
    begun: Option<Items<S::Item>>,
}

impl<S: Source> Listing<S> {
    pub(super) fn new(source: S) -> Self {
        Self { new: Some(Box::new(source)), begun: None }
    }

    /// Changes a setting. It has no effect once the stream has begun.
    pub(super) fn with(mut self, change: impl FnOnce(&mut S)) -> Self {
        self.new.as_deref_mut().map(change);
        self
    }

    pub(super) fn poll(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<S::Item, Error>>> {
        let begun = self.begun.take().or_else(|| self.new.take().map(items));
        let Some(mut items) = begun else { return Poll::Ready(None) };
        let polled = items.as_mut().poll_next(context);
        // After a panic in between, the stream has ended.
        self.begun = Some(items);
        polled
    }
}

impl<S: Source> fmt::Debug for Listing<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listing").finish_non_exhaustive()
    }
}

/// Nothing is read before the stream is polled.
pub(super) fn items<S: Source>(source: Box<S>) -> Items<S::Item> {
    Box::pin(
        try_unfold(source, |mut source| async move {
            let items = next(&mut *source).await?;
            Ok::<_, Error>((!items.is_empty()).then(|| (iter(items.into_iter().map(Ok)), source)))
        })
        .try_flatten(),
    )
}

/// Reads the next items, anew if the runtime changes meanwhile: the old one may have ended, and its timers would
/// panic.
async fn next<S: Source>(source: &mut S) -> Result<Vec<S::Item>, Error> {
    let runtime = || Handle::try_current().ok().map(|runtime| runtime.id());
    loop {
        let begun_in = runtime();
        let mut items = pin!(source.next());
        let read = poll_fn(|context| match runtime() == begun_in {
            true => items.as_mut().poll(context).map(Some),
            false => Poll::Ready(None),
        });
        if let Some(items) = read.await {
            return items;
        }
    }
}
