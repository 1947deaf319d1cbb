//! The document: reading it, and finding what is in it.

use serde_json::{Map, Value, json};
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

/// Reads a document of OpenAPI 3.0, in YAML or JSON.
pub(crate) fn read(text: &str) -> Result<Value> {
    let text = text.trim_start_matches('\u{feff}');
    // Unlike the values of JSON, those of YAML notice a key that stands twice.
    let document = serde_json::from_str(text).or_else(|error| {
        let place = format!("line {} column {}", error.line(), error.column());
        // YAML has braces and quotes too.
        let is_json = text.split_whitespace().take(2).collect::<String>().starts_with("{\"");
        yaml(text).or_else(|wrong| match is_json {
            true => unreadable("JSON", place, &error.to_string()),
            false => Err(wrong),
        })
    })?;
    version(&document)?;
    json(document, "")
}

fn yaml(text: &str) -> Result<yaml_serde::Value> {
    // Reading YAML takes a time that is quadratic in the number of open brackets. A bracket within a word
    // opens nothing.
    let (mut open, mut opens) = (0_u32, true);
    let deep = text.bytes().position(|byte| {
        match byte {
            b'[' | b'{' if opens => open += 1,
            b']' | b'}' => open = open.saturating_sub(1),
            _ => opens = b" \t\r\n,:?".contains(&byte),
        }
        open > 1000
    });
    if let Some((before, _)) = deep.and_then(|deep| text.split_at_checked(deep)) {
        return unreadable("YAML", format!("line {}", before.split('\n').count()), DEEP);
    }
    yaml_serde::from_str(text).or_else(|error: yaml_serde::Error| {
        let place = error.location().map(|at| format!("line {} column {}", at.line(), at.column()));
        unreadable("YAML", place.unwrap_or("the file".into()), &error.to_string())
    })
}

/// What both readers say of values within more than 128 others.
const DEEP: &str = "recursion limit exceeded";

fn unreadable<T>(language: &str, place: String, error: &str) -> Result<T> {
    let error = error.split(" at line ").next().unwrap_or_default();
    if error.contains(DEEP) {
        return problem(place, "the values are nested too deep", "at most 128 levels");
    }
    match error.split('`').nth(1).filter(|_| error.contains("128, expected")) {
        Some(number) => problem(place, format!("{number} has more than 64 bits"), SMALLER),
        None => problem(place, error, format!("write {language}, each key once")),
    }
}

const SMALLER: &str = "an integer of 64 bits, or for type number a decimal such as 1.5e20";

/// The integers that the client has.
pub(crate) const BOUNDS: &str = "an integer from -9223372036854775808 to 9223372036854775807";

/// Another version has other keys. One line about the version stands for all of them.
fn version(document: &yaml_serde::Value) -> Result<()> {
    let given = ["openapi", "swagger"].iter().find_map(|key| Some((key, document.get(key)?)));
    let (key, version) = given.ok_or("/openapi: there is no version: openapi: 3.0.3")?;
    let is_3_0 = *key == "openapi" && version.as_str().is_some_and(|it| it.starts_with("3.0."));
    let version = yaml_serde::to_string(version).unwrap_or_default();
    let wrong = format!("{} is not OpenAPI 3.0", version.trim());
    let instead = "openapi: 3.0.3, in a document that is converted to it";
    ensure(is_3_0, format!("/{key}"), wrong, instead)
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

/// The parts of an object under a key, to be changed.
pub(crate) fn fields_mut<'a>(
    node: &'a mut Value,
    key: &str,
) -> impl Iterator<Item = (&'a String, &'a mut Value)> {
    node.get_mut(key).and_then(Value::as_object_mut).into_iter().flatten()
}

pub(crate) fn list<'a>(node: &'a Value, key: &str) -> &'a [Value] {
    node.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The items of a list under a key, to be changed.
pub(crate) fn list_mut<'a>(node: &'a mut Value, key: &str) -> impl Iterator<Item = &'a mut Value> {
    node.get_mut(key).and_then(Value::as_array_mut).into_iter().flatten()
}

pub(crate) fn text<'a>(node: &'a Value, key: &str) -> Option<&'a str> {
    node.get(key)?.as_str()
}

/// Where the named schemas stand.
pub(crate) const SCHEMAS: &str = "/components/schemas";

/// The named schemas.
pub(crate) fn schemas(document: &Value) -> impl Iterator<Item = (&String, &Value)> {
    document.pointer(SCHEMAS).into_iter().flat_map(fields)
}

/// The named schemas, to be changed. There may have been none.
pub(crate) fn schemas_mut(document: &mut Value) -> Option<&mut Map<String, Value>> {
    let components = document.as_object_mut()?.entry("components").or_insert_with(|| json!({}));
    components.as_object_mut()?.entry("schemas").or_insert_with(|| json!({})).as_object_mut()
}

/// Every operation: path, method, the operation itself, and its place.
pub(crate) fn operations(
    document: &Value,
) -> impl Iterator<Item = (&str, &'static str, &Value, String)> {
    fields(&document["paths"]).flat_map(|(path, item)| {
        METHODS.into_iter().filter_map(move |method| {
            let place = format!("/paths/{path}/{method}");
            Some((path.as_str(), method, item.get(method)?, place))
        })
    })
}

