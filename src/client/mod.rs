//! The client: its settings, the everyday calls, following builds, and mocks for tests.

mod builder;
mod calls;
mod environment;
#[cfg(feature = "mock")]
pub mod mock;
mod watch;

pub use builder::ClientBuilder;
pub use calls::Client;
