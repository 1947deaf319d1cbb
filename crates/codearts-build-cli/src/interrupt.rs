//! What happens to a build when the command is interrupted.

use crate::{
    event::Event,
    exit::Exit,
    output::{BAD, HINT},
    process::Interrupts,
    session::Session,
};
use codearts_build::{BuildId, StopOutcome};
use futures_util::{StreamExt, future::join_all};
use std::time::Duration;
use tokio::time::timeout;

/// How long a second interrupt is waited for.
const SECOND: Duration = Duration::from_secs(3);

/// Ends the waiting for builds: says how to go on. On a second interrupt, or if it is asked to, it stops them
/// first.
pub(crate) async fn leave(
    session: &Session<'_>,
    builds: &[BuildId],
    mut stops: bool,
    interrupts: &mut Interrupts,
) -> Exit {
    let output = session.output;
    let (goes_on, it) = if builds.len() == 1 { ("goes", "it") } else { ("go", "them") };
    let names: Vec<_> = builds.iter().map(ToString::to_string).collect();
    if !stops {
        let build = names.join(", ");
        output.say(HINT, format_args!("Interrupted. {build} {goes_on} on. To follow {it} again:"));
        output.say(HINT, format_args!("  {}", session.wait_again(builds)));
        output.say(
            HINT,
            format_args!("To stop {it}, interrupt again within {} s.", SECOND.as_secs()),
        );
        stops = timeout(SECOND, interrupts.next()).await.is_ok_and(|next| next.is_some());
    }
    if stops {
        stops = tokio::select! {
            stopped = join_all(builds.iter().map(|build| stop(session, build))) => {
                stopped.into_iter().all(|stopped| stopped)
            }
            Some(()) = interrupts.next() => false,
        };
    }
    _ = output.event(&Event::Interrupted { builds: names, stopped: stops });
    Exit::Interrupted
}

/// Asks the service to stop a build, and returns whether it will stop.
async fn stop(session: &Session<'_>, build: &BuildId) -> bool {
    match session.client.stop(build).await {
        Ok(StopOutcome::Accepted) => session.output.say(HINT, format_args!("Stopping {build}")),
        Ok(StopOutcome::HadEnded) => session.output.say(HINT, format_args!("{build} had ended")),
        Err(error) => {
            session.output.say(BAD, format_args!("error: {build} cannot be stopped: {error}"));
            return false;
        }
    }
    true
}
