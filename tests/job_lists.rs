//! Promise: the jobs of a project are listed, each once, over all pages and in both shapes.

use crate::support::*;
use codearts_build::{
    Client, Conclusion, Error,
    mock::{Fault, SimulatedJob, SimulatedService},
    types::*,
};
use futures_util::{StreamExt, TryStreamExt};
use httpmock::MockServer;
use serde_json::{Value, json};
use std::time::Duration;

async fn names(client: &Client, search: &str) -> Result<Vec<String>, Error> {
    let mut jobs = client.jobs(PROJECT);
    if !search.is_empty() {
        jobs = jobs.search(search);
    }
    jobs.try_filter_map(|job| async move { Ok(job.job_name) }).try_collect().await
}

#[tokio::test(start_paused = true)]
async fn all_pages_are_read() {
    let service = SimulatedService::start().await.unwrap();
    let client = service.client().unwrap();
    assert_eq!(names(&client, "").await.unwrap(), [""; 0]);
    for number in 0..205 {
        let kind = if number % 100 == 0 { "release" } else { "nightly" };
        let job = SimulatedJob::new().named(format!("{kind}-{number:03}"));
        service.add_job(format!("{number:032}"), job).unwrap();
    }
    let all = names(&client, "").await.unwrap();
    assert_eq!(all.len(), 205);
    assert!(all.is_sorted());
    let found = names(&client, "release").await.unwrap();
    assert_eq!(found, ["release-000", "release-100", "release-200"]);
    assert!(service.received().iter().all(|it| it.path == format!("/v1/job/{PROJECT}/list")));
}

#[tokio::test(start_paused = true)]
async fn a_job_tells_how_its_last_build_ended() {
    let service = SimulatedService::start().await.unwrap();
    service.add_job(JOB, SimulatedJob::new().ends(BuildStatus::Timeout)).unwrap();
    let client = service.client().unwrap();
    let job = || async { client.jobs(PROJECT).next().await.unwrap().unwrap() };
    assert_eq!(job().await.conclusion(), None);
    let build = client.run_job(RunJobRequest::new(JOB).unwrap()).await.unwrap();
    assert_eq!((job().await.is_finished, job().await.conclusion()), (Some(false), None));
    client.wait(&build).await.unwrap();
    let job = job().await;
    assert_eq!(job.conclusion(), Some(Conclusion::TimedOut));
    assert_eq!((job.id.as_deref(), job.build_number.as_deref()), (Some(JOB), Some("1")));
}

fn page(names: &[&str]) -> Value {
    names.iter().map(|name| json!({ "id": name, "job_name": name })).collect()
}

#[tokio::test]
async fn both_shapes_are_read_and_a_job_that_comes_twice_is_listed_once() {
    let (first, second) = (page(&["a", "b"]), page(&["b", "c"]));
    let enveloped = |jobs: &Value| json!({ "result": { "total": 4, "job_list": jobs }, "error": null, "status": "success" });
    let flat = |jobs: &Value| json!({ "jobs": jobs, "total": 4 });
    for shape in [&enveloped as &dyn Fn(&Value) -> Value, &flat] {
        let server = MockServer::start_async().await;
        // Any page after the second is the second again.
        for (index, jobs) in [("0", &first), ("1", &second), ("2", &second)] {
            server.mock(|when, then| {
                when.query_param("page_index", index);
                then.status(200).json_body(shape(jobs));
            });
        }
        assert_eq!(names(&client(&server), "").await.unwrap(), ["a", "b", "c"]);
    }
    for empty in [enveloped(&json!([])), flat(&json!([])), json!({ "jobs": [], "total": 0 })] {
        let server = MockServer::start_async().await;
        server.mock(|_, then| {
            then.status(200).json_body(empty);
        });
        assert_eq!(names(&client(&server), "").await.unwrap(), [""; 0]);
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_ends_the_list() {
    let service = SimulatedService::start().await.unwrap();
    let client = service.client().unwrap();
    let error = client.jobs("no project").next().await.unwrap().unwrap_err();
    assert!(error.is_invalid_argument(), "{error}");
    service.inject(Fault::Unavailable { lasting: Duration::from_secs(3600), status: 500 });
    let mut jobs = client.jobs(PROJECT);
    assert_eq!(jobs.next().await.unwrap().unwrap_err().status(), Some(500));
    assert!(jobs.next().await.is_none());
}
