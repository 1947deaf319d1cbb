//! Starting a build: `run` and `push`.

use crate::arguments::{Push, Run, Start};
use crate::exit::{Exit, Failure};
use crate::{event::Event, follow, interrupt, output::*, session::Session};
use codearts_build::{BuildId, Error, ErrorKind, StartedBuild, Timestamp, types::*};
use std::{cell::Cell, env, time::Duration};

/// The clocks of two machines may differ by so much.
const CLOCKS: Duration = Duration::from_secs(300);

pub(crate) async fn run(session: &Session<'_>, run: &Run) -> Result<Exit, Failure> {
    let mut request = RunJobRequest::new(&run.start.job)?;
    for parameter in &run.parameters {
        let (name, value) = parameter_of(parameter)?;
        request = request.with_parameter(name, value)?;
    }
    if let Some(commit) = &run.commit {
        request = request.with_commit(commit);
    }
    if let Some(tag) = &run.tag {
        request = request.with_tag(tag);
    }
    start(session, &run.start, session.client.run_job(request)).await
}

pub(crate) async fn push(session: &Session<'_>, push: &Push) -> Result<Exit, Failure> {
    let event = AutoExecuteRequest::push(&push.branch).with_after(&push.after);
    let mut event = event.with_commit(&push.after, "")?;
    event.before.clone_from(&push.before);
    start(session, &push.start, session.client.auto_execute(&push.start.job, event)).await
}

/// A parameter of the command line. A value that is a secret is better in the environment.
fn parameter_of(argument: &str) -> Result<(&str, String), Error> {
    if let Some((name, value)) = argument.split_once('=') {
        return Ok((name, value.to_owned()));
    }
    let rule = "must be NAME=VALUE, or the name of an environment variable that is set";
    let unset = |_| Error::invalid_argument(format!("parameter {argument:?}: {rule}"));
    env::var(argument).map(|value| (argument, value)).map_err(unset)
}

/// Starts a build, prints its id, and follows it if that is wanted.
async fn start(
    session: &Session<'_>,
    Start { job, wait, following }: &Start,
    call: impl Future<Output = Result<StartedBuild, Error>>,
) -> Result<Exit, Failure> {
    let (output, is_interrupted) = (session.output, Cell::new(false));
    let since = Timestamp::now().checked_sub(CLOCKS).unwrap_or_default();
    let text = "interrupted before the response";
    let started = tokio::select! {
        started = call => started.map_err(Failure::from),
        // The call goes on at first, because without its response the outcome is unknown.
        () = async {
            session.interrupted().await;
            output.say(HINT, "Interrupted. Waiting for the number of the build.");
            is_interrupted.set(true);
            session.interrupted().await;
        } => {
            let error = Error::new(ErrorKind::ConnectionLost, text).with_unknown_outcome();
            Err(Failure { exit: Exit::StartUnknown, ..error.into() })
        }
    };
    let build: BuildId = started.map(Into::into).map_err(|failure| match failure.exit {
        Exit::StartUnknown => {
            let history = session.command_line(&format!("history {job} --since {since:.0}"));
            let advice = format!("Before another try, look for the build: {history}");
            Failure { advice, ..failure }
        }
        _ => failure,
    })?;
    let event = Event::Started { build: build.to_string() };
    // A log has stdout for itself.
    let is_hidden = following.log && !output.is_json;
    let is_lost = !is_hidden && output.result(&event, &build).is_err();
    if is_hidden || is_lost {
        output.say(PLAIN, format_args!("Started {build}"));
    }
    if is_interrupted.get() {
        return Ok(interrupt::leave(session, &[build], following.stop_on_interrupt).await);
    }
    if *wait {
        return Ok(follow::follow(session, vec![build], following, true).await);
    }
    Ok(if is_lost { Exit::GoesOn } else { Exit::Succeeded })
}
