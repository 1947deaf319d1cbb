//! Promise: every path is joined below the endpoint.

use crate::support::*;
use httpmock::MockServer;
use serde_json::json;

#[tokio::test]
async fn paths_are_joined_below_the_path_of_the_endpoint() {
    let server = MockServer::start_async().await;
    let mock = server.mock(|when, then| {
        when.path(format!("/gateway/v4/jobs/{JOB}/1/record-info")).header("x-auth-token", CANARY);
        then.status(200).json_body(json!({ "result": { "build_no": 1 } }));
    });
    for slash in ["", "/", "//"] {
        let endpoint = format!("{}/gateway{slash}", server.base_url());
        client_at(endpoint).record_info(JOB, 1).await.unwrap();
    }
    mock.assert_calls_async(3).await;
}

#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
#[test]
fn https_without_tls_is_a_setting_that_names_the_features() {
    let error = calls::fast_client("https://builds.example".into()).build().unwrap_err();
    assert_eq!(error.kind(), codearts_build::ErrorKind::InvalidArgument);
    let message = "https needs the feature `rustls` or `native-tls` of the crate";
    assert_eq!(error.message(), message);
}