/// The parameters of an operation and of its path, except those of the path that the operation has itself.
/// Each may be a reference.
pub(crate) fn parameters<'a>(
    document: &'a Value,
    path: &str,
    operation: &'a Value,
) -> impl Iterator<Item = &'a Value> {
    let key = |node| ["name", "in"].map(|key| resolved(document, node).get(key));
    let own = list(operation, "parameters");
    let of_path = document["paths"].get(path).map(|item| list(item, "parameters"));
    let of_path = of_path.unwrap_or_default().iter();
    let of_path = of_path.filter(move |it| own.iter().all(|own| key(own) != key(it)));
    of_path.chain(own).filter(|it| !is_own_header(resolved(document, it)))
}

/// Copies the parameters of each path into its operations, without the headers that the client sends by
/// itself, and removes the extensions of operations: the generator knows some of another service.
pub(crate) fn complete_operations(document: &mut Value) {
    let original = document.clone();
    for (path, _, operation) in operations_mut(document) {
        let all: Vec<_> = parameters(&original, path, operation).cloned().collect();
        operation["parameters"] = all.into();
        let Value::Object(operation) = operation else { continue };
        operation.retain(|key, _| !key.starts_with("x-"));
    }
    let items = fields_mut(document, "paths").filter_map(|(_, item)| item.as_object_mut());
    items.for_each(|item| _ = item.remove("parameters"));
}

/// Whether a parameter is a header that the client sends by itself. OpenAPI ignores the first three; the
/// vendor's pages list the last one at every operation.
pub(crate) fn is_own_header(parameter: &Value) -> bool {
    let own = ["Accept", "Authorization", "Content-Type", "X-Auth-Token"];
    let name = text(parameter, "name").unwrap_or_default();
    text(parameter, "in") == Some("header") && own.iter().any(|it| it.eq_ignore_ascii_case(name))
}

/// Every operation, to be changed: path, method, and the operation itself.
pub(crate) fn operations_mut(
    document: &mut Value,
) -> impl Iterator<Item = (&str, &str, &mut Value)> {
    fields_mut(document, "paths").flat_map(|(path, item)| {
        let parts = item.as_object_mut().into_iter().flatten();
        let operations = parts.filter(|(key, _)| METHODS.contains(&key.as_str()));
        operations.map(|(method, operation)| (path.as_str(), method.as_str(), operation))
    })
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

/// Visits a node and those below it, each with its place, but no extensions and no values that are examples
/// or defaults.
pub(crate) fn visit<'a>(node: &'a Value, place: &str, visitor: &mut impl FnMut(&'a Value, &str)) {
    visitor(node, place);
    let section = place.strip_prefix("/components/").is_some_and(|it| !it.contains('/'));
    let has_names = section || place.ends_with("/properties");
    let is_value = |key: &str| ["example", "examples", "default"].contains(&key);
    let is_part = |key: &str| has_names || !(key.starts_with("x-") || is_value(key));
    for (name, part) in fields(node).filter(|(name, _)| is_part(name)) {
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

/// The parameters and the body of an operation.
pub(crate) fn request_of<'a>(
    document: &'a Value,
    path: &str,
    operation: &'a Value,
) -> impl Iterator<Item = &'a Value> {
    parameters(document, path, operation).chain(operation.get("requestBody"))
}

/// The named schemas that requests reach.
pub(crate) fn requested(document: &Value) -> BTreeSet<String> {
    let all = operations(document);
    let requests = all.flat_map(|(path, _, node, _)| request_of(document, path, node));
    let reached = reach(document, requests.collect(), &mut |_| {});
    reached.into_iter().filter_map(schema_name).map(str::to_owned).collect()
}

/// Visits nodes, those below them, and what they refer to. Returns the references.
pub(crate) fn reach<'a>(
    document: &'a Value,
    mut open: Vec<&'a Value>,
    visitor: &mut impl FnMut(&'a Value),
) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    while let Some(node) = open.pop() {
        visit(node, "", &mut |node, _| {
            visitor(node);
            if let Some(reference) = text(node, "$ref")
                && reached.insert(reference)
            {
                open.extend(target(document, reference));
            }
        });
    }
    reached
}

/// The name of the schema that a reference names.
pub(crate) fn schema_name(reference: &str) -> Option<&str> {
    reference.strip_prefix('#')?.strip_prefix(SCHEMAS)?.strip_prefix('/')
}

/// Whether a schema has documented fields, and so a type of its own.
pub(crate) fn is_struct(schema: &Value) -> bool {
    schema.get("properties").is_some_and(|it| fields(it).next().is_some())
}

/// The success responses of an operation.
pub(crate) fn successes<'a>(
    document: &'a Value,
    operation: &'a Value,
) -> impl Iterator<Item = &'a Value> {
    let good = fields(&operation["responses"]).filter(|(status, _)| status.starts_with('2'));
    good.map(|(_, response)| resolved(document, response))
}

/// The schema of JSON in a response, and that of the data in it if it is an envelope. An envelope has a
/// field `result` that is an object, a list, or has no type: a text or a number is a field like any other.
pub(crate) fn body_and_result<'a>(
    document: &'a Value,
    response: &'a Value,
) -> Option<(&'a Value, Option<&'a Value>)> {
    let body = resolved(document, json_schema(response)?);
    let result = body.pointer("/properties/result").map(|it| resolved(document, it));
    let is_data = |it: &&Value| matches!(text(it, "type"), None | Some("object" | "array"));
    Some((body, result.filter(is_data)))
}
