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

mod auth;
mod client;
mod credential;
mod error;
mod generated;
mod pipeline;
mod region;
pub mod types;

pub use auth::{AccessKey, Identity};
#[cfg(feature = "mock")]
pub use client::mock;
pub use client::{Client, ClientBuilder, ServiceRequest, Watch};
pub use credential::{
    Credential, CredentialContext, CredentialFuture, CredentialProvider, PasswordLogin,
};
pub use error::{Error, ErrorKind};
pub use generated::{OPENAPI, OPENAPI_PATH};
pub use jiff::Timestamp;
pub use pipeline::RetryPolicy;
/// Push webhooks of code platforms: what they report, and whether it is authentic (feature `webhooks`).
#[cfg(feature = "webhooks")]
pub use push_webhook;
#[cfg(feature = "webhooks")]
pub use push_webhook::{NothingToBuild, Platform, PushEvent, WebhookSecret};
pub use region::Region;
/// The HTTP client, for [`ClientBuilder::http`].
pub use reqwest;
pub use types::{build_id::BuildId, started::StartedBuild};

/// The generated client behind [`Client::api`]: one builder for each operation of the document.
pub mod api {
    pub use crate::generated::{ByteStream, Client, ResponseValue, builder};
}
