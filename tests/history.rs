//! Promise: the builds of a job are found, newest first, each once, however many pages and months there are.

use crate::support::*;
use codearts_build::{
    BuildId, Client, Conclusion, Error, Timestamp,
    mock::{Fault, ReceivedRequest, SimulatedJob, SimulatedService},
    types::*,
};
use futures_util::{StreamExt, TryStreamExt};
use httpmock::MockServer;
use jiff::{civil::DateTime, tz::TimeZone};
use serde_json::json;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn start(client: &Client, count: usize) {
    for _ in 0..count {
        client.run_job(RunJobRequest::new(JOB).unwrap()).await.unwrap();
    }
}

async fn numbers(client: &Client) -> Result<Vec<u32>, Error> {
    let builds = client.history(JOB).try_filter_map(|build| async move { Ok(build.build_no()) });
    builds.try_collect().await
}

fn lists(service: &SimulatedService) -> Vec<ReceivedRequest> {
    service.received().into_iter().filter(|it| it.path.ends_with("/list")).collect()
}

fn time(request: &ReceivedRequest, name: &str) -> Timestamp {
    let time = DateTime::strptime("%Y-%m-%d %H:%M:%S", &request.query[name]).unwrap();
    TimeZone::UTC.to_timestamp(time).unwrap()
}

/// The clock runs on between two of these builds. An hour is more than enough for one to end.
#[tokio::test(start_paused = true)]
async fn builds_come_newest_first_over_all_pages_and_months() {
    let service = SimulatedService::start().await.unwrap();
    let client = service.client().unwrap();
    start(&client, 1).await;
    tokio::time::advance(20 * DAY).await;
    start(&client, 120).await;
    // Two windows have these builds in common, which fill more than a page.
    tokio::time::advance(28 * DAY + 12 * HOUR).await;
    start(&client, 1).await;
    tokio::time::advance(100 * DAY).await;
    start(&client, 2).await;
    assert_eq!(numbers(&client).await.unwrap(), (1..=124).rev().collect::<Vec<_>>());

    let windows = lists(&service);
    let now = Timestamp::now() + 149 * DAY;
    // It is tomorrow nowhere else.
    assert!(time(&windows[0], "end_time") > now - DAY + 14 * HOUR, "{:?}", windows[0]);
    for pair in windows.windows(2) {
        let [newer, older] = pair else { continue };
        let (start, end) = (time(older, "start_time"), time(older, "end_time"));
        assert!(end.duration_since(start).unsigned_abs() <= 31 * DAY, "{older:?}");
        let common = end.duration_since(time(newer, "start_time"));
        assert!(common.unsigned_abs() > DAY, "{pair:?}");
    }
    let pages = |index: &str| windows.iter().filter(|it| it.query["page_index"] == index).count();
    assert!(pages("1") > 0 && windows.iter().all(|it| it.query["page_size"] == "100"));
}

#[tokio::test(start_paused = true)]
async fn a_build_tells_when_it_ran_and_how_it_ended() {
    let service = SimulatedService::start().await.unwrap();
    service.add_job(JOB, SimulatedJob::new().ends(BuildStatus::Failure)).unwrap();
    let client = service.client().unwrap();
    let request = RunJobRequest::new(JOB).unwrap().with_commit(COMMIT);
    let build = client.run_job(request).await.unwrap();
    let first = client.history(JOB).next().await.unwrap().unwrap();
    assert_eq!((first.conclusion(), first.started_at()), (None, None));
    let record = client.wait(&build).await.unwrap();
    let ended = client.history(JOB).next().await.unwrap().unwrap();
    assert_eq!(ended.conclusion(), Some(Conclusion::Failed));
    assert_eq!(ended.commit_id.as_deref(), Some(COMMIT));
    assert_eq!(ended.took(), record.took());
    let started = record.started_at().unwrap().as_millisecond();
    assert_eq!(ended.started_at().unwrap().as_millisecond(), started);
}

