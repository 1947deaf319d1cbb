//! Promise: an error is an error under any status, and says which operation was called.

use crate::operations::{Good, OPERATIONS, Operation};
use crate::support::api;
use huaweicloud_core::{ErrorKind, httpmock::MockServer};

#[tokio::test]
async fn an_error_is_an_error_under_any_status() {
    let server = MockServer::start_async().await;
    let client = api(&server);
    for &Operation { id, method, good: Good(good, ..), call, .. } in OPERATIONS {
        for status in [good, 400] {
            if method == "HEAD" || status == 204 {
                // Such a response has no body.
                continue;
            }
            let mut mock = server.mock(|_, then| {
                then.status(status)
                    .header("content-type", "application/json")
                    .body(r#"{"error_code":"CB.00060200","error_msg":"no"}"#);
            });
            let error = call(&client).await.unwrap_err();
            let seen = (error.kind(), error.status(), error.code(), error.operation());
            let expected = (ErrorKind::Service, Some(status), Some("CB.00060200"), Some(id));
            assert_eq!(seen, expected);
            mock.delete();
        }
    }
}
