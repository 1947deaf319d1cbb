//! What is wrong with a schema.

use crate::document::{Result, fields, list, problem, resolved, text};
use crate::grammar::shown;
use serde_json::Value;
use std::collections::BTreeSet;

/// The keys that a schema of each type may have, beside those of all.
const OF_TYPE: [(&str, &str); 6] = [
    ("array", "items minItems maxItems uniqueItems"),
    ("boolean", ""),
    ("integer", "enum format minimum maximum exclusiveMinimum exclusiveMaximum multipleOf"),
    ("number", "format minimum maximum exclusiveMinimum exclusiveMaximum multipleOf"),
    ("object", "properties required additionalProperties minProperties maxProperties"),
    ("string", "enum format pattern minLength maxLength x-extensible-enum x-enumDescriptions"),
];
const OF_ALL: &str = "type title description nullable default example deprecated readOnly writeOnly \
    xml externalDocs x-proof x-rule";
const UNCHECKED: [&str; 4] = ["multipleOf", "uniqueItems", "minProperties", "maxProperties"];

/// Checks a schema and those within it. What requests have is checked before it is sent, so that no
/// constraint may be there that is not checked.
pub(crate) fn check(document: &Value, schema: &Value, place: &str, in_request: bool) -> Result<()> {
    let (is_of_all, has) =
        (|key: &str| OF_ALL.split(' ').any(|it| it == key), |key: &str| schema.get(key).is_some());
    if has("$ref") {
        return Ok(());
    }
    for key in ["oneOf", "anyOf", "not", "discriminator"] {
        if has(key) {
            let place = format!("{place}/{key}");
            return problem(
                &place,
                "the client has no such types",
                "the type, or {} for any value",
            );
        }
    }
    if has("allOf") {
        let own =
            fields(schema).find(|(key, _)| !is_of_all(key) && *key != "allOf" && !is_foreign(key));
        if let Some((key, _)) = own {
            let wrong = format!("{key} counts for nothing beside allOf");
            return problem(&format!("{place}/{key}"), wrong, "put it into the schema referred to");
        }
        let [only] = list(schema, "allOf") else {
            let instead = "one $ref, or all the properties in one schema";
            return problem(&format!("{place}/allOf"), "it is not exactly one schema", instead);
        };
        if has("type") || only.get("$ref").is_none() {
            return problem(
                &format!("{place}/allOf"),
                "it adds nothing to a $ref",
                "allOf: [$ref]",
            );
        }
        return Ok(());
    }
    let Some(kind) = text(schema, "type") else {
        let typed =
            |key: &str| OF_TYPE.iter().find(|(_, keys)| keys.split(' ').any(|it| it == key));
        return match fields(schema).find_map(|(key, _)| Some((key, typed(key)?))) {
            Some((key, (kind, _))) => {
                let wrong = format!("there is no type beside {key}");
                problem(place, wrong, format!("type: {kind}"))
            }
            None => Ok(()),
        };
    };
    let Some((_, keys)) = OF_TYPE.iter().find(|(name, _)| *name == kind) else {
        let all: Vec<_> = OF_TYPE.iter().map(|(name, _)| *name).collect();
        return problem(
            &format!("{place}/type"),
            format!("there is no type {kind}"),
            all.join(", "),
        );
    };
    for (key, _) in fields(schema).filter(|(key, _)| !is_of_all(key) && !is_foreign(key)) {
        if !keys.split(' ').any(|it| it == key) {
            let wrong = format!("{key} is nothing of type {kind}");
            return problem(&format!("{place}/{key}"), wrong, "remove it, or write another type");
        }
    }
    if in_request {
        in_requests(schema, place)?;
    }
    match kind {
        "array" => {
            let Some(items) = schema.get("items") else {
                return problem(
                    place,
                    "there is no items",
                    "items: {type: string}, or what they are",
                );
            };
            ordered(schema, place, "minItems", "maxItems")?;
            check(document, items, &format!("{place}/items"), in_request)?;
        }
        "object" => object(document, schema, place, in_request)?,
        "string" => string(schema, place)?,
        "integer" | "number" => number(schema, kind, place)?,
        _ => {}
    }
    extensions(schema, kind, place, in_request)
}

/// An extension of others, which says nothing here.
fn is_foreign(key: &str) -> bool {
    key.starts_with("x-") && !key.starts_with("x-e")
}

fn in_requests(schema: &Value, place: &str) -> Result<()> {
    let is_set = |key: &&&str| schema.get(**key).is_some_and(|value| *value != false);
    if let Some(key) = UNCHECKED.iter().find(is_set) {
        let instead = "remove it, and say it in the description";
        return problem(&format!("{place}/{key}"), "the client does not check it", instead);
    }
    if schema.get("x-extensible-enum").is_some() {
        return problem(&format!("{place}/x-extensible-enum"), "this is of a request", "enum");
    }
    if schema.get("properties").is_some()
        && schema.get("additionalProperties").is_some_and(Value::is_object)
    {
        return problem(
            &format!("{place}/additionalProperties"),
            "a request has either documented fields or any",
            "false, or no properties",
        );
    }
    Ok(())
}

fn object(document: &Value, schema: &Value, place: &str, in_request: bool) -> Result<()> {
    for (name, property) in schema.get("properties").into_iter().flat_map(fields) {
        check(document, property, &format!("{place}/properties/{name}"), in_request)?;
    }
    let required = list(schema, "required").iter().filter_map(Value::as_str);
    for name in required {
        if schema["properties"].get(name).is_none() {
            let wrong = format!("there is no property {name}");
            return problem(&format!("{place}/required"), wrong, "the name of a property");
        }
    }
    unique(schema, "required", place)?;
    match schema.get("additionalProperties").filter(|it| it.is_object()) {
        Some(value) => check(document, value, &format!("{place}/additionalProperties"), in_request),
        None => Ok(()),
    }
}

