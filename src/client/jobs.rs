//! The jobs of a project.

use crate::client::Client;
use crate::client::listing::{Listing, Source};
use crate::types::BuildJob;
use futures_core::Stream;
use huaweicloud_core::Error;
use std::collections::HashSet;
use std::pin::Pin;
use std::task::{Context, Poll};

const PAGE_SIZE: u32 = 100;

impl Client {
    /// Lists the jobs of a CodeArts project: a stream, which reads page after page. The project is not the
    /// IAM project; its id is the `devcloud_project_id` of a record.
    ///
    /// ```no_run
    /// use codearts_build::{Client, Error};
    /// use futures_util::TryStreamExt;
    ///
    /// # async fn run(client: Client) -> Result<(), Error> {
    /// let mut jobs = client.jobs("b4d3971c3988463b865f6f920846149e").search("release");
    /// while let Some(job) = jobs.try_next().await? {
    ///     println!("{:?} {:?}, last build: {:?}", job.id, job.job_name, job.conclusion());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// A missing job does not prove that it is gone: an empty list has been seen for a project whose jobs
    /// could be called.
    ///
    /// API reference: "Querying Tasks of a Project", `GET /v1/job/{project_id}/list`.
    pub fn jobs(&self, project_id: impl Into<String>) -> Jobs {
        Jobs(Listing::new(JobPages {
            client: self.clone(),
            project_id: project_id.into(),
            search: None,
            page: 0,
            seen: HashSet::new(),
        }))
    }
}

/// The jobs of a project, by [`Client::jobs`]: a [`Stream`]. It sends nothing until it is polled. A job that
/// comes twice, because the list has changed between two pages, is yielded once.
///
/// # Errors
///
/// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the project id is not 32 letters and
/// digits, otherwise every other [`ErrorKind`](crate::ErrorKind). An error ends the stream.
#[derive(Debug)]
#[must_use = "a stream does nothing unless it is polled"]
pub struct Jobs(Listing<JobPages>);

impl Jobs {
    /// Lists only the jobs whose name contains this text. The service also searches the names of creators.
    pub fn search(self, text: impl Into<String>) -> Self {
        Self(self.0.with(|pages| pages.search = Some(text.into())))
    }
}

impl Stream for Jobs {
    type Item = Result<BuildJob, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll(context)
    }
}

struct JobPages {
    client: Client,
    project_id: String,
    search: Option<String>,
    page: u32,
    /// The ids of the jobs that were yielded.
    seen: HashSet<String>,
}

impl Source for JobPages {
    type Item = BuildJob;

    /// The list has ended at a page without a new job: nobody says that `total` can be relied on.
    async fn next(&mut self) -> Result<Vec<BuildJob>, Error> {
        let call = self.client.api.list_project_jobs().project_id(&*self.project_id);
        let mut call = call.page_index(self.page).page_size(PAGE_SIZE);
        if let Some(text) = &self.search {
            call = call.search(text);
        }
        let list = call.send().await?.into_inner().result.unwrap_or_default();
        let mut jobs = if list.job_list.is_empty() { list.jobs } else { list.job_list };
        jobs.retain(|job| job.id.as_ref().is_some_and(|id| self.seen.insert(id.clone())));
        self.page = self.page.saturating_add(1);
        Ok(jobs)
    }
}
