//! What `build.rs` generates from `openapi.yaml`: the client, one builder for each operation, the
//! types, and the table of operations. `just generated` shows it.

pub(crate) mod decode;
pub(crate) mod extensible_enum;
pub(crate) mod failure;
pub(crate) mod json;
pub(crate) mod lenient;
pub(crate) mod operation;

/// The OpenAPI document that this crate is generated from, as shipped.
pub const OPENAPI: &str = include_str!("../../openapi.yaml");

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
    reason = "the generator's code: documentation comes from the document; its one panic, over a \
              pattern that does not compile, is ruled out by the tests of every pattern"
)]
mod client {
    include!(concat!(env!("OUT_DIR"), "/client.rs"));
}
pub(crate) use client::types;
pub use client::{ByteStream, Client, ResponseValue, builder};

pub(crate) mod enums {
    include!(concat!(env!("OUT_DIR"), "/enums.rs"));
}
