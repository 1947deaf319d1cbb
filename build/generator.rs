//! Running progenitor.

use crate::build::document::{Result, parts};
use crate::build::enums::{ExtensibleEnum, extensible_format};
use openapiv3::OpenAPI;
use proc_macro2::TokenStream;
use progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle, TypeImpl};
use quote::quote;
use schemars::schema::{InstanceType, SchemaObject};
use serde_json::Value;
use std::collections::BTreeMap;
use std::env;
use std::panic::{self, AssertUnwindSafe};

/// How the code is generated.
pub(crate) fn settings(enums: &BTreeMap<String, ExtensibleEnum>) -> GenerationSettings {
    let mut settings = GenerationSettings::new();
    settings
        .with_interface(InterfaceStyle::Builder)
        .with_hooks(HooksMode::Expected)
        .with_inner_type(quote!(crate::pipeline::Pipeline))
        .with_derive("PartialEq");
    if env::var_os("CARGO_FEATURE_SCHEMARS").is_some() {
        settings.with_derive("::schemars::JsonSchema");
    }
    for name in enums.keys() {
        let open = format!("crate::generated::enums::{name}");
        let impls = || [TypeImpl::Display, TypeImpl::FromStr].into_iter();
        let marked = SchemaObject {
            instance_type: Some(InstanceType::String.into()),
            format: Some(extensible_format(name)),
            ..Default::default()
        };
        settings.with_conversion(marked, &open, impls());
        settings.with_replacement(name, &open, impls());
    }

    settings
}

/// The client and its types.
pub(crate) fn client(settings: &GenerationSettings, spec: &OpenAPI) -> Result<TokenStream> {
    generated(|| Generator::new(settings).generate_tokens(spec))
}

/// The typed mocks.
pub(crate) fn mock(settings: &GenerationSettings, spec: &OpenAPI) -> Result<TokenStream> {
    generated(|| Generator::new(settings).httpmock(spec, "crate::generated"))
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
            let cause = match cause.unwrap_or("it gives no cause") {
                it if it.contains("response_types.len() <= 1") => {
                    "an operation has success responses, or error responses, of more than one type"
                }
                it => it,
            };
            format!("the generator cannot take it: {cause}")
        })?
        .map_err(|e| e.to_string())
}

/// The document as OpenAPI. serde says what does not fit but not where, so the parts are tried one
/// by one to find the place.
pub(crate) fn read(document: &Value) -> Result<OpenAPI> {
    serde_json::from_value(document.clone()).map_err(|whole| {
        let paths = parts(document, "/paths").map(|(place, part)| {
            (place, serde_json::from_value::<openapiv3::PathItem>(part).err())
        });
        let schemas = parts(document, "/components/schemas")
            .map(|(place, part)| (place, serde_json::from_value::<openapiv3::Schema>(part).err()));
        paths
            .chain(schemas)
            .find_map(|(place, error)| error.map(|error| format!("{place}: {error}")))
            .unwrap_or_else(|| whole.to_string())
    })
}
