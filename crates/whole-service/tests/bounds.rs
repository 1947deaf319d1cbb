//! Promise: an argument that breaks a bound sends nothing, and the error says which bound.

use crate::operations::OPERATIONS;
use crate::support::api;
use huaweicloud_core::{ErrorKind, httpmock::MockServer};

#[tokio::test]
async fn a_broken_bound_sends_nothing() {
    let server = MockServer::start_async().await;
    let client = api(&server);
    let mock = server.mock(|_, then| {
        then.status(200);
    });
    let mut broken = 0;
    for operation in OPERATIONS {
        for (call, says) in operation.broken {
            let Some(says) = says else { continue };
            let error = call(&client).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{}: {error}", operation.id);
            assert_eq!(error.message(), says, "{}", operation.id);
            broken += 1;
        }
    }
    assert!(broken > 100, "{broken}");
    assert_eq!(mock.calls(), 0);
}
