//! The builds of a job, newest first.

use crate::client::Client;
use crate::client::listing::{Listing, Source};
use crate::types::{BuildHistory, BuildSummary, JobId, build_id::BuildId, request};
use futures_core::Stream;
use huaweicloud_core::{__runtime::integer, Error};
use jiff::{SignedDuration, Timestamp};
use std::cmp::Reverse;
use std::collections::HashSet;
use std::pin::Pin;
use std::task::{Context, Poll};

/// How long the time is in which builds are asked for. The service accepts 31 days at most.
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
    /// `examples/find_build.rs` is a whole program.
    ///
    /// API reference: the Chinese page of `GET /v1/record/{job_id}/list`.
    pub fn history(&self, job_id: impl Into<String>) -> History {
        History(Listing::new(HistoryPages {
            client: self.clone(),
            job_id: job_id.into(),
            since: None,
            seen: HashSet::new(),
            end: None,
            page: 0,
            has_builds: false,
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
        let build_no = request::given_number(number.as_deref());
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
#[derive(Debug)]
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

struct HistoryPages {
    client: Client,
    job_id: String,
    since: Option<Timestamp>,
    /// The numbers of the builds that were yielded.
    seen: HashSet<u32>,
    /// The end of the current window. `None` stands for now.
    end: Option<Timestamp>,
    page: u32,
    /// Whether the window has a build that was not in the one before.
    has_builds: bool,
    /// How many windows in a row had no build.
    empty_windows: u32,
    is_over: bool,
}

impl Source for HistoryPages {
    type Item = BuildSummary;

    async fn next(&mut self) -> Result<Vec<BuildSummary>, Error> {
        let mut builds = Vec::new();
        while builds.is_empty() && !self.is_over {
            let now = || self.client.now().checked_add(ZONES).unwrap_or(Timestamp::MAX);
            let end = self.end.unwrap_or_else(now);
            let start = end.checked_sub(WINDOW).unwrap_or(Timestamp::MIN);
            self.end = Some(end);
            let local = |time: Timestamp| time.strftime("%Y-%m-%d %H:%M:%S").to_string();
            let call = self.client.api.list_build_info_record_by_job_id();
            let call = call.job_id(&*self.job_id).start_time(local(start)).end_time(local(end));
            let call = call.page_index(self.page).page_size(PAGE_SIZE);
            let page = call.send().await?.into_inner().result.unwrap_or_default();
            builds = self.take(page, start);
        }
        Ok(builds)
    }
}

impl HistoryPages {
    /// Takes the builds of a page that are to be yielded, and turns to the next page or window.
    fn take(&mut self, page: BuildHistory, start: Timestamp) -> Vec<BuildSummary> {
        let mut builds = page.job_build_states;
        let next = self.page.saturating_add(1);
        let total = page.total_page.as_deref().and_then(integer);
        let is_full = u32::try_from(builds.len()).is_ok_and(|length| length >= PAGE_SIZE);
        let has_more = is_full || total.is_some_and(|total| total > i64::from(next));
        let is_last = builds.is_empty() || !has_more;

        builds.retain(|build| build.build_no().is_some_and(|number| self.seen.insert(number)));
        let has_new = !builds.is_empty();
        // More pages than there are of ten builds: the service does not turn the page.
        let is_repeated = !has_new && next as usize > self.seen.len().div_ceil(10);
        builds.sort_by_key(|build| Reverse(build.number));
        self.has_builds |= has_new;
        self.is_over |= builds.iter().any(|build| build.number == Some(1));
        let since = self.since.unwrap_or(Timestamp::MIN);
        builds.retain(|build| build.started_at().is_none_or(|started| started >= since));
        self.is_over |= has_new && builds.is_empty();

        if is_last || is_repeated {
            self.empty_windows =
                if self.has_builds { 0 } else { self.empty_windows.saturating_add(1) };
            let earliest = start.checked_add(ZONES).unwrap_or(Timestamp::MAX);
            self.is_over |=
                self.empty_windows >= MAX_EMPTY || start == Timestamp::MIN || earliest < since;
            self.end = start.checked_add(OVERLAP).ok();
            (self.page, self.has_builds) = (0, false);
        } else {
            self.page = next;
        }
        builds
    }
}
