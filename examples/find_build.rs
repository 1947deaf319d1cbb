//! Looks for a build after a call whose outcome is unknown, and tells what that proves.
//!
//! $ cargo run --features mock --example find_build
//!
//! The response of a call that starts a build is lost. To call again could start a second build, so the
//! program looks at the records first. The builds run on a service that is simulated on this machine.

use codearts_build::{
    BuildId, Client, Error, Timestamp,
    mock::{Fault, SimulatedService},
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
    // The last build that the program knows. Without one, look from number 0 on.
    let last: BuildId = client.run_job(request.clone()).await?.into();

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
            if let Some(build) = look_for_some_minutes(&client, &last, sent).await? {
                println!("It ended {}", client.wait(&build).await?.status);
            }
        }
        // Nothing was started: the program may call again.
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

async fn look_for_some_minutes(
    client: &Client,
    last: &BuildId,
    sent: Timestamp,
) -> Result<Option<BuildId>, Error> {
    for minutes in 0..=5 {
        if minutes > 0 {
            sleep(MINUTE).await;
        }
        let mut found = candidates(client, last, sent).await?;
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

/// The builds after the last known one that the call may have started.
async fn candidates(
    client: &Client,
    last: &BuildId,
    sent: Timestamp,
) -> Result<Vec<BuildId>, Error> {
    let mut found = Vec::new();
    let mut records = client.records_after(last.job_id(), last.build_no());
    while let Some(record) = records.try_next().await? {
        let Some(number) = record.number() else { continue };
        let same_commit = record.commit.as_deref() == Some(COMMIT);
        // A push or a schedule started it.
        let other_trigger = matches!(
            record.trigger_type,
            Some(TriggerType::CodehubTrigger | TriggerType::TimedExecution)
        );
        // The clocks of two machines may differ by some minutes. A time that is missing excludes nothing.
        let earlier = record.queued_at().is_some_and(|queued| queued < sent - 5 * MINUTE);
        let may_be_ours = same_commit && !other_trigger && !earlier;
        let verdict = if may_be_ours { "may be ours" } else { "is not ours" };
        let trigger = record.trigger_type.map(|trigger| trigger.to_string()).unwrap_or_default();
        println!("  Build {number}, trigger {trigger}, same commit {same_commit}: {verdict}");
        if may_be_ours {
            found.push(BuildId::new(last.job_id(), number)?);
        }
    }
    Ok(found)
}
