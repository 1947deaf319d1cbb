//! The steps of the build, in the order in which `build.rs` takes them.

pub(crate) mod check;
pub(crate) mod document;
pub(crate) mod enums;
pub(crate) mod generator;
pub(crate) mod lenient;
pub(crate) mod operations;
pub(crate) mod own_error;
pub(crate) mod responses;
pub(crate) mod rules;
