//! One module for each promise of the crate.

mod broken_documents;
