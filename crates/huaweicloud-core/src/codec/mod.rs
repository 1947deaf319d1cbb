//! What generated code needs at run time to read and write the values of a document.

pub(crate) mod argument;
pub(crate) mod constrained;
pub(crate) mod decode;
pub(crate) mod extensible_enum;
pub(crate) mod json;
pub(crate) mod lenient;
pub(crate) mod operation;
