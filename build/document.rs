//! The document: reading it, and finding what is in it.

use serde_json::Value;
use std::collections::BTreeSet;

pub(crate) type Result<T> = std::result::Result<T, String>;

pub(crate) const METHODS: [&str; 8] =
    ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

pub(crate) fn parts<'a>(
    document: &'a Value,
    place: &'a str,
) -> impl Iterator<Item = (String, Value)> + 'a {
    let map = document.pointer(place).and_then(Value::as_object);
    map.into_iter().flatten().map(move |(name, part)| (format!("{place}/{name}"), part.clone()))
}

/// Every `$ref` below a node, with the node's place.
pub(crate) fn references<'a>(node: &'a Value, place: String, found: &mut Vec<(String, &'a str)>) {
    if let Some(reference) = node.get("$ref").and_then(Value::as_str) {
        found.push((place.clone(), reference));
    }
    match node {
        Value::Object(map) => {
            map.iter().for_each(|(key, node)| references(node, format!("{place}/{key}"), found))
        }
        Value::Array(list) => list.iter().for_each(|node| references(node, place.clone(), found)),
        _ => {}
    }
}

/// Every operation: method, path, and the operation itself.
pub(crate) fn each_operation(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let paths = document.pointer("/paths").and_then(Value::as_object);
    paths.into_iter().flatten().flat_map(|(path, item)| {
        let methods = METHODS.into_iter();
        methods.filter_map(move |method| Some((method, path.as_str(), item.get(method)?)))
    })
}

/// What a node refers to, directly or as `allOf` with a description beside it; else the node.
pub(crate) fn resolved<'a>(document: &'a Value, node: &'a Value) -> &'a Value {
    let reference = node.get("$ref").or(node.pointer("/allOf/0/$ref")).and_then(Value::as_str);
    reference.and_then(|it| document.pointer(it.strip_prefix('#')?)).unwrap_or(node)
}

/// The named schemas that requests reach.
pub(crate) fn requested(document: &Value) -> BTreeSet<String> {
    let mut open = Vec::new();
    let items = document.pointer("/paths").and_then(Value::as_object).into_iter().flatten();
    let operations = each_operation(document).map(|(_, _, operation)| operation);
    for node in items.map(|(_, item)| item).chain(operations) {
        for part in ["parameters", "requestBody"] {
            references(node.get(part).unwrap_or(&Value::Null), String::new(), &mut open);
        }
    }
    let mut reached = BTreeSet::new();
    while let Some((_, reference)) = open.pop() {
        if reached.insert(reference.to_string()) {
            let target = reference.strip_prefix('#').and_then(|target| document.pointer(target));
            references(target.unwrap_or(&Value::Null), String::new(), &mut open);
        }
    }
    reached
}
