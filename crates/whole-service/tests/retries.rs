//! Promise: a gateway timeout is retried exactly where a call may be made twice, and what it left unknown stays
//! unknown.

use crate::operations::{OPERATIONS, Operation};
use crate::support::api;
use huaweicloud_core::httpmock::{HttpMockResponse, MockServer};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

#[tokio::test]
async fn a_gateway_timeout_is_retried_where_a_call_may_be_made_twice() {
    let server = MockServer::start_async().await;
    let mut twice = 0;
    for &Operation { id, method, may_be_made_twice, call, .. } in OPERATIONS {
        let mut mock = server.mock(|_, then| {
            then.status(504);
        });
        // All calls of a client share one budget of retries.
        let client = api(&server);
        let error = call(&client).await.unwrap_err();
        assert_eq!(error.status(), Some(504), "{id}");
        let reads = matches!(method, "GET" | "HEAD");
        assert_eq!(error.may_have_taken_effect(), !reads, "{id}");
        assert_eq!(mock.calls(), if may_be_made_twice { 4 } else { 1 }, "{method} {id}");
        twice += usize::from(may_be_made_twice && !reads);
        mock.delete();
    }
    assert!(twice > 20, "{twice}");
}

#[tokio::test]
async fn what_one_attempt_left_unknown_no_later_one_makes_known() {
    let has_effect = |it: &&Operation| it.may_be_made_twice && !matches!(it.method, "GET" | "HEAD");
    let operation = OPERATIONS.iter().find(has_effect).unwrap();
    for (first, later) in [(502, 400), (502, 401), (503, 403), (504, 404), (504, 429)] {
        let server = MockServer::start_async().await;
        let arrived = AtomicUsize::new(0);
        server.mock(|_, then| {
            then.respond_with(move |_| {
                let status = if arrived.fetch_add(1, SeqCst) == 0 { first } else { later };
                HttpMockResponse::builder().status(status).build()
            });
        });
        let error = (operation.call)(&api(&server)).await.unwrap_err();
        assert_eq!(error.status(), Some(later), "{first}");
        assert!(
            error.may_have_taken_effect() && !error.is_transient(),
            "{first}, {later}: {error}"
        );
    }
}
