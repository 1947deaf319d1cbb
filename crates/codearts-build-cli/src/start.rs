//! Starting a build: `run` and `push`.

use crate::{
    arguments::{Push, Run, Then},
    event::Event,
    exit::Exit,
    failure::Failure,
    follow::{self, Following},
    interrupt,
    output::{HINT, PLAIN},
    process::Interrupts,
    session::Session,
};
use codearts_build::{Error, StartedBuild, Timestamp, types::*};
use futures_util::StreamExt;
use std::{env, io, pin::pin, time::Duration};

/// The clocks of two machines may differ by so much.
const CLOCKS: Duration = Duration::from_secs(300);

pub(crate) async fn run(
    session: &Session<'_>,
    run: &Run,
    interrupts: &mut Interrupts,
) -> Result<Exit, Failure> {
    let mut request = RunJobRequest::new(&run.job)?;
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
    start(session, &run.job, session.client.run_job(request), &run.then, interrupts).await
}

/// A parameter of the command line. Its value may be a secret, which is then better in the environment.
fn parameter_of(argument: &str) -> Result<(&str, String), Failure> {
    if let Some((name, value)) = argument.split_once('=') {
        return Ok((name, value.to_owned()));
    }
    env::var(argument).map(|value| (argument, value)).map_err(|_| {
        let rule = "must be NAME=VALUE, or the name of an environment variable that is set";
        Failure::new(Exit::Refused, format!("parameter {argument:?}: {rule}"))
    })
}

pub(crate) async fn push(
    session: &Session<'_>,
    push: &Push,
    interrupts: &mut Interrupts,
) -> Result<Exit, Failure> {
    let mut event = AutoExecuteRequest::push(&push.branch).with_after(&push.after);
    event = event.with_commit(&push.after, &push.message)?;
    if let Some(before) = &push.before {
        event = event.with_before(before);
    }
    if let Some((name, url)) = push.repository.as_ref().zip(push.repository_url.as_ref()) {
        event = event.with_repository(name, url);
    }
    let call = session.client.auto_execute(&push.job, event);
    start(session, &push.job, call, &push.then, interrupts).await
}

async fn start(
    session: &Session<'_>,
    job: &str,
    call: impl Future<Output = Result<StartedBuild, Error>>,
    then: &Then,
    interrupts: &mut Interrupts,
) -> Result<Exit, Failure> {
    let since = Timestamp::now().checked_sub(CLOCKS).unwrap_or_default();
    let unknown = |failure: Failure| {
        let history = session.command_line(&format!("history {job} --since {since:.0}"));
        failure.with_advice(format!("Before another try, look for the build: {history}"))
    };
    let mut call = pin!(call);
    let (started, is_interrupted) = tokio::select! {
        started = &mut call => (started, false),
        // The call goes on: to drop it would leave the outcome unknown.
        Some(()) = interrupts.next() => {
            let text = "Interrupted. Waiting for the response of the service, which has the build's number";
            session.output.say(HINT, text);
            tokio::select! {
                started = call => (started, true),
                Some(()) = interrupts.next() => {
                    let text = "interrupted before the response: a build may have been started";
                    return Err(unknown(Failure::new(Exit::StartUnknown, text)));
                }
            }
        }
    };
    let build = match started {
        Ok(started) => started.id().clone(),
        Err(error) if error.may_have_taken_effect() => {
            return Err(unknown(Failure::of(Exit::StartUnknown, error)));
        }
        Err(error) if Exit::of(&error) == Exit::Refused => {
            return Err(Failure::from(error).with_advice("Nothing was started."));
        }
        Err(error) => return Err(error.into()),
    };
    let output = session.output;
    let event = Event::Started { build: build.to_string() };
    let printed = match then.log && !output.is_json {
        // The log has stdout for itself.
        true => {
            output.say(PLAIN, format_args!("Started {build}"));
            Ok(())
        }
        false => output.result(&event, &build),
    };
    if let Err(error) = printed {
        // The number must not be lost.
        output.say(PLAIN, format_args!("Started {build}"));
        if !then.wait && error.kind() != io::ErrorKind::BrokenPipe {
            let text = format!("the output cannot be written: {error}");
            return Err(Failure::new(Exit::GoesOn, text).about(&build));
        }
    }
    if is_interrupted {
        return Ok(interrupt::leave(session, &[build], then.stop_on_interrupt, interrupts).await);
    }
    if !then.wait {
        return Ok(Exit::Succeeded);
    }
    let following = Following {
        timeout: then.timeout,
        log: then.log,
        stops: then.stop_on_interrupt,
        started: true,
    };
    Ok(follow::follow(session, vec![build], following, interrupts).await)
}
