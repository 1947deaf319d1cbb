//! How a request is authenticated: identities, their signatures, and the cache that keeps them.

mod access_key;
mod authenticator;
mod cache;
mod identity;
mod project;
mod secret;
mod signer;

pub(crate) use authenticator::{Authenticated, Authenticator, Clock};
pub(crate) use cache::FetchFuture;
pub(crate) use project::{GivenProject, NamedUrl, Project, project_id};
pub(crate) use secret::Secret;

pub use access_key::AccessKey;
pub use identity::Identity;
pub use signer::Signer;
