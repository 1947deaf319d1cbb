//! Running progenitor.

use crate::constraints::Constrained;
use crate::document::{Result, problem};
use crate::enums::{ExtensibleEnum, extensible_format};
use openapiv3::OpenAPI;
use proc_macro2::TokenStream;
use progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle, TypeImpl};
use quote::quote;
use schemars::schema::{InstanceType, SchemaObject};
use serde_json::Value;
use std::collections::BTreeMap;
use std::panic::{self, AssertUnwindSafe};

/// How the code is generated.
pub(crate) fn settings(
    enums: &BTreeMap<String, ExtensibleEnum>,
    constrained: &[Constrained],
) -> GenerationSettings {
    let mut settings = GenerationSettings::new();
    settings
        .with_interface(InterfaceStyle::Builder)
        .with_hooks(HooksMode::Expected)
        .with_inner_type(quote!(__runtime::Pipeline))
        .with_derive("PartialEq");
    for name in enums.keys() {
        let open = format!("types::{name}");
        let impls = || [TypeImpl::Display, TypeImpl::FromStr].into_iter();
        let marked = SchemaObject {
            instance_type: Some(InstanceType::String.into()),
            format: Some(extensible_format(name)),
            ..Default::default()
        };
        settings.with_conversion(marked, &open, impls());
        settings.with_replacement(name, &open, impls());
    }

    for Constrained { name, is_scalar, .. } in constrained {
        let checked = format!("types::{name}");
        let impls = [TypeImpl::Display, TypeImpl::FromStr].into_iter().filter(|_| *is_scalar);
        settings.with_replacement(name, checked, impls);
    }
    settings
}

/// The version of the generator, for what is wrong with its code.
const VERSION: &str = "0.15.1";

/// The problem of code that is not what the steps after the generator expect.
pub(crate) fn unexpected<T>(found: &str) -> Result<T> {
    let wrong = format!("the code of progenitor {VERSION} has {found}");
    problem("/", wrong, "report this with the document")
}

/// The client and its types.
pub(crate) fn client(settings: &GenerationSettings, spec: &OpenAPI) -> Result<TokenStream> {
    generated(|| Generator::new(settings).generate_tokens(spec))
}

/// The typed mocks.
pub(crate) fn mock(settings: &GenerationSettings, spec: &OpenAPI) -> Result<TokenStream> {
    generated(|| Generator::new(settings).httpmock(spec, "crate"))
}

/// Runs the generator, which panics over some documents: that, too, is an error of one line.
pub(crate) fn generated(
    run: impl FnOnce() -> std::result::Result<TokenStream, progenitor::Error>,
) -> Result<TokenStream> {
    let silenced = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let outcome = panic::catch_unwind(AssertUnwindSafe(run));
    panic::set_hook(silenced);
    outcome
        .map_err(|panic| {
            let formatted = panic.downcast_ref::<String>().map(String::as_str);
            let cause = formatted.or(panic.downcast_ref::<&str>().copied());
            let cause: String = cause.unwrap_or("it gives no cause").chars().take(500).collect();
            format!("/: the generator cannot take the document: {cause}")
        })?
        .map_err(|error| format!("/: the generator cannot take the document: {error}"))
}

/// The document as OpenAPI.
pub(crate) fn read(document: Value) -> Result<OpenAPI> {
    serde_json::from_value(document)
        .map_err(|error| format!("/: {error}: a document of OpenAPI 3.0"))
}
