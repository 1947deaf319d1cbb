//! Commands about one build: `steps`, `show`, `stop` and `artifacts`.

use crate::{
    event::{Build, Event, Step, word},
    failure::Failure,
    list::Table,
    output::took,
    session::Session,
};
use codearts_build::{BuildId, StopOutcome};
use std::time::Duration;

pub(crate) async fn show(session: &Session<'_>, id: &BuildId) -> Result<(), Failure> {
    let record = session.client.record_info(id.job_id(), id.build_no()).await?;
    let build = Build::of_record(id, &record);
    if session.output.is_json {
        return Ok(session.output.event(&Event::Build(build))?);
    }
    let duration = build.duration_ms.map(|time| took(Duration::from_millis(time)));
    for (name, value) in [
        ("build", Some(build.build)),
        ("status", Some(build.status)),
        ("error", build.message),
        ("repository", build.repository),
        ("branch", build.branch),
        ("tag", build.tag),
        ("commit", build.commit),
        ("trigger", build.trigger),
        ("started", build.started_at),
        ("finished", build.finished_at),
        ("duration", duration),
    ] {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            session.output.line(format_args!("{name:<10}  {value}"))?;
        }
    }
    Ok(())
}

pub(crate) async fn steps(session: &Session<'_>, build: &BuildId) -> Result<(), Failure> {
    let mut table = Table::new(session.output, ["STEP", "STATUS", "DURATION"]);
    for step in session.client.steps(build).await? {
        let duration = step.took().map(took).unwrap_or_default();
        let row = [step.name().to_owned(), word(&step.status), duration];
        table.row(&Event::Step(Step::from(&step)), row)?;
    }
    Ok(table.print()?)
}

pub(crate) async fn artifacts(session: &Session<'_>, build: &BuildId) -> Result<(), Failure> {
    let mut table = Table::new(session.output, ["NAME", "VERSION", "TYPE", "URI"]);
    for it in session.client.artifacts(build).await? {
        let row = [&it.name, &it.version, &it.package_type, &it.uri];
        let row = row.map(|cell| cell.clone().unwrap_or_default());
        let (build, package_type) = (build.to_string(), it.package_type);
        let event = Event::Artifact {
            build,
            name: it.name,
            version: it.version,
            package_type,
            uri: it.uri,
        };
        table.row(&event, row)?;
    }
    Ok(table.print()?)
}

pub(crate) async fn stop(session: &Session<'_>, build: &BuildId) -> Result<(), Failure> {
    let had_ended = session.client.stop(build).await? == StopOutcome::HadEnded;
    let text = match had_ended {
        true => format!("{build} had ended"),
        false => format!("Stopping {build}"),
    };
    Ok(session.output.result(&Event::Stop { build: build.to_string(), had_ended }, text)?)
}
