//! CPU time and instructions of a call: this crate with a token, with keys, and with a token and a
//! subscriber of `tracing`, and clients written by hand with hyper and with reqwest, against a server on the
//! same machine.
//!
//! Goals for a token at 64 in flight, as ratios to reqwest: 1.05 for a start and 1.10 for a record, and
//! 1.3 for 1,000 starts at once over TLS. Keys may add 4 µs.

mod by_hand;
mod contender;
mod cpu;
mod instructions;
mod operation;
#[path = "../support/mod.rs"]
mod support;

use std::{env, time::Duration};
use support::{
    Result, Run,
    server::{self, Server},
};

const HELP: &str = "\
Measures CPU time and instructions of calls.

usage: cargo bench --bench calls -- [--quick] [calls] [burst] [instructions]

  --quick        a few seconds, and no instructions
  calls          only CPU time of calls
  burst          only CPU time of 1,000 starts at once
  instructions   only instructions of a call, which need valgrind";

fn main() -> Result {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match arguments.as_slice() {
        [server::ARGUMENT] => return server::serve(operation::respond),
        [instructions::ARGUMENT, call] => return instructions::make_calls(&runtime, call),
        _ => {}
    }
    let Some(run) = Run::of(&arguments, HELP) else { return Ok(()) };
    let server = Server::start()?;
    let limit = Duration::from_millis(if run.quick { 100 } else { 4000 });
    if run.wants("calls") {
        cpu::calls(&runtime, &server.address, limit)?;
    }
    if run.wants("burst") {
        cpu::burst(&runtime, &server.address, limit * 2)?;
    }
    if run.wants("instructions") && !run.quick {
        instructions::instructions(&server.address)?;
    }
    Ok(())
}
