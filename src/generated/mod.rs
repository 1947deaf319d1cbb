//! What `build.rs` generates from `openapi.yaml`: the client, one builder for each operation, the
//! types, and the table of operations. `just generated` shows it.

pub(crate) mod extensible_enum;
pub(crate) mod lenient;

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
pub use client::{ByteStream, Client, Error, ResponseValue, builder};

pub(crate) mod enums {
    include!(concat!(env!("OUT_DIR"), "/enums.rs"));
}

/// What the pipeline must know of an operation.
#[derive(Debug)]
pub(crate) struct Operation {
    /// The operation's id as the generated code spells it.
    pub(crate) id: &'static str,
    pub(crate) method: &'static str,
    /// The path with the names of its parameters in braces.
    pub(crate) path: &'static str,
    /// The documented good statuses.
    pub(crate) success: &'static [u16],
    /// Whether the response is a JSON object.
    pub(crate) object: bool,
    /// Whether the response comes in an envelope, that is as an object in a field `result`.
    pub(crate) enveloped: bool,
    /// The fields of the response, or of the result in its envelope.
    pub(crate) fields: &'static [&'static str],
}

include!(concat!(env!("OUT_DIR"), "/operations.rs"));
