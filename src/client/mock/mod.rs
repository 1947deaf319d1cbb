//! For your own tests (feature `mock`): typed mocks of every call, signed webhooks, and what
//! [`simulation`](crate::simulation) has.
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
//!
//! # Fakes of your own
//!
//! Code that calls a trait of yours, which [`Client`] implements, can be tested without HTTP. A fake can
//! make every value that a call returns:
//!
//! | value | is made by |
//! | --- | --- |
//! | [`StartedBuild`] | [`StartedBuild::new`] |
//! | [`BuildRecord`] and the other types of the document | a literal with `..Default::default()` |
//! | [`BuildId`] | [`BuildId::new`], or `parse` |
//! | [`Error`] | [`Error::new`] and its methods `with_…` |
//! | a response of [`Client::api`] | [`ResponseValue::new`](crate::ResponseValue::new) |
//! | the changes of a build, its history, jobs, later records | a stream, for example `futures_util::stream::iter([Ok(record)])` |
//!
//! ```
//! use codearts_build::{BuildId, Error, ErrorKind, StartedBuild, types::*};
//!
//! let build = StartedBuild::new(BuildId::new("f9d6c8466d614a9788e9a0acf6c15f46", 61)?);
//! let status = BuildStatus::Failure;
//! let record = BuildRecord { build_no: Some(61), status, ..Default::default() };
//! assert!(record.is_finished() && record.number() == Some(build.build_no()));
//! let throttled = Error::new(ErrorKind::Service, "too many requests").with_status(429);
//! assert!(throttled.is_throttled());
//! let lost = Error::new(ErrorKind::ConnectionLost, "connection reset").with_unknown_outcome();
//! assert!(lost.may_have_taken_effect());
//! # Ok::<(), Error>(())
//! ```
//!
//! Whether real calls give such an error where you expect it, the simulated service shows: it loses a response
//! with [`Fault::LostResponse`].

#[cfg(feature = "webhooks")]
mod webhook;

#[doc(no_inline)]
pub use crate::simulation::{Fault, ReceivedRequest, SimulatedJob, SimulatedService};
#[cfg(feature = "webhooks")]
pub use webhook::PushWebhook;

pub use huaweicloud_core::httpmock;
pub use serde_json;

// Names in the documentation.
#[cfg(doc)]
use crate::{BuildId, Client, Error, StartedBuild, types::BuildRecord};

huaweicloud_core::include_mocks!(crate::api);
