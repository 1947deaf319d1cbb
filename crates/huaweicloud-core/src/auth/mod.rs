//! How a request is authenticated: identities, their signatures, and the cache that keeps them.

mod access_key;
mod cache;
mod identity;
mod secret;
mod signer;

pub(crate) use cache::{Cache, FetchFuture};
pub(crate) use secret::Secret;

pub use access_key::AccessKey;
pub(crate) use access_key::project_id;
pub use identity::Identity;
pub(crate) use identity::{Authenticated, Clock};
pub use signer::Signer;
