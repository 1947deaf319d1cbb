//! The client: its settings, the everyday calls, following builds, and mocks for tests.

mod builder;
mod calls;
mod environment;
mod follow;
#[cfg(feature = "mock")]
pub mod mock;
mod pace;
mod records;
mod request;
mod watch;

pub use builder::ClientBuilder;
pub use calls::Client;
pub use request::ServiceRequest;
pub use watch::Watch;
