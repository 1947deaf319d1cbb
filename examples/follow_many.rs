//! Follows many builds at once, each with a line of its own, and ends with a summary.
//!
//! $ cargo run --features simulation --example follow_many
//!
//! On a terminal, the lines are progress bars. Elsewhere, each change is printed as a plain line. The
//! builds run on a service that is simulated on this machine. The exit code is 0 if each build was
//! followed to its end, however it ended.

use codearts_build::{
    Client, Error, StartedBuild,
    simulation::{SimulatedJob, SimulatedService},
    types::*,
};
use futures_util::{StreamExt, stream::select_all};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use std::{error::Error as StdError, process::ExitCode, time::Duration};

const JOB: &str = "f9d6c8466d614a9788e9a0acf6c15f46";

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn StdError>> {
    let service = SimulatedService::start().await?;
    // One client for all builds: its watches share one pace, so that no number of builds means too many
    // polls.
    let client = service.client()?;
    let builds = start_builds(&service, &client).await?;

    let (mut succeeded, mut not_followed) = (0, 0);
    for (number, outcome) in follow(&client, &builds).await? {
        match outcome {
            Ok(record) if record.is_success() => succeeded += 1,
            Ok(record) => {
                let reason = record.err_msg.as_deref().unwrap_or("no error message");
                println!("Build {number} ended {}: {reason}", record.status);
            }
            Err(error) => {
                not_followed += 1;
                println!("Build {number} could not be followed: {error}");
            }
        }
    }
    println!("{succeeded} of {} builds succeeded", builds.len());
    Ok(if not_followed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

type Outcome = Result<BuildRecord, Error>;

/// Follows all builds to their ends. Returns the outcome of each, with the number of the build.
async fn follow(
    client: &Client,
    builds: &[StartedBuild],
) -> Result<Vec<(u32, Outcome)>, Box<dyn StdError>> {
    let bars = MultiProgress::new();
    let style = ProgressStyle::with_template("{spinner} {prefix:<9} {elapsed:>4} {msg}")?;
    // Each watch is a stream of the changes of one build. All together are one stream.
    let mut changes = select_all(builds.iter().map(|build| {
        let number = build.build_no();
        let line = bars.add(ProgressBar::new_spinner().with_style(style.clone()));
        line.set_prefix(format!("Build {number}"));
        line.enable_steady_tick(Duration::from_millis(100));
        // Often enough for builds that take seconds. For others, the defaults are better.
        let watch = client.watch(build);
        let watch = watch.poll_interval(Duration::from_millis(200), Duration::from_secs(1));
        watch.map(move |change| (number, line.clone(), change))
    }));
    let total = bars.add(ProgressBar::new(builds.len() as u64));
    total.set_style(ProgressStyle::with_template("[{bar:40}] {pos} of {len} builds have ended")?);

    let mut outcomes = Vec::new();
    while let Some((number, line, change)) = changes.next().await {
        let message = match &change {
            Ok(record) => record.status.to_string(),
            // This build is not followed any more. The others are.
            Err(error) => error.to_string(),
        };
        if bars.is_hidden() {
            println!("Build {number}: {message}");
        }
        line.set_message(message);
        if change.as_ref().map_or(true, BuildRecord::is_finished) {
            line.abandon();
            total.inc(1);
            outcomes.push((number, change));
        }
    }
    total.abandon();
    outcomes.sort_by_key(|(number, _)| *number);
    Ok(outcomes)
}

/// Starts builds that queue and run for different times. Some of them do not succeed.
async fn start_builds(
    service: &SimulatedService,
    client: &Client,
) -> Result<Vec<StartedBuild>, Error> {
    let mut builds = Vec::new();
    for number in 1..=12 {
        let job = SimulatedJob::new()
            .queued_for(Duration::from_millis(100 * number))
            .runs_for(Duration::from_millis(400 + 600 * (number % 4)));
        let job = match number % 5 {
            3 => job.ends(BuildStatus::Failure).with_error("2 tests failed"),
            4 => job.ends(BuildStatus::Timeout),
            _ => job,
        };
        service.add_job(JOB, job)?;
        builds.push(client.run_job(RunJobRequest::new(JOB)?).await?);
    }
    Ok(builds)
}
