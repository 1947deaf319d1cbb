//! The simulated service of `--simulate`.

use crate::{arguments::Command, failure::Failure};
use clap::ValueEnum;
use codearts_build::{
    BuildId, Error,
    simulation::{Fault, SimulatedJob, SimulatedService},
    types::*,
};
use std::{slice, time::Duration};

/// What happens on the simulated service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
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

const STEPS: [&str; 3] = ["Checkout", "Maven", "Upload to release repository"];
/// So many builds start in no time.
const MAX_BUILDS: u32 = 1000;

/// Starts a service that has what the command names.
pub(crate) async fn service(
    scenario: Scenario,
    command: &Command,
) -> Result<SimulatedService, Failure> {
    let service = SimulatedService::start().await?;
    let job = job(scenario);
    let ended = job.clone().queued_for(Duration::ZERO).runs_for(Duration::ZERO);
    match command {
        Command::Run(run) => service.add_job(&run.job, job)?,
        Command::Push(push) => service.add_job(&push.job, job)?,
        Command::Wait(wait) => start(&service, &wait.builds, &job).await?,
        Command::Stop { build } | Command::Log { build, follow: true } => {
            start(&service, slice::from_ref(build), &job).await?;
        }
        Command::Log { build, .. }
        | Command::Steps { build }
        | Command::Show { build }
        | Command::Artifacts { build } => {
            start(&service, slice::from_ref(build), &ended).await?;
        }
        Command::History(history) => {
            start(&service, &[BuildId::new(&history.job, 3)?], &ended).await?;
        }
        Command::Jobs { .. } => {
            for (id, name) in [("1", "nightly"), ("2", "release")] {
                service.add_job(id.repeat(32), ended.clone().named(name))?;
            }
        }
        Command::Login | Command::Completions { .. } | Command::Schema => {}
    }
    match scenario {
        Scenario::Throttled => {
            service.inject(Fault::Throttled { lasting: Duration::MAX, retry_after: None });
        }
        Scenario::LostResponse => service.inject(Fault::LostResponse),
        Scenario::Success | Scenario::Failure | Scenario::Queue => {}
    }
    Ok(service)
}

fn job(scenario: Scenario) -> SimulatedJob {
    let job = SimulatedJob::new().with_steps(STEPS).runs_for(Duration::from_secs(3));
    let job = job.with_artifact("app-1.0.0.jar");
    match scenario {
        Scenario::Failure => job.ends(BuildStatus::Failure).with_error("BUILD FAILURE"),
        Scenario::Queue => job.queued_for(Duration::MAX),
        Scenario::Success | Scenario::Throttled | Scenario::LostResponse => job,
    }
}

/// Starts builds of jobs up to these numbers.
async fn start(
    service: &SimulatedService,
    builds: &[BuildId],
    job: &SimulatedJob,
) -> Result<(), Error> {
    let client = service.client()?;
    for build in builds {
        if build.build_no() > MAX_BUILDS {
            let rule = format!("build {build}: a simulated job has at most {MAX_BUILDS} builds");
            return Err(Error::invalid_argument(rule));
        }
        service.add_job(build.job_id(), job.clone())?;
        let latest = client.latest_build(build.job_id()).await?;
        for _ in latest.map_or(0, |latest| latest.build_no())..build.build_no() {
            client.run_job(RunJobRequest::new(build.job_id())?).await?;
        }
    }
    Ok(())
}
