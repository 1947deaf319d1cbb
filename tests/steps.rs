//! Promise: a person sees the steps of a build in their order, which one failed, and what was produced.

use crate::support::*;
use codearts_build::{
    BuildId, Conclusion, ErrorKind,
    mock::{SimulatedJob, SimulatedService},
    types::*,
};
use httpmock::MockServer;
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn the_step_that_failed_is_seen() {
    let service = SimulatedService::start().await.unwrap();
    let job = SimulatedJob::new().runs_for(Duration::from_secs(90)).ends(BuildStatus::Failure);
    service.add_job(JOB, job.with_steps(["Checkout", "Compile", "Test"])).unwrap();
    let client = service.client().unwrap();
    let build = client.run_job(RunJobRequest::new(JOB).unwrap()).await.unwrap();
    let shown = || async {
        let steps = client.steps(&build).await.unwrap();
        steps.into_iter().map(|it| (it.name().to_owned(), it.conclusion())).collect::<Vec<_>>()
    };
    let step = |name: &str, conclusion| (name.to_owned(), conclusion);
    assert_eq!(shown().await, ["Checkout", "Compile", "Test"].map(|name| step(name, None)));
    assert_eq!(client.failed_step(&build).await.unwrap(), None);
    client.wait(&build).await.unwrap();
    let (good, failed) = (Some(Conclusion::Succeeded), Some(Conclusion::Failed));
    let expected = [step("Checkout", good), step("Compile", good), step("Test", failed)];
    assert_eq!(shown().await, expected);
    let took: Vec<_> = client.steps(&build).await.unwrap().iter().map(BuildStep::took).collect();
    assert_eq!(took, [Some(Duration::from_secs(30)); 3]);
    assert_eq!(client.failed_step(&build).await.unwrap().unwrap().name(), "Test");
}

#[tokio::test(start_paused = true)]
async fn a_build_that_never_ran_has_no_steps() {
    let service = SimulatedService::start().await.unwrap();
    service.add_job(JOB, SimulatedJob::new().ends(BuildStatus::ScheduleFailure)).unwrap();
    let client = service.client().unwrap();
    let build = client.run_job(RunJobRequest::new(JOB).unwrap()).await.unwrap();
    client.wait(&build).await.unwrap();
    assert_eq!(client.steps(&build).await.unwrap(), []);
}

/// A service with one build, whose record is this, and which shows these steps.
fn service(server: &MockServer, record: Value, steps: Value) -> BuildId {
    server.mock(|when, then| {
        when.path(format!("/v4/jobs/{JOB}/20/record-info"));
        then.status(200).json_body(json!({ "status": "success", "result": record }));
    });
    server.mock(|when, then| {
        when.path("/v1/record/9d6169b9-022d-458c-9dc8-48cc94cc4083/full-stages");
        let result = json!({ "build_stages": steps, "check_stages": null });
        then.status(200).json_body(json!({ "result": result, "error": null, "status": "success" }));
    });
    BuildId::new(JOB, 20).unwrap()
}

#[tokio::test]
async fn steps_come_in_their_order_whatever_the_order_of_the_response() {
    let stage =
        |sequence: Value, name: Value| json!({ "sequence": sequence, "display_name": name });
    let steps = json!({
        "final": stage(json!(12), json!("End")),
        "stage10": stage(json!("10"), json!(null)),
        "stage9": stage(json!(9), json!("Nine")),
        "initial": stage(json!(0), json!(" ")),
        "stage2": stage(json!(2), json!("Two")),
        "stage14": stage(json!(null), json!(null)),
        "stage7": stage(json!(null), json!(null)),
    });
    let server = MockServer::start_async().await;
    // The id of the record itself does not work.
    let record = json!({
        "id": "eb9d73c7-61b3-4823-b476-a7c00c493b8a",
        "build_record_id": "9d6169b9-022d-458c-9dc8-48cc94cc4083",
    });
    let build = service(&server, record, steps);
    let steps = client(&server).steps(&build).await.unwrap();
    let names: Vec<_> = steps.iter().map(BuildStep::name).collect();
    assert_eq!(names, ["initial", "Two", "Nine", "stage10", "End", "stage7", "stage14"]);
    assert_eq!(steps[2].execution_stage_name.as_deref(), Some("stage9"));
}

#[tokio::test]
async fn a_record_without_its_id_is_an_error_that_says_so() {
    for record in [json!({ "build_no": 20 }), json!({ "build_no": 20, "build_record_id": "?" })] {
        let server = MockServer::start_async().await;
        let build = service(&server, record, json!({}));
        let error = client(&server).steps(&build).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidResponse);
        assert!(error.message().contains("build_record_id"), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_build_has_produced_is_listed_when_it_has_succeeded() {
    let service = SimulatedService::start().await.unwrap();
    let job = SimulatedJob::new().with_artifact("demo.jar").with_artifact("app.zip");
    service.add_job(JOB, job).unwrap();
    let client = service.client().unwrap();
    let build = client.run_job(RunJobRequest::new(JOB).unwrap()).await.unwrap();
    assert_eq!(client.artifacts(&build).await.unwrap(), []);
    client.wait(&build).await.unwrap();
    let artifacts = client.artifacts(&build).await.unwrap();
    let names: Vec<_> = artifacts.iter().filter_map(|it| it.name.as_deref()).collect();
    assert_eq!(names, ["app.zip", "demo.jar"]);
    let uri = format!("/simulated/{}/demo.jar", build.daily_build_number().unwrap());
    assert_eq!(artifacts[1].uri, Some(uri));
}

#[tokio::test]
async fn packages_and_images_are_one_list() {
    let package = json!({ "name": "demo.jar", "version": "1" });
    let all = json!({
        "package_info": package,
        "package_infos": { "demo": package, "other": { "name": "other.jar" } },
        "image_infos": { "app:1": { "uri": "swr/app:1" } },
    });
    let none = json!({ "package_info": null, "package_infos": null, "image_infos": null });
    let names = ["demo.jar", "other.jar", "app:1"];
    for (result, expected) in [(all, &names[..]), (none, &[]), (json!(null), &[])] {
        let server = MockServer::start_async().await;
        server.mock(|when, then| {
            when.path(format!("/v1/job/{JOB}/20/output"));
            let body = json!({ "result": result, "error": null, "status": "success" });
            then.status(200).json_body(body);
        });
        let artifacts = client(&server).artifacts(BuildId::new(JOB, 20).unwrap()).await.unwrap();
        let found: Vec<_> = artifacts.iter().filter_map(|it| it.name.as_deref()).collect();
        assert_eq!(found, expected);
    }
}
