//! Promise: an argument in a path is no path of its own. That all else is sent as it is, whatever it means in
//! a path or in a pattern, is in requests.rs and typed_mocks.rs.

use crate::support::{JOB, api};
use huaweicloud_core::{ErrorKind, httpmock::MockServer};

#[tokio::test]
async fn a_text_that_leads_elsewhere_is_not_sent() {
    let server = MockServer::start_async().await;
    let client = api(&server);
    let mock = server.mock(|_, then| {
        then.status(200);
    });
    for text in ["", ".", ".."] {
        let get = client.call500().thing_id(JOB).text(text);
        let post = client.call501().thing_id(JOB).text(text).body_map(|it| it.name("abc"));
        let put = client.call502().thing_id(JOB).text(text);
        let delete = client.call503().thing_id(JOB).text(text).body_map(|it| it.name("abc"));
        let errors = [
            get.send().await.unwrap_err(),
            post.send().await.unwrap_err(),
            put.send().await.unwrap_err(),
            delete.send().await.unwrap_err(),
        ];
        for error in errors {
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
            let expected = format!("text \"{text}\": must not be empty, `.` or `..`");
            assert_eq!(error.message(), expected);
        }
    }
    assert_eq!(mock.calls(), 0);
}
