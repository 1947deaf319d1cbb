//! Tables: `history` and `jobs`.

use crate::{
    arguments::History,
    event::{Build, Event, word},
    failure::Failure,
    output::{Output, printable, took},
    session::Session,
};
use codearts_build::BuildId;
use futures_util::TryStreamExt;
use std::{io, time::Duration};

/// A table, or with `--json` an object for each row at once.
pub(crate) struct Table<'a> {
    output: &'a Output,
    table: comfy_table::Table,
}

impl<'a> Table<'a> {
    pub(crate) fn new<const N: usize>(output: &'a Output, header: [&str; N]) -> Self {
        let mut table = comfy_table::Table::new();
        table.load_preset(comfy_table::presets::NOTHING).set_header(header);
        table.column_iter_mut().for_each(|column| {
            column.set_padding((0, 2));
        });
        Self { output, table }
    }

    pub(crate) fn row<const N: usize>(
        &mut self,
        event: &Event,
        cells: [String; N],
    ) -> io::Result<()> {
        self.table.add_row(cells.iter().map(|cell| printable(cell)));
        self.output.event(event)
    }

    pub(crate) fn print(&self) -> io::Result<()> {
        if self.output.is_json || self.table.is_empty() {
            return Ok(());
        }
        self.table.lines().try_for_each(|line| self.output.line(line.trim_end()))
    }
}

pub(crate) async fn history(session: &Session<'_>, history: &History) -> Result<(), Failure> {
    let mut builds = session.client.history(&history.job);
    if let Some(since) = history.since {
        builds = builds.since(since);
    }
    let header = ["BUILD", "STATUS", "STARTED", "DURATION", "TRIGGER", "BRANCH", "COMMIT", "BY"];
    let mut table = Table::new(session.output, header);
    for _ in 0..history.limit {
        let Some(summary) = builds.try_next().await? else { break };
        let Some(number) = summary.build_no() else { continue };
        let id = BuildId::new(&history.job, number)?;
        let build = Build::of_summary(&id, summary);
        let duration = build.duration_ms.map(|time| took(Duration::from_millis(time)));
        let text = |cell: &Option<String>| cell.clone().unwrap_or_default();
        let row = [
            number.to_string(),
            build.status.clone(),
            text(&build.started_at),
            duration.unwrap_or_default(),
            text(&build.trigger),
            text(&build.branch),
            text(&build.commit),
            text(&build.user),
        ];
        table.row(&Event::Build(build), row)?;
    }
    Ok(table.print()?)
}

pub(crate) async fn jobs(
    session: &Session<'_>,
    project: &str,
    search: Option<&str>,
) -> Result<(), Failure> {
    let mut jobs = session.client.jobs(project);
    if let Some(word) = search {
        jobs = jobs.search(word);
    }
    let mut table = Table::new(session.output, ["JOB", "NAME", "LAST BUILD", "STATUS"]);
    while let Some(job) = jobs.try_next().await? {
        let number = job.build_number.clone().unwrap_or_default();
        let last = job.id.as_ref().and_then(|id| BuildId::new(id, number.parse().ok()?).ok());
        let event = Event::Job {
            outcome: job.conclusion().map(Into::into),
            last_build: last.map(|build| build.to_string()),
            job: job.id.clone(),
            name: job.job_name.clone(),
        };
        let status = word(&job.last_build_status);
        let row = [job.id.unwrap_or_default(), job.job_name.unwrap_or_default(), number, status];
        table.row(&event, row)?;
    }
    Ok(table.print()?)
}
