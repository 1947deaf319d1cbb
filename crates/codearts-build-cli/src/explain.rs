//! Where and why a build failed.

use crate::{
    event::Step,
    output::{BAD, HINT, PLAIN, took},
    session::Session,
};
use codearts_build::{BuildId, Conclusion, Error};
use futures_util::TryStreamExt;

/// How much of the end of a log is kept, in bytes, and shown, in lines.
const END: usize = 16 * 1024;
const LINES: usize = 20;

/// Says which step failed, and how the log ends. That these cannot be read changes nothing of the outcome.
pub(crate) async fn explain(
    session: &Session<'_>,
    build: &BuildId,
    with_log: bool,
) -> (Option<Step>, Vec<String>) {
    let output = session.output;
    let failed = session.client.steps(build).await.map(|steps| {
        let has_failed = [Some(Conclusion::Failed), Some(Conclusion::TimedOut)];
        steps.into_iter().find(|step| has_failed.contains(&step.conclusion()))
    });
    let failed = failed.unwrap_or_else(|error| {
        output.say(HINT, format_args!("The steps cannot be read: {error}"));
        None
    });
    if let Some(step) = &failed {
        let after = step.took().map(|time| format!(" after {}", took(time))).unwrap_or_default();
        output.say(BAD, format_args!("Step {:?} failed{after}", step.name()));
    }
    let lines = match with_log {
        false => Vec::new(),
        true => end_of_log(session, build).await.unwrap_or_else(|error| {
            output.say(HINT, format_args!("The log cannot be read: {error}"));
            Vec::new()
        }),
    };
    if !lines.is_empty() {
        output.say(PLAIN, "The log ends with");
        lines.iter().for_each(|line| output.say(PLAIN, format_args!("  {line}")));
    }
    (failed.as_ref().map(Step::from), lines)
}

/// Reads a log of any length, and keeps its last lines.
async fn end_of_log(session: &Session<'_>, build: &BuildId) -> Result<Vec<String>, Error> {
    let mut log = session.client.log(build).await?;
    let mut end = Vec::new();
    while let Some(part) = log.try_next().await? {
        end.extend_from_slice(&part);
        end.drain(..end.len().saturating_sub(END));
    }
    let end = String::from_utf8_lossy(&end);
    let lines: Vec<_> = end.lines().map(str::to_owned).collect();
    Ok(lines.into_iter().rev().take(LINES).rev().collect())
}