#[tokio::test(start_paused = true)]
async fn the_history_ends_at_a_time() {
    let service = SimulatedService::start().await.unwrap();
    let client = service.client().unwrap();
    for _ in 0..4 {
        start(&client, 1).await;
        tokio::time::advance(40 * DAY).await;
    }
    let now = Timestamp::now() + 160 * DAY;
    for (days, expected) in [(1, vec![]), (50, vec![4]), (90, vec![4, 3]), (365, vec![4, 3, 2, 1])]
    {
        let builds: Vec<_> =
            client.history(JOB).since(now - days * DAY).try_collect().await.unwrap();
        let found: Vec<_> = builds.iter().filter_map(BuildSummary::build_no).collect();
        assert_eq!(found, expected, "{days} days");
    }
    // Nothing older is asked for.
    let before = lists(&service).len();
    client.history(JOB).since(now - DAY).try_collect::<Vec<_>>().await.unwrap();
    assert_eq!(lists(&service).len() - before, 1);

    // Builds of one month.
    for _ in 0..3 {
        start(&client, 1).await;
        tokio::time::advance(2 * DAY).await;
    }
    let now = Timestamp::now() + 166 * DAY;
    let builds: Vec<_> = client.history(JOB).since(now - 5 * DAY).try_collect().await.unwrap();
    let found: Vec<_> = builds.iter().filter_map(BuildSummary::build_no).collect();
    assert_eq!(found, [7, 6]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_asked_for_after_build_1() {
    let service = SimulatedService::start().await.unwrap();
    let client = service.client().unwrap();
    start(&client, 2).await;
    assert_eq!(numbers(&client).await.unwrap(), [2, 1]);
    assert_eq!(lists(&service).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_year_without_a_build_ends_the_history() {
    let service = SimulatedService::start().await.unwrap();
    let client = service.client().unwrap();
    assert_eq!(numbers(&client).await.unwrap(), [0; 0]);
    let requests = lists(&service);
    let earliest = time(requests.last().unwrap(), "start_time");
    assert!(earliest < Timestamp::now() - 365 * DAY, "{earliest}");
    assert!(requests.len() < 15, "{}", requests.len());

    start(&client, 2).await;
    tokio::time::advance(350 * DAY).await;
    start(&client, 1).await;
    assert_eq!(numbers(&client).await.unwrap(), [3, 2, 1]);
    tokio::time::advance(500 * DAY).await;
    start(&client, 1).await;
    assert_eq!(numbers(&client).await.unwrap(), [4]);
}

#[tokio::test(start_paused = true)]
async fn an_error_ends_the_history() {
    let service = SimulatedService::start().await.unwrap();
    let client = service.client().unwrap();
    start(&client, 101).await;
    let mut builds = client.history(JOB);
    assert_eq!(builds.next().await.unwrap().unwrap().build_no(), Some(101));
    service.inject(Fault::Unavailable { lasting: DAY, status: 500 });
    let rest: Vec<_> = builds.by_ref().collect().await;
    assert_eq!(rest.len(), 100);
    assert_eq!(rest[99].as_ref().unwrap_err().status(), Some(500));
    assert!(builds.next().await.is_none());

    let service = SimulatedService::start().await.unwrap();
    service.know_only_added_jobs();
    let error = numbers(&service.client().unwrap()).await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
    let client = service.client().unwrap();
    let error = client.history("no job").next().await.unwrap().unwrap_err();
    assert!(error.is_invalid_argument(), "{error}");
    assert_eq!(lists(&service).len(), 1);
}

/// A server that shows the same page whatever it is asked for.
#[tokio::test]
async fn a_service_that_does_not_turn_the_page_is_asked_no_longer_than_another() {
    let server = MockServer::start_async().await;
    let page = server.mock(|_, then| {
        let builds = [json!({ "number": "7" }), json!({ "number": 8 }), json!({ "state": "?" })];
        let page = json!({ "total_page": "1000", "job_build_states": builds });
        then.status(200).json_body(json!({ "status": "success", "result": page }));
    });
    assert_eq!(numbers(&client(&server)).await.unwrap(), [8, 7]);
    assert!(page.calls_async().await < 40);
}

#[tokio::test]
async fn an_empty_list_is_a_list() {
    for result in
        [json!({ "job_build_states": null }), json!({ "job_build_states": [] }), json!(null)]
    {
        let server = MockServer::start_async().await;
        server.mock(|_, then| {
            then.status(200)
                .json_body(json!({ "status": "success", "error": null, "result": result }));
        });
        assert_eq!(numbers(&client(&server)).await.unwrap(), [0; 0]);
    }
}

#[tokio::test(start_paused = true)]
async fn the_latest_build_is_known_by_its_job() {
    let service = SimulatedService::start().await.unwrap();
    let client = service.client().unwrap();
    assert_eq!(client.latest_build(JOB).await.unwrap(), None);
    start(&client, 2).await;
    // However long ago it was.
    tokio::time::advance(900 * DAY).await;
    let latest = client.latest_build(JOB).await.unwrap();
    assert_eq!(latest, Some(BuildId::new(JOB, 2).unwrap()));
    assert!(client.latest_build("no job").await.unwrap_err().is_invalid_argument());
}

#[tokio::test(start_paused = true)]
async fn after_a_lost_response_the_build_is_found_without_a_number() {
    let service = SimulatedService::start().await.unwrap();
    let client = service.client().unwrap();
    let sent = Timestamp::now() - HOUR;
    service.inject(Fault::LostResponse);
    let request = RunJobRequest::new(JOB).unwrap().with_commit(COMMIT);
    let error = client.run_job(request).await.unwrap_err();
    assert!(error.may_have_taken_effect());
    let builds: Vec<_> = client.history(JOB).since(sent).try_collect().await.unwrap();
    let found = builds.iter().filter(|build| build.commit_id.as_deref() == Some(COMMIT));
    assert_eq!(found.filter_map(BuildSummary::build_no).collect::<Vec<_>>(), [1]);
}
