//! What a command works with: the client of a real or a simulated service.

use crate::arguments::{Arguments, Command};
use crate::output::Output;
use codearts_build::simulation::{SimulatedJob, SimulatedService};
use codearts_build::{BuildId, Client, ClientBuilder, Error, types::*};
use futures_util::StreamExt;
use std::time::Duration;

/// A simulated job has no more builds: so many start in no time.
const MAX_BUILDS: u32 = 1000;

pub(crate) struct Session<'a> {
    pub(crate) client: Client,
    pub(crate) output: &'a Output,
    pub(crate) arguments: &'a Arguments,
    /// It ends with the command.
    _simulated: Option<SimulatedService>,
}

impl<'a> Session<'a> {
    pub(crate) async fn open(arguments: &'a Arguments, output: &'a Output) -> Result<Self, Error> {
        let (client, _simulated) = match (&arguments.simulate, &output.process.client) {
            (Some(outcome), _) => {
                let service = simulate(outcome, arguments).await?;
                (service.client()?, Some(service))
            }
            (None, Some(client)) => (client.clone(), None),
            (None, None) => {
                let builder = ClientBuilder::from_env()?;
                let builder = arguments.region.iter().fold(builder, |it, id| it.region(&**id));
                let builder = arguments.endpoint.iter().fold(builder, ClientBuilder::endpoint);
                (builder.build()?, None)
            }
        };
        Ok(Self { client, output, arguments, _simulated })
    }

    /// Waits for Ctrl-C or SIGTERM.
    pub(crate) async fn interrupted(&self) {
        self.output.process.interrupts.lock().await.next().await;
    }

    /// A command line with the settings of this one.
    pub(crate) fn command_line(&self, command: &str) -> String {
        let region = self.arguments.region.iter().map(|region| format!(" --region {region}"));
        let endpoint = self.arguments.endpoint.iter().map(|url| format!(" --endpoint {url}"));
        format!("codearts-build {command}{}", region.chain(endpoint).collect::<String>())
    }
}

/// Starts a service that has the jobs and the builds among the words of the command line. A job without the
/// number of a build has three.
async fn simulate(outcome: &str, arguments: &Arguments) -> Result<SimulatedService, Error> {
    use Command::{Log, Push, Run, Stop, Wait};
    let service = SimulatedService::start().await?;
    let mut job = SimulatedJob::new().with_artifact("app.jar").runs_for(Duration::from_secs(2));
    let goes_on = matches!(
        arguments.command,
        Run(_) | Push(_) | Wait { .. } | Stop(_) | Log { follow: true, .. }
    );
    if !goes_on {
        // What is only read has ended.
        job = job.queued_for(Duration::ZERO).runs_for(Duration::ZERO);
    }
    if outcome == "failure" {
        job = job.ends(BuildStatus::Failure).with_error("BUILD FAILURE");
    }
    let client = service.client()?;
    for word in arguments.words.iter().filter_map(|word| word.to_str()) {
        let Ok(build) = word.parse().or_else(|_| BuildId::new(word, 3)) else { continue };
        service.add_job(build.job_id(), job.clone())?;
        for _ in 0..build.build_no().min(MAX_BUILDS) {
            client.run_job(RunJobRequest::new(build.job_id())?).await?;
        }
    }
    Ok(service)
}
