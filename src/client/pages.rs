//! Lists that come page by page, as streams.

use futures_core::Stream;
use futures_util::TryStreamExt;
use futures_util::stream::{iter, try_unfold};
use huaweicloud_core::Error;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Reads a list page by page.
pub(super) trait Pages: Send + Unpin + 'static {
    type Item: Send;

    /// Reads the next page, or tells that there is none.
    fn next_page(&mut self) -> impl Future<Output = Result<Option<Vec<Self::Item>>, Error>> + Send;
}

type Items<P> = Pin<Box<dyn Stream<Item = Result<<P as Pages>::Item, Error>> + Send>>;

/// The stream of the items of all pages. Nothing is read before it is polled.
pub(super) struct Listing<P: Pages> {
    /// What has not begun.
    new: Option<P>,
    begun: Option<Items<P>>,
}

impl<P: Pages> Listing<P> {
    pub(super) fn new(pages: P) -> Self {
        Self { new: Some(pages), begun: None }
    }

    /// Changes a setting. It has no effect once the stream has begun.
    pub(super) fn with(mut self, change: impl FnOnce(&mut P)) -> Self {
        self.new.as_mut().map(change);
        self
    }

    pub(super) fn poll(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<P::Item, Error>>> {
        if let Some(pages) = self.new.take() {
            self.begun = Some(items(pages));
        }
        match &mut self.begun {
            Some(items) => items.as_mut().poll_next(context),
            None => Poll::Ready(None),
        }
    }
}

impl<P: Pages> fmt::Debug for Listing<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listing").finish_non_exhaustive()
    }
}

fn items<P: Pages>(pages: P) -> Items<P> {
    let pages = try_unfold(pages, |mut pages| async move {
        let page = pages.next_page().await?;
        Ok::<_, Error>(page.map(|page| (iter(page.into_iter().map(Ok)), pages)))
    });
    Box::pin(pages.try_flatten())
}
