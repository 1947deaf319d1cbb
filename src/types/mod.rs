//! The types of the document, generated from it, with constructors and typed reading of their own.

pub(crate) mod build_id;
mod record;
pub(crate) mod request;
pub(crate) mod started;
#[cfg(feature = "webhooks")]
pub(crate) mod webhook;

pub use crate::generated::{enums::*, types::*};
