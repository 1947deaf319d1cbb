//! What is wrong with a schema.

use super::grammar::shown;
use crate::document::{BOUNDS, Result, ensure, fields, list, problem, text};
use crate::pattern;
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
/// What `x-rule` can put into words.
const CONSTRAINTS: &str = "pattern minLength maxLength minimum maximum minItems maxItems enum";
/// What the client does not check.
const UNCHECKED: [&str; 4] = ["multipleOf", "uniqueItems", "minProperties", "maxProperties"];

fn stands_in(key: &str, keys: &str) -> bool {
    keys.split(' ').any(|it| it == key)
}

/// Whether a schema of any type may have a key. It may have every extension of others.
fn is_of_all(key: &str) -> bool {
    let is_of_one = || OF_TYPE.iter().any(|(_, keys)| stands_in(key, keys));
    stands_in(key, OF_ALL) || (key.starts_with("x-") && !is_of_one())
}

/// Checks a schema and those within it. The client checks a request before it is sent, so that a schema of a
/// request has no constraint that the client cannot check.
pub(super) fn check(schema: &Value, place: &str, in_request: bool) -> Result<()> {
    if schema.get("$ref").is_some() {
        return Ok(());
    }
    for key in ["oneOf", "anyOf", "not", "discriminator"] {
        let (wrong, instead) = ("the client has no such types", "the type, or {} for any value");
        ensure(schema.get(key).is_none(), format!("{place}/{key}"), wrong, instead)?;
    }
    if schema.get("allOf").is_some() {
        return all_of(schema, place);
    }
    let Some(kind) = kind(schema, place)? else { return Ok(()) };
    if in_request {
        in_requests(schema, place)?;
    }
    match kind {
        "array" => array(schema, place, in_request)?,
        "object" => object(schema, place, in_request)?,
        "string" => string(schema, place, in_request)?,
        "integer" | "number" => number(schema, kind, place)?,
        _ => {}
    }
    extensions(schema, kind, place, in_request)
}

/// The type of a schema, if it has one. All its keys are of that type.
fn kind<'a>(schema: &'a Value, place: &str) -> Result<Option<&'a str>> {
    let mut own = fields(schema).map(|(key, _)| key.as_str()).filter(|key| !is_of_all(key));
    let Some(kind) = text(schema, "type") else {
        let Some(key) = own.next() else { return Ok(None) };
        let instead = format!("type: {}", likely_type(key, &schema[key]));
        return problem(place, format!("there is no type beside {key}"), instead);
    };
    let Some((_, keys)) = OF_TYPE.iter().find(|(name, _)| *name == kind) else {
        let all = OF_TYPE.map(|(name, _)| name).join(", ");
        return problem(format!("{place}/type"), format!("there is no type {kind}"), all);
    };
    own.find(|key| !stands_in(key, keys)).map_or(Ok(Some(kind)), |key| {
        let wrong = format!("{key} is nothing of type {kind}");
        problem(format!("{place}/{key}"), wrong, "remove it, or write another type")
    })
}

/// The type to suggest for a schema that has this key and no type. If several types have the key, its value
/// decides.
fn likely_type(key: &str, value: &Value) -> &'static str {
    let first = value.as_array().into_iter().flatten().find(|it| !it.is_null());
    match (key, first.unwrap_or(value)) {
        ("enum", Value::Bool(_)) => "boolean",
        ("enum", Value::String(_)) => "string",
        ("format", format) if format == "int32" || format == "int64" => "integer",
        ("format", format) if format == "float" || format == "double" => "number",
        ("format", _) => "string",
        (_, Value::Number(number)) if number.is_f64() => "number",
        _ => OF_TYPE.iter().find(|(_, keys)| stands_in(key, keys)).map_or("object", |it| it.0),
    }
}

/// A reference with a description beside it: the only use of `allOf`.
fn all_of(schema: &Value, place: &str) -> Result<()> {
    let is_own = |key: &&String| !is_of_all(key) && *key != "allOf";
    if let Some(key) = fields(schema).map(|(key, _)| key).find(is_own) {
        let wrong = format!("{key} counts for nothing beside allOf");
        return problem(format!("{place}/{key}"), wrong, "put it into the schema referred to");
    }
    let place = format!("{place}/allOf");
    let [only] = list(schema, "allOf") else {
        let instead = "one $ref, or all the properties in one schema";
        return problem(place, "it is not exactly one schema", instead);
    };
    let is_reference = schema.get("type").is_none() && only.get("$ref").is_some();
    ensure(is_reference, place, "it adds nothing to a $ref", "allOf: [$ref]")
}

fn in_requests(schema: &Value, place: &str) -> Result<()> {
    let is_set = |key: &&&str| schema.get(**key).is_some_and(|value| *value != false);
    if let Some(key) = UNCHECKED.iter().find(is_set) {
        let instead = "remove it, and say it in the description";
        return problem(format!("{place}/{key}"), "the client does not check it", instead);
    }
    let is_open = schema.get("x-extensible-enum").is_some();
    ensure(!is_open, format!("{place}/x-extensible-enum"), "this is of a request", "enum")?;
    let is_both = schema.get("properties").is_some() && schema["additionalProperties"].is_object();
    let (wrong, instead) =
        ("a request has either documented fields or any", "false, or no properties");
    ensure(!is_both, format!("{place}/additionalProperties"), wrong, instead)
}

