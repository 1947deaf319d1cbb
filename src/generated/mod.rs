//! What `build.rs` generates from `openapi.yaml`: the client, one builder for each operation, the
//! types, and the table of operations. `just generated` shows it.

#[allow(unused_imports, unused_macros, reason = "the document need not use all")]
pub(crate) mod constrained;
pub(crate) mod decode;
pub(crate) mod extensible_enum;
pub(crate) mod failure;
pub(crate) mod json;
pub(crate) mod lenient;
#[cfg(feature = "mock")]
#[allow(dead_code, reason = "the document need not have a query")]
pub(crate) mod mock_query;
pub(crate) mod operation;
#[allow(dead_code, reason = "the document need not have a parameter in a path")]
pub(crate) mod segment;

include!(concat!(env!("OUT_DIR"), "/document.rs"));

/// The OpenAPI document that this crate is generated from.
pub const OPENAPI: &str = include_str!(concat!(env!("OUT_DIR"), "/openapi.yaml"));

#[allow(
    missing_docs,
    unreachable_patterns,
    unreachable_pub,
    unused_imports,
    clippy::all,
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::unwrap_used,
    rustdoc::all,
    reason = "the generator's code: documentation comes from the document"
)]
pub(crate) mod client {
    include!(concat!(env!("OUT_DIR"), "/client.rs"));
}
pub(crate) use client::types;
pub use client::{ByteStream, Client, ResponseValue, builder};

pub(crate) mod enums {
    include!(concat!(env!("OUT_DIR"), "/enums.rs"));
}
