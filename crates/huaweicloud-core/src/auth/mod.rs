//! How a request is authenticated: identities, their signatures, and the cache that keeps them.

mod access_key;
mod authenticated;
mod cache;
mod identity;
mod project;
mod secret;
mod signer;

pub(crate) use authenticated::{Authenticated, Clock};
pub(crate) use cache::{Cache, FetchFuture};
pub(crate) use project::{GivenProject, NamedUrl, Project, project_id};
pub(crate) use secret::Secret;

pub use access_key::AccessKey;
pub use identity::Identity;
pub use signer::Signer;
