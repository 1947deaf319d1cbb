//! Promise: the log of a build is followed to its end: no text is lost, and none comes twice.

use crate::support::{
    faulty_server::json,
    timeline::{Reply, Request, Timeline},
    *,
};
use codearts_build::{
    BuildId, Client, Error,
    mock::{Fault, SimulatedJob, SimulatedService},
    types::*,
};
use futures_util::{StreamExt, TryStreamExt};
use httpmock::MockServer;
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::time::Instant;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

async fn started(job: SimulatedJob) -> (SimulatedService, Client, BuildId) {
    let service = SimulatedService::start().await.unwrap();
    service.add_job(JOB, job).unwrap();
    let client = service.client().unwrap();
    let build = client.run_job(RunJobRequest::new(JOB).unwrap()).await.unwrap();
    (service, client, build.into())
}

async fn whole(client: &Client, build: &BuildId) -> Result<String, Error> {
    let parts: Vec<_> = client.follow_log(build).try_collect().await?;
    Ok(String::from_utf8(parts.concat()).unwrap())
}

#[tokio::test(start_paused = true)]
async fn a_log_comes_while_the_build_runs_and_ends_with_it() {
    // Most of its parts end within a character.
    let log: String = (0..1000).map(|line| format!("第{line}行 日志\n")).collect();
    let job = SimulatedJob::new().queued_for(MINUTE).runs_for(10 * MINUTE).with_log(&log);
    let (service, client, build) = started(job).await;
    let start = Instant::now();
    let mut parts = Vec::new();
    let mut stream = client.follow_log(&build);
    while let Some(part) = stream.try_next().await.unwrap() {
        assert!(std::str::from_utf8(&part).is_ok_and(|part| !part.contains('\u{fffd}')));
        parts.push((start.elapsed(), part));
    }
    let text: Vec<_> = parts.iter().map(|(_, part)| &part[..]).collect();
    assert_eq!(String::from_utf8(text.concat()).unwrap(), log);
    let first = parts[0].0;
    assert!(first > MINUTE && first < MINUTE + 20 * SECOND, "{first:?}");
    assert!(parts.len() > 100, "{}", parts.len());
    let took = start.elapsed();
    assert!(took < 11 * MINUTE + 40 * SECOND, "{took:?}");
    let polls = service.received().len();
    assert!(polls < 1500, "{polls}");
    // It comes again, as a whole.
    assert_eq!(whole(&client, &build).await.unwrap(), log);
}

#[tokio::test(start_paused = true)]
async fn faults_lose_no_text_and_double_none() {
    let log: String = (0..2000).map(|line| format!("line {line}\n")).collect();
    let (service, client, build) =
        started(SimulatedJob::new().runs_for(30 * MINUTE).with_log(&log)).await;
    let faults = async {
        for (status, lasting) in [(503, MINUTE), (502, 5 * MINUTE), (504, MINUTE)] {
            tokio::time::sleep(3 * MINUTE).await;
            service.inject(Fault::Unavailable { lasting, status });
            tokio::time::sleep(6 * MINUTE).await;
            service.inject(Fault::Throttled { lasting: 15 * MINUTE, retry_after: None });
        }
    };
    let (found, ()) = tokio::join!(whole(&client, &build), faults);
    assert_eq!(found.unwrap(), log);
}

/// The time for which polls may fail does not go on while the service throttles.
#[tokio::test(start_paused = true)]
async fn throttling_between_two_faults_is_waited_out() {
    let (service, client, build) = started(SimulatedJob::new().runs_for(90 * MINUTE)).await;
    let faults = async {
        for _ in 0..2 {
            tokio::time::sleep(MINUTE).await;
            let lasting = 4 * MINUTE;
            service.inject(Fault::Unavailable { lasting, status: 503 });
            tokio::time::sleep(lasting).await;
            service.inject(Fault::Throttled { lasting: 20 * MINUTE, retry_after: None });
            tokio::time::sleep(19 * MINUTE).await;
        }
    };
    let (found, ()) = tokio::join!(whole(&client, &build), faults);
    assert_eq!(found.unwrap(), "[INFO] [Checkout]\n[INFO] [Build]\n");
}

