//! For your own tests (feature `mock`): typed mocks of every call, a simulated service, and signed
//! webhooks.
//!
//! [`SimulatedService`] lets builds queue, run and end, and misbehaves when told to. With
//! `#[tokio::test(start_paused = true)]` a build of ten minutes takes milliseconds, over real HTTP:
//!
//! ```
//! use codearts_build::{mock::{Fault, SimulatedJob, SimulatedService}, types::*};
//! use std::time::Duration;
//!
//! const JOB: &str = "f9d6c8466d614a9788e9a0acf6c15f46";
//!
//! // In your tests: #[tokio::test(start_paused = true)]
//! # let mut runtime = tokio::runtime::Builder::new_current_thread();
//! # let runtime = runtime.enable_all().start_paused(true).build()?;
//! # runtime.block_on(fails_after_ten_minutes_in_the_queue())?;
//! async fn fails_after_ten_minutes_in_the_queue() -> Result<(), Box<dyn std::error::Error>> {
//!     let service = SimulatedService::start().await?;
//!     let ten_minutes = Duration::from_secs(600);
//!     let job = SimulatedJob::new().queued_for(ten_minutes).ends(BuildStatus::Failure);
//!     service.add_job(JOB, job.with_error("no space left"))?;
//!     let second = Duration::from_secs(1);
//!     service.inject(Fault::Throttled { lasting: second, retry_after: Some(second) });
//!
//!     let client = service.client()?;
//!     let build = client.run_job(RunJobRequest::new(JOB)?).await?;
//!     let record = client.wait(&build).await?;
//!     assert_eq!(record.err_msg.as_deref(), Some("no space left"));
//!     Ok(())
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`MockServerExt`] adds a method for each operation of the document to
//! [`httpmock::MockServer`]. Requests and responses are the generated types,
//! so a mock cannot drift from the document.
//!
//! ```
//! use codearts_build::{Client, Credential, mock::{MockServerExt, httpmock::MockServer}, types::*};
//!
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! let server = MockServer::start_async().await;
//! // A record proves itself by its number.
//! let status = BuildStatus::Success;
//! let record = BuildRecord { build_no: Some(7), status, ..Default::default() };
//! let mock = server.show_record_detail(|when, then| {
//!     when.build_no(&"7".parse().unwrap());
//!     then.ok(&RecordInfoResponse { result: Some(record), ..Default::default() });
//! });
//!
//! let client = Client::builder()
//!     .endpoint(server.base_url())
//!     .credential(Credential::token("any")?)
//!     .build()?;
//! let record = client.record_info("f9d6c8466d614a9788e9a0acf6c15f46", 7).await?;
//! assert!(record.is_success());
//! mock.assert();
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod clock;
mod server;
mod simulated;
#[cfg(feature = "webhooks")]
mod webhook;

pub use simulated::{Fault, ReceivedRequest, SimulatedJob, SimulatedService};
#[cfg(feature = "webhooks")]
pub use webhook::PushWebhook;

pub use huaweicloud_core::httpmock;
pub use serde_json;

huaweicloud_core::include_mocks!(crate::api);
