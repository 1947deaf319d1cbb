//! Starting a build: `run` and `push`.

use crate::arguments::{Push, Run, Start};
use crate::exit::{Exit, Failure};
use crate::{follow::Follower, output::*, session::Session};
use codearts_build::{BuildId, Error, ErrorKind, StartedBuild, Timestamp, types::*};
use std::cell::{Cell, RefCell};
use std::{env, time::Duration};

/// The clocks of two machines may differ by so much.
const CLOCKS: Duration = Duration::from_secs(300);

pub(crate) async fn run(session: &Session<'_>, run: &Run) -> Result<Exit, Failure> {
    let parameters: Result<Vec<_>, _> = run.parameters.iter().map(|it| parameter(it)).collect();
    let mut request = RunJobRequest::new(&run.start.job)?.with_parameters(parameters?)?;
    request = run.commit.iter().fold(request, RunJobRequest::with_commit);
    request = run.tag.iter().fold(request, RunJobRequest::with_tag);
    start(session, &run.start, session.client.run_job(request)).await
}

pub(crate) async fn push(session: &Session<'_>, push: &Push) -> Result<Exit, Failure> {
    let request = AutoExecuteRequest::push(&push.branch).with_after(&push.after);
    let request = request.with_commit(&push.after, "")?;
    start(session, &push.start, session.client.auto_execute(&push.start.job, request)).await
}

/// A parameter of the command line. A value that is a secret is better in the environment.
fn parameter(text: &str) -> Result<(&str, String), Error> {
    let rule = "must be NAME=VALUE, or the name of an environment variable that is set";
    let unset = |_| Error::invalid_argument(format!("parameter {text:?}: {rule}"));
    match text.split_once('=') {
        Some((name, value)) => Ok((name, value.to_owned())),
        None => Ok((text, env::var(text).map_err(unset)?)),
    }
}

/// Starts a build, prints its id, and follows it if that is wanted.
async fn start(
    session: &Session<'_>,
    Start { job, wait, following }: &Start,
    call: impl Future<Output = Result<StartedBuild, Error>>,
) -> Result<Exit, Failure> {
    let (output, is_interrupted) = (session.output, Cell::new(false));
    let since = Timestamp::now().checked_sub(CLOCKS).unwrap_or_default();
    // At first the call goes on, because without its response the outcome is unknown.
    let interrupted_twice = async {
        session.interrupted().await;
        output.say(HINT, "Interrupted. Waiting for the number of the build.");
        is_interrupted.set(true);
        session.interrupted().await;
        Error::new(ErrorKind::ConnectionLost, "interrupted before the response")
    };
    let started = tokio::select! {
        started = call => started,
        error = interrupted_twice => Err(error.with_unknown_outcome()),
    };
    let build = match started {
        Ok(build) => BuildId::from(build),
        Err(error) if error.may_have_taken_effect() => {
            let history = session.command_line(&format!("history {job} --since {since:.0}"));
            let advice = format!("Before another try, look for the build: {history}");
            return Err(Failure { exit: Exit::StartUnknown, error, build: None, advice });
        }
        Err(error) => return Err(error.into()),
    };
    // With --log, the log has stdout for itself.
    let event = Event::Started { build: build.to_string() };
    let is_printed = output.event(&event).is_ok() && !following.log && output.line(&build).is_ok();
    if !is_printed {
        output.say(PLAIN, format_args!("Started {build}"));
    }
    let follower = Follower { session, following, builds: RefCell::new([build].into()) };
    match wait {
        _ if is_interrupted.get() => Ok(follower.leave().await),
        true => follower.follow_all().await,
        false => Ok(if is_printed { Exit::Succeeded } else { Exit::GoesOn }),
    }
}
