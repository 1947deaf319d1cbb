//! Promise: the request is what was asked for, with the token, and a good response is read.

use crate::operations::{Good, OPERATIONS, Operation};
use crate::support::{JOB, TOKEN, api};
use huaweicloud_core::httpmock::MockServer;
use std::collections::BTreeSet;

#[tokio::test]
async fn a_good_response_is_read_and_the_request_is_what_was_asked_for() {
    let server = MockServer::start_async().await;
    let client = api(&server);
    for operation in OPERATIONS {
        let &Operation { id, method, query, sent, good: Good(status, kind, body), .. } = operation;
        let mut mock = server.mock(|when, then| {
            let path = format!("/v9/things/{JOB}{}", operation.path);
            let when = when.path(path).header("x-auth-token", TOKEN);
            when.is_true(move |request| {
                request.method().as_str() == method
                    && request.uri().query().unwrap_or_default() == query
                    && sent.is_none_or(|sent| request.body_ref() == sent.as_bytes())
            });
            let then = then.status(status);
            if !kind.is_empty() {
                then.header("content-type", kind).body(body);
            }
        });
        (operation.call)(&client).await.unwrap_or_else(|error| panic!("{id}: {error}"));
        assert_eq!(mock.calls(), 1, "{id}");
        mock.delete();
    }
}

#[test]
fn every_operation_of_the_document_is_called() {
    assert!(OPERATIONS.len() >= 130, "{}", OPERATIONS.len());
    let called: BTreeSet<_> = OPERATIONS.iter().map(|it| it.id).collect();
    let known = whole_service::api::OPERATIONS.iter().map(|it| it.id);
    // That one is in two_documents.rs.
    let known: BTreeSet<_> = known.filter(|id| *id != "EnableJob").collect();
    assert_eq!(called, known);
}
