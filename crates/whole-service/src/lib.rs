//! Clients of two made-up documents. They have no line of Rust of their own, so what the tests find is
//! what every document gets.

/// Of `openapi.yaml`, which has many operations: every shape of a query, of a body and of a response.
pub mod api {
    huaweicloud_core::include_client!();
}

/// Of `shapes.yaml`, which has one operation for each shape of a response.
pub mod shapes {
    huaweicloud_core::include_client!("shapes");
}
