//! Looks for a build after a call whose outcome is unknown, and tells what that proves.
//!
//! $ cargo run --features simulation --example find_build
//!
//! The response of a call that starts a build is lost. To call again could start a second build, so the
//! program looks at the history of the job first. It needs no number of an earlier build. With such a number,
//! `client.records_after` reads whole records, which also name tag and repository. The builds run on a service
//! that is simulated on this machine.

use codearts_build::{
    BuildId, Client, Error, Timestamp,
    simulation::{Fault, SimulatedService},
    types::*,
};
use futures_util::TryStreamExt;
use std::{error::Error as StdError, time::Duration};
use tokio::time::sleep;

const JOB: &str = "f9d6c8466d614a9788e9a0acf6c15f46";
const COMMIT: &str = "2fdc0170f0d540ae952c03ee6cabae3a8943d16a";
const MINUTE: Duration = Duration::from_secs(60);

// The clock is paused so that the minutes of this example pass at once.
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> Result<(), Box<dyn StdError>> {
    let service = SimulatedService::start().await?;
    let client = service.client()?;
    let request = RunJobRequest::new(JOB)?.with_commit(COMMIT);

    service.inject(Fault::LostResponse);
    service.inject(Fault::LateRecords { by: MINUTE });
    let sent = Timestamp::now();
    match client.run_job(request).await {
        Ok(build) => println!("Started build {}", build.build_no()),
        Err(error) if error.may_have_taken_effect() => {
            println!("Unknown outcome: {error}");
            // Meanwhile somebody pushes the same commit, which starts a build too.
            let push = AutoExecuteRequest::default().with_after(COMMIT);
            client.auto_execute(JOB, push).await?;
            if let Some(build) = look_for_some_minutes(&client, sent).await? {
                println!("It ended {}", client.wait(&build).await?.status);
            }
        }
        // Nothing was started: the program may call again.
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

async fn look_for_some_minutes(client: &Client, sent: Timestamp) -> Result<Option<BuildId>, Error> {
    for minutes in 0..=5 {
        if minutes > 0 {
            sleep(MINUTE).await;
        }
        let mut found = candidates(client, sent).await?;
        match (found.pop(), found.len()) {
            // The request may still be on its way, and a build may be started before it has a record.
            (None, _) => {
                println!("After {minutes} min: no such build. That is no proof: look again.")
            }
            (Some(build), 0) => {
                println!("Build {} is very likely the one that was started.", build.build_no());
                println!("That is not proven: no record says which call started its build.");
                return Ok(Some(build));
            }
            (Some(_), others) => {
                println!("{} builds cannot be told apart: ask a person.", others + 1);
                return Ok(None);
            }
        }
    }
    println!("It is unlikely that a build was started: the program may call again.");
    Ok(None)
}

/// The builds since the call that it may have started.
async fn candidates(client: &Client, sent: Timestamp) -> Result<Vec<BuildId>, Error> {
    let mut found = Vec::new();
    // The clocks of two machines may differ by some minutes.
    let mut builds = client.history(JOB).since(sent - 5 * MINUTE);
    while let Some(build) = builds.try_next().await? {
        let Some(number) = build.build_no() else { continue };
        let same_commit = build.commit_id.as_deref() == Some(COMMIT);
        let trigger = build.trigger_type.unwrap_or_default();
        // A push or a schedule started any other. A trigger that is missing excludes nothing.
        let by_hand = trigger.is_empty() || trigger.eq_ignore_ascii_case("manual");
        let may_be_ours = same_commit && by_hand;
        let verdict = if may_be_ours { "may be ours" } else { "is not ours" };
        println!("  Build {number}, trigger {trigger}, same commit {same_commit}: {verdict}");
        if may_be_ours {
            found.push(BuildId::new(JOB, number)?);
        }
    }
    Ok(found)
}
