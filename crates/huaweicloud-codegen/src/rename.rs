//! Other names where the generated code needs a name for itself. On the wire, all stay what they are.

use crate::document::{METHODS, list, schemas, schemas_mut, text};
use crate::names;
use proc_macro2::{Group, Literal, TokenStream, TokenTree};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Names that stand in the generated code, and what they are on the wire.
pub(crate) type Wire = BTreeMap<String, String>;

/// Renames what cannot keep its name.
pub(crate) fn rename(document: &mut Value) -> Wire {
    let mut wire = Wire::new();
    let renamed: BTreeMap<_, _> = schemas(document)
        .filter_map(|(name, _)| {
            names::taken("Type", name)
                .map(|suffix| (format!("#/components/schemas/{name}"), format!("{name}{suffix}")))
        })
        .collect();
    for (reference, new) in &renamed {
        let old = reference.rsplit('/').next().unwrap_or_default();
        if let Some(schemas) = schemas_mut(document)
            && let Some(schema) = schemas.remove(old)
        {
            schemas.insert(new.clone(), schema);
        }
    }
    references(document, &renamed);
    properties(document, &mut wire);
    for section in ["parameters"] {
        let components = document.pointer_mut(&format!("/components/{section}"));
        for parameter in
            components.and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut)
        {
            self::parameter(parameter, &mut wire);
        }
    }
    let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) else { return wire };
    *paths = std::mem::take(paths)
        .into_iter()
        .map(|(path, mut item)| {
            (self::path(&path), {
                let operations =
                    METHODS.iter().filter_map(|method| Some((*method, item.get(*method)?.clone())));
                let operations: Vec<_> = operations.collect();
                for (method, mut operation) in operations {
                    let id = text(&operation, "operationId").unwrap_or_default();
                    operation["operationId"] = names::operation(id).into();
                    parameters(&mut operation, &mut wire);
                    item[method] = operation;
                }
                parameters(&mut item, &mut wire);
                item
            })
        })
        .collect();
    wire
}

fn references(node: &mut Value, renamed: &BTreeMap<String, String>) {
    if let Some(new) = text(node, "$ref").and_then(|it| renamed.get(it)) {
        node["$ref"] = format!("#/components/schemas/{new}").into();
    }
    match node {
        Value::Object(map) => map.values_mut().for_each(|node| references(node, renamed)),
        Value::Array(list) => list.iter_mut().for_each(|node| references(node, renamed)),
        _ => {}
    }
}

/// The generator calls the field for what the document does not have `extra`.
fn properties(node: &mut Value, wire: &mut Wire) {
    match node {
        Value::Object(map) => {
            if let Some(Value::Object(properties)) = map.get_mut("properties") {
                let taken = properties.keys().find(|name| names::snake(name) == "extra").cloned();
                if let Some(name) = taken
                    && let Some(schema) = properties.remove(&name)
                {
                    properties.insert(stand_in(&name, "field", wire), schema);
                }
            }
            map.values_mut().for_each(|node| properties(node, wire));
        }
        Value::Array(list) => list.iter_mut().for_each(|node| properties(node, wire)),
        _ => {}
    }
}

fn parameters(holder: &mut Value, wire: &mut Wire) {
    if list(holder, "parameters").is_empty() {
        return;
    }
    let parameters = holder["parameters"].as_array_mut().into_iter().flatten();
    parameters.for_each(|it| parameter(it, wire));
}

fn parameter(node: &mut Value, wire: &mut Wire) {
    let Some(name) = text(node, "name") else { return };
    if let Some(suffix) = names::taken("Parameter", name) {
        let stand_in = stand_in(name, &suffix.to_lowercase(), wire);
        node["name"] = stand_in.into();
    }
}

/// A path with the names of its parameters as [`parameter`] changes them.
fn path(path: &str) -> String {
    let parts = path.split('{').enumerate().map(|(at, part)| {
        let name = part.split('}').next().unwrap_or_default();
        match names::taken("Parameter", name).filter(|_| at > 0) {
            Some(suffix) => {
                part.replacen(name, &stand_in(name, &suffix.to_lowercase(), &mut Wire::new()), 1)
            }
            None => part.to_owned(),
        }
    });
    parts.collect::<Vec<_>>().join("{")
}

/// A name that is spelled differently, and that nobody else has: spelling drops the hyphens.
fn stand_in(name: &str, suffix: &str, wire: &mut Wire) -> String {
    let stand_in = format!("{name}-{suffix}--");
    wire.insert(stand_in.clone(), name.to_owned());
    stand_in
}

/// Puts the names of the wire back into the generated code.
pub(crate) fn restore(code: TokenStream, wire: &Wire) -> TokenStream {
    let texts: BTreeMap<_, _> =
        wire.iter().map(|(name, wire)| (Literal::string(name).to_string(), wire)).collect();
    fn walk(code: TokenStream, texts: &BTreeMap<String, &String>) -> TokenStream {
        let tokens = code.into_iter().map(|token| match token {
            TokenTree::Group(group) => {
                let mut new = Group::new(group.delimiter(), walk(group.stream(), texts));
                new.set_span(group.span());
                TokenTree::Group(new)
            }
            TokenTree::Literal(literal) => match texts.get(&literal.to_string()) {
                Some(wire) => TokenTree::Literal(Literal::string(wire)),
                None => TokenTree::Literal(literal),
            },
            token => token,
        });
        tokens.collect()
    }
    walk(code, &texts)
}
