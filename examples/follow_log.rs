//! Starts a build and prints its log while it runs, then how it ended.
//!
//! $ cargo run --features simulation --example follow_log
//!
//! The build runs on a service that is simulated on this machine.

use codearts_build::{
    simulation::{SimulatedJob, SimulatedService},
    types::*,
};
use futures_util::TryStreamExt;
use std::{
    error::Error,
    io::{Write, stdout},
    time::Duration,
};

const JOB: &str = "f9d6c8466d614a9788e9a0acf6c15f46";

// The clock is paused so that the minutes of this example pass at once.
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> Result<(), Box<dyn Error>> {
    let service = SimulatedService::start().await?;
    let lines = (1..=20).map(|line| format!("[INFO] 第 {line} 行\n"));
    let job = SimulatedJob::new().runs_for(Duration::from_secs(300)).ends(BuildStatus::Failure);
    service.add_job(JOB, job.with_log(lines.collect::<String>() + "[ERROR] BUILD FAILURE\n"))?;
    let client = service.client()?;

    let build = client.run_job(RunJobRequest::new(JOB)?).await?;
    let mut log = client.follow_log(&build);
    while let Some(text) = log.try_next().await? {
        stdout().write_all(&text)?;
    }
    let record = client.wait(&build).await?;
    if let Some(conclusion) = record.conclusion() {
        println!("Build {} {conclusion}", build.build_no());
    }
    Ok(())
}
