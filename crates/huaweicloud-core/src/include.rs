//! The macros that bring generated code into a crate.

/// Includes the client that `huaweicloud-codegen` has generated in the crate's `build.rs`.
///
/// ```text
/// pub mod api {
///     huaweicloud_core::include_client!();
/// }
///
/// let api = api::Client::from(client.pipeline());
/// ```
///
/// The module has the `Client`, its `types`, and a `builder` for each operation. If the document has a
/// name of its own (`Config::name`), so has the client: `include_client!("name")`.
#[macro_export]
macro_rules! include_client {
    () => {
        $crate::include_client!("client");
    };
    ($name:literal) => {
        $crate::__include! { __client, include!(concat!(env!("OUT_DIR"), "/", $name, ".rs")); }
    };
}

/// A module with generated code, and what it has. Its documentation comes from the document, its style
/// from the generator.
#[doc(hidden)]
#[macro_export]
macro_rules! __include {
    ($module:ident, $($code:tt)*) => {
        #[allow(
            dead_code, missing_docs, unreachable_patterns, unreachable_pub, unused_imports,
            unused_qualifications, clippy::all, clippy::pedantic, clippy::nursery,
            clippy::restriction, rustdoc::all
        )]
        mod $module {
            use $crate::__runtime;
            $($code)*
        }
        #[allow(unused_imports, unreachable_pub)]
        pub use $module::*;
    };
}

/// Includes the typed mocks that `huaweicloud-codegen` has generated in the crate's `build.rs`, with
/// `Config::mocks(true)`. They need the feature `mock`.
///
/// ```text
/// #[cfg(test)]
/// mod mocks {
///     huaweicloud_core::include_mocks!(crate::api);
/// }
/// ```
///
/// The argument is where the client is, as a path from `crate`. The module has `MockServerExt`, with a
/// method for each operation. If the document has a name of its own, it is the second argument.
#[macro_export]
#[cfg(feature = "mock")]
macro_rules! include_mocks {
    ($($api:ident)::+) => { $crate::include_mocks!($($api)::+, "client"); };
    ($($api:ident)::+, $name:literal) => {
        $crate::__include! {
            __mocks,
            use $($api)::+::types;
            include!(concat!(env!("OUT_DIR"), "/", $name, "_mocks.rs"));
        }
    };
}

/// Includes typed mocks, with the feature `mock`.
#[macro_export]
#[cfg(not(feature = "mock"))]
macro_rules! include_mocks {
    ($($arguments:tt)*) => {
        compile_error!("include_mocks! needs the feature `mock` of huaweicloud-core");
    };
}
