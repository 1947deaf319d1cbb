//! Opening the responses, before the code is generated: nothing unexpected may lose the rest of one.

use crate::document::{Result, fields, problem, requested, schemas};
use crate::enums::{ExtensibleEnum, extensible_format};
use crate::lift::Places;
use crate::names;
use crate::schema::is_struct;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What a response need not obey.
const CONSTRAINTS: [&str; 14] = [
    "required",
    "nullable",
    "default",
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minItems",
    "maxItems",
    "uniqueItems",
];

/// The document without its error responses, of which the generator takes one type only. The pipeline
/// reads them.
pub(crate) fn without_errors(mut document: Value) -> Value {
    let items = document["paths"].as_object_mut().into_iter().flatten();
    for operation in items.filter_map(|(_, item)| item.as_object_mut()).flatten() {
        let responses = operation.1.get_mut("responses").and_then(Value::as_object_mut);
        if let Some(responses) = responses {
            responses.retain(|status, _| status.starts_with('2'));
        }
    }
    document
}

/// Opens every schema that only responses have. Returns the enums found there, and how many types were
/// opened.
pub(crate) fn open_responses(
    document: &mut Value,
    places: &Places,
) -> Result<(BTreeMap<String, ExtensibleEnum>, usize)> {
    let requested = requested(document);
    let mut enums = BTreeMap::new();
    open_below(document, "", &requested, places, &mut enums)?;
    for (name, it) in &enums {
        let format = document.pointer(&format!("/components/schemas/{name}/format"));
        let is_itself = format.is_some_and(|it| *it == extensible_format(name));
        if !is_itself && document.pointer(&format!("/components/schemas/{name}")).is_some() {
            let other = places.get(name).map_or("another type", String::as_str);
            let wrong = format!("this enum and {other} both become {name}");
            return problem(&it.place, wrong, "a title for the enum");
        }
    }
    // An object without documented fields is a map.
    let is_opened = |it: &Value| is_struct(it) && it["additionalProperties"] == json!({});
    let opened = schemas(document).filter(|(_, it)| is_opened(it)).count();
    Ok((enums, opened))
}

fn open_below(
    node: &mut Value,
    place: &str,
    requested: &BTreeSet<String>,
    places: &Places,
    enums: &mut BTreeMap<String, ExtensibleEnum>,
) -> Result<()> {
    let (parent, name) = place.rsplit_once('/').unwrap_or_default();
    let named = parent == "/components/schemas" && !requested.contains(&format!("#{place}"));
    if named || (name == "schema" && place.contains("/responses/")) {
        let place = places.get(name).filter(|_| named).map_or(place, String::as_str);
        return open(node, name, place, enums);
    }
    for (key, node) in node.as_object_mut().into_iter().flatten() {
        open_below(node, &format!("{place}/{key}"), requested, places, enums)?;
    }
    Ok(())
}

/// Takes from a schema what could make an unexpected response unreadable. Fields that the document
/// does not have are kept in a field `extra`; an enum becomes an extensible one.
fn open(
    schema: &mut Value,
    name: &str,
    place: &str,
    enums: &mut BTreeMap<String, ExtensibleEnum>,
) -> Result<()> {
    let Value::Object(schema) = schema else { return Ok(()) };
    let is = |kind| schema.get("type") == Some(&json!(kind));
    let (string, object) = (is("string"), is("object"));
    let values = schema.remove("x-extensible-enum").or(schema.remove("enum"));
    let title = schema.remove("title");
    if string {
        schema.remove("format");
    }
    if let (true, Some(Value::Array(values))) = (string, values) {
        let name = names::type_name(title.as_ref().and_then(Value::as_str).unwrap_or(name));
        let meaning = |value: &str| {
            let meaning = schema.get("x-enumDescriptions").and_then(|all| all.get(value));
            meaning.and_then(Value::as_str).unwrap_or(value).to_string()
        };
        let values = values.iter().filter_map(Value::as_str);
        let description = schema.get("description").and_then(Value::as_str).unwrap_or_default();
        let found = ExtensibleEnum {
            description: description.to_string(),
            values: values.map(|value| (value.to_string(), meaning(value))).collect(),
            default: schema.get("default").and_then(Value::as_str).map(str::to_owned),
            place: place.to_owned(),
        };
        schema.insert("format".into(), extensible_format(&name).into());
        if let Some(other) = enums.get(&name).filter(|it| it.values != found.values) {
            let other = &other.place;
            let wrong = format!("this enum and the other one at {other} both become {name}");
            return problem(place, wrong, "a title for one of them");
        }
        enums.insert(name, found);
    }
    schema.retain(|key, _| !CONSTRAINTS.contains(&key.as_str()) && !key.starts_with("x-"));
    if object && schema.get("properties").is_some_and(|it| fields(it).next().is_some()) {
        // Not `true`: only a schema makes the generator keep the fields.
        schema.insert("additionalProperties".into(), json!({}));
    }
    for (name, property) in
        schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten()
    {
        open(property, name, &format!("{place}/properties/{name}"), enums)?;
    }
    for key in ["items", "additionalProperties"] {
        if let Some(part) = schema.get_mut(key) {
            open(part, name, &format!("{place}/{key}"), enums)?;
        }
    }
    Ok(())
}
