//! The document: reading it, and finding what is in it.

use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// A problem is one line: where it is, what is wrong, and what to write instead.
pub(crate) type Result<T> = std::result::Result<T, String>;

pub(crate) fn problem<T>(
    place: &str,
    wrong: impl AsRef<str>,
    instead: impl AsRef<str>,
) -> Result<T> {
    Err(format!("{place}: {}: {}", wrong.as_ref(), instead.as_ref()))
}

pub(crate) const METHODS: [&str; 8] =
    ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// Reads YAML, and JSON, which is YAML too.
pub(crate) fn read(text: &str) -> Result<Value> {
    // Unlike the values of JSON, those of YAML notice a key that stands twice.
    let yaml = yaml_serde::from_str(text).or_else(|error: yaml_serde::Error| {
        let place = error.location().map(|at| format!("line {} column {}", at.line(), at.column()));
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default().to_owned();
        problem(&place.unwrap_or("the file".into()), message, "write YAML, each key once")
    })?;
    json(yaml, "")
}

/// A value of YAML as one of JSON, whose keys are texts.
fn json(yaml: yaml_serde::Value, place: &str) -> Result<Value> {
    use yaml_serde::Value as Yaml;
    Ok(match yaml {
        Yaml::Sequence(list) => {
            let items = list.into_iter().enumerate();
            let items = items.map(|(number, item)| json(item, &format!("{place}/{number}")));
            Value::Array(items.collect::<Result<_>>()?)
        }
        Yaml::Mapping(map) => {
            let mut object = Map::new();
            for (key, value) in map {
                let Yaml::String(key) = key else {
                    let key = yaml_serde::to_string(&key).unwrap_or_default();
                    let key = key.trim();
                    return problem(
                        &format!("{place}/{key}"),
                        format!("the key {key} is no text"),
                        format!("\"{key}\", in quotes"),
                    );
                };
                let value = json(value, &format!("{place}/{key}"))?;
                object.insert(key, value);
            }
            Value::Object(object)
        }
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            return problem(place, format!("the tag {tag}"), "the value without a tag");
        }
        scalar => serde_json::to_value(scalar).map_err(|error| format!("{place}: {error}"))?,
    })
}

/// The parts of an object, each with its name. No object has none.
pub(crate) fn fields(node: &Value) -> impl Iterator<Item = (&String, &Value)> {
    node.as_object().into_iter().flatten()
}

pub(crate) fn list<'a>(node: &'a Value, key: &str) -> &'a [Value] {
    node.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

pub(crate) fn text<'a>(node: &'a Value, key: &str) -> Option<&'a str> {
    node.get(key)?.as_str()
}

/// The named schemas.
pub(crate) fn schemas(document: &Value) -> impl Iterator<Item = (&String, &Value)> {
    document.pointer("/components/schemas").into_iter().flat_map(fields)
}

pub(crate) fn schemas_mut(document: &mut Value) -> Option<&mut Map<String, Value>> {
    document.pointer_mut("/components/schemas").and_then(Value::as_object_mut)
}

/// Every operation: path, method, the operation itself, and its place.
pub(crate) fn operations(
    document: &Value,
) -> impl Iterator<Item = (&str, &'static str, &Value, String)> {
    document.get("paths").into_iter().flat_map(fields).flat_map(|(path, item)| {
        METHODS.into_iter().filter_map(move |method| {
            let place = format!("/paths/{path}/{method}");
            Some((path.as_str(), method, item.get(method)?, place))
        })
    })
}

/// The parameters of an operation and of its path.
pub(crate) fn parameters<'a>(
    document: &'a Value,
    path: &str,
    operation: &'a Value,
) -> impl Iterator<Item = &'a Value> {
    let of_path = list(&document["paths"][path], "parameters").iter();
    let all = of_path.chain(list(operation, "parameters")).map(|it| resolved(document, it));
    all.filter(|it| !is_own_header(it))
}

/// Whether a parameter is a header that the client sends by itself. OpenAPI ignores the first three; the
/// vendor's pages list the last one at every operation.
pub(crate) fn is_own_header(parameter: &Value) -> bool {
    let own = ["Accept", "Authorization", "Content-Type", "X-Auth-Token"];
    let name = text(parameter, "name").unwrap_or_default();
    text(parameter, "in") == Some("header") && own.iter().any(|it| it.eq_ignore_ascii_case(name))
}

/// Removes the headers that the client sends by itself.
pub(crate) fn without_own_headers(document: &mut Value) {
    let original = document.clone();
    let drop = |holder: &mut Value| {
        let parameters = holder.get_mut("parameters").and_then(Value::as_array_mut);
        parameters
            .into_iter()
            .for_each(|all| all.retain(|it| !is_own_header(resolved(&original, it))));
    };
    for (_, item) in document["paths"].as_object_mut().into_iter().flatten() {
        drop(item);
        item.as_object_mut().into_iter().flatten().for_each(|(_, operation)| drop(operation));
    }
}

/// The target of a reference, if there is one.
pub(crate) fn target<'a>(document: &'a Value, reference: &str) -> Option<&'a Value> {
    document.pointer(reference.strip_prefix('#')?)
}

/// What a node refers to, directly or as `allOf` with a description beside it; else the node.
pub(crate) fn resolved<'a>(document: &'a Value, mut node: &'a Value) -> &'a Value {
    while let Some(next) = reference(node).and_then(|it| target(document, it)) {
        node = next;
    }
    node
}

/// The reference of a node, direct or as `allOf` with a description beside it.
pub(crate) fn reference(node: &Value) -> Option<&str> {
    node.get("$ref").or(node.pointer("/allOf/0/$ref")).and_then(Value::as_str)
}

/// The schema of JSON in a response or a request body, as the generator finds it.
pub(crate) fn json_schema(holder: &Value) -> Option<&Value> {
    let is_json = |name: &str| name.split(';').next() == Some("application/json");
    fields(holder.get("content")?).find(|(name, _)| is_json(name)).and_then(|it| it.1.get("schema"))
}

/// Every reference below a node.
pub(crate) fn references<'a>(node: &'a Value, found: &mut Vec<&'a str>) {
    match node {
        Value::Object(map) => {
            found.extend(map.get("$ref").and_then(Value::as_str));
            map.values().for_each(|node| references(node, found));
        }
        Value::Array(list) => list.iter().for_each(|node| references(node, found)),
        _ => {}
    }
}

/// The references that requests reach.
pub(crate) fn requested(document: &Value) -> BTreeSet<String> {
    let mut open = Vec::new();
    let items = document.get("paths").into_iter().flat_map(fields).map(|(_, item)| item);
    for node in items.chain(operations(document).map(|(_, _, operation, _)| operation)) {
        for part in ["parameters", "requestBody"] {
            references(node.get(part).unwrap_or(&Value::Null), &mut open);
        }
    }
    let mut reached = BTreeSet::new();
    while let Some(reference) = open.pop() {
        if reached.insert(reference.to_string()) {
            references(target(document, reference).unwrap_or(&Value::Null), &mut open);
        }
    }
    reached
}
