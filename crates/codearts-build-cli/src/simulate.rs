//! The simulated service of `--simulate`.

use crate::{arguments::Command, exit::Failure};
use codearts_build::simulation::{Fault, SimulatedJob, SimulatedService};
use codearts_build::{BuildId, types::*};
use std::time::Duration;

/// What happens on the simulated service.
#[derive(Clone, Copy, PartialEq, clap::ValueEnum)]
pub(crate) enum Scenario {
    /// Builds succeed
    Success,
    /// Builds fail
    Failure,
    /// Builds stay in the queue
    Queue,
    /// The service accepts no calls
    Throttled,
    /// The response of the call that starts a build is lost
    LostResponse,
}

/// A simulated job has no more builds: so many start in no time.
const MAX_BUILDS: u32 = 1000;

/// Starts a service that has what the command names.
pub(crate) async fn service(
    scenario: Scenario,
    command: &Command,
) -> Result<SimulatedService, Failure> {
    let service = SimulatedService::start().await?;
    let (builds, have_ended) = builds(command);
    let mut job = SimulatedJob::new().with_steps(["Checkout", "Maven", "Upload"]);
    job = job.with_artifact("app-1.0.0.jar").runs_for(Duration::from_secs(2));
    if have_ended {
        job = job.queued_for(Duration::ZERO).runs_for(Duration::ZERO);
    }
    job = match scenario {
        Scenario::Failure => job.ends(BuildStatus::Failure).with_error("BUILD FAILURE"),
        Scenario::Queue => job.queued_for(Duration::MAX),
        _ => job,
    };
    let client = service.client()?;
    for (name, count) in builds {
        service.add_job(name, job.clone())?;
        let latest = client.latest_build(name).await?.map_or(0, |latest| latest.build_no());
        for _ in latest..count.min(MAX_BUILDS) {
            client.run_job(RunJobRequest::new(name)?).await?;
        }
    }
    match scenario {
        Scenario::Throttled => {
            service.inject(Fault::Throttled { lasting: Duration::MAX, retry_after: None });
        }
        Scenario::LostResponse => service.inject(Fault::LostResponse),
        _ => {}
    }
    Ok(service)
}

/// The jobs that the command names, how many builds they must have, and whether these have ended.
fn builds(command: &Command) -> (Vec<(&str, u32)>, bool) {
    fn named(build: &BuildId) -> (&str, u32) {
        (build.job_id(), build.build_no())
    }
    match command {
        Command::Run(run) => (vec![(&run.start.job, 0)], false),
        Command::Push(push) => (vec![(&push.start.job, 0)], false),
        Command::Wait(wait) => (wait.builds.iter().map(named).collect(), false),
        Command::Stop(build) => (vec![named(&build.id)], false),
        Command::Log(log) => (vec![named(&log.build.id)], !log.follow),
        Command::Steps(it) | Command::Show(it) | Command::Artifacts(it) => {
            (vec![named(&it.id)], true)
        }
        Command::History(history) => (vec![(&history.job, 3)], true),
        Command::Jobs(jobs) => (vec![(&jobs.project, 3)], true),
        Command::Login | Command::Completions { .. } | Command::Schema => (Vec::new(), true),
    }
}
