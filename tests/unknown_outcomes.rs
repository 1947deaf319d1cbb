//! Promise: after an unknown outcome, the later builds of the job can be read.

use crate::support::{
    calls::*,
    faulty_server::{Action, FaultyServer, json as json_response},
    *,
};
use codearts_build::{ErrorKind, types::*};
use futures_util::{StreamExt, TryStreamExt};
use httpmock::{Method::GET, MockServer};
use serde_json::json;

fn numbers(records: &[BuildRecord]) -> Vec<u32> {
    records.iter().filter_map(BuildRecord::number).collect()
}

#[tokio::test]
async fn the_records_after_a_number_are_read_up_to_the_last() {
    let server = MockServer::start_async().await;
    for number in 1..=5 {
        server.mock(|when, then| {
            when.method(GET).path(format!("/v4/jobs/{JOB}/{number}/record-info"));
            let commit = if number == 4 { COMMIT } else { "another" };
            let mut record = json!({ "build_no": number, "status": "Running", "commit": commit });
            if number == 3 {
                // It is a record without its number too.
                record["build_record_id"] = record["build_no"].take();
            }
            then.status(200).json_body(json!({ "status": "success", "result": record }));
        });
    }
    let missing = server.mock(|when, then| {
        when.path(format!("/v4/jobs/{JOB}/6/record-info"));
        then.status(404).json_body(json!({ "error_code": "CB.1", "error_msg": "no such build" }));
    });
    let client = client(&server);
    for (after, found) in [(0, vec![1, 2, 3, 4, 5]), (2, vec![3, 4, 5]), (5, vec![])] {
        let records: Vec<_> = client.records_after(JOB, after).try_collect().await.unwrap();
        assert_eq!(numbers(&records), found);
    }
    missing.assert_calls_async(3).await;
    let of_commit = client
        .records_after(JOB, 2)
        .try_filter(|record| std::future::ready(record.commit.as_deref() == Some(COMMIT)));
    let found: Vec<_> = of_commit.try_collect().await.unwrap();
    assert_eq!(numbers(&found), [4]);
}

#[tokio::test]
async fn an_error_is_no_end() {
    let server = FaultyServer::start(|arrival| match arrival.number {
        0 => Action::Respond(json_response("200 OK", RECORD)),
        _ => Action::Respond(json_response("500 Internal Server Error", "{}")),
    });
    let client = fast_client(server.url()).build().unwrap();
    let mut records = client.records_after(JOB, 0);
    assert_eq!(records.next().await.unwrap().unwrap().number(), Some(1));
    assert_eq!(records.next().await.unwrap().unwrap_err().status(), Some(500));
    assert!(records.next().await.is_none());

    let error = client.records_after("no job", 1).next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    for after in [i32::MAX as u32, u32::MAX] {
        assert!(client.records_after(JOB, after).next().await.is_none());
    }
}
