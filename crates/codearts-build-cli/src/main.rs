//! The command `codearts-build`.

use codearts_build_cli::{Process, run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    run(std::env::args_os(), Process::of_this_program()).await.into()
}
