//! The command `codearts-build`: starts builds on Huawei Cloud CodeArts Build and follows them.
//!
//! This library has what `main` calls, so that it can be tested on a paused clock. For programs of your own,
//! use the crate `codearts-build`.
#![warn(unreachable_pub)]
// No argument and no response may make the command panic. Tests may.
#![cfg_attr(
    not(test),
    warn(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::string_slice,
        clippy::todo,
        clippy::unreachable,
        clippy::unwrap_used
    )
)]

mod arguments;
mod event;
mod exit;
mod explain;
mod failure;
mod follow;
mod interrupt;
mod list;
mod log;
mod login;
mod output;
mod process;
mod read;
mod session;
mod simulate;
mod start;
mod trace;

pub use exit::Exit;
pub use process::{Interrupts, Process, Sink};

use arguments::{Arguments, Command};
use clap::{CommandFactory, Parser};
use codearts_build::ClientBuilder;
use failure::Failure;
use futures_util::StreamExt;
use output::Output;
use session::Session;
use std::ffi::OsString;

/// Runs the command with these arguments, of which the first is the name of the program.
pub async fn run<A>(arguments: impl IntoIterator<Item = A>, process: Process) -> Exit
where
    A: Into<OsString> + Clone,
{
    let Process { stdout, stderr, mut interrupts, client } = process;
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => return output::usage(&error, stdout, stderr),
    };
    let output = Output::new(stdout, stderr, &arguments.settings);
    trace::start(&output, arguments.settings.verbose);
    match perform(&arguments, &output, client, &mut interrupts).await {
        Ok(exit) => exit,
        Err(failure) => failure.report(&output),
    }
}

async fn perform(
    arguments: &Arguments,
    output: &Output,
    client: Option<ClientBuilder>,
    interrupts: &mut Interrupts,
) -> Result<Exit, Failure> {
    let written = match &arguments.command {
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(
                *shell,
                &mut Arguments::command(),
                "codearts-build",
                &mut script,
            );
            Some(output.write(&script))
        }
        Command::Schema => Some(output.write(include_bytes!("../docs/output.schema.json"))),
        _ => None,
    };
    if let Some(written) = written {
        return Ok(written.map(|()| Exit::Succeeded)?);
    }
    let session = Session::open(arguments, output, client).await?;
    match &arguments.command {
        // Of a build that is started or followed, an interrupt is to be told more than to end.
        Command::Run(run) => start::run(&session, run, interrupts).await,
        Command::Push(push) => start::push(&session, push, interrupts).await,
        Command::Wait(wait) => follow::wait(&session, wait, interrupts).await,
        command => tokio::select! {
            done = read(&session, command) => done.map(|()| Exit::Succeeded),
            Some(()) = interrupts.next() => Ok(Exit::Interrupted),
        },
    }
}

/// Runs a command that starts no build and follows none.
async fn read(session: &Session<'_>, command: &Command) -> Result<(), Failure> {
    match command {
        Command::Log { build, follow } => log::log(session, build, *follow).await,
        Command::Steps { build } => read::steps(session, build).await,
        Command::Show { build } => read::show(session, build).await,
        Command::Stop { build } => read::stop(session, build).await,
        Command::Artifacts { build } => read::artifacts(session, build).await,
        Command::History(history) => list::history(session, history).await,
        Command::Jobs { project, search } => list::jobs(session, project, search.as_deref()).await,
        Command::Login => login::login(session).await,
        Command::Run(_) | Command::Push(_) | Command::Wait(_) => Ok(()),
        Command::Completions { .. } | Command::Schema => Ok(()),
    }
}
