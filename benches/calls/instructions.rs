//! Instructions of a call at 1 in flight, counted by valgrind, which runs this program anew for each.

use crate::{
    contender::{Caller, Contender},
    cpu::Batch,
    operation::Operation,
    support::{Result, server::Address},
};
use serde::{Deserialize, Serialize};
use std::{
    env, io,
    process::{Command, Stdio},
};
use tokio::runtime::Runtime;

/// The argument that makes this the program that valgrind runs. The call to make follows.
pub const ARGUMENT: &str = "count";

const CALLS: usize = 200;

#[derive(Serialize, Deserialize)]
struct Call {
    contender: Contender,
    operation: Operation,
    server: Address,
}

pub fn instructions(server: &Address) -> Result {
    let valgrind = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status();
    if valgrind.is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
        println!("Instructions of a call: not counted, valgrind is not there");
        return Ok(());
    }
    println!("Instructions of a call at 1 in flight over http; ratio to reqwest.");
    println!("Valgrind has no SHA instructions, so that it counts too many for keys.\n");
    println!("| call | hyper | reqwest | token | keys | traced |");
    println!("| --- | --- | --- | --- | --- | --- |");
    for operation in Operation::ALL {
        let mut counts = Vec::new();
        for contender in Contender::ALL {
            let call = Call { contender, operation, server: server.clone() };
            counts.push((contender, count(call)?));
        }
        let reqwest = counts.iter().find(|(it, _)| *it == Contender::Reqwest).unwrap().1;
        print!("| {} |", operation.name());
        for (_, count) in counts {
            print!(" {count:.0}, {:.2} |", count / reqwest);
        }
        println!();
    }
    println!();
    Ok(())
}

fn count(call: Call) -> Result<f64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg("--toggle-collect=*instructions::counted*")
        .arg(env::current_exe()?)
        .args([ARGUMENT, &serde_json::to_string(&call)?])
        .output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    let count = said.lines().find_map(|line| line.split_once("Collected : "));
    match count.and_then(|(_, count)| count.trim().parse::<f64>().ok()) {
        Some(count) if output.status.success() && count > 0.0 => Ok(count / CALLS as f64),
        _ => Err(format!("valgrind counted nothing:\n{said}").into()),
    }
}

/// Makes the calls that valgrind counts.
pub fn make_calls(runtime: &Runtime, call: &str) -> Result {
    let Call { contender, operation, server } = serde_json::from_str(call)?;
    let caller = contender.caller(&server.http, &server.certificate)?;
    if let Some(subscriber) = contender.subscriber() {
        tracing::dispatcher::set_global_default(subscriber)?;
    }
    let batch = |calls| Batch { operation, calls, in_flight: 1 };
    runtime.block_on(batch(20).run(&caller))?;
    counted(runtime, batch(CALLS), &caller)
}

/// The function that valgrind counts by its name.
#[inline(never)]
fn counted(runtime: &Runtime, batch: Batch, caller: &Caller) -> Result {
    runtime.block_on(batch.run(caller))
}
