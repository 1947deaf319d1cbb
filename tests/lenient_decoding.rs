//! Promise: a response is decoded leniently. The rest is still read if the service adds a field, leaves one
//! out, wraps it or spells it differently.

use crate::support::*;
use codearts_build::{Error, ErrorKind, StartedBuild, types::*};
use httpmock::MockServer;
use serde_json::{Value, json};
use std::time::Duration;

async fn run_job_with(body: Value) -> Result<StartedBuild, Error> {
    let server = MockServer::start_async().await;
    server.mock(|_, then| {
        then.status(200).json_body(body);
    });
    client(&server).run_job(RunJobRequest::new(JOB).unwrap()).await
}

async fn record_with(body: Value) -> Result<BuildRecord, Error> {
    let server = MockServer::start_async().await;
    server.mock(|_, then| {
        then.status(200).json_body(body);
    });
    client(&server).record_info(JOB, 1).await
}

#[tokio::test]
async fn a_build_number_may_be_a_string_or_a_number_flat_or_wrapped() {
    for body in [
        json!({ "actual_build_number": "20" }),
        json!({ "actual_build_number": 20 }),
        json!({ "actual_build_number": " 20 ", "new": [1] }),
        json!({ "status": "success", "error": null, "result": { "actual_build_number": 20 } }),
        json!({ "result": { "actual_build_number": "20", "octopus_job_name": {} } }),
    ] {
        assert_eq!(run_job_with(body).await.unwrap().build_no(), 20);
    }
    let server = MockServer::start_async().await;
    server.mock(|_, then| {
        then.status(200).json_body(json!({ "result": { "actual_build_number": 20 } }));
    });
    let build = client(&server).auto_execute(JOB, AutoExecuteRequest::push("master")).await;
    assert_eq!(build.unwrap().build_no(), 20);
}

