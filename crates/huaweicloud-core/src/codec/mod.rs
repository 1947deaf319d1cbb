//! What generated code needs at run time to read and write the values of a document.

pub(crate) mod argument;
pub(crate) mod constrained;
pub(crate) mod decode;
pub(crate) mod extensible_enum;
pub(crate) mod json;
pub(crate) mod lenient;
#[cfg(feature = "mock")]
pub(crate) mod mock_query;
pub(crate) mod operation;
pub(crate) mod path_segment;
pub(crate) mod query;
