#![doc = include_str!("../README.md")]
#![warn(unreachable_pub)]
// The documentation on docs.rs shows which items need a feature.
#![cfg_attr(docsrs, feature(doc_cfg))]
// No argument and no response may make the library panic. Tests may.
#![cfg_attr(not(test), warn(clippy::arithmetic_side_effects, clippy::expect_used, clippy::panic))]
#![cfg_attr(not(test), warn(clippy::indexing_slicing, clippy::string_slice, clippy::unwrap_used))]
#![cfg_attr(not(test), warn(clippy::todo, clippy::unreachable))]

mod auth;
mod client;
#[allow(missing_docs, reason = "public for generated code only")]
mod codec;
mod credential;
mod error;
mod include;
mod pipeline;
mod region;
mod service;

pub use auth::{AccessKey, Identity, Signer};
pub use client::{Client, ClientBuilder, Service, ServiceRequest};
pub use credential::{
    Credential, CredentialChain, CredentialContext, CredentialFuture, CredentialProvider,
    EcsAgency, FederatedLogin, IdToken, OidcAgency, PasswordLogin, PodIdentity, Profile,
};
pub use error::{Error, ErrorCodes, ErrorKind};
#[cfg(feature = "mock")]
#[doc(no_inline)]
pub use httpmock;
pub use pipeline::{ByteStream, Pipeline, ResponseValue, RetryPolicy};
pub use region::Region;
#[cfg(feature = "schemars")]
#[doc(no_inline)]
pub use schemars;
pub use service::ServiceInfo;
/// The HTTP client, for [`ClientBuilder::http`].
#[doc(no_inline)]
pub use {bytes, http, jiff::Timestamp, reqwest};

#[allow(missing_docs, reason = "for generated code only")]
#[doc(hidden)]
#[path = "runtime.rs"]
pub mod __runtime;
