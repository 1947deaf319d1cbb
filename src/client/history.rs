//! The builds of a job, newest first.

use crate::client::{
    Client,
    pages::{Listing, Pages},
};
use crate::types::{BuildHistory, BuildSummary, JobId, build_id::BuildId, request};
use futures_core::Stream;
use huaweicloud_core::{__runtime::integer, Error};
use jiff::{SignedDuration, Timestamp};
use std::{
    cmp::Reverse,
    collections::HashSet,
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

/// How long the time is in which builds are asked for. The service refuses more than 31 days.
const WINDOW: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How much two such times have in common. The clocks of the service may be put forward or back.
const OVERLAP: SignedDuration = SignedDuration::from_hours(26);
/// The zone of the service is not known. No zone is further from UTC.
const ZONES: SignedDuration = SignedDuration::from_hours(24);
/// So many times without a build are a year.
const MAX_EMPTY: u32 = 13;
const PAGE_SIZE: u32 = 100;

impl Client {
    /// Lists the builds of a job, newest first: a stream, which reads page after page and month after month.
    ///
    /// ```no_run
    /// use codearts_build::{Client, Error, Timestamp};
    /// use futures_util::TryStreamExt;
    ///
    /// # async fn run(client: Client, yesterday: Timestamp) -> Result<(), Error> {
    /// let mut builds = client.history("f9d6c8466d614a9788e9a0acf6c15f46").since(yesterday);
    /// while let Some(build) = builds.try_next().await? {
    ///     println!("{:?} {:?} {:?}", build.build_no(), build.started_at(), build.conclusion());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// It is also what to look at after a call that [may have taken effect](Error::may_have_taken_effect):
    /// it needs no number of an earlier build, and shows who started each build. See
    /// [`records_after`](Self::records_after) for what a build proves that is there or is missing.
    ///
    /// API reference: the Chinese page of `GET /v1/record/{job_id}/list`.
    pub fn history(&self, job_id: impl Into<String>) -> History {
        History(Listing::new(HistoryPages {
            client: self.clone(),
            job_id: job_id.into(),
            since: None,
            seen: HashSet::new(),
            window: Window::default(),
            empty_windows: 0,
            is_over: false,
        }))
    }

    /// Returns the id of the newest build of a job, whether it runs or has ended. Returns `None` if the
    /// service names none, as for a job that was never built.
    ///
    /// API reference: "Checking If the Build Task Is Running", `GET /v1/job/{job_id}/running-status`.
    ///
    /// # Errors
    ///
    /// Those of [`record_info`](Self::record_info).
    pub async fn latest_build(&self, job_id: impl AsRef<str>) -> Result<Option<BuildId>, Error> {
        let job_id: JobId = request::checked("job_id", job_id.as_ref())?;
        let response = self.api.show_running_status().job_id(job_id.clone()).send().await?;
        let number = response.into_inner().result.and_then(|it| it.last_build_no);
        let number = number.as_deref().and_then(integer).and_then(|no| u32::try_from(no).ok());
        let build_no = number.and_then(|number| request::build_number(number).ok());
        Ok(build_no.map(|build_no| BuildId { job_id, build_no }))
    }
}

/// The builds of a job, newest first, by [`Client::history`]: a [`Stream`]. It sends nothing until it is
/// polled.
///
/// # Where it ends
///
/// The stream ends after build 1, at the time of [`since`](Self::since), or when there was no build for a
/// year before the oldest one. It also ends after an error.
///
/// # Windows
///
/// The service lists the builds of a time of 31 days at most, in a zone that it does not name. The stream
/// therefore asks for one month after the other, from tomorrow on, and two of them have more than a day in
/// common. A build that comes twice is yielded once. A build that starts meanwhile is not yielded.
///
/// # Errors
///
/// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the job id is not 32 letters and
/// digits, otherwise every other [`ErrorKind`](crate::ErrorKind).
#[must_use = "a stream does nothing unless it is polled"]
pub struct History(Listing<HistoryPages>);

impl History {
    /// Ends the stream at this time: leaves out the builds that started before it.
    pub fn since(self, time: Timestamp) -> Self {
        Self(self.0.with(|pages| pages.since = Some(time)))
    }
}

impl Stream for History {
    type Item = Result<BuildSummary, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll(context)
    }
}

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("History").finish_non_exhaustive()
    }
}

struct HistoryPages {
    client: Client,
    job_id: String,
    since: Option<Timestamp>,
    /// The numbers of the builds that were yielded.
    seen: HashSet<u32>,
    window: Window,
    /// How many windows in a row had no build.
    empty_windows: u32,
    is_over: bool,
}

/// The time in which builds are asked for.
#[derive(Default)]
struct Window {
    /// `None` stands for now.
    end: Option<Timestamp>,
    page: u32,
    /// The number of the first build in the page before.
    first: Option<u32>,
    has_builds: bool,
}

impl Pages for HistoryPages {
    type Item = BuildSummary;

    async fn next_page(&mut self) -> Result<Option<Vec<BuildSummary>>, Error> {
        while !self.is_over {
            let now = || self.client.now().checked_add(ZONES).unwrap_or(Timestamp::MAX);
            let end = self.window.end.unwrap_or_else(now);
            let start = end.checked_sub(WINDOW).unwrap_or(Timestamp::MIN);
            self.window.end = Some(end);
            let local = |time: Timestamp| time.strftime("%Y-%m-%d %H:%M:%S").to_string();
            let call = self.client.api.list_build_info_record_by_job_id();
            let call = call.job_id(&*self.job_id).start_time(local(start)).end_time(local(end));
            let call = call.page_index(self.window.page).page_size(PAGE_SIZE);
            let page = call.send().await?.into_inner().result.unwrap_or_default();
            let builds = self.take(page, start);
            if !builds.is_empty() {
                return Ok(Some(builds));
            }
        }
        Ok(None)
    }
}

impl HistoryPages {
    /// Takes the builds of a page that are to be yielded, and turns to the next page or window.
    fn take(&mut self, page: BuildHistory, start: Timestamp) -> Vec<BuildSummary> {
        let mut builds = page.job_build_states;
        let first = builds.first().and_then(BuildSummary::build_no);
        let next = self.window.page.saturating_add(1);
        let total = page.total_page.as_deref().and_then(integer);
        let is_full = u32::try_from(builds.len()).is_ok_and(|length| length >= PAGE_SIZE);
        // A service that does not turn the page would do so for ever.
        let is_repeated = first.is_some() && first == self.window.first;
        let is_last = builds.is_empty()
            || is_repeated
            || !(is_full || total.is_some_and(|total| total > next.into()));

        builds.retain(|build| build.build_no().is_some_and(|number| self.seen.insert(number)));
        builds.sort_by_key(|build| Reverse(build.number));
        self.window.has_builds |= !builds.is_empty();
        self.is_over |= builds.iter().any(|build| build.number == Some(1));
        if let Some(since) = self.since
            && !builds.is_empty()
        {
            builds.retain(|build| build.started_at().is_none_or(|started| started >= since));
            self.is_over |= builds.is_empty();
        }

        if is_last {
            self.empty_windows =
                if self.window.has_builds { 0 } else { self.empty_windows.saturating_add(1) };
            let earliest = start.checked_add(ZONES).unwrap_or(Timestamp::MAX);
            self.is_over |= self.empty_windows >= MAX_EMPTY
                || start == Timestamp::MIN
                || self.since.is_some_and(|since| earliest < since);
            self.window = Window { end: start.checked_add(OVERLAP).ok(), ..Window::default() };
        } else {
            (self.window.page, self.window.first) = (next, first);
        }
        builds
    }
}
