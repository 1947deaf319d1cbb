//! The command `codearts-build`.

use codearts_build_cli::{Process, run};
use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    ExitCode::from(run(std::env::args_os(), Process::of_this_program()).await as u8)
}
