//! Tests your own code against builds that fail, and against a service that fails.
//!
//! $ cargo test --features simulation --example test_a_failure
//!
//! The tests run on a simulated service and a paused clock: an hour in a queue takes milliseconds. The
//! same code on the same service, without the tests:
//!
//! $ cargo run --features simulation --example test_a_failure

use codearts_build::{Client, Error, simulation::SimulatedService, types::*};

const JOB: &str = "f9d6c8466d614a9788e9a0acf6c15f46";
const COMMIT: &str = "2fdc0170f0d540ae952c03ee6cabae3a8943d16a";

/// The code that is tested: builds a commit, and deploys it if the build succeeds. Returns what it did.
async fn deploy_if_green(client: &Client, commit: &str, deploy: impl FnOnce(u32)) -> String {
    match build(client, commit).await {
        Ok((number, record)) if record.is_success() => {
            deploy(number);
            format!("Build {number} was deployed")
        }
        Ok((number, record)) => {
            let reason = record.err_msg.unwrap_or_default();
            format!("Build {number} was not deployed, it ended {}: {reason}", record.status)
        }
        Err(error) => format!("Nothing was deployed: {error}"),
    }
}

async fn build(client: &Client, commit: &str) -> Result<(u32, BuildRecord), Error> {
    let build = client.run_job(RunJobRequest::new(JOB)?.with_commit(commit)).await?;
    Ok((build.build_no(), client.wait(&build).await?))
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let service = SimulatedService::start().await?;
    let deploy = |number| println!("Deploying build {number}");
    println!("{}", deploy_if_green(&service.client()?, COMMIT, deploy).await);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use codearts_build::simulation::{Fault, SimulatedJob};
    use std::time::Duration;

    const HOUR: Duration = Duration::from_secs(3600);

    /// Runs the code. Returns what it said, and whether it deployed.
    async fn run(service: &SimulatedService) -> (String, bool) {
        let mut deployed = false;
        let client = service.client().unwrap();
        let said = deploy_if_green(&client, COMMIT, |_| deployed = true).await;
        (said, deployed)
    }

    #[tokio::test(start_paused = true)]
    async fn a_build_that_succeeds_is_deployed() {
        let service = SimulatedService::start().await.unwrap();
        assert_eq!(run(&service).await, ("Build 1 was deployed".into(), true));
        // What the service received.
        assert_eq!(service.received()[0].body["scm"]["build_commit_id"], COMMIT);
    }

    #[tokio::test(start_paused = true)]
    async fn a_build_that_fails_after_an_hour_in_the_queue_is_not_deployed() {
        let service = SimulatedService::start().await.unwrap();
        let job = SimulatedJob::new().queued_for(HOUR).ends(BuildStatus::Failure);
        service.add_job(JOB, job.with_error("no space left")).unwrap();
        let said = "Build 1 was not deployed, it ended FAILURE: no space left";
        assert_eq!(run(&service).await, (said.into(), false));
    }

    #[tokio::test(start_paused = true)]
    async fn throttling_is_waited_out() {
        let service = SimulatedService::start().await.unwrap();
        let lasting = Duration::from_secs(5);
        service.inject(Fault::Throttled { lasting, retry_after: Some(lasting) });
        assert_eq!(run(&service).await, ("Build 1 was deployed".into(), true));
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_lost_response_no_second_build_is_started() {
        let service = SimulatedService::start().await.unwrap();
        service.inject(Fault::LostResponse);
        let (said, deployed) = run(&service).await;
        assert!(said.contains("a build may have been started"), "{said}");
        assert_eq!((deployed, service.builds().len()), (false, 1));
    }
}
