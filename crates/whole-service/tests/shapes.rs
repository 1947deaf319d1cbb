//! Promise: an operation that is only added to a document is authenticated, sent and read like any other,
//! whatever the shape of its response.

use crate::support::{Builds, JOB, TOKEN, builder, client};
use futures_util::TryStreamExt;
use huaweicloud_core::{
    Error, ErrorKind, Pipeline, RetryPolicy,
    httpmock::{Method, MockServer, Then},
};
use serde_json::{Value, json};
use whole_service::shapes::{self, types::*};

/// Makes the call and checks its request. Returns its result for this response.
async fn stopped(status: u16, body: Value) -> Result<StopBuildResponse, Error> {
    let server = MockServer::start_async().await;
    let mock = server
        .mock_async(|when, then| {
            when.method(Method::POST)
                .path(format!("/v3/jobs/{JOB}/7/stop"))
                .header("x-auth-token", TOKEN)
                .header("accept", "application/json")
                // No other header, no query, no body.
                .is_true(|request| {
                    let known = [
                        "x-auth-token",
                        "accept",
                        "accept-encoding",
                        "user-agent",
                        "host",
                        "content-length",
                    ];
                    let headers = request.headers();
                    headers.keys().all(|name| known.contains(&name.as_str()))
                        && request.uri().query().is_none()
                        && request.body_ref().is_empty()
                });
            then.status(status).json_body(body);
        })
        .await;
    let api = shapes::Client::from(client(&server).pipeline());
    let response = api.stop_build().job_id(JOB).build_no("7").send().await;
    mock.assert_async().await;
    response.map(|response| response.into_inner())
}

#[tokio::test]
async fn the_documented_response_is_typed() {
    let body = json!({ "result": { "stop_state": "stopped", "stopped_by": "me" } });
    let result = stopped(200, body.clone()).await.unwrap().result.unwrap();
    assert_eq!(result.stop_state, Some(StopState::Stopped));
    assert_eq!(result.stopped_by.as_deref(), Some("me"));
    // Without an envelope too.
    let flat = stopped(200, body["result"].clone()).await.unwrap();
    assert_eq!(flat.result, Some(result));
}

#[tokio::test]
async fn unknown_fields_and_values_are_kept() {
    let body = json!({
        "result": { "stop_state": "PAUSED", "stopped_by": 7, "since": [1] }, "trace": "t",
    });
    let read = stopped(200, body).await.unwrap();
    assert_eq!(read.extra["trace"], "t");
    let result = read.result.unwrap();
    assert_eq!(result.stop_state, Some(StopState::Other("PAUSED".into())));
    assert_eq!(result.stopped_by.as_deref(), Some("7"));
    assert_eq!(result.extra["since"], json!([1]));
    let written = serde_json::to_value(result).unwrap();
    assert_eq!(written, json!({ "stop_state": "PAUSED", "stopped_by": "7", "since": [1] }));
}

#[tokio::test]
async fn an_error_status_is_an_error_of_this_crate() {
    let body = json!({ "error_code": "DEV.CB.0310007", "error_msg": "no such build" });
    let error = stopped(404, body).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Service);
    assert_eq!(error.status(), Some(404));
    assert_eq!(error.code(), Some("DEV.CB.0310007"));
    assert_eq!(error.message(), "no such build");
    assert!(error.is_not_found());
}

#[tokio::test]
async fn an_error_response_with_status_200_is_an_error() {
    let error = stopped(200, json!({ "error_code": "X", "error_msg": "no" })).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Service);
    assert_eq!(error.code(), Some("X"));
    assert_eq!(error.message(), "no");
}

/// An operation of each shape of a response.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Shape {
    Envelope,
    Object,
    Array,
    Text,
    NoContent,
    Empty,
    Stream,
}

use Shape::*;

