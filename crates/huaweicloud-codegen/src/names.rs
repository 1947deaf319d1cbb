//! Names as the generator spells them, and names that it spells alike.

use crate::document::{Result, fields, list, operations, parameters, problem, schemas, text};
use heck::{ToPascalCase, ToSnakeCase};
use serde_json::Value;
use std::collections::BTreeMap;
use syn::{Ident, parse_str};

/// The name of an operation, a parameter or a field in Rust. A test of the whole table compares it with
/// what the generator made of it.
pub(crate) fn snake(name: &str) -> String {
    identifier(name, "_", str::to_snake_case)
}

/// The name of a type or of a value of an enum.
pub(crate) fn pascal(name: &str) -> String {
    identifier(name, "X", str::to_pascal_case)
}

fn identifier(name: &str, before_digits: &str, spell: impl Fn(&str) -> String) -> String {
    let is_part = |it: char| it.is_alphanumeric() || it == '_';
    let spelled = spell(&name.replace('\'', "").replace(|it| !is_part(it), "-"));
    let spelled = match spelled.chars().next() {
        None => spell("x"),
        Some(first) if first.is_alphabetic() => spelled,
        Some(_) => format!("{before_digits}{spelled}"),
    };
    match parse_str::<Ident>(&spelled) {
        Ok(_) if spelled != "gen" => spelled,
        _ => format!("{spelled}_"),
    }
}

/// Names of the generated code: one of the document that is spelled like it gets what stands first
/// behind it.
const TAKEN: [(&str, &str); 3] = [
    (
        "Operation",
        "new new_with_client pre exec post api_version baseurl client inner error \
        byte_stream client_info client_hooks operation_info request_builder_ext response_value \
        option result string vec box some none ok err default clone from into try_from try_into \
        send sync debug",
    ),
    ("Parameter", "new send body body_map client header_map into_inner"),
    (
        "Type",
        "option result string vec box some none ok err default clone copy from into try_from \
        try_into as_ref eq partial_eq ord partial_ord debug hash send sync sized drop to_string \
        to_owned iterator into_iterator self",
    ),
];

/// Whether the generated code needs a name for itself; if so, what to put behind it.
pub(crate) fn taken(kind: &str, name: &str) -> Option<&'static str> {
    let (suffix, names) = TAKEN.iter().find(|(suffix, _)| *suffix == kind)?;
    names.split_whitespace().any(|it| it == name.to_snake_case()).then_some(suffix)
}

/// The id of an operation that the generated code has.
pub(crate) fn operation(id: &str) -> String {
    snake(&format!("{id}{}", taken("Operation", id).map_or(String::new(), |it| format!("-{it}"))))
}

/// The name of a type that the generated code has.
pub(crate) fn type_name(name: &str) -> String {
    pascal(&format!("{name}{}", taken("Type", name).map_or(String::new(), |it| format!("-{it}"))))
}

/// The name of a value of an enum: `Other` is for those that are not known.
pub(crate) fn variant(value: &str) -> String {
    match pascal(value) {
        name if name == "Other" => "OtherValue".to_owned(),
        name => name,
    }
}

/// Names that end up the same are the only ones that cannot be taken.
pub(crate) fn check(document: &Value) -> Result<()> {
    let mut ids = Distinct::default();
    for (path, _, node, place) in operations(document) {
        let id = text(node, "operationId").unwrap_or_default();
        ids.add(operation(id), id, &format!("{place}/operationId"))?;
        let mut names = Distinct::default();
        if node.get("requestBody").is_some() {
            names.add("body".into(), "body", "")?;
        }
        for parameter in parameters(document, path, node) {
            let name = text(parameter, "name").unwrap_or_default();
            names.add(self::parameter(name), name, &format!("{place}/parameters"))?;
        }
    }
    let mut types = Distinct::default();
    for (name, _) in schemas(document) {
        types.add(type_name(name), name, &format!("/components/schemas/{name}"))?;
    }
    within(document, "")
}

/// The name of a parameter that the generated code has.
pub(crate) fn parameter(name: &str) -> String {
    let taken = taken("Parameter", name).map_or(String::new(), |it| format!("-{it}"));
    snake(&format!("{name}{taken}"))
}

/// The names of fields and of values.
fn within(node: &Value, place: &str) -> Result<()> {
    if place.ends_with("/example") || place.ends_with("/examples") || place.ends_with("/default") {
        return Ok(());
    }
    let mut names = Distinct::default();
    if node.get("type") == Some(&"object".into()) {
        for (name, _) in node.get("properties").into_iter().flat_map(fields) {
            names.add(snake(name), name, &format!("{place}/properties/{name}"))?;
        }
    }
    for key in ["enum", "x-extensible-enum"] {
        let mut names = Distinct::default();
        for value in list(node, key).iter().filter_map(Value::as_str) {
            names.add(variant(value), value, &format!("{place}/{key}"))?;
        }
    }
    for (key, part) in fields(node) {
        within(part, &format!("{place}/{key}"))?;
    }
    let items = node.as_array().into_iter().flatten().enumerate();
    items.into_iter().try_for_each(|(at, item)| within(item, &format!("{place}/{at}")))
}

#[derive(Default)]
pub(crate) struct Distinct(BTreeMap<String, String>);

impl Distinct {
    pub(crate) fn add(&mut self, spelled: String, name: &str, place: &str) -> Result<()> {
        match self.0.insert(spelled.clone(), name.to_owned()) {
            Some(other) => problem(
                place,
                format!("{name} and {other} both become {spelled}"),
                "another name for one of them",
            ),
            None => Ok(()),
        }
    }
}
