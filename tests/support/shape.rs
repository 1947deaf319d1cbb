//! Compares JSON with the schema of it in the document.

use crate::support::document::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What a comparison found. Places are written as `result.job_list[].id`. Of values it has only those that an enum
/// does not know, so that it can be shown to others.
#[derive(Debug, Default)]
pub struct Shape {
    /// Fields that are not in the document, values of another type, and unknown values of enums.
    pub differences: BTreeSet<String>,
    documented: BTreeSet<String>,
    sent: BTreeSet<String>,
}

impl Shape {
    /// The documented fields that no object had. That is no difference: no field of a response is required.
    pub fn not_sent(&self) -> impl Iterator<Item = &String> {
        self.documented.difference(&self.sent)
    }

    pub fn compare(&mut self, document: &Value, schema: &Value, value: &Value, place: &str) {
        let schema = resolved(document, schema);
        if value.is_null() {
            return;
        }
        let expected = text(schema, "type");
        if !expected.is_none_or(|it| is_of_type(it, text(schema, "format"), value)) {
            let format = text(schema, "format").map(|it| format!(" ({it})")).unwrap_or_default();
            let expected = expected.map(name_of_type).unwrap_or_default();
            self.differs(place, format_args!("{}, not {expected}{format}", name_of(value)));
            return;
        }
        let known = list(schema, "x-extensible-enum");
        if let Some(value) = value.as_str().filter(|_| !known.is_empty())
            && !known.iter().any(|it| it.as_str().is_some_and(|it| is_same(it, value)))
        {
            self.differs(place, format_args!("the unknown value {value:?}"));
        }
        for item in value.as_array().into_iter().flatten() {
            self.compare(document, &schema["items"], item, &format!("{place}[]"));
        }
        if !value.is_object() {
            return;
        }
        let join = |name: &str| [place, name].join(if place.is_empty() { "" } else { "." });
        let properties = &schema["properties"];
        self.documented.extend(fields(properties).map(|(name, _)| join(name)));
        for (name, value) in fields(value) {
            match (properties.get(name), schema.get("additionalProperties")) {
                (Some(schema), _) => {
                    self.sent.insert(join(name));
                    self.compare(document, schema, value, &join(name));
                }
                // The keys may be names that somebody gave.
                (None, Some(schema)) => self.compare(document, schema, value, &join("*")),
                (None, None) => {
                    self.differs(&join(name), format_args!("undocumented, {}", name_of(value)));
                }
            }
        }
    }

    fn differs(&mut self, place: &str, how: std::fmt::Arguments<'_>) {
        let place = if place.is_empty() { "the response" } else { place };
        self.differences.insert(format!("{place}: {how}"));
    }
}

fn is_of_type(expected: &str, format: Option<&str>, value: &Value) -> bool {
    match (expected, format) {
        ("integer", Some("int32")) => value.as_i64().is_some_and(|it| i32::try_from(it).is_ok()),
        ("integer", _) => value.is_i64() || value.is_u64(),
        ("number", _) => value.is_number(),
        ("string", _) => value.is_string(),
        ("boolean", _) => value.is_boolean(),
        ("array", _) => value.is_array(),
        _ => value.is_object(),
    }
}

fn name_of_type(name: &str) -> &'static str {
    match name {
        "integer" => "an integer",
        "number" => "a number",
        "string" => "a text",
        "boolean" => "a boolean",
        "array" => "a list",
        _ => "an object",
    }
}

fn name_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Whether two words are the same in any letter case and with any separators, as the client reads them.
fn is_same(a: &str, b: &str) -> bool {
    let letters = |text: &str| -> Vec<_> {
        let letters = text.chars().filter(|c| c.is_alphanumeric());
        letters.map(|c| c.to_ascii_lowercase()).collect()
    };
    letters(a) == letters(b)
}

#[test]
fn each_difference_is_found_once() {
    let document = json!({ "components": { "schemas": {
        "Job": { "type": "object", "properties": {
            "id": { "type": "string", "nullable": true },
            "number": { "type": "integer", "format": "int32" },
            "state": { "allOf": [{ "$ref": "#/components/schemas/State" }] },
            "stages": { "type": "object", "additionalProperties": { "type": "boolean" } },
            "extra": { "type": "object", "additionalProperties": true },
            "late": { "type": "string" },
        } },
        "State": { "type": "string", "x-extensible-enum": ["in_queue", "SUCCESS"] },
    } } });
    let schema = json!({ "type": "array", "items": { "$ref": "#/components/schemas/Job" } });
    let shape_of = |value: &Value| {
        let mut shape = Shape::default();
        shape.compare(&document, &schema, value, "");
        shape
    };
    let good = json!([
        { "id": null, "number": -1, "state": "In-Queue", "stages": { "a b": true } },
        { "id": "a", "extra": { "anything": [1] } },
    ]);
    let shape = shape_of(&good);
    assert_eq!(shape.differences, BTreeSet::new());
    assert_eq!(shape.not_sent().collect::<Vec<_>>(), ["[].late"]);
    let bad = json!([
        { "id": 1, "number": 2147483648_u32, "state": "exploded", "stages": { "a": 1, "b": 2 } },
        { "id": {}, "number": "1", "extra": [], "surprise": null },
        "a job",
    ]);
    let differences: Vec<_> = shape_of(&bad).differences.into_iter().collect();
    let expected = [
        "[].extra: a list, not an object",
        "[].id: a number, not a text",
        "[].id: an object, not a text",
        "[].number: a number, not an integer (int32)",
        "[].number: a text, not an integer (int32)",
        "[].stages.*: a number, not a boolean",
        "[].state: the unknown value \"exploded\"",
        "[].surprise: undocumented, null",
        "[]: a text, not an object",
    ];
    assert_eq!(differences, expected);
    let differences: Vec<_> = shape_of(&json!("no list")).differences.into_iter().collect();
    assert_eq!(differences, ["the response: a text, not a list"]);
}
