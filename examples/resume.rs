//! Follows builds again after a restart, from their ids in a file.
//!
//! $ cargo run --features simulation --example resume
//!
//! A program runs twice here. The first run stops while builds are still running, and leaves nothing but
//! the file. The builds run on a service that is simulated on this machine.

use codearts_build::{
    BuildId, Client,
    simulation::{SimulatedJob, SimulatedService},
    types::RunJobRequest,
};
use futures_util::{StreamExt, stream::select_all};
use std::{
    env,
    error::Error as StdError,
    fs::{self, File},
    io,
    path::Path,
    process,
    time::Duration,
};

const JOB: &str = "f9d6c8466d614a9788e9a0acf6c15f46";

#[tokio::main]
async fn main() -> Result<(), Box<dyn StdError>> {
    let service = SimulatedService::start().await?;
    let file = env::temp_dir().join(format!("codearts-build-resume-{}.json", process::id()));

    // The first run starts builds. It stops after the first of them has ended.
    first_run(&service, &file).await?;
    println!("The program stops. The file holds {}", fs::read_to_string(&file)?);
    // The second run has a client of its own, and knows the builds from the file.
    println!("The program starts again.");
    let client = service.client()?;
    follow(&client, &file, 0).await?;
    println!("All builds have ended. The file holds {}", fs::read_to_string(&file)?);
    Ok(fs::remove_file(&file)?)
}

async fn first_run(service: &SimulatedService, file: &Path) -> Result<(), Box<dyn StdError>> {
    let client = service.client()?;
    let mut builds = Vec::new();
    for seconds in 1..=3 {
        service.add_job(JOB, SimulatedJob::new().runs_for(Duration::from_secs(seconds)))?;
        // A crash between these two statements leaves a build that is in no file. The example
        // `find_build` shows how to look for it.
        let build = client.run_job(RunJobRequest::new(JOB)?).await?;
        builds.push(build.id().clone());
        // Stored before it is followed, so that it is found again after a crash.
        store(file, &builds)?;
        println!("Started and stored build {build}");
    }
    follow(&client, file, 2).await
}

/// Follows the builds of the file until so many are left, and removes each that has ended.
async fn follow(client: &Client, file: &Path, left: usize) -> Result<(), Box<dyn StdError>> {
    let mut builds: Vec<BuildId> = serde_json::from_reader(File::open(file)?)?;
    let mut changes = select_all(builds.iter().map(|build| {
        let build = build.clone();
        client.watch(&build).map(move |change| (build.clone(), change))
    }));
    while builds.len() > left
        && let Some((build, change)) = changes.next().await
    {
        // After an error, the build is still in the file.
        let record = change?;
        if record.is_finished() {
            // Printed before it is removed: after a crash in between, it is printed again.
            println!("Build {build} ended {}", record.status);
            builds.retain(|it| *it != build);
            store(file, &builds)?;
        }
    }
    Ok(())
}

/// Stores the ids. The file is replaced in one step, so that after a crash it holds either the old list or
/// the new one.
fn store(file: &Path, builds: &[BuildId]) -> io::Result<()> {
    let new = file.with_extension("new");
    let mut content = File::create(&new)?;
    serde_json::to_writer(&mut content, builds)?;
    content.sync_all()?;
    fs::rename(new, file)
}
