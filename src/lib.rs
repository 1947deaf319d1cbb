#![doc = include_str!("../README.md")]
#![warn(unreachable_pub)]
// No input and no answer may make the library panic. Tests may.
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

mod answer;
mod client;
mod credential;
mod environment;
mod error;
mod generated;
mod generously;
#[cfg(feature = "mock")]
pub mod mock;
mod observe;
mod open_enum;
mod record;
mod refusal;
mod region;
mod request;
mod retry;
mod started;
mod transport;
mod watch;

pub use client::{Client, ClientBuilder};
pub use credential::{AccessKey, Credential, CredentialProvider, CredentialFuture, Identity, PasswordLogin};
pub use error::{Error, ErrorKind};
pub use jiff::Timestamp;
pub use region::Region;
pub use retry::RetryPolicy;
pub use started::StartedBuild;

pub(crate) use open_enum::open_enum;

/// The OpenAPI document that this crate is generated from, as shipped.
pub const OPENAPI: &str = include_str!("../openapi.yaml");

/// The types of the document, generated from it, with constructors and typed reading of their own.
pub mod types {
    pub use crate::{
        generated::{enums::*, types::*},
        record::BuildStatus,
    };
}

/// The generated client behind [`Client::api`]: one builder for each operation of the document.
pub mod api {
    pub use crate::generated::{ByteStream, Client, Error, ResponseValue, builder};
}
