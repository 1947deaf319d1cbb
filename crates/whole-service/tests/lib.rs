//! One module for each promise of a document.
#![recursion_limit = "512"]

/// Typed mocks of `openapi.yaml`.
mod mocks {
    huaweicloud_core::include_mocks!(whole_service::api);
}

/// Typed mocks of `shapes.yaml`.
mod shape_mocks {
    huaweicloud_core::include_mocks!(whole_service::shapes, "shapes");
}

mod operations;
mod support;

mod bounds;
mod effects;
mod errors;
mod json_schema;
mod made_up;
mod outcomes;
mod path_arguments;
mod patterns;
mod requests;
mod retries;
mod shapes;
mod two_documents;
mod typed_mocks;
