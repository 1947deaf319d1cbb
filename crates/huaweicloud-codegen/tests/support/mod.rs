//! What several tests of this workspace need.

pub mod outline;
