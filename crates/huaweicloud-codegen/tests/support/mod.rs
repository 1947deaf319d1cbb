//! What several tests of this workspace need.

pub mod folder;
pub mod outline;
