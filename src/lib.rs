#![doc = include_str!("../README.md")]
#![warn(unreachable_pub)]
// No argument and no response may make the library panic. Tests may.
#![cfg_attr(
    not(test),
    warn(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::string_slice,
        clippy::todo,
        clippy::unreachable,
        clippy::unwrap_used
    )
)]

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
    CredentialProvider, EcsAgency, Error, ErrorCodes, ErrorKind, FederatedLogin, IdToken, Identity,
    OidcAgency, PasswordLogin, Pipeline, PodIdentity, Profile, Region, ResponseValue, RetryPolicy,
    Service, ServiceInfo, ServiceRequest, Signer, include_client, include_mocks,
};
#[doc(no_inline)]
pub use huaweicloud_core::{Timestamp, bytes, http, reqwest};

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
