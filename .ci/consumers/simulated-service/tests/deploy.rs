//! Tests of a user, in simulated time.

use codearts_build::{mock::*, types::*};
use simulated_service::deploy;
use std::time::Duration;

const JOB: &str = "f9d6c8466d614a9788e9a0acf6c15f46";
const COMMIT: &str = "2fdc0170f0d540ae952c03ee6cabae3a8943d16a";
const MINUTE: Duration = Duration::from_secs(60);

async fn outcome(service: &SimulatedService) -> String {
    let client = service.client().unwrap();
    deploy(&client, JOB, COMMIT).await.unwrap_or_else(|error| error.to_string())
}

mod scenarios {
    use super::*;

    pub async fn success(service: SimulatedService) {
        assert_eq!(outcome(&service).await, "deployed 1");
        assert_eq!(service.received()[0].body["scm"]["build_commit_id"], COMMIT);
    }

    pub async fn failing_build(service: SimulatedService) {
        let job = SimulatedJob::new().ends(BuildStatus::Failure).with_error("no space left");
        service.add_job(JOB, job).unwrap();
        assert_eq!(outcome(&service).await, "FAILURE: no space left");
    }

    pub async fn slow_queue(service: SimulatedService) {
        service.add_job(JOB, SimulatedJob::new().queued_for(50 * MINUTE)).unwrap();
        assert_eq!(outcome(&service).await, "deployed 1");
    }

    pub async fn throttling(service: SimulatedService) {
        let retry_after = Some(Duration::from_secs(1));
        service.inject(Fault::Throttled { lasting: Duration::from_secs(1), retry_after });
        assert_eq!(outcome(&service).await, "deployed 1");
    }

    pub async fn expired_token(service: SimulatedService) {
        assert_eq!(outcome(&service).await, "deployed 1");
        service.inject(Fault::ExpiredTokens);
        assert!(outcome(&service).await.contains("APIGW.0307"));
    }

    pub async fn unknown_outcome(service: SimulatedService) {
        service.inject(Fault::LostResponse);
        assert_eq!(outcome(&service).await, "look at the job");
        assert_eq!(service.builds().len(), 1);
    }

    pub async fn missing_job(service: SimulatedService) {
        service.know_only_added_jobs();
        assert!(outcome(&service).await.contains("the job does not exist"));
    }

    pub async fn aborted(service: SimulatedService) {
        service.add_job(JOB, SimulatedJob::new().runs_for(10 * MINUTE)).unwrap();
        let deploy = outcome(&service);
        let abort = async {
            tokio::time::sleep(MINUTE).await;
            service.abort(&service.builds()[0]);
        };
        assert_eq!(tokio::join!(deploy, abort).0, "ABORTED: ");
    }
}

macro_rules! tests {
    ($($module:ident)*) => {$(mod $module {
        tests! { @ success failing_build slow_queue throttling expired_token unknown_outcome
            missing_job aborted }
    })*};
    (@ $($scenario:ident)*) => {$(
        #[tokio::test(start_paused = true)]
        async fn $scenario() {
            let service = codearts_build::mock::SimulatedService::start().await.unwrap();
            super::scenarios::$scenario(service).await;
        }
    )*};
}
// Thirteen times eight tests.
tests! { a b c d e f g h i j k l m }
