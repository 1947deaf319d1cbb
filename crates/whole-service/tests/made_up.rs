//! Promise: whatever a service responds to an operation, of whatever shape its response is, the client neither
//! panics nor calls a success an error or an error a success. The tests of codearts-build make up the
//! responses.

// These files are shared. Not all that is in them is needed here.
#[allow(dead_code)]
#[path = "made_up_responses/check.rs"]
mod check;
#[allow(dead_code)]
#[path = "made_up_responses/operation.rs"]
mod operation;
#[path = "made_up_responses/oracle.rs"]
mod oracle;
#[path = "made_up_responses/response.rs"]
mod response;
#[path = "made_up_responses/server.rs"]
mod server;

use crate::support::{Builds, TOKEN};
use check::Way;
use huaweicloud_core::{ClientBuilder, Credential, Error, ErrorKind, RetryPolicy, ServiceRequest};
use operation::OPERATIONS;
use serde_json::Value;
use whole_service::shapes;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_shape_of_a_response() {
    assert_eq!(OPERATIONS.len(), 7);
    for call in OPERATIONS.iter() {
        let client = |url: String| -> Box<dyn Fn(u64) -> _> {
            let client = ClientBuilder::<Builds>::default()
                .endpoint(url)
                .credential(Credential::token(TOKEN).unwrap())
                .retry(RetryPolicy::never())
                .build()
                .unwrap();
            Box::new(move |seed| {
                let path = &call.path;
                let known = shapes::OPERATIONS;
                let request = ServiceRequest::new(&client.0, known, &*call.method, path);
                let request = request.query("seed", server::job_id(seed));
                async move {
                    match &*call.id {
                        "DownloadLog" => request.send_for_stream().await.map(|_| None),
                        _ => request.send::<Value>().await.map(|_| None),
                    }
                }
            })
        };
        check::check(call, Way::Request, client).await;
    }
}
