//! Promise: where the document has nothing but the outcome of a call, another outcome than success proves
//! nothing.

use crate::operations::{Good, ONLY_OUTCOME, OPERATIONS};
use crate::support::api;
use huaweicloud_core::{ErrorKind, httpmock::MockServer};

#[tokio::test]
async fn another_outcome_than_success_proves_nothing() {
    let server = MockServer::start_async().await;
    let client = api(&server);
    let has_only_outcome = |Good(_, _, body): Good| body == ONLY_OUTCOME;
    let of_outcome: Vec<_> = OPERATIONS.iter().filter(|it| has_only_outcome(it.good)).collect();
    assert!(of_outcome.len() >= 4, "{}", of_outcome.len());
    for operation in of_outcome {
        for body in
            [r#"{"status":"ok"}"#, r#"{"status":null,"error":""}"#, r#"{"result":"success"}"#, "{}"]
        {
            let mut mock = server.mock(|_, then| {
                then.status(200).header("content-type", "application/json").body(body);
            });
            let error = (operation.call)(&client).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{}: {body}", operation.id);
            mock.delete();
        }
    }
}
