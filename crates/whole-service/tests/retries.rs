//! Promise: a gateway timeout is retried exactly where a call may be made twice.

use crate::operations::{OPERATIONS, Operation};
use crate::support::api;
use huaweicloud_core::httpmock::MockServer;

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
