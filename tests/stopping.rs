//! Promise: a build can be stopped, twice too; a build that has ended already is no error.

use crate::support::*;
use codearts_build::{
    BuildId, Client, Conclusion, StopOutcome,
    mock::{Fault, SimulatedJob, SimulatedService},
    types::*,
};
use httpmock::MockServer;
use std::time::Duration;

async fn endless() -> (SimulatedService, Client, BuildId) {
    let service = SimulatedService::start().await.unwrap();
    service.add_job(JOB, SimulatedJob::new().runs_for(Duration::MAX)).unwrap();
    let client = service.client().unwrap();
    let build = client.run_job(RunJobRequest::new(JOB).unwrap()).await.unwrap();
    (service, client, build.into())
}

#[tokio::test(start_paused = true)]
async fn a_build_that_is_stopped_ends_later() {
    let (service, client, build) = endless().await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    // The second response has an empty body.
    for _ in 0..2 {
        assert_eq!(client.stop(&build).await.unwrap(), StopOutcome::Accepted);
        let record = client.record_info(JOB, 1).await.unwrap();
        assert_eq!(record.conclusion(), None);
    }
    assert_eq!(service.received()[1].body, serde_json::json!({ "build_no": 1 }));
    let record = client.wait(&build).await.unwrap();
    assert_eq!(record.conclusion(), Some(Conclusion::Canceled));
}

#[tokio::test(start_paused = true)]
async fn a_build_that_has_ended_stays_as_it_is() {
    let service = SimulatedService::start().await.unwrap();
    let client = service.client().unwrap();
    let build = client.run_job(RunJobRequest::new(JOB).unwrap()).await.unwrap();
    client.wait(&build).await.unwrap();
    assert_eq!(client.stop(&build).await.unwrap(), StopOutcome::HadEnded);
    assert!(client.record_info(JOB, 1).await.unwrap().is_success());
}

#[tokio::test(start_paused = true)]
async fn a_build_that_ends_before_the_stop_takes_effect_keeps_its_status() {
    let service = SimulatedService::start().await.unwrap();
    service
        .add_job(
            JOB,
            SimulatedJob::new().queued_for(Duration::ZERO).runs_for(Duration::from_millis(200)),
        )
        .unwrap();
    let client = service.client().unwrap();
    let build = client.run_job(RunJobRequest::new(JOB).unwrap()).await.unwrap();
    client.stop(&build).await.unwrap();
    assert!(client.wait(&build).await.unwrap().is_success());
}

/// A stop is idempotent, so that it is retried.
#[tokio::test(start_paused = true)]
async fn a_lost_response_to_a_stop_is_asked_for_again() {
    let (service, client, build) = endless().await;
    service.inject(Fault::LostResponse);
    assert_eq!(client.stop(&build).await.unwrap(), StopOutcome::Accepted);
    let stops = service.received().iter().filter(|it| it.path.ends_with("/stop")).count();
    assert_eq!(stops, 2);
    assert_eq!(client.wait(&build).await.unwrap().status, BuildStatus::Aborted);
}

#[tokio::test]
async fn what_the_service_says_of_a_stop_is_understood_in_each_shape() {
    let quoted = r#""{\"error\":{\"code\":\"DEV.CB.032302\",\"reason\":\"has been refreshed\"}}""#;
    let build = BuildId::new(JOB, 20).unwrap();
    for (status, body, accepted) in [
        (200, r#"{"status":"success"}"#, Some(StopOutcome::Accepted)),
        (200, "", Some(StopOutcome::Accepted)),
        (200, r#"{"success":true,"result":""}"#, Some(StopOutcome::Accepted)),
        (200, r#"{"success":false,"result":""}"#, None),
        (200, "success", None),
        (200, r#"{"status":"fail"}"#, None),
        (200, r#"{"status":"fail","error_code":"CB.1","error_msg":"no"}"#, None),
        (200, "{}", None),
        (200, "<html></html>", None),
        (400, r#"{"error_code":"DEV.CB.032302","error_msg":"-"}"#, Some(StopOutcome::HadEnded)),
        (400, r#"{"error_code":"DEVCB.032302","error_msg":"-"}"#, Some(StopOutcome::HadEnded)),
        (400, quoted, Some(StopOutcome::HadEnded)),
        (400, r#"{"error_code":"DEV.CB.032011","error_msg":"-"}"#, None),
    ] {
        let server = MockServer::start_async().await;
        server.mock(|_, then| {
            then.status(status).body(body);
        });
        let outcome = client(&server).stop(&build).await;
        assert_eq!(outcome.as_ref().ok(), accepted.as_ref(), "{status} {body}: {outcome:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_error_of_a_build_that_does_not_exist_says_so() {
    let service = SimulatedService::start().await.unwrap();
    let error = service.client().unwrap().stop(BuildId::new(JOB, 7).unwrap()).await.unwrap_err();
    assert!(error.is_not_found() && !error.may_have_taken_effect(), "{error}");
    assert_eq!(error.operation(), Some("StopTheJob"));
}
