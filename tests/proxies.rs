//! Promise: plain http to this machine does not go through a proxy, which would see the token.

use crate::support::*;
use codearts_build::{mock::MockServerExt, types::*};
use httpmock::MockServer;
use serde_json::json;

#[test]
fn plain_http_to_this_machine_does_not_go_through_a_proxy() {
    let (server, proxy) = (MockServer::start(), MockServer::start());
    let started = server.run_job(|_, then| {
        then.ok(&serde_json::from_value(json!({ "actual_build_number": "7" })).unwrap());
    });
    server.show_record_detail(|_, then| {
        let record =
            BuildRecord { build_no: Some(1), status: "SUCCESS".into(), ..Default::default() };
        then.ok(&RecordInfoResponse { result: Some(record), ..Default::default() });
    });
    let seen = proxy.mock(|_, then| {
        then.status(200);
    });
    let proxy = proxy.base_url();
    let (code, _, err) = run_build(
        &[JOB],
        &[
            ("CODEARTS_BUILD_ENDPOINT", &server.base_url()),
            ("CODEARTS_BUILD_TOKEN", CANARY),
            ("http_proxy", &proxy),
            ("HTTP_PROXY", &proxy),
            ("ALL_PROXY", &proxy),
        ],
    );
    assert_eq!((code, &*err), (0, ""));
    started.assert();
    seen.assert_calls(0);
}
