//! Promise: after an unknown outcome, an error says which operation was called, and what the document says of
//! its effect.

use crate::support::{JOB, client};
use huaweicloud_core::{Error, httpmock::MockServer};
use whole_service::shapes;

/// The errors of a call with an effect, of one whose effect the document does not tell, and of one that only
/// reads.
async fn errors(status: u16) -> [Error; 3] {
    let server = MockServer::start_async().await;
    server.mock(|_, then| drop(then.status(status)));
    let api = shapes::Client::from(client(&server).pipeline());
    [
        api.stop_build().job_id(JOB).build_no("7").send().await.unwrap_err(),
        api.copy_job().job_id(JOB).send().await.unwrap_err(),
        api.show_settings().job_id(JOB).send().await.unwrap_err(),
    ]
}

#[tokio::test]
async fn an_error_of_unknown_outcome_tells_the_effect() {
    let [stop, copy, show] = errors(504).await;
    assert_eq!(stop.operation(), Some("StopBuild"));
    assert!(stop.may_have_taken_effect());
    let effect = "; the build may have been stopped: read its record";
    assert!(stop.to_string().ends_with(effect), "{stop}");

    assert_eq!(copy.operation(), Some("CopyJob"));
    assert!(copy.may_have_taken_effect());
    let effect = "; the call may have taken effect: find out before you make it again";
    assert!(copy.to_string().ends_with(effect), "{copy}");

    assert_eq!(show.operation(), Some("ShowSettings"));
    assert!(!show.may_have_taken_effect());
    assert!(!show.to_string().contains("taken effect"), "{show}");
}

#[tokio::test]
async fn an_error_that_proves_that_nothing_happened_tells_no_effect() {
    let [stop, copy, show] = errors(403).await;
    let called = [&stop, &copy, &show].map(Error::operation);
    assert_eq!(called, [Some("StopBuild"), Some("CopyJob"), Some("ShowSettings")]);
    for error in [stop, copy, show] {
        assert!(!error.may_have_taken_effect(), "{error}");
        let text = error.to_string();
        assert!(!text.contains("stopped") && !text.contains("taken effect"), "{error}");
    }
}
