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
mod event;
mod exit;
mod explain;
mod follow;
mod interrupt;
mod log;
mod output;
mod process;
mod read;
mod session;
mod simulate;
mod start;
mod trace;

pub use exit::Exit;
pub use process::{Console, Interrupts, Process};

use arguments::{Arguments, Command};
use clap::{CommandFactory, Parser};
use codearts_build::ClientBuilder;
use exit::Failure;
use output::Output;
use session::Session;
use std::ffi::OsString;

/// Runs the command with these arguments, of which the first is the name of the program.
pub async fn run(arguments: impl IntoIterator<Item = OsString>, process: Process) -> Exit {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            _ = error.print();
            return if error.use_stderr() { Exit::WrongUse } else { Exit::Succeeded };
        }
    };
    let Process { console, interrupts, client } = process;
    let output = Output::new(console, &arguments.settings);
    trace::start(&output, arguments.settings.verbose);
    let done = perform(&arguments, &output, interrupts, client).await;
    done.unwrap_or_else(|failure| failure.report(&output))
}

async fn perform(
    arguments: &Arguments,
    output: &Output,
    interrupts: Interrupts,
    client: Option<ClientBuilder>,
) -> Result<Exit, Failure> {
    let mut text = include_bytes!("../docs/output.schema.json").to_vec();
    if let Command::Completions { shell } = arguments.command {
        text.clear();
        clap_complete::generate(shell, &mut Arguments::command(), "codearts-build", &mut text);
    }
    if let Command::Completions { .. } | Command::Schema = arguments.command {
        return Ok(output.write(&text).map(|()| Exit::Succeeded)?);
    }
    let session = Session::open(arguments, output, interrupts, client).await?;
    match &arguments.command {
        // There is more to do for a build than to end.
        Command::Run(run) => start::run(&session, run).await,
        Command::Push(push) => start::push(&session, push).await,
        Command::Wait(wait) => follow::wait(&session, wait).await,
        command => tokio::select! {
            done = read::read(&session, command) => done.map(|()| Exit::Succeeded),
            () = session.interrupted() => Ok(Exit::Interrupted),
        },
    }
}
