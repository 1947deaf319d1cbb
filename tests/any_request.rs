//! Promise: any call of the service can be made, with the whole pipeline in force.

use crate::support::{
    calls::*,
    faulty_server::{Action, FaultyServer, json as json_response},
    *,
};
use codearts_build::{Client, Error, ErrorKind, types::*};
use futures_util::TryStreamExt;
use httpmock::{Method, MockServer};
use serde_json::{Value, json};

async fn get(client: &Client, path: &str) -> Result<Value, Error> {
    client.request("GET", path).send().await
}

#[tokio::test]
async fn json_goes_in_and_out_and_the_request_is_authenticated() {
    let server = MockServer::start_async().await;
    let mock = server.mock(|when, then| {
        when.method(Method::PUT)
            .path("/v1/job/notice")
            .query_param("job", "a b&c")
            .query_param("page", "1")
            .header("x-auth-token", CANARY)
            .header("content-type", "application/json")
            .header("accept", "application/json")
            .json_body(json!({ "on": true }));
        then.status(202).json_body(json!({ "status": "success", "result": [1, 2] }));
    });
    let client = client(&server);
    for path in ["/v1/job/notice?page=1", "v1/job/notice?page=1"] {
        let request = client.request("PUT", path).query("job", "a b&c");
        let response: Value = request.json(&json!({ "on": true })).send().await.unwrap();
        assert_eq!(response, json!({ "status": "success", "result": [1, 2] }));
    }
    mock.assert_calls_async(2).await;
}

#[tokio::test]
async fn a_path_stays_below_the_endpoint() {
    let server = MockServer::start_async().await;
    let anything = server.mock(|_, then| {
        then.status(200).json_body(json!({}));
    });
    let client = client(&server);
    for path in [
        "//elsewhere.example/v1",
        "https://elsewhere.example/v1",
        "/v1/../v2",
        "/v1/%2E%2e/v2",
        "..",
        "/./v1",
        "/v1#part",
        "/v1\\v2",
        "/v1 ",
        "/v1\n",
    ] {
        let error = get(&client, path).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{path}");
        assert!(error.message().starts_with("path \""), "{error}");
    }
    for method in ["BREW", "get", "CONNECT", "", "HEAD"] {
        let error = client.request(method, "/v1").send::<Value>().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{method}");
    }
    anything.assert_calls_async(0).await;
}

#[tokio::test]
async fn an_invalid_response_tells_its_own_status() {
    let server = MockServer::start_async().await;
    server.mock(|_, then| {
        then.status(201).body(r#"{"actual_build_number":"20","#);
    });
    let error = client(&server).request("POST", "/v3/jobs/build").send::<Value>().await;
    let error = error.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::InvalidResponse, Some(201)));
}

