//! Promise: two documents in one program do not meet. Each client has the rules of its own document, also
//! where both have a schema of the same name and an operation of the same name at the same path.

use crate::shape_mocks::MockServerExt as _;
use crate::support::{JOB, client};
use huaweicloud_core::{Client, Error, ErrorKind, ServiceRequest, httpmock::MockServer};
use serde_json::Value;
use whole_service::{api, shapes};

/// Both clients, on one pipeline.
fn clients(server: &MockServer) -> (api::Client, shapes::Client) {
    let pipeline = client(server).pipeline();
    (pipeline.clone().into(), pipeline.into())
}

#[tokio::test]
async fn each_client_checks_arguments_by_its_own_document() {
    let server = MockServer::start_async().await;
    let (api, shapes) = clients(&server);
    let mock = server.mock(|_, then| {
        then.status(200).header("content-type", "application/json").body(r#"{"job_id":"x"}"#);
    });
    let capitals = JOB.to_uppercase();
    let job = api.enable_job().job_id(&*capitals).send().await.unwrap();
    assert_eq!(job.job_id.as_deref(), Some("x"));
    assert_eq!(mock.calls(), 1);
    let error = shapes.enable_job().job_id(&*capitals).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    let says = format!("job_id \"{capitals}\": must be 32 small letters and digits");
    assert_eq!(error.message(), says);
    assert_eq!(mock.calls(), 1);
}

#[tokio::test]
async fn each_client_reads_responses_by_its_own_document() {
    let server = MockServer::start_async().await;
    let (api, shapes) = clients(&server);
    // Of the second document, which has no content there.
    let mock = server.enable_job(|when, then| {
        when.job_id(&JOB.parse().unwrap());
        then.ok();
    });
    shapes.enable_job().job_id(JOB).send().await.unwrap();
    let error = api.enable_job().job_id(JOB).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{error}");
    assert_eq!(mock.calls(), 2);
}

#[tokio::test]
async fn each_client_retries_by_its_own_document() {
    let server = MockServer::start_async().await;
    let (api, shapes) = clients(&server);
    let mock = server.mock(|_, then| drop(then.status(504)));
    let error = api.enable_job().job_id(JOB).send().await.unwrap_err();
    assert_eq!((error.operation(), mock.calls()), (Some("EnableJob"), 4));
    let error = shapes.enable_job().job_id(JOB).send().await.unwrap_err();
    assert_eq!((error.operation(), mock.calls()), (Some("EnableJob"), 5));
}

/// A call by method and path, of what each document knows of it, and without a document.
fn requests(client: &Client, path: &str) -> [ServiceRequest; 3] {
    let pipeline = client.pipeline();
    [
        ServiceRequest::new(&pipeline, api::OPERATIONS, "POST", path),
        ServiceRequest::new(&pipeline, shapes::OPERATIONS, "POST", path),
        client.request("POST", path),
    ]
}

/// Makes such calls. Gives their outcomes, and how often each was sent.
async fn outcomes(status: u16, path: &str) -> [(Result<Value, Error>, usize); 3] {
    let server = MockServer::start_async().await;
    let mock = server.mock(|_, then| drop(then.status(status)));
    let client = client(&server);
    let [first, second, third] = requests(&client, path);
    let first = (first.send().await, mock.calls());
    let second = (second.send().await, mock.calls() - first.1);
    let third = (third.send().await, mock.calls() - first.1 - second.1);
    [first, second, third]
}

#[tokio::test]
async fn a_call_by_its_path_has_the_rules_of_the_document_that_is_asked() {
    let path = format!("/v3/jobs/{JOB}/enable");
    let [api, shapes, none] = outcomes(504, &path).await;
    // The first document says that it may be made twice.
    assert_eq!([api.1, shapes.1, none.1], [4, 1, 1]);
    let called = [&api, &shapes, &none].map(|it| it.0.as_ref().unwrap_err().operation());
    assert_eq!(called, [Some("EnableJob"), Some("EnableJob"), None]);

    // Only the second document has no content there.
    let [api, shapes, none] = outcomes(200, &path).await;
    assert_eq!(api.0.unwrap_err().kind(), ErrorKind::InvalidResponse);
    assert_eq!(shapes.0.unwrap(), Value::Null);
    assert_eq!(none.0.unwrap_err().kind(), ErrorKind::InvalidResponse);

    let [api, shapes, none] = outcomes(504, &format!("/v3/jobs/{JOB}/7/stop")).await;
    let called = [&api, &shapes, &none].map(|it| it.0.as_ref().unwrap_err().operation());
    assert_eq!(called, [None, Some("StopBuild"), None]);
    let effect = "the build may have been stopped: read its record";
    let tells = [&api, &shapes, &none].map(|it| it.0.as_ref().unwrap_err().to_string());
    assert_eq!(tells.map(|it| it.ends_with(effect)), [false, true, false]);
}
