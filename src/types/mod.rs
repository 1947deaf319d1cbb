//! The types of the document, which are generated from it, and methods on them that are written by hand.

pub(crate) mod build_id;
#[cfg(feature = "webhooks")]
mod push;
mod record;
pub(crate) mod request;
pub(crate) mod started;
pub(crate) mod status;

pub use crate::api::types::*;
