//! Where and why a build failed.

use crate::{event::Why, output::*, session::Session};
use codearts_build::{BuildId, Conclusion, Error};
use futures_util::TryStreamExt;

/// How much of the end of a log is kept, in bytes, and shown, in lines.
const END: usize = 16 * 1024;
const LINES: usize = 20;

/// Says which step failed, and how the log ends. That these cannot be read changes nothing of the outcome.
pub(crate) async fn explain(session: &Session<'_>, build: &BuildId, with_log: bool) -> Why {
    let (output, mut why) = (session.output, Why::default());
    match session.client.steps(build).await {
        Ok(steps) => {
            let has_failed = [Some(Conclusion::Failed), Some(Conclusion::TimedOut)];
            let failed = steps.iter().find(|step| has_failed.contains(&step.conclusion()));
            why.failed_step = failed.map(|step| step.name().to_owned());
        }
        Err(error) => output.say(HINT, format_args!("The steps cannot be read: {error}")),
    }
    if let Some(step) = &why.failed_step {
        output.say(BAD, format_args!("Step {step:?} failed"));
    }
    if !with_log {
        return why;
    }
    match end_of_log(session, build).await {
        Ok(lines) => {
            output.say(PLAIN, "The log ends with");
            lines.iter().for_each(|line| output.say(PLAIN, format_args!("  {line}")));
            why.log_end = lines;
        }
        Err(error) => output.say(HINT, format_args!("The log cannot be read: {error}")),
    }
    why
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
