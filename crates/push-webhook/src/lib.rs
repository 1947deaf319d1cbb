#![doc = include_str!("../README.md")]
#![warn(unreachable_pub)]
// The documentation on docs.rs shows which items need a feature.
#![cfg_attr(docsrs, feature(doc_cfg))]
// No webhook may make the library panic. Tests may.
#![cfg_attr(not(test), warn(clippy::arithmetic_side_effects, clippy::expect_used, clippy::panic))]
#![cfg_attr(not(test), warn(clippy::indexing_slicing, clippy::string_slice, clippy::unwrap_used))]
#![cfg_attr(not(test), warn(clippy::todo, clippy::unreachable))]

mod error;
mod event;
#[cfg(feature = "mock")]
mod mock;
mod nothing_to_build;
mod payload;
mod platform;
mod push;
mod secret;

pub use error::{Error, ErrorKind};
pub use event::PushEvent;
pub use nothing_to_build::NothingToBuild;
pub use platform::Platform;
pub use push::{Commit, Push};
pub use secret::WebhookSecret;
