//! Other names where the generated code needs a name for itself. On the wire, all stay what they are.

use crate::document::{operations_mut, place_of, schema_name, schemas_mut, set, text, visit_mut};
use crate::names;
use proc_macro2::Literal;
use serde_json::Value;

/// Ends a name that is another one on the wire. It is no letter, so that no name in Rust has it.
const MARK: char = '\u{e000}';

/// Renames what cannot keep its name.
pub(crate) fn rename(document: &mut Value) {
    if let Some(schemas) = schemas_mut(document) {
        let all = std::mem::take(schemas).into_iter();
        *schemas = all.map(|(name, schema)| (schema_key(&name), schema)).collect();
    }
    visit_mut(document, &mut |node| {
        if let Some(name) = text(node, "$ref").and_then(schema_name) {
            let reference = format!("#{}", place_of(&schema_key(name)));
            set(node, "$ref", reference);
        }
        // The generator calls the field for what the document does not have `extra`.
        if let Some(properties) = node.get_mut("properties").and_then(Value::as_object_mut) {
            let taken = properties.keys().find(|name| names::snake(name) == "extra").cloned();
            if let Some(name) = taken
                && let Some(schema) = properties.remove(&name)
            {
                properties.insert(stand_in(&name, "field"), schema);
            }
        }
    });
    let named = document.pointer_mut("/components/parameters").and_then(Value::as_object_mut);
    named.into_iter().flatten().for_each(|(_, it)| parameter(it));
    for operation in operations_mut(document) {
        let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
        parameters.into_iter().flatten().for_each(parameter);
        let id = names::operation(text(operation, "operationId").unwrap_or_default());
        set(operation, "operationId", id);
    }
    if let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) {
        let all = std::mem::take(paths).into_iter();
        *paths = all.map(|(path, item)| (self::path(&path), item)).collect();
    }
}

fn schema_key(name: &str) -> String {
    format!("{name}{}", names::suffix("Type", name).unwrap_or_default())
}

fn parameter(node: &mut Value) {
    if let Some(name) = text(node, "name").map(parameter_name) {
        set(node, "name", name);
    }
}

fn parameter_name(name: &str) -> String {
    match names::suffix("Parameter", name) {
        Some(_) => stand_in(name, "parameter"),
        None => name.to_owned(),
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
