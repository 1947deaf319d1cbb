//! One module for each promise of the crate.

mod broken_documents;
mod build_output;