#[tokio::test]
async fn a_started_build_without_a_number_is_no_success() {
    for body in [
        json!({ "actual_build_number": null, "octopus_job_name": "j_1" }),
        json!({ "octopus_job_name": "j_1" }),
        json!({ "actual_build_number": "soon" }),
        json!({ "actual_build_number": 0 }),
        json!({ "actual_build_number": -1 }),
        json!({ "actual_build_number": 2_147_483_648_u32 }),
        json!({ "result": { "actual_build_number": "" , "daily_build_number": "1.1" } }),
        json!({}),
        json!([]),
        json!(20),
    ] {
        let error = run_job_with(body.clone()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{body}");
        assert_eq!(error.status(), Some(200), "{body}");
        assert!(error.may_have_taken_effect(), "{body}");
    }
}

#[tokio::test]
async fn a_record_comes_flat_or_wrapped() {
    for body in [
        json!({ "build_no": 1, "id": "1", "status": "SUCCESS" }),
        json!({ "status": "success", "result": { "build_no": 1, "id": "1", "status": "SUCCESS" } }),
        json!({ "status": "success", "error": {}, "result": { "build_no": 1, "id": "1", "status": "SUCCESS" } }),
        json!({ "result": { "build_no": "1", "id": 1, "status": "success" }, "trace": "x" }),
    ] {
        let record = record_with(body).await.unwrap();
        assert_eq!(record.id.as_deref(), Some("1"));
        assert!(record.is_success());
    }
}

#[tokio::test]
async fn an_unexpected_value_never_loses_the_rest() {
    let record = record_with(json!({ "status": "success", "result": {
        "id": null,
        "build_no": "61",
        "duration": "100068",
        "use_private_slave": "no",
        "repo_id": 2_111_616_838_u32,
        "branch": { "name": "master" },
        "commit": ["a", "b"],
        "tag": true,
        "trigger_type": "MOON_PHASE",
        "build_config_type": 7,
        "status": "Running",
        "a_new_field": { "deep": [1] },
    }}))
    .await
    .unwrap();
    assert_eq!(record.id, None);
    assert_eq!(record.build_no, Some(61));
    assert_eq!(record.took(), Some(Duration::from_millis(100_068)));
    assert_eq!(record.use_private_slave, None);
    assert_eq!(record.repo_id.as_deref(), Some("2111616838"));
    assert_eq!(record.branch.as_deref(), Some(r#"{"name":"master"}"#));
    assert_eq!(record.commit.as_deref(), Some(r#"["a","b"]"#));
    assert_eq!(record.tag.as_deref(), Some("true"));
    assert_eq!(record.trigger_type, Some(TriggerType::Other("MOON_PHASE".into())));
    assert_eq!(record.build_config_type, Some(BuildConfigType::Other("7".into())));
    assert_eq!(record.status, BuildStatus::Running);
    assert_eq!(record.extra["a_new_field"], json!({ "deep": [1] }));
    // An unknown value is written back as it came.
    assert_eq!(serde_json::to_value(&record).unwrap()["trigger_type"], "MOON_PHASE");
}

#[tokio::test]
async fn every_field_of_a_record_may_be_null_or_of_another_type() {
    let pointer = "/paths/~1v4~1jobs~1{job_id}~1{build_no}~1record-info/get/responses/200/content\
                   /application~1json/example";
    let documented = example(pointer);
    for field in documented["result"].as_object().unwrap().keys() {
        for odd in
            [Value::Null, json!(1.5), json!("odd"), json!({ "a": 1 }), json!([null]), json!(true)]
        {
            let mut body = documented.clone();
            body["result"][field] = odd.clone();
            let record = record_with(body).await.unwrap_or_else(|e| panic!("{field} {odd}: {e}"));
            let mut rest = without_nulls(serde_json::to_value(record).unwrap());
            let mut expected = without_nulls(documented["result"].clone());
            rest.as_object_mut().unwrap().remove(field);
            expected.as_object_mut().unwrap().remove(field);
            assert_eq!(rest, expected, "{field} {odd}");
        }
    }
}

#[test]
fn a_status_is_read_in_any_spelling_and_new_ones_are_kept() {
    for (spelled, status, finished) in [
        ("SUCCESS", BuildStatus::Success, true),
        ("Success", BuildStatus::Success, true),
        ("FAILURE", BuildStatus::Failure, true),
        ("failed", BuildStatus::Failed, true),
        ("Error", BuildStatus::Error, true),
        ("ABORTED", BuildStatus::Aborted, true),
        ("CANCELED", BuildStatus::Canceled, true),
        ("Cancelled", BuildStatus::Other("Cancelled".into()), true),
        ("timedOut", BuildStatus::Other("timedOut".into()), true),
        ("SCHEDULE_FAILURE", BuildStatus::ScheduleFailure, true),
        ("ScheduleFailure", BuildStatus::ScheduleFailure, true),
        ("schedule-failure", BuildStatus::ScheduleFailure, true),
        ("UNKNOWN", BuildStatus::Unknown, true),
        ("TIMEOUT", BuildStatus::Timeout, true),
        ("Finished", BuildStatus::Finished, true),
        ("Running", BuildStatus::Running, false),
        ("RUNNING", BuildStatus::Running, false),
        ("InQueue", BuildStatus::InQueue, false),
        ("IN_QUEUE", BuildStatus::InQueue, false),
        ("building", BuildStatus::Building, false),
        ("pondering", BuildStatus::Other("pondering".into()), false),
        ("", BuildStatus::Unreported, false),
        ("  ", BuildStatus::Unreported, false),
    ] {
        let mut record: BuildRecord = serde_json::from_value(json!({ "status": spelled })).unwrap();
        assert_eq!(record.status, status);
        assert_eq!(record.is_finished(), finished, "{spelled}");
        assert_eq!(record.is_success(), status == BuildStatus::Success);
        // The finish time decides if the status is unknown.
        record.finish_time = Some("2022-10-11T08:30:27.000+00:00".into());
        let says_nothing =
            matches!(status, BuildStatus::Unreported | BuildStatus::Other(_)) && !finished;
        assert_eq!(record.is_finished(), finished || says_nothing, "{spelled}");
    }
    assert_eq!(BuildRecord::default().status, BuildStatus::Unreported);
    // A field that was not reported is not written.
    assert_eq!(serde_json::to_value(BuildRecord::default()).unwrap(), json!({}));
}

#[test]
fn only_a_time_ends_a_build_of_an_unknown_status() {
    for (time, ended) in [
        (json!("2022-10-11T08:30:27.000+00:00"), true),
        (json!("2022-10-11T08:30:27Z"), true),
        (json!("2022-10-11 08:30:27"), true),
        (json!(1_665_477_027), true),
        (json!(1_665_477_027_000_u64), true),
        (json!("1665477027000"), true),
        (json!(null), false),
        (json!(""), false),
        (json!(" "), false),
        (json!("null"), false),
        (json!("None"), false),
        (json!(0), false),
        (json!("0"), false),
        (json!(-1), false),
        (json!(false), false),
        (json!({}), false),
        (json!("-"), false),
        (json!("0000-00-00 00:00:00"), false),
        (json!("0001-01-01T00:00:00Z"), false),
        (json!("1970-01-01T00:00:00.000+00:00"), false),
    ] {
        for (status, finished) in [("pondering", ended), ("Running", false), ("FAILED", true)] {
            let record = json!({ "status": status, "finish_time": time });
            let record: BuildRecord = serde_json::from_value(record).unwrap();
            assert_eq!(record.is_finished(), finished, "{status} {time}");
        }
    }
}

#[test]
fn times_are_typed_and_an_odd_one_loses_only_itself() {
    let pointer = "/paths/~1v4~1jobs~1{job_id}~1{build_no}~1record-info/get/responses/200/content\
                   /application~1json/example/result";
    let mut record: BuildRecord = serde_json::from_value(example(pointer)).unwrap();
    let at = |time: &str| Some(time.parse().unwrap());
    assert_eq!(record.committed_at(), at("2022-10-11T08:28:42Z"));
    assert_eq!(record.created_at(), at("2022-10-11T08:28:42Z"));
    assert_eq!(record.scheduled_at(), at("2022-10-11T08:28:45Z"));
    assert_eq!(record.queued_at(), at("2022-10-11T08:28:45Z"));
    assert_eq!(record.started_at(), at("2022-10-11T08:28:47Z"));
    assert_eq!(record.runnable_at(), at("2022-10-11T08:16:04Z"));
    assert_eq!(record.finished_at(), at("2022-10-11T08:30:27Z"));
    assert_eq!(record.took(), Some(Duration::from_millis(100_068)));

    record.start_time = Some("yesterday".into());
    record.duration = Some(-1);
    assert_eq!(record.started_at(), None);
    assert_eq!(record.start_time.as_deref(), Some("yesterday"));
    assert_eq!(record.took(), None);
    assert_eq!(record.finished_at(), at("2022-10-11T08:30:27Z"));
}

/// The record that a response is read as.
async fn record_of(body: impl Into<Vec<u8>>) -> Result<BuildRecord, Error> {
    let server = MockServer::start_async().await;
    let body = body.into();
    server.mock(|_, then| {
        then.status(200).body(body);
    });
    client(&server).record_info(JOB, 1).await
}

#[tokio::test]
async fn a_value_that_cannot_be_decoded_costs_only_its_field() {
    let deep = format!(r#""extra":{}1{}"#, "[".repeat(1000), "]".repeat(1000));
    for (field, message) in [
        // Half an emoji, as at the end of a text that was cut, and a whole one.
        (r#""commit_message":"fix \ud83d""#.as_bytes(), Some("fix \u{fffd}")),
        (r#""commit_message":"\ude00 fix""#.as_bytes(), Some("\u{fffd} fix")),
        (r#""commit_message":"fix \ud83d\ude00""#.as_bytes(), Some("fix \u{1f600}")),
        (b"\"commit_message\":\"fix \xff\xfe\"", Some("fix ??")),
        (b"\"commit_message\":\"fix\x00it\"", Some("fix it")),
        (br#""commit_message":"fix \q""#, Some("fix ?q")),
        (br#""commit_message":1e400"#, None),
        (br#""extra":1e400"#, None),
        (br#""extra":"\ud83d""#, None),
        (br#""ex\ud83dtra":1"#, None),
        (b"\"\xff\":1", None),
        (deep.as_bytes(), None),
    ] {
        let body =
            [br#"{"status":"success","result":{"build_no":61,"#, field, b",\"branch\":\"b\"}}"];
        for mark in [&b""[..], b"\xef\xbb\xbf"] {
            let record = record_of([mark, &body.concat()].concat()).await;
            let record = record.unwrap_or_else(|error| panic!("{error} {field:?}"));
            assert_eq!(record.build_no, Some(61));
            assert_eq!(record.branch.as_deref(), Some("b"));
            assert_eq!(record.commit_message.as_deref(), message, "{field:?}");
        }
    }
}

#[tokio::test]
async fn unknown_values_are_kept_up_to_a_bound() {
    let kept = |count: usize| async move {
        let values = vec![json!({}); count];
        let record = record_with(json!({ "build_no": 1, "values": values })).await.unwrap();
        record.extra["values"].as_array().unwrap().len()
    };
    assert_eq!(kept(99_999).await, 99_999);
    assert_eq!(kept(200_000).await, 99_999, "the field itself counts");
}

/// The bounds are those of a response, not of each object in it.
#[tokio::test]
async fn no_list_of_a_response_is_longer_than_a_bound() {
    let read = |items: usize| {
        let items = vec![json!({ "name": "1", "unknown": [1, 2] }); items];
        serde_json::from_value::<RecordInfoResponse>(json!({ "result": {}, "items": items }))
    };
    let response = read(200_000).unwrap();
    let kept = response.extra["items"].as_array().unwrap();
    // Each is an element, two fields and two elements; the list is one more.
    assert!((19_998..=20_000).contains(&kept.len()), "{}", kept.len());
}

/// A large response is decoded in another way, which takes less memory.
#[tokio::test]
async fn a_large_response_is_decoded_like_a_small_one() {
    let long = "a \"line\"\n\u{1f600}\\".repeat(100_000);
    let body = json!({ "status": "success", "result": {
        "build_no": "61",
        "commit_message": long,
        "branch": { "name": ["\"b\"\n"] },
        "tag": true,
        "repo_id": 2_111_616_838_u32,
        "trigger_type": "manual",
        "commit": null,
        "new": [{ "deep": "\u{1f600}\n" }],
    }});
    let record = record_with(body).await.unwrap();
    assert_eq!(record.build_no, Some(61));
    assert!(record.commit_message.as_deref() == Some(&long));
    assert_eq!(record.branch.as_deref(), Some(r#"{"name":["\"b\"\n"]}"#));
    assert_eq!(record.tag.as_deref(), Some("true"));
    assert_eq!(record.repo_id.as_deref(), Some("2111616838"));
    assert_eq!(record.trigger_type, Some(TriggerType::Manual));
    assert_eq!(record.commit, None);
    assert_eq!(record.extra["new"], json!([{ "deep": "\u{1f600}\n" }]));
}

/// The bound of all lists of a response holds for lists of the caller's own types too.
#[tokio::test]
async fn a_list_of_the_callers_own_has_no_more_elements_than_a_documented_one() {
    let server = MockServer::start_async().await;
    for (path, records) in [("/v1/most", 100_000), ("/v1/more", 100_001)] {
        let body = format!("[{}]", vec!["{}"; records].join(","));
        server.mock(|when, then| {
            when.path(path);
            then.status(200).body(body);
        });
    }
    let client = client(&server);
    let read = |path: &str| client.request("GET", path).send::<Vec<BuildRecord>>();
    assert_eq!(read("/v1/most").await.unwrap().len(), 100_000);
    let error = read("/v1/more").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{error}");
    // One response does not count for the next.
    assert_eq!(read("/v1/most").await.unwrap().len(), 100_000);
}
