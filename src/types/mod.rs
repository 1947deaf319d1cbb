//! The types of the document, generated from it, with constructors and typed reading of their own.

pub(crate) mod build_id;
#[cfg(feature = "webhooks")]
mod push;
mod record;
pub(crate) mod request;
pub(crate) mod started;

pub use crate::api::types::*;