fn array(schema: &Value, place: &str, in_request: bool) -> Result<()> {
    let Some(items) = schema.get("items") else {
        return problem(place, "there is no items", "items: {type: string}, or what they are");
    };
    ordered(schema, place, "minItems", "maxItems")?;
    check(items, &format!("{place}/items"), in_request)
}

fn object(schema: &Value, place: &str, in_request: bool) -> Result<()> {
    for (name, property) in fields(&schema["properties"]) {
        check(property, &format!("{place}/properties/{name}"), in_request)?;
    }
    for name in list(schema, "required").iter().filter_map(Value::as_str) {
        let is_there = schema["properties"].get(name).is_some();
        let wrong = format!("there is no property {name}");
        ensure(is_there, format!("{place}/required"), wrong, "the name of a property")?;
    }
    unique(schema, "required", place)?;
    let others = schema.get("additionalProperties").filter(|it| it.is_object());
    others.map_or(Ok(()), |it| check(it, &format!("{place}/additionalProperties"), in_request))
}

fn string(schema: &Value, place: &str, in_request: bool) -> Result<()> {
    ordered(schema, place, "minLength", "maxLength")?;
    for key in ["enum", "x-extensible-enum"] {
        values(schema, key, place, "texts")?;
    }
    let pattern = text(schema, "pattern").unwrap_or_default();
    // The client does not match the patterns of responses.
    let translated = || if in_request { pattern::translate(pattern).map(drop) } else { Ok(()) };
    let wrong = pattern::check(pattern).and_then(|()| translated()).err();
    wrong.map_or(Ok(()), |(wrong, instead)| problem(format!("{place}/pattern"), wrong, instead))
}

fn number(schema: &Value, kind: &str, place: &str) -> Result<()> {
    let is_integer = kind == "integer";
    let formats = if is_integer { ["int32", "int64"] } else { ["float", "double"] };
    let format = text(schema, "format");
    let is_known = format.is_none_or(|it| formats.contains(&it));
    let wrong = format!("{kind} has no format {}", format.unwrap_or_default());
    ensure(is_known, format!("{place}/format"), wrong, formats.join(" or "))?;
    for key in ["minimum", "maximum"] {
        let Some(bound) = schema.get(key).filter(|_| is_integer) else { continue };
        let place = format!("{place}/{key}");
        let wrong = format!("{bound} is no integer of 64 bits");
        ensure(bound.is_i64(), &place, wrong, BOUNDS)?;
        let is_small = bound.as_i64().is_some_and(|it| i32::try_from(it).is_ok());
        let fits = format != Some("int32") || is_small;
        ensure(fits, place, format!("{bound} is beyond int32"), "format: int64")?;
    }
    for (flag, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
        let is_alone = schema.get(flag).is_some() && schema.get(bound).is_none();
        let (wrong, instead) = (format!("there is no {bound}"), format!("add {bound}"));
        ensure(!is_alone, format!("{place}/{flag}"), wrong, instead)?;
    }
    values(schema, "enum", place, "integers")?;
    ordered(schema, place, "minimum", "maximum")
}

/// Checks that a lower bound is not above the upper one.
fn ordered(schema: &Value, place: &str, least: &str, most: &str) -> Result<()> {
    let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
    let (Some(lower), Some(upper)) = (bound(least), bound(most)) else { return Ok(()) };
    let wrong = format!("{lower} is more than {most} {upper}");
    ensure(lower <= upper, format!("{place}/{least}"), wrong, format!("at most {upper}"))
}

fn values(schema: &Value, key: &str, place: &str, what: &str) -> Result<()> {
    let fits = if what == "texts" { Value::is_string } else { Value::is_i64 };
    let all = list(schema, key);
    let is_empty = schema.get(key).is_some() && all.is_empty();
    ensure(!is_empty, format!("{place}/{key}"), "there is no value", format!("some {what}"))?;
    if let Some(wrong) = all.iter().find(|value| !fits(value)) {
        let wrong = format!("{} is none of the {what}", shown(wrong));
        return problem(format!("{place}/{key}"), wrong, format!("{what} only"));
    }
    unique(schema, key, place)
}

fn unique(schema: &Value, key: &str, place: &str) -> Result<()> {
    let mut seen = BTreeSet::new();
    let twice = list(schema, key).iter().find(|it| !seen.insert(it.to_string()));
    twice.map_or(Ok(()), |twice| {
        problem(format!("{place}/{key}"), format!("{twice} stands twice"), "each once")
    })
}

fn extensions(schema: &Value, kind: &str, place: &str, in_request: bool) -> Result<()> {
    if let Some(proof) = text(schema, "x-proof") {
        let place = format!("{place}/x-proof");
        let is_known = matches!(proof, "number" | "text" | "present");
        let instead = "number, text or present";
        ensure(is_known, &place, format!("`{proof}` is no proof"), instead)?;
        ensure(!in_request, place, "a request proves nothing", "remove it")?;
    }
    let is_rule = schema.get("x-rule").is_none()
        || fields(schema).any(|(key, _)| stands_in(key, CONSTRAINTS));
    ensure(is_rule, format!("{place}/x-rule"), "there is no constraint", "add what it says")?;
    let is_open = schema.get("x-extensible-enum").is_some();
    let values = list(schema, if is_open { "x-extensible-enum" } else { "enum" });
    for (value, _) in fields(&schema["x-enumDescriptions"]) {
        let wrong = format!("there is no value {value} of this {kind}");
        let is_there = values.iter().any(|it| it == value);
        ensure(is_there, format!("{place}/x-enumDescriptions"), wrong, "one of the values")?;
    }
    Ok(())
}
