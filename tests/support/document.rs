//! What is in `openapi.yaml`, as the tests see it.

use serde_json::Value;
use std::collections::BTreeSet;

const METHODS: [&str; 5] = ["get", "put", "post", "delete", "patch"];

/// The members of an object, each with its name. Empty if the value is no object.
pub fn fields(node: &Value) -> impl Iterator<Item = (&String, &Value)> {
    node.as_object().into_iter().flatten()
}

pub fn list<'a>(node: &'a Value, key: &str) -> &'a [Value] {
    node[key].as_array().map(Vec::as_slice).unwrap_or_default()
}

pub fn text<'a>(node: &'a Value, key: &str) -> Option<&'a str> {
    node.get(key)?.as_str()
}

pub fn schemas(document: &Value) -> impl Iterator<Item = (&String, &Value)> {
    fields(&document["components"]["schemas"])
}

/// Every operation: path, method, the operation itself.
pub fn operations(document: &Value) -> impl Iterator<Item = (&str, &'static str, &Value)> {
    fields(&document["paths"]).flat_map(|(path, item)| {
        let of = |method| Some((path.as_str(), method, item.get(method)?));
        METHODS.into_iter().filter_map(of)
    })
}

/// The parameters of an operation.
pub fn parameters<'a>(
    document: &'a Value,
    operation: &'a Value,
) -> impl Iterator<Item = &'a Value> {
    list(operation, "parameters").iter().map(|it| resolved(document, it))
}

/// The node that a node refers to, by `$ref` or by `allOf` with a description beside it; else the node.
pub fn resolved<'a>(document: &'a Value, node: &'a Value) -> &'a Value {
    let reference = node.get("$ref").or(node.pointer("/allOf/0/$ref")).and_then(Value::as_str);
    reference.and_then(|it| document.pointer(it.trim_start_matches('#'))).unwrap_or(node)
}

/// The schema of JSON in a response or a request body.
pub fn json_schema(holder: &Value) -> Option<&Value> {
    holder["content"]["application/json"].get("schema")
}

/// The references that requests reach.
pub fn requested(document: &Value) -> BTreeSet<String> {
    let mut open = Vec::new();
    for (_, _, operation) in operations(document) {
        references(&operation["parameters"], &mut open);
        references(&operation["requestBody"], &mut open);
    }
    let mut reached = BTreeSet::new();
    while let Some(reference) = open.pop() {
        if reached.insert(reference.to_owned()) {
            references(document.pointer(&reference[1..]).unwrap(), &mut open);
        }
    }
    reached
}

fn references<'a>(node: &'a Value, found: &mut Vec<&'a str>) {
    found.extend(text(node, "$ref"));
    fields(node).for_each(|(_, part)| references(part, found));
    node.as_array().into_iter().flatten().for_each(|part| references(part, found));
}