#[tokio::test]
async fn success_needs_json_without_an_error() {
    for (status, body, kind) in [
        (200, "", ErrorKind::InvalidResponse),
        (200, "<html>Log in</html>", ErrorKind::InvalidResponse),
        (302, "", ErrorKind::InvalidResponse),
        (200, r#"{"error_code":"CB.1","error_msg":"no"}"#, ErrorKind::Service),
        (
            200,
            r#"{"status":"error","error":{"code":"DEV.CB.1","reason":"no"}}"#,
            ErrorKind::Service,
        ),
        (404, r#"{"error_code":"CB.1","error_msg":"no"}"#, ErrorKind::Service),
        (200, r#""text""#, ErrorKind::InvalidResponse),
    ] {
        let server = MockServer::start_async().await;
        server.mock(|_, then| {
            then.status(status).body(body);
        });
        let client = client(&server);
        for method in ["GET", "POST"] {
            let sent = client.request(method, "/v1/any").send::<Vec<u8>>().await;
            let error = sent.unwrap_err();
            assert_eq!(error.kind(), kind, "{body}");
            let proves_nothing = kind == ErrorKind::InvalidResponse;
            assert_eq!(error.may_have_taken_effect(), method == "POST" && proves_nothing, "{body}");
            assert!(!error.to_string().contains("a build"), "{error}");
        }
    }
}

#[tokio::test]
async fn no_content_is_a_success_of_an_operation_that_is_not_documented() {
    for status in [204, 205] {
        let server = MockServer::start_async().await;
        server.mock(|_, then| drop(then.status(status)));
        let client = client(&server);
        assert_eq!(get(&client, "/v1/any").await.unwrap(), Value::Null);
        client.request("DELETE", "/v1/any").send::<()>().await.unwrap();
        // The document shows more of this one.
        let error = client.request("POST", "/v3/jobs/build").send::<Value>().await.unwrap_err();
        assert!(error.may_have_taken_effect(), "{error}");
    }
}

#[tokio::test]
async fn a_coding_that_nobody_asked_for_is_named() {
    let gzip = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xab, 0xae, 5, 0];
    for (status, kind, is_unknown) in [
        (200, ErrorKind::InvalidResponse, true),
        (400, ErrorKind::Service, false),
        (500, ErrorKind::InvalidResponse, true),
    ] {
        let server = MockServer::start_async().await;
        server.mock(|when, then| {
            when.header("accept-encoding", "identity");
            then.status(status).header("content-encoding", "gzip").body(gzip);
        });
        let error = client(&server).run_job(RunJobRequest::new(JOB).unwrap()).await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (kind, Some(status)));
        assert_eq!(error.message(), "in the coding \"gzip\", which nobody asked for");
        assert_eq!(error.may_have_taken_effect(), is_unknown, "{error}");
    }
}

#[tokio::test]
async fn a_documented_operation_has_its_rules() {
    let server = MockServer::start_async().await;
    server.mock(|when, then| {
        when.path(format!("/v4/jobs/{JOB}/1/record-info"));
        // Flat; the document shows an envelope.
        then.status(200).json_body(json!({ "build_no": "1", "status": "FAILED" }));
    });
    server.mock(|when, then| {
        when.path("/v3/jobs/build");
        then.status(200).json_body(json!({ "octopus_job_name": "j" }));
    });
    for endpoint in [server.base_url(), format!("{}/", server.base_url())] {
        let client = client_at(endpoint);
        let path = format!("/v4/jobs/{JOB}/1/record-info");
        let read: RecordInfoResponse = client.request("GET", path).send().await.unwrap();
        assert_eq!(read.result.unwrap().status, BuildStatus::Failed);
        let request = client.request("POST", "/v3/jobs/build").json(&json!({ "job_id": JOB }));
        let error = request.send::<Value>().await.unwrap_err();
        assert!(error.may_have_taken_effect(), "{error}");
    }
}

#[tokio::test]
async fn only_what_is_idempotent_is_retried() {
    for (method, arrive) in [("GET", 4), ("POST", 1), ("PUT", 1), ("DELETE", 1), ("PATCH", 1)] {
        let server = FaultyServer::start(|_| unavailable());
        let client = fast_client(server.url()).build().unwrap();
        client.request(method, "/v1/any").send::<Value>().await.unwrap_err();
        assert_eq!(server.arrived(), arrive, "{method}");
        let server = FaultyServer::start(|arrival| match arrival.number {
            0 => Action::Respond(json_response("429 Too Many Requests", "{}")),
            _ => Action::Respond(json_response("200 OK", "[]")),
        });
        let client = fast_client(server.url()).build().unwrap();
        client.request(method, "/v1/any").send::<Value>().await.unwrap();
        assert_eq!(server.arrived(), 2, "{method}");
    }
}

#[test]
fn nothing_but_the_path_is_shown() {
    let client = client_at("http://127.0.0.1:1");
    let request = client.request("POST", "/v1/any?a=canary").query("b", "canary");
    let shown = format!("{:?}", request.json("canary"));
    assert!(shown.contains("/v1/any") && !shown.contains("canary"), "{shown}");
}

#[tokio::test]
async fn text_bytes_and_nothing_go_in_and_out() {
    let server = MockServer::start_async().await;
    let sent = server.mock(|when, then| {
        when.method(Method::POST)
            .path("/v1/notes")
            .header("content-type", "text/plain")
            .header("accept", "*/*")
            .body("a note");
        then.status(200).body("gr\u{fc}n");
    });
    server.mock(|when, then| {
        when.method(Method::GET).path("/v1/file");
        then.status(200).body([0xff, 0x00]);
    });
    server.mock(|when, then| {
        when.method(Method::DELETE).path("/v1/notes/1");
        then.status(200);
    });
    let client = client(&server);
    let note = || client.request("POST", "/v1/notes").body("text/plain", "a note");
    assert_eq!(note().send_for_text().await.unwrap(), "gr\u{fc}n");
    assert_eq!(note().send_for_bytes().await.unwrap(), "gr\u{fc}n".as_bytes());
    let stream = note().send_for_stream().await.unwrap();
    assert_eq!(stream.status(), 200);
    let parts: Vec<_> = stream.into_inner().try_collect().await.unwrap();
    assert_eq!(parts.concat(), "gr\u{fc}n".as_bytes());
    sent.assert_calls_async(3).await;

    let file = || client.request("GET", "/v1/file");
    assert_eq!(file().send_for_bytes().await.unwrap(), [0xff, 0x00].as_slice());
    let error = file().send_for_text().await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::InvalidResponse, "not UTF-8"));
    client.request("DELETE", "/v1/notes/1").send_for_nothing().await.unwrap();
    let odd = client.request("POST", "/v1/notes").body("text/\nplain", "a note");
    let error = odd.send_for_nothing().await.unwrap_err();
    assert!(error.message().starts_with("content type \"text/\\nplain\": "), "{error}");
    assert!(error.is_invalid_argument());
}

