//! Commands that start no build and follow none.

use crate::arguments::History;
use crate::{exit::Failure, output::*, session::Session};
use codearts_build::{BuildId, Client, Conclusion, Credential, Error, Jobs, Service, StopOutcome};
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use serde_json::Value;
use std::{pin::pin, time::Duration};

type Done = Result<(), Failure>;

/// Prints the log of a build: as it is, or a JSON object a line.
pub(crate) async fn log(session: &Session<'_>, id: &BuildId, follow: bool) -> Done {
    let Session { client, output, .. } = session;
    let print = |text: &[u8]| match output.is_json {
        true => String::from_utf8_lossy(text).lines().try_for_each(|line| {
            output.event(&Event::Log { build: id.to_string(), line: line.to_owned() })
        }),
        false => output.write(text),
    };
    let mut parts = if follow { client.follow_log(id) } else { client.log(id).await?.boxed() };
    let mut text = Vec::new();
    while let Some(mut part) = parts.try_next().await? {
        // Whole lines, because others are printed in between.
        if let Some(end) = part.iter().rposition(|byte| *byte == b'\n') {
            text.extend_from_slice(&part.split_to(end.saturating_add(1)));
            print(&std::mem::take(&mut text))?;
        }
        text.extend_from_slice(&part);
    }
    Ok(print(&text)?)
}

pub(crate) async fn show(session: &Session<'_>, id: &BuildId) -> Done {
    let record = Box::new(session.client.record_info(id.job_id(), id.build_no()).await?);
    let fields = serde_json::to_value(&record).unwrap_or_default();
    let (build, outcome) = (id.to_string(), outcome(record.conclusion()));
    session.output.event(&Event::Build { build, outcome, record })?;
    let given = fields.as_object().into_iter().flatten();
    for (name, value) in given.filter(|(_, value)| !cell(value).is_empty()) {
        session.output.line(format_args!("{name:<20}{}", cell(value)))?;
    }
    Ok(())
}

pub(crate) async fn stop(session: &Session<'_>, id: &BuildId) -> Done {
    let had_ended = session.client.stop(id).await? == StopOutcome::HadEnded;
    session.output.event(&Event::Stop { build: id.to_string(), had_ended })?;
    let text = if had_ended { format!("{id} had ended") } else { format!("Stopping {id}") };
    Ok(session.output.line(text)?)
}

pub(crate) async fn login(session: &Session<'_>) -> Done {
    let found = match session.arguments.simulate {
        Some(_) => Credential::token("simulated")?,
        None => Credential::from_env(Client::INFO)?,
    };
    let credential = format!("{found:?}").replace("Credential(", "").replace(')', "");
    let origin = found.origin().unwrap_or("--simulate").to_owned();
    let endpoint = session.client.pipeline().endpoint().to_owned();
    session.output.line(format_args!("credential  {credential}, from {origin}"))?;
    session.output.line(format_args!("endpoint    {endpoint}"))?;
    // All jobs of the user: a call for which nothing needs to be known.
    let call = session.client.request("GET", "/v1/job/list").query("page_index", "0");
    let _: serde::de::IgnoredAny = call.query("page_size", "1").send().await?;
    session.output.event(&Event::Credential { credential, origin, endpoint })?;
    Ok(session.output.line("service     takes the credential")?)
}

pub(crate) async fn steps(session: &Session<'_>, id: &BuildId) -> Done {
    let steps = session.client.steps(id).await?.into_iter().map(|step| Event::Step {
        name: step.name().to_owned(),
        outcome: outcome(step.conclusion()),
        duration_ms: step.took().map(millis),
        step: Box::new(step),
    });
    table(session, "name step/status duration_ms", stream::iter(steps.map(Ok))).await
}

pub(crate) async fn artifacts(session: &Session<'_>, id: &BuildId) -> Done {
    let (artifacts, id) = (session.client.artifacts(id).await?.into_iter(), id.to_string());
    let events = artifacts.map(|artifact| Ok(Event::Artifact { build: id.clone(), artifact }));
    table(session, "artifact/name artifact/version artifact/uri", stream::iter(events)).await
}

pub(crate) async fn history(session: &Session<'_>, history: &History) -> Done {
    let builds = session.client.history(&history.job);
    let builds = history.since.iter().fold(builds, |builds, time| builds.since(*time));
    let events = builds.take(history.limit).map_ok(|summary| Event::History {
        build: format!("{}/{}", history.job, summary.build_no().unwrap_or_default()),
        outcome: outcome(summary.conclusion()),
        started_at: summary.started_at().map(|time| time.to_string()),
        duration_ms: summary.took().map(millis),
        summary: Box::new(summary),
    });
    let columns = "build outcome started_at duration_ms \
        summary/trigger_type summary/code_branch summary/commit_id";
    table(session, columns, events).await
}

pub(crate) async fn jobs(session: &Session<'_>, project: &str, search: &Option<String>) -> Done {
    let jobs = search.iter().fold(session.client.jobs(project), Jobs::search);
    let events = jobs.map_ok(Box::new);
    let events = events.map_ok(|job| Event::Job { outcome: outcome(job.conclusion()), job });
    table(session, "job/id job/job_name job/build_number outcome", events).await
}

/// Prints a table of these fields of objects, or with `--json` each object as it comes.
async fn table(
    session: &Session<'_>,
    columns: &str,
    rows: impl Stream<Item = Result<Event, Error>>,
) -> Done {
    let (mut table, mut rows) = (comfy_table::Table::new(), pin!(rows));
    table.load_preset(comfy_table::presets::NOTHING);
    table.set_header(columns.split_whitespace().map(|field| {
        let name = field.rsplit('/').next().unwrap_or(field).trim_end_matches("_ms");
        name.replace('_', " ").to_uppercase()
    }));
    while let Some(row) = rows.try_next().await? {
        session.output.event(&row)?;
        let row = serde_json::to_value(row).unwrap_or_default();
        table.add_row(columns.split_whitespace().map(|field| {
            let value = row.pointer(&format!("/{field}")).unwrap_or(&Value::Null);
            let time = value.as_u64().filter(|_| field.ends_with("_ms"));
            time.map_or_else(|| cell(value), |time| took(Duration::from_millis(time)))
        }));
    }
    let mut lines = table.lines().filter(|_| !table.is_empty());
    Ok(lines.try_for_each(|line| session.output.line(line.trim()))?)
}

fn cell(value: &Value) -> String {
    let text = || if value.is_null() { String::new() } else { value.to_string() };
    value.as_str().map_or_else(text, printable)
}

fn outcome(conclusion: Option<Conclusion>) -> Option<String> {
    conclusion.map(|conclusion| conclusion.to_string())
}
