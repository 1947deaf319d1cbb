//! Starting a build: `run` and `push`.

use crate::arguments::{Push, Run, Start};
use crate::exit::{Exit, Failure};
use crate::{event::Event, follow, interrupt, output::*, session::Session};
use codearts_build::{Error, ErrorKind, StartedBuild, Timestamp, types::*};
use std::{env, pin::pin, time::Duration};

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
    let (output, mut call, mut is_interrupted) = (session.output, pin!(call), false);
    let since = Timestamp::now().checked_sub(CLOCKS).unwrap_or_default();
    let started = tokio::select! {
        started = &mut call => started,
        // The call goes on, because without its response the outcome is unknown.
        () = session.interrupted() => {
            output.say(HINT, "Interrupted. Waiting for the number of the build.");
            is_interrupted = true;
            let text = "interrupted before the response";
            tokio::select! {
                started = call => started,
                () = session.interrupted() => {
                    Err(Error::new(ErrorKind::ConnectionLost, text).with_unknown_outcome())
                }
            }
        }
    };
    let build = match started {
        Ok(build) => build.id().clone(),
        Err(error) if error.may_have_taken_effect() => {
            let history = session.command_line(&format!("history {job} --since {since:.0}"));
            let advice = format!("Before another try, look for the build: {history}");
            return Err(Failure { exit: Exit::StartUnknown, error, build: None, advice });
        }
        Err(error) => return Err(error.into()),
    };
    let event = Event::Started { build: build.to_string() };
    // A log has stdout for itself.
    let is_hidden = following.log && !output.is_json;
    let is_lost = !is_hidden && output.result(&event, &build).is_err();
    if is_hidden || is_lost {
        output.say(PLAIN, format_args!("Started {build}"));
    }
    match () {
        () if is_interrupted => {
            Ok(interrupt::leave(session, &[build], following.stop_on_interrupt).await)
        }
        () if *wait => Ok(follow::follow(session, &[build], following, true).await),
        () => Ok(if is_lost { Exit::GoesOn } else { Exit::Succeeded }),
    }
}
