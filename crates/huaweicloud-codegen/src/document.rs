//! The document: reading it, and finding what is in it.

use serde_json::{Map, Value};
use std::{collections::BTreeSet, fmt::Display};

/// A problem is one line: where it is, what is wrong, and what to write instead.
pub(crate) type Result<T> = std::result::Result<T, String>;

pub(crate) fn problem<T>(
    place: impl Display,
    wrong: impl Display,
    instead: impl Display,
) -> Result<T> {
    Err(format!("{place}: {wrong}: {instead}").replace('\n', " "))
}

/// Fails with a problem unless something holds.
pub(crate) fn ensure(
    holds: bool,
    place: impl Display,
    wrong: impl Display,
    instead: impl Display,
) -> Result<()> {
    if holds { Ok(()) } else { problem(place, wrong, instead) }
}

pub(crate) const METHODS: [&str; 8] =
    ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// Reads YAML, and JSON, which is YAML too.
pub(crate) fn read(text: &str) -> Result<Value> {
    // Unlike the values of JSON, those of YAML notice a key that stands twice.
    let yaml = yaml_serde::from_str(text).or_else(|error: yaml_serde::Error| {
        let place = error.location().map(|at| format!("line {} column {}", at.line(), at.column()));
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default();
        problem(place.unwrap_or("the file".into()), message, "write YAML, each key once")
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
                    let (key, place) = (key.trim(), format!("{place}/{}", key.trim()));
                    let wrong = format!("the key {key} is no text");
                    return problem(place, wrong, format!("\"{key}\", in quotes"));
                };
                let value = json(value, &format!("{place}/{key}"))?;
                object.insert(key, value);
            }
            Value::Object(object)
        }
        Yaml::Tagged(tagged) => {
            return problem(place, format!("the tag {}", tagged.tag), "the value without a tag");
        }
        scalar => serde_json::to_value(scalar)
            .or_else(|error| problem(place, error, "a value that JSON has too"))?,
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

/// Where the named schemas stand.
const SCHEMAS: &str = "/components/schemas";

/// Gives an object a key.
pub(crate) fn set(node: &mut Value, key: &str, value: impl Into<Value>) {
    if let Value::Object(map) = node {
        map.insert(key.to_owned(), value.into());
    }
}

/// The named schemas.
pub(crate) fn schemas(document: &Value) -> impl Iterator<Item = (&String, &Value)> {
    document.pointer(SCHEMAS).into_iter().flat_map(fields)
}

pub(crate) fn schemas_mut(document: &mut Value) -> Option<&mut Map<String, Value>> {
    document.pointer_mut(SCHEMAS).and_then(Value::as_object_mut)
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
    let item = document.get("paths").and_then(|paths| paths.get(path));
    let of_path = item.map(|item| list(item, "parameters")).unwrap_or_default();
    let all = of_path.iter().chain(list(operation, "parameters")).map(|it| resolved(document, it));
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
    each_holder(document, |holder| {
        if let Some(Value::Array(all)) = holder.get_mut("parameters") {
            all.retain(|it| !is_own_header(resolved(&original, it)));
        }
    });
}

/// Changes every path and every operation: both may have parameters.
pub(crate) fn each_holder(document: &mut Value, mut change: impl FnMut(&mut Value)) {
    for (_, item) in paths_mut(document) {
        change(item);
        item.as_object_mut().into_iter().flatten().for_each(|(_, operation)| change(operation));
    }
}

/// Every path, to be changed.
pub(crate) fn paths_mut(document: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    document.get_mut("paths").and_then(Value::as_object_mut).into_iter().flatten()
}

/// Every operation, to be changed.
pub(crate) fn operations_mut(document: &mut Value) -> impl Iterator<Item = &mut Value> {
    let items = paths_mut(document).filter_map(|(_, item)| item.as_object_mut());
    let parts = items.flatten().filter(|(key, _)| METHODS.contains(&key.as_str()));
    parts.map(|(_, operation)| operation)
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

/// Visits a node and those below it, each with its place. A visitor that says `false` is not led below
/// the node.
pub(crate) fn visit<'a>(
    node: &'a Value,
    place: &str,
    visitor: &mut impl FnMut(&'a Value, &str) -> bool,
) {
    if !visitor(node, place) {
        return;
    }
    for (name, part) in fields(node) {
        visit(part, &format!("{place}/{name}"), visitor);
    }
    for (at, part) in node.as_array().into_iter().flatten().enumerate() {
        visit(part, &format!("{place}/{at}"), visitor);
    }
}

/// Changes a node and then those below it.
pub(crate) fn visit_mut(node: &mut Value, change: &mut impl FnMut(&mut Value)) {
    change(node);
    match node {
        Value::Object(map) => map.values_mut().for_each(|part| visit_mut(part, change)),
        Value::Array(list) => list.iter_mut().for_each(|part| visit_mut(part, change)),
        _ => {}
    }
}

/// The place of a named schema.
pub(crate) fn place_of(name: &str) -> String {
    format!("{SCHEMAS}/{name}")
}

/// The named schemas that requests reach.
pub(crate) fn requested(document: &Value) -> BTreeSet<String> {
    let mut open = Vec::new();
    let items = document.get("paths").into_iter().flat_map(fields).map(|(_, item)| item);
    for node in items.chain(operations(document).map(|(_, _, operation, _)| operation)) {
        open.extend(["parameters", "requestBody"].iter().filter_map(|part| node.get(part)));
    }
    let mut reached = BTreeSet::new();
    while let Some(node) = open.pop() {
        visit(node, "", &mut |node, _| {
            if let Some(reference) = text(node, "$ref")
                && reached.insert(reference)
            {
                open.extend(target(document, reference));
            }
            true
        });
    }
    reached.into_iter().filter_map(schema_name).map(str::to_owned).collect()
}

/// The name of the schema that a reference names.
pub(crate) fn schema_name(reference: &str) -> Option<&str> {
    reference.strip_prefix('#')?.strip_prefix(SCHEMAS)?.strip_prefix('/')
}

/// Whether a schema has documented fields, and so a type of its own.
pub(crate) fn is_struct(schema: &Value) -> bool {
    schema.get("properties").is_some_and(|it| fields(it).next().is_some())
}

/// The schema of the data in a success response: of a field `result`, if there is one.
pub(crate) fn result_of<'a>(document: &'a Value, body: &'a Value) -> Option<&'a Value> {
    body.pointer("/properties/result").map(|result| resolved(document, result))
}
