//! Where and why a build failed.

use crate::{event::Why, output::*, session::Session};
use codearts_build::{BuildId, Conclusion, Error};
use futures_util::TryStreamExt;

/// How much of the end of a log is kept, in bytes, and shown, in lines.
const END: usize = 16 * 1024;
const LINES: usize = 20;

/// Says which step failed, and how the log ends. That these cannot be read changes nothing of the outcome.
pub(crate) async fn explain(session: &Session<'_>, build: &BuildId, with_log: bool) -> Why {
    let output = session.output;
    let unread =
        |what: &str, error| output.say(HINT, format_args!("{what} cannot be read: {error}"));
    let steps =
        session.client.steps(build).await.map_err(|error: Error| unread("The steps", error));
    let has_failed = [Some(Conclusion::Failed), Some(Conclusion::TimedOut)];
    let mut steps = steps.unwrap_or_default().into_iter();
    let failed = steps.find(|step| has_failed.contains(&step.conclusion()));
    let failed_step = failed.map(|step| step.name().to_owned());
    if let Some(step) = &failed_step {
        output.say(BAD, format_args!("Step {step:?} failed"));
    }
    if !with_log {
        return Why { failed_step, log_end: Vec::new() };
    }
    let log_end = end_of_log(session, build).await.map_err(|error| unread("The log", error));
    let log_end = log_end.unwrap_or_default();
    output.say(PLAIN, "The log ends with");
    log_end.iter().for_each(|line| output.say(PLAIN, format_args!("  {line}")));
    Why { failed_step, log_end }
}

/// Reads a log of any length, and keeps its last lines.
async fn end_of_log(session: &Session<'_>, build: &BuildId) -> Result<Vec<String>, Error> {
    let (mut log, mut end) = (session.client.log(build).await?, Vec::new());
    while let Some(part) = log.try_next().await? {
        end.extend_from_slice(&part);
        end.drain(..end.len().saturating_sub(END));
    }
    let end = String::from_utf8_lossy(&end);
    let mut lines: Vec<_> = end.lines().rev().take(LINES).map(str::to_owned).collect();
    lines.reverse();
    Ok(lines)
}
