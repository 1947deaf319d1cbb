//! Running progenitor.

use crate::constraints::Constrained;
use crate::document::{Result, ensure, operations_mut, problem};
use crate::open::{Enums, extensible_format};
use proc_macro2::TokenStream;
use progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle, TypeImpl};
use quote::quote;
use serde_json::{Value, json};
use std::fmt::Display;
use std::panic::{self, AssertUnwindSafe};

/// How the code is generated. A list of values and a type that checks are declared by the runtime.
pub(crate) fn settings(enums: &Enums, constrained: &[Constrained]) -> Result<GenerationSettings> {
    let mut settings = GenerationSettings::new();
    settings
        .with_interface(InterfaceStyle::Builder)
        .with_hooks(HooksMode::Expected)
        .with_inner_type(quote!(__runtime::Pipeline))
        .with_derive("PartialEq");
    let impls = [TypeImpl::Display, TypeImpl::FromStr].into_iter();
    for name in enums.keys() {
        let open = format!("types::{name}");
        let marked = json!({ "type": "string", "format": extensible_format(name) });
        let marked = serde_json::from_value(marked).or_else(no_openapi)?;
        settings.with_conversion(marked, &open, impls.clone());
        settings.with_replacement(name, &open, impls.clone());
    }
    for Constrained { name, is_scalar, .. } in constrained {
        let impls = impls.clone().filter(|_| *is_scalar);
        settings.with_replacement(name, format!("types::{name}"), impls);
    }
    Ok(settings)
}

/// The version of the generator, for what is wrong with its code.
const VERSION: &str = "0.15.1";

/// Fails if a step has changed more or fewer places than the document tells.
pub(crate) fn expect(step: &str, found: usize, expected: usize) -> Result<()> {
    let wrong = format!("the code of progenitor {VERSION} has {found} {step}, not {expected}");
    ensure(found == expected, "/", wrong, "report this with the document")
}

/// The client and its types. It is made without the error responses, of which the generator takes one
/// type only: the pipeline reads them.
pub(crate) fn client(settings: &GenerationSettings, mut document: Value) -> Result<TokenStream> {
    for (_, _, operation) in operations_mut(&mut document) {
        if let Some(Value::Object(responses)) = operation.get_mut("responses") {
            responses.retain(|status, _| status.starts_with('2'));
        }
    }
    let spec = serde_json::from_value(document).or_else(no_openapi)?;
    Generator::new(settings).generate_tokens(&spec).or_else(not_accepted)
}

/// The typed mocks.
pub(crate) fn mock(settings: &GenerationSettings, document: Value) -> Result<TokenStream> {
    let spec = serde_json::from_value(document).or_else(no_openapi)?;
    Generator::new(settings).httpmock(&spec, "crate").or_else(not_accepted)
}

fn no_openapi<T>(error: serde_json::Error) -> Result<T> {
    problem("/", error, "a document of OpenAPI 3.0")
}

fn not_accepted<T>(cause: impl Display) -> Result<T> {
    problem("/", "the generator does not accept the document", cause)
}

/// Runs the generator, which panics over some documents: that, too, is an error of one line.
pub(crate) fn guarded<T>(run: impl FnOnce() -> Result<T>) -> Result<T> {
    let silenced = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let outcome = panic::catch_unwind(AssertUnwindSafe(run));
    panic::set_hook(silenced);
    outcome.unwrap_or_else(|panic| {
        let formatted = panic.downcast_ref::<String>().map(String::as_str);
        let cause = formatted.or(panic.downcast_ref::<&str>().copied());
        not_accepted(cause.unwrap_or("it gives no cause").chars().take(500).collect::<String>())
    })
}