/// A good response of each, and what the caller gets.
const GOOD: [(Shape, u16, &str, &str); 9] = [
    (Envelope, 200, r#"{"result":{"stopped_by":"me"}}"#, "me"),
    (Object, 200, r#"{"schedule":"nightly","hours":"8"}"#, "nightly, 8 hours"),
    (Object, 201, r#"{"hours":8,"new":[]}"#, ", 8 hours"),
    (Array, 200, r#"["a","b"]"#, "a b"),
    (Array, 200, "[]", ""),
    (Text, 200, r#""nightly-copy""#, "nightly-copy"),
    (NoContent, 204, "", ""),
    (Empty, 200, "", ""),
    (Stream, 200, "\0a log", "\0a log"),
];

/// Neither that nor an error response.
const INVALID: [(Shape, &str); 11] = [
    (Envelope, r#"{"status":"success"}"#),
    (Envelope, r#"{"result":{"stopped_by":""}}"#),
    (Object, r#"{"hello":"world"}"#),
    (Object, r#"{"schedule":"","hours":null}"#),
    (Object, "[]"),
    (Object, ""),
    (Array, "{}"),
    (Array, "null"),
    (Text, "{}"),
    (Text, "null"),
    (Text, "<html></html>"),
];

/// Whether a call that may change something may have taken effect.
#[derive(Clone, Copy)]
enum Outcome {
    Nothing,
    Unknown,
    /// Nothing, but only a client that has the codes of the service knows it.
    NothingByCode,
}

use Outcome::*;

/// An error response, its code, and what a `POST` has done.
const ERRORS: [(u16, &str, &str, Outcome); 8] = [
    (200, r#"{"error_code":"CB.00060200","error_msg":"invalid"}"#, "CB.00060200", NothingByCode),
    (200, r#"{"error":{"code":"APIGW.0201","message":"timeout"}}"#, "APIGW.0201", Unknown),
    (400, r#"{"error_code":"CB.00060200","error_msg":"invalid"}"#, "CB.00060200", Nothing),
    (408, r#"{"error_code":"APIGW.0201","error_msg":"timeout"}"#, "APIGW.0201", Unknown),
    (429, r#"{"error_code":"APIGW.0308","error_msg":"throttled"}"#, "APIGW.0308", Nothing),
    (500, r#"{"error_code":"CB.00060211","error_msg":"throttled"}"#, "CB.00060211", NothingByCode),
    (500, r#"{"error_code":"CB.00060101","error_msg":"it broke"}"#, "CB.00060101", Unknown),
    (502, r#"{"error_code":"APIGW.0201","error_msg":"it broke"}"#, "APIGW.0201", Unknown),
];

fn without_codes(server: &MockServer) -> Pipeline {
    builder::<huaweicloud_core::Client>(server)
        .retry(RetryPolicy::never())
        .build()
        .unwrap()
        .pipeline()
}

fn with_codes(server: &MockServer) -> Pipeline {
    builder::<Builds>(server).retry(RetryPolicy::never()).build().unwrap().0
}

impl Shape {
    fn is_post(self) -> bool {
        matches!(self, Envelope | Text | NoContent | Empty)
    }

    /// Makes the call and returns its result for this response.
    async fn of(
        self,
        status: u16,
        body: &str,
        pipeline: fn(&MockServer) -> Pipeline,
    ) -> Result<String, Error> {
        let server = MockServer::start_async().await;
        let kind = match body.starts_with(['{', '[', '"', 'n']) {
            true => "application/json",
            false => "application/octet-stream",
        };
        let response = |then: Then| match body {
            "" => then.status(status),
            _ => then.status(status).header("content-type", kind).body(body),
        };
        server.mock_async(|_, then| drop(response(then))).await;
        let api = shapes::Client::from(pipeline(&server));
        Ok(match self {
            Envelope => {
                let response = api.stop_build().job_id(JOB).build_no("7").send().await?;
                response.into_inner().result.unwrap().stopped_by.unwrap_or_default()
            }
            Object => {
                let settings = api.show_settings().job_id(JOB).send().await?.into_inner();
                let schedule = settings.schedule.unwrap_or_default();
                format!("{schedule}, {} hours", settings.hours.unwrap())
            }
            Array => api.list_labels().job_id(JOB).send().await?.into_inner().join(" "),
            Text => api.copy_job().job_id(JOB).send().await?.into_inner(),
            NoContent => {
                api.disable_job().job_id(JOB).send().await?.into_inner();
                String::new()
            }
            Empty => {
                api.enable_job().job_id(JOB).send().await?.into_inner();
                String::new()
            }
            Stream => {
                let log = api.download_log().job_id(JOB).send().await?.into_inner();
                let parts: Vec<_> = log.try_collect().await.unwrap();
                String::from_utf8(parts.concat()).unwrap()
            }
        })
    }
}

#[tokio::test]
async fn a_good_response_of_each_shape_is_read() {
    for (shape, status, body, expected) in GOOD {
        for pipeline in [without_codes, with_codes] {
            let read = shape.of(status, body, pipeline).await.unwrap();
            assert_eq!(read, expected, "{shape:?} {status} {body}");
        }
    }
}

#[tokio::test]
async fn a_response_of_another_shape_is_invalid() {
    for (shape, body) in INVALID {
        for pipeline in [without_codes, with_codes] {
            let error = shape.of(200, body, pipeline).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{shape:?} {body} {error}");
            assert_eq!(error.may_have_taken_effect(), shape.is_post(), "{shape:?} {body} {error}");
        }
    }
}

#[tokio::test]
async fn an_error_response_to_each_shape_is_an_error() {
    for shape in [Envelope, Object, Array, Text, NoContent, Empty, Stream] {
        for (status, body, code, outcome) in ERRORS {
            for (pipeline, has_codes) in [(without_codes as fn(&_) -> _, false), (with_codes, true)]
            {
                let error = shape.of(status, body, pipeline).await.unwrap_err();
                let seen = (error.kind(), error.status(), error.code());
                let expected = (ErrorKind::Service, Some(status), Some(code));
                assert_eq!(seen, expected, "{shape:?} {status} {body}");
                let is_unknown = match outcome {
                    Nothing => false,
                    Unknown => true,
                    NothingByCode => !has_codes,
                };
                // Reading has no outcome.
                let expected = is_unknown && shape.is_post();
                assert_eq!(error.may_have_taken_effect(), expected, "{shape:?} {status} {body}");
            }
        }
    }
}

#[tokio::test]
async fn a_coding_that_nobody_asked_for_is_named_before_a_byte_is_given() {
    let server = MockServer::start_async().await;
    server.mock(|_, then| {
        then.status(200).header("content-encoding", "gzip").body([0x1f, 0x8b, 8, 0]);
    });
    let api = shapes::Client::from(client(&server).pipeline());
    let error = api.download_log().job_id(JOB).send().await.unwrap_err();
    assert_eq!(error.message(), "in the coding \"gzip\", which nobody asked for");
}