#[tokio::test]
async fn an_error_is_one_whatever_body_is_expected() {
    let server = MockServer::start_async().await;
    for (path, body) in [
        ("/v1/gateway", json!({ "error_code": "APIGW.0201", "error_msg": "Backend timeout" })),
        ("/v1/service", json!({ "status": "error", "result": { "error_code": "CB.1" } })),
    ] {
        server.mock(|when, then| {
            when.path(path);
            then.status(200).header("content-type", "application/json").json_body(body);
        });
    }
    let client = client(&server);
    for path in ["/v1/gateway", "/v1/service"] {
        let request = || client.request("POST", path);
        for error in [
            request().send_for_text().await.unwrap_err(),
            request().send_for_bytes().await.unwrap_err(),
            request().send_for_stream().await.unwrap_err(),
            request().send_for_nothing().await.unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::Service, "{path}: {error}");
            assert!(error.code().is_some() && error.status() == Some(200), "{path}: {error}");
        }
    }
}

#[tokio::test]
async fn a_space_in_a_query_is_sent_and_signed_as_percent_20() {
    let server = MockServer::start_async().await;
    let mock = server.mock(|when, then| {
        when.is_true(|request| {
            let is_signed = verifier::verify(&raw(request), SECRET_KEY.as_bytes()).is_ok();
            let query = request.uri().query().unwrap_or_default().to_owned();
            is_signed && query == "time=2026-11-01%2012:00&plus=%2B&start=a%20b%26%2B"
        });
        then.status(200).json_body(json!({}));
    });
    let client = Client::builder().endpoint(server.base_url()).credential(key().without_project());
    let client = client.build().unwrap();
    let request = client.request("GET", "/v1/builds?time=2026-11-01+12:00&plus=%2B");
    request.query("start", "a b&+").send::<Value>().await.unwrap();
    mock.assert_calls_async(1).await;
}
