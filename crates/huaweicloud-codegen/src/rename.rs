//! Other names where the generated code needs a name for itself. On the wire, all stay what they are.

use crate::document::{SCHEMAS, list_mut, operations_mut, place_of, schema_name, text, visit_mut};
use crate::names;
use proc_macro2::Literal;
use serde_json::Value;
use std::mem;

/// Ends a name that is another one on the wire. It is no letter, so that no name in Rust has it.
const MARK: char = '\u{e000}';

/// Renames what cannot keep its name.
pub(crate) fn rename(document: &mut Value) {
    rename_keys(document.pointer_mut(SCHEMAS), |name| names::free("Type", name));
    rename_keys(document.get_mut("paths"), path);
    visit_mut(document, &mut |node| {
        if let Some(name) = text(node, "$ref").and_then(schema_name) {
            node["$ref"] = format!("#{}", place_of(&names::free("Type", name))).into();
        }
        // The generator calls the field for what the document does not have `extra`.
        rename_keys(node.get_mut("properties"), |name| match names::snake(name) == "extra" {
            true => stand_in(name, "field"),
            false => name.to_owned(),
        });
    });
    let named = document.pointer_mut("/components/parameters").and_then(Value::as_object_mut);
    named.into_iter().flatten().for_each(|(_, it)| parameter(it));
    for (_, _, operation) in operations_mut(document) {
        list_mut(operation, "parameters").for_each(parameter);
        let id = text(operation, "operationId").unwrap_or_default();
        operation["operationId"] = names::operation(id).into();
    }
}

fn rename_keys(node: Option<&mut Value>, new: impl Fn(&str) -> String) {
    if let Some(Value::Object(map)) = node {
        *map = mem::take(map).into_iter().map(|(name, part)| (new(&name), part)).collect();
    }
}

fn parameter(node: &mut Value) {
    if let Some(name) = text(node, "name").map(parameter_name) {
        node["name"] = name.into();
    }
}

fn parameter_name(name: &str) -> String {
    match names::is_taken("Parameter", name) {
        true => stand_in(name, "parameter"),
        false => name.to_owned(),
    }
}

/// A path with the names of its parameters as [`parameter`] changes them.
fn path(path: &str) -> String {
    let parts = path.split('{').map(|part| match part.split_once('}') {
        Some((name, rest)) => format!("{}}}{rest}", parameter_name(name)),
        None => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("{")
}

/// A name that is spelled differently, and that nobody else has.
fn stand_in(name: &str, suffix: &str) -> String {
    format!("{name}-{suffix}{MARK}")
}

/// A literal of the generated code, with the names of the wire.
pub(crate) fn restored(literal: Literal) -> Literal {
    let syn::Lit::Str(text) = syn::Lit::new(literal.clone()) else { return literal };
    let text = text.value();
    if !text.contains(MARK) {
        return literal;
    }
    let wire = text.replace(&format!("-parameter{MARK}"), "");
    Literal::string(&wire.replace(&format!("-field{MARK}"), ""))
}
