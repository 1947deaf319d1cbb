//! The command `codearts-build`: starts builds on Huawei Cloud CodeArts Build and follows them.
//!
//! This library has what `main` calls, so that it can be tested on a paused clock. For programs of your own,
//! use the crate `codearts-build`.
#![warn(unreachable_pub)]
// No argument and no response may make the command panic. Tests may.
#![cfg_attr(not(test), warn(clippy::arithmetic_side_effects, clippy::expect_used, clippy::panic))]
#![cfg_attr(not(test), warn(clippy::indexing_slicing, clippy::string_slice, clippy::unwrap_used))]
#![cfg_attr(not(test), warn(clippy::todo, clippy::unreachable))]

mod arguments;
mod exit;
mod follow;
mod output;
mod process;
mod read;
mod session;
mod start;

pub use exit::Exit;
pub use process::{Interrupts, Process};

use arguments::{Arguments, Command};
use clap::{CommandFactory, Parser};
use exit::Failure;
use follow::Follower;
use futures_util::FutureExt;
use output::Output;
use session::Session;
use std::{cell::RefCell, ffi::OsString};

/// Runs the command with these arguments, of which the first is the name of the program.
pub async fn run(arguments: impl IntoIterator<Item = OsString>, process: Process) -> Exit {
    let words: Vec<_> = arguments.into_iter().collect();
    let arguments = match Arguments::try_parse_from(&words) {
        Ok(arguments) => Arguments { words, ..arguments },
        Err(error) => {
            _ = error.print();
            return if error.use_stderr() { Exit::WrongUse } else { Exit::Succeeded };
        }
    };
    let output = Output::new(process, &arguments);
    perform(&arguments, &output).await.unwrap_or_else(|failure| failure.report(&output))
}

async fn perform(arguments: &Arguments, output: &Output) -> Result<Exit, Failure> {
    if let Command::Completions { shell } = arguments.command {
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut Arguments::command(), "codearts-build", &mut script);
        return Ok(output.write(&script).map(|()| Exit::Succeeded)?);
    }
    let session = &Session::open(arguments, output).await?;
    let reading = match &arguments.command {
        Command::Run(run) => return start::run(session, run).await,
        Command::Push(push) => return start::push(session, push).await,
        Command::Wait { builds, following } => {
            let builds = RefCell::new(builds.iter().cloned().collect());
            return Follower { session, following, builds }.follow_all().await;
        }
        Command::Log { build, follow } => read::log(session, &build.id, *follow).boxed_local(),
        Command::Steps(build) => read::steps(session, &build.id).boxed_local(),
        Command::Show(build) => read::show(session, &build.id).boxed_local(),
        Command::Stop(build) => read::stop(session, &build.id).boxed_local(),
        Command::Artifacts(build) => read::artifacts(session, &build.id).boxed_local(),
        Command::History(history) => read::history(session, history).boxed_local(),
        Command::Jobs { project, search } => read::jobs(session, project, search).boxed_local(),
        Command::Login => read::login(session).boxed_local(),
        // Done above, without a session.
        Command::Completions { .. } => return Ok(Exit::Succeeded),
    };
    tokio::select! {
        done = reading => done.map(|()| Exit::Succeeded),
        () = session.interrupted() => Ok(Exit::Interrupted),
    }
}