#[tokio::test(start_paused = true)]
async fn an_error_that_does_not_pass_ends_the_log() {
    let (service, client, build) = started(SimulatedJob::new().runs_for(Duration::MAX)).await;
    let start = Instant::now();
    service.inject(Fault::Unavailable { lasting: 60 * MINUTE, status: 503 });
    let error = whole(&client, &build).await.unwrap_err();
    assert_eq!(error.status(), Some(503));
    let waited = start.elapsed();
    assert!((10 * MINUTE..11 * MINUTE).contains(&waited), "{waited:?}");

    let (_service, client, _) = started(SimulatedJob::new()).await;
    let start = Instant::now();
    let unknown = BuildId::new(JOB, 7).unwrap();
    let mut log = client.follow_log(&unknown);
    assert!(log.next().await.unwrap().unwrap_err().is_not_found());
    assert!(log.next().await.is_none());
    let waited = start.elapsed();
    assert!((MINUTE..2 * MINUTE).contains(&waited), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_build_that_is_stopped_or_never_runs_ends_its_log() {
    let log = "line\n".repeat(100);
    let (_service, client, build) =
        started(SimulatedJob::new().runs_for(100 * SECOND).with_log(&log)).await;
    let stop = async {
        tokio::time::sleep(50 * SECOND).await;
        client.stop(&build).await.unwrap();
    };
    let (found, ()) = tokio::join!(whole(&client, &build), stop);
    assert_eq!(found.unwrap().len() / 50, log.len() / 2 / 50);

    let job = SimulatedJob::new().ends(BuildStatus::ScheduleFailure);
    let (_service, client, build) = started(job).await;
    assert_eq!(whole(&client, &build).await.unwrap(), "");
}

/// Follows the logs of builds 1, 2 and so on, each of which gives these parts, then the last one again.
/// Returns each log, with the number of polls.
async fn followed(logs: &'static [&'static [&'static str]]) -> Vec<Result<(String, usize), Error>> {
    let polls: Arc<Vec<AtomicUsize>> = Arc::new(logs.iter().map(|_| AtomicUsize::new(0)).collect());
    let counted = polls.clone();
    let timeline = Timeline::start(move |request: &Request| {
        let number: usize = request.path.split('/').nth(4).unwrap().parse().unwrap();
        let body = match request.path.contains("/real-time-log") {
            true => {
                let parts = logs[number - 1];
                let part = counted[number - 1].fetch_add(1, SeqCst).min(parts.len() - 1);
                format!(r#"{{"status":"success","error":null,"result":{}}}"#, parts[part])
            }
            false => r#"{"status":"success","result":{"build_no":20,"status":"SUCCESS"}}"#.into(),
        };
        Reply::Send(json("200 OK", &body))
    })
    .await;
    let client = timeline.client();
    let followed = async move {
        let mut followed = Vec::new();
        for (number, polls) in (1..).zip(polls.iter()) {
            let found = whole(&client, &BuildId::new(JOB, number).unwrap()).await;
            followed.push(found.map(|text| (text, polls.load(SeqCst))));
        }
        followed
    };
    timeline.run(SECOND, followed).await
}

#[tokio::test]
async fn half_a_character_at_the_end_of_a_part_is_read_again() {
    const HALF: &str = r#"{"has_more_data":true,"offset":3,"content":"a\ufffd"}"#;
    let found = followed(&[
        &[
            r#"{"has_more_data":true,"offset":3,"content":"a\ud83d"}"#,
            r#"{"has_more_data":true,"offset":5,"content":"a\ud83d\ude80b"}"#,
            r#"{"has_more_data":false,"offset":5,"content":""}"#,
        ],
        // One that stays half is a character of the log.
        &[
            HALF,
            HALF,
            HALF,
            HALF,
            HALF,
            r#"{"has_more_data":false,"offset":4,"content":"b"}"#,
            r#"{"has_more_data":false,"offset":4,"content":null}"#,
        ],
        // One part after the other may end so, while the log grows.
        &[
            r#"{"has_more_data":true,"offset":3,"content":"a\ufffd"}"#,
            r#"{"has_more_data":true,"offset":4,"content":"ab\ufffd"}"#,
            r#"{"has_more_data":true,"offset":5,"content":"abc\ufffd"}"#,
            r#"{"has_more_data":true,"offset":6,"content":"abcd\ufffd"}"#,
            r#"{"has_more_data":true,"offset":7,"content":"abcde\ufffd"}"#,
            r#"{"has_more_data":true,"offset":8,"content":"abcdef"}"#,
            r#"{"has_more_data":false,"offset":8,"content":""}"#,
        ],
        // It may grow when it was read for the last time, and end so again.
        &[
            HALF,
            HALF,
            HALF,
            HALF,
            r#"{"has_more_data":true,"offset":4,"content":"ab\ufffd"}"#,
            r#"{"has_more_data":true,"offset":5,"content":"ab\u00e9"}"#,
            r#"{"has_more_data":false,"offset":5,"content":""}"#,
        ],
    ])
    .await;
    let texts: Vec<_> = found.into_iter().map(|it| it.unwrap().0).collect();
    assert_eq!(texts, ["a\u{1f680}b", "a\u{fffd}b", "abcdef", "ab\u{e9}"]);
}

#[tokio::test]
async fn a_log_that_is_said_to_go_on_after_its_build_is_asked_for_a_while() {
    const EMPTY: &str = r#"{"has_more_data":true,"offset":1,"content":""}"#;
    let found = followed(&[
        &[
            r#"{"has_more_data":true,"offset":1,"content":"a"}"#,
            EMPTY,
            EMPTY,
            EMPTY,
            r#"{"has_more_data":true,"offset":2,"content":"b"}"#,
            r#"{"has_more_data":false,"offset":2,"content":""}"#,
        ],
        &[EMPTY],
        &[r#"{"has_more_data":true,"content":"a"}"#],
    ])
    .await;
    let [grown, endless, broken] = &found[..] else { panic!("{found:?}") };
    assert_eq!(grown.as_ref().unwrap().0, "ab");
    let (text, polls) = endless.as_ref().unwrap();
    assert!(text.is_empty() && *polls < 10, "{polls}");
    let error = broken.as_ref().unwrap_err();
    assert!(error.message().contains("no next offset"), "{error}");
}

#[tokio::test]
async fn where_a_region_has_no_such_log_the_whole_one_follows_the_build() {
    let server = MockServer::start_async().await;
    let id = "9d6169b9-022d-458c-9dc8-48cc94cc4083";
    server.mock(|when, then| {
        when.path(format!("/v3/jobs/{JOB}/20/real-time-log"));
        let body = serde_json::json!({ "error_code": "APIGW.0101", "error_msg": "no such API" });
        then.status(404).json_body(body);
    });
    server.mock(|when, then| {
        when.path(format!("/v4/jobs/{JOB}/20/record-info"));
        let record = serde_json::json!({ "build_record_id": id, "status": "FAILURE" });
        then.status(200).json_body(serde_json::json!({ "status": "success", "result": record }));
    });
    server.mock(|when, then| {
        when.path(format!("/v1/log/{id}/download-log"));
        then.status(200).header("content-type", "application/octet-stream").body("whole log");
    });
    let build = BuildId::new(JOB, 20).unwrap();
    assert_eq!(whole(&client(&server), &build).await.unwrap(), "whole log");
}

#[tokio::test(start_paused = true)]
async fn without_such_a_log_a_build_that_never_runs_has_none() {
    for status in [BuildStatus::Failure, BuildStatus::ScheduleFailure] {
        let (service, client, build) = started(SimulatedJob::new().ends(status.clone())).await;
        service.inject(Fault::Response {
            operation: "DownloadRealTimeLog".into(),
            status: 404,
            body: r#"{"error_code":"APIG.0101","error_msg":"-"}"#.into(),
            lasting: 60 * MINUTE,
        });
        let found = whole(&client, &build).await.unwrap();
        assert_eq!(found.is_empty(), status == BuildStatus::ScheduleFailure, "{found}");
    }
}
