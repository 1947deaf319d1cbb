//! One module for each promise of the crate.

mod support;

mod broken_documents;
mod build_output;
mod generated_code;
mod public_api;
