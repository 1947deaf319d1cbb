//! What happens to builds when the command is interrupted.

use crate::{event::Event, exit::Exit, output::*, session::Session};
use codearts_build::{BuildId, StopOutcome};
use futures_util::future::join_all;
use std::time::Duration;

/// How long a second interrupt is waited for.
const SECOND: Duration = Duration::from_secs(3);

/// Ends the waiting for builds: says how to go on. On a second interrupt, or if it is asked to, it stops them
/// first.
pub(crate) async fn leave(session: &Session<'_>, builds: &[BuildId], mut stopped: bool) -> Exit {
    let names: Vec<_> = builds.iter().map(ToString::to_string).collect();
    let again = session.command_line(&format!("wait {}", names.join(" ")));
    if !stopped {
        session.output.say(HINT, format_args!("Interrupted. To follow what goes on: {again}"));
        session.output.say(HINT, "Interrupt again within three seconds to stop it.");
        stopped = tokio::time::timeout(SECOND, session.interrupted()).await.is_ok();
    }
    if stopped {
        stopped = tokio::select! {
            done = join_all(builds.iter().map(|build| stop(session, build))) => !done.contains(&false),
            () = session.interrupted() => false,
        };
    }
    _ = session.output.event(&Event::Interrupted { builds: names, stopped });
    Exit::Interrupted
}

/// Asks the service to stop a build, and returns whether it could be asked.
async fn stop(session: &Session<'_>, build: &BuildId) -> bool {
    let stopped = session.client.stop(build).await;
    let (style, text) = match &stopped {
        Ok(StopOutcome::Accepted) => (HINT, format!("Stopping {build}")),
        Ok(StopOutcome::HadEnded) => (HINT, format!("{build} had ended")),
        Err(error) => (BAD, format!("error: {build} may not be stopped: {error}")),
    };
    session.output.say(style, text);
    stopped.is_ok()
}
