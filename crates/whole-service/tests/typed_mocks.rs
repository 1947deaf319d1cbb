//! Promise: the typed mock of an operation takes what a call of it sends.

use crate::operations::OPERATIONS;
use crate::support::api;
use huaweicloud_core::httpmock::{Mock, MockServer};

#[tokio::test]
async fn a_typed_mock_takes_what_is_sent() {
    for operation in OPERATIONS {
        let server = MockServer::start_async().await;
        let client = api(&server);
        let id = (operation.mock)(&server);
        let outcome = (operation.call)(&client).await;
        outcome.unwrap_or_else(|error| panic!("{}: {error}", operation.id));
        assert_eq!(Mock::new(id, &server).calls(), 1, "{}", operation.id);
    }
}
