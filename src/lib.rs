//! A client for the build service of Huawei Cloud CodeArts: start builds, follow them until they end, stop
//! them, and see why they failed.
//!
//! ```no_run
//! use codearts_build::{Client, types::RunJobRequest};
//!
//! # async fn run() -> Result<(), codearts_build::Error> {
//! let client = Client::from_env()?;
//! let request = RunJobRequest::new("f9d6c8466d614a9788e9a0acf6c15f46")?
//!     .with_parameter("codeBranch", "master")?;
//! let build = client.run_job(request).await?;
//! let record = client.wait(&build).await?;
//! println!("build {} ended {}", build.build_no(), record.status);
//! # Ok(())
//! # }
//! ```
//!
//! # Where to look
//!
//! | to | see |
//! | --- | --- |
//! | make a client | [`Client::from_env`], [`Client::new`], [`ClientBuilder`] with every setting |
//! | give it a credential | [`Credential`], which lists all of them; [`CredentialProvider`] for one of your own |
//! | start a build | [`Client::run_job`] with a [`RunJobRequest`](types::RunJobRequest); [`Client::auto_execute`] for a push |
//! | follow it | [`Client::wait`]; [`Client::watch`] for its changes and limits; [`BuildId`] is what to store |
//! | see how it ended | [`BuildRecord`](types::BuildRecord) with [`status`](types::BuildStatus) and [`Conclusion`]; [`Client::failed_step`], [`Client::log_end`], [`Client::steps`], [`Client::log`], [`Client::follow_log`], [`Client::artifacts`] |
//! | stop it | [`Client::stop`] |
//! | find builds and jobs | [`Client::history`], [`Client::latest_build`], [`Client::records_after`], [`Client::jobs`] |
//! | understand an error | [`Error`], [`ErrorKind`], [`guide::errors`], [`guide::faults`] |
//! | set retries | [`RetryPolicy`] |
//! | call another version of the API, or any other operation | [`ApiVersion`], [`Client::api`], [`Client::request`], [`include_client!`] |
//! | test your own code | [`simulation`] (feature `simulation`), [`mock`] (feature `mock`) |
//! | build on every push | [`PushEvent`], [`WebhookSecret`] (feature `webhooks`) |
//! | call it from code that is not async | [`guide::blocking`] |
//!
//! # Examples
//!
//! The folder `examples` of the package has whole programs. Each runs on a simulated service, with nothing set:
//! `cargo run --features simulation --example run_build`.
//!
//! | example | of |
//! | --- | --- |
//! | `run_build` | [`Client::run_job`], [`Client::watch`], [`Client::stop`], [`Client::failed_step`], [`Client::log_end`] |
//! | `follow_log` | [`Client::follow_log`] |
//! | `follow_many`, `resume` | [`Client::watch`], [`BuildId`] |
//! | `find_build` | [`Client::history`] after an unknown outcome |
//! | `handle_errors` | [`Error`] |
//! | `test_a_failure` | [`simulation`] |
//! | `behind_proxy` | [`ClientBuilder::http`] |
//! | `push_webhook` | [`PushEvent`], [`Client::auto_execute`] |
//!
//! # Names
//!
//! The everyday calls have short names. [`Client::api`] has the operations of the document under the vendor's
//! names, in snake case: [`Client::run_job`] calls `run_job` (`RunJob`), [`Client::auto_execute`] calls
//! `execute_auto_build_job`, [`Client::record_info`] calls `show_record_detail`. [`Error::operation`] gives the vendor's
//! name. A build job is what the vendor also calls a build task.
#![warn(unreachable_pub)]
// The documentation on docs.rs shows which items need a feature.
#![cfg_attr(docsrs, feature(doc_cfg))]
// No argument and no response may make the library panic. Tests may.
#![cfg_attr(not(test), warn(clippy::arithmetic_side_effects, clippy::expect_used, clippy::panic))]
#![cfg_attr(not(test), warn(clippy::indexing_slicing, clippy::string_slice, clippy::unwrap_used))]
#![cfg_attr(not(test), warn(clippy::todo, clippy::unreachable))]

/// The generated client behind [`Client::api`]: one builder for each operation of the document.
pub mod api {
    huaweicloud_core::include_client!();
}
mod client;
pub mod types;

#[cfg(feature = "mock")]
pub use client::mock;
#[cfg(feature = "simulation")]
pub use client::simulation;
pub use client::{ApiVersion, Client, History, Jobs, StopOutcome, Watch};
#[cfg(feature = "webhooks")]
pub use push_webhook::{self, NothingToBuild, Platform, PushEvent, WebhookSecret};
pub use types::{build_id::BuildId, started::StartedBuild, status::Conclusion};

#[cfg(feature = "schemars")]
#[doc(no_inline)]
pub use huaweicloud_core::schemars;
#[doc(inline)]
pub use huaweicloud_core::{
    AccessKey, ByteStream, Credential, CredentialChain, CredentialContext, CredentialFuture,
    CredentialProvider, EcsAgency, ErrorCodes, FederatedLogin, IdToken, Identity, OidcAgency,
    PasswordLogin, Pipeline, PodIdentity, Profile, Region, ResponseValue, RetryPolicy, Service,
    ServiceInfo, ServiceRequest, Signer, include_client, include_mocks,
};
/// What to do about each error is in [`guide::errors`], what happens for each fault in
/// [`guide::faults`].
///
#[doc(inline)]
pub use huaweicloud_core::{Error, ErrorKind};
#[doc(no_inline)]
pub use huaweicloud_core::{Timestamp, bytes, http, reqwest};

/// Pages about errors, about operating systems, and about code that is not async.
#[cfg(doc)]
pub mod guide {
    #[doc = include_str!("../docs/errors.md")]
    pub mod errors {}
    #[allow(rustdoc::bare_urls, rustdoc::broken_intra_doc_links, reason = "texts of errors")]
    #[doc = include_str!("../docs/faults.md")]
    pub mod faults {}
    #[doc = include_str!("../docs/platforms.md")]
    pub mod platforms {}
    #[doc = include_str!("../docs/blocking.md")]
    pub mod blocking {}
}

// The examples of the README are tests, too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// Settings of a [`Client`]. Required are a credential, and a region or an endpoint.
///
/// ```
/// use codearts_build::{Client, Credential, Region};
/// use std::time::Duration;
///
/// let client = Client::builder()
///     .region(Region::CN_NORTH_4)
///     .credential(Credential::token("MIIaBwYJKoZIhvcNAQcCoIIZ-DCCGfQCAQExDTAL")?)
///     .attempt_timeout(Duration::from_secs(10))
///     .build()?;
/// # Ok::<(), codearts_build::Error>(())
/// ```
pub type ClientBuilder = huaweicloud_core::ClientBuilder<Client>;

/// The OpenAPI document that this crate is generated from.
pub const OPENAPI: &str = include_str!("../openapi.yaml");
