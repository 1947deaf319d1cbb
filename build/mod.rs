//! The steps of the build. `build.rs` says in which order it takes them.

// What is wrong with the document.
pub(crate) mod check;
pub(crate) mod document;
pub(crate) mod grammar;
pub(crate) mod names;
pub(crate) mod schema;
pub(crate) mod shipped;

// What the generator does not see: it goes to the pipeline.
pub(crate) mod operations;

// Changes of the document before the code is generated.
pub(crate) mod constraints;
pub(crate) mod enums;
pub(crate) mod lift;
pub(crate) mod rename;
pub(crate) mod responses;
pub(crate) mod shared;

pub(crate) mod generator;

// Changes of the generated code.
pub(crate) mod lenient;
pub(crate) mod messages;
pub(crate) mod mocks;
pub(crate) mod own_error;
pub(crate) mod segments;
pub(crate) mod with_default;