fn string(schema: &Value, place: &str) -> Result<()> {
    ordered(schema, place, "minLength", "maxLength")?;
    for key in ["enum", "x-extensible-enum"] {
        values(schema, key, place, Value::is_string, "texts")?;
    }
    let Some(pattern) = text(schema, "pattern") else { return Ok(()) };
    match regress::Regex::new(pattern) {
        Ok(_) => Ok(()),
        Err(error) => {
            let instead = "a regular expression of ECMAScript";
            problem(&format!("{place}/pattern"), format!("`{pattern}`: {error}"), instead)
        }
    }
}

fn number(schema: &Value, kind: &str, place: &str) -> Result<()> {
    let range = match (kind, text(schema, "format")) {
        ("integer", None | Some("int64")) | ("number", None | Some("float" | "double")) => None,
        ("integer", Some("int32")) => Some(i64::from(i32::MIN)..=i64::from(i32::MAX)),
        (_, Some(format)) => {
            let instead = if kind == "integer" { "int32 or int64" } else { "float or double" };
            return problem(
                &format!("{place}/format"),
                format!("{kind} has no format {format}"),
                instead,
            );
        }
        _ => None,
    };
    for key in ["minimum", "maximum"] {
        let Some(bound) = schema.get(key) else { continue };
        let place = format!("{place}/{key}");
        if kind == "integer" && !bound.is_i64() {
            return problem(&place, format!("{bound} is no integer of 64 bits"), "an integer");
        }
        if range.as_ref().is_some_and(|it| bound.as_i64().is_none_or(|bound| !it.contains(&bound)))
        {
            return problem(&place, format!("{bound} is beyond int32"), "format: int64");
        }
    }
    for (flag, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
        if schema.get(flag).is_some() && schema.get(bound).is_none() {
            return problem(
                &format!("{place}/{flag}"),
                format!("there is no {bound}"),
                format!("add {bound}"),
            );
        }
    }
    values(schema, "enum", place, Value::is_i64, "integers")?;
    ordered(schema, place, "minimum", "maximum")
}

/// A lower bound above the upper one lets nothing through.
fn ordered(schema: &Value, place: &str, least: &str, most: &str) -> Result<()> {
    let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
    match (bound(least), bound(most)) {
        (Some(lower), Some(upper)) if lower > upper => {
            let wrong = format!("{lower} is more than {most} {upper}");
            problem(&format!("{place}/{least}"), wrong, format!("at most {upper}"))
        }
        _ => Ok(()),
    }
}

fn values(
    schema: &Value,
    key: &str,
    place: &str,
    fits: fn(&Value) -> bool,
    what: &str,
) -> Result<()> {
    let place_of = format!("{place}/{key}");
    if schema.get(key).is_none() {
        return Ok(());
    }
    if list(schema, key).is_empty() {
        return problem(&place_of, "there is no value", format!("some {what}"));
    }
    if let Some(wrong) = list(schema, key).iter().find(|value| !fits(value)) {
        return problem(
            &place_of,
            format!("{} is none of the {what}", shown(wrong)),
            format!("{what} only"),
        );
    }
    unique(schema, key, place)
}

fn unique(schema: &Value, key: &str, place: &str) -> Result<()> {
    let mut seen = BTreeSet::new();
    match list(schema, key).iter().find(|it| !seen.insert(it.to_string())) {
        Some(twice) => {
            problem(&format!("{place}/{key}"), format!("{twice} stands twice"), "each once")
        }
        None => Ok(()),
    }
}

fn extensions(schema: &Value, kind: &str, place: &str, in_request: bool) -> Result<()> {
    if let Some(proof) = text(schema, "x-proof") {
        let place = format!("{place}/x-proof");
        if !matches!(proof, "number" | "text" | "present") {
            return problem(&place, format!("`{proof}` is no proof"), "number, text or present");
        }
        if in_request {
            return problem(&place, "a request proves nothing", "remove it");
        }
    }
    let constraints =
        ["pattern", "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "enum"];
    if schema.get("x-rule").is_some() && !constraints.iter().any(|key| schema.get(key).is_some()) {
        return problem(&format!("{place}/x-rule"), "there is no constraint", "add what it says");
    }
    let values = match schema.get("x-extensible-enum") {
        Some(_) => list(schema, "x-extensible-enum"),
        None => list(schema, "enum"),
    };
    let described = schema.get("x-enumDescriptions").into_iter().flat_map(fields);
    for (value, _) in described {
        if !values.iter().any(|it| it == value) {
            let wrong = format!("there is no value {value} of this {kind}");
            return problem(&format!("{place}/x-enumDescriptions"), wrong, "one of the values");
        }
    }
    Ok(())
}

/// Whether a schema has documented fields, and so a type of its own.
pub(crate) fn is_struct(schema: &Value) -> bool {
    schema.get("properties").is_some_and(|it| fields(it).next().is_some())
}

/// The schema of the data in a success response: of a field `result`, if there is one.
pub(crate) fn result_of<'a>(document: &'a Value, body: &'a Value) -> Option<&'a Value> {
    body.pointer("/properties/result").map(|result| resolved(document, result))
}
