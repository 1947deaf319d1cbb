//! The types of the document, generated from it, with constructors and typed reading of their own.

mod record;
pub(crate) mod request;
pub(crate) mod started;
#[cfg(feature = "webhooks")]
pub(crate) mod webhook;

pub use crate::generated::{enums::*, types::*};
pub use record::BuildStatus;
