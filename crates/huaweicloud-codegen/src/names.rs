//! Names as the generator spells them, and the check that no two are spelled the same.

use crate::document::{
    Result, fields, list, operations, parameters, place_of, problem, resolved, schemas, text, visit,
};
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

/// What to put behind a name that the generated code needs for itself: its kind.
pub(crate) fn suffix(kind: &'static str, name: &str) -> Option<&'static str> {
    let taken = match kind {
        "Operation" => {
            "new new_with_client pre exec post api_version baseurl client inner error byte_stream \
            client_info client_hooks operation_info request_builder_ext response_value option result \
            string vec box some none ok err default clone from into try_from try_into send sync debug"
        }
        "Parameter" => "new send body body_map client header_map into_inner",
        _ => {
            "option result string vec box some none ok err default clone copy from into try_from \
            try_into as_ref eq partial_eq ord partial_ord debug hash send sync sized drop to_string \
            to_owned iterator into_iterator self"
        }
    };
    taken.split(' ').any(|it| it == name.to_snake_case()).then_some(kind)
}

/// A name that the generated code does not need for itself.
fn free(kind: &'static str, name: &str) -> String {
    suffix(kind, name).map_or(name.to_owned(), |suffix| format!("{name}-{suffix}"))
}

/// The id of an operation that the generated code has.
pub(crate) fn operation(id: &str) -> String {
    snake(&free("Operation", id))
}

/// The name of a type that the generated code has.
pub(crate) fn type_name(name: &str) -> String {
    pascal(&free("Type", name))
}

/// The name of a value of an enum: `Other` is for those that are not known.
pub(crate) fn variant(value: &str) -> String {
    match pascal(value) {
        name if name == "Other" => "OtherValue".to_owned(),
        name => name,
    }
}

/// Two names that become one in Rust are an error. All others work.
pub(crate) fn check(document: &Value) -> Result<()> {
    let mut ids = BTreeMap::new();
    for (path, _, node, place) in operations(document) {
        let id = text(node, "operationId").unwrap_or_default();
        distinct(&mut ids, operation(id), id, format!("{place}/operationId"), NAME)?;
        let mut names = BTreeMap::new();
        if node.get("requestBody").is_some() {
            names.insert("body".to_owned(), "body");
        }
        for parameter in parameters(document, path, node) {
            let name = text(resolved(document, parameter), "name").unwrap_or_default();
            let spelled = snake(&free("Parameter", name));
            distinct(&mut names, spelled, name, format!("{place}/parameters"), SENT)?;
        }
    }
    let mut types = BTreeMap::new();
    for (name, _) in schemas(document) {
        distinct(&mut types, type_name(name), name, place_of(name), NAME)?;
    }
    let mut outcome = Ok(());
    visit(document, "", &mut |node, place| {
        // An example and a default have no names of Rust.
        let key = place.rsplit('/').next().unwrap_or_default();
        if outcome.is_err() || ["example", "examples", "default"].contains(&key) {
            return false;
        }
        outcome = of_schema(node, place);
        true
    });
    outcome
}

/// The names of the fields and of the values of a schema.
fn of_schema(node: &Value, place: &str) -> Result<()> {
    let mut names = BTreeMap::new();
    let is_object = text(node, "type") == Some("object");
    for (name, _) in fields(&node["properties"]).filter(|_| is_object) {
        distinct(&mut names, snake(name), name, format!("{place}/properties/{name}"), SENT)?;
    }
    for key in ["enum", "x-extensible-enum"] {
        let mut names = BTreeMap::new();
        for value in list(node, key).iter().filter_map(Value::as_str) {
            distinct(&mut names, variant(value), value, format!("{place}/{key}"), SENT)?;
        }
    }
    Ok(())
}

/// What to do about a name of the document alone, and about one that the service knows.
const NAME: &str = "another name for one of them";
const SENT: &str = "leave one of them out, as the service knows no other name for it";

/// Remembers how a name is spelled, which no other may be.
fn distinct<'a>(
    names: &mut BTreeMap<String, &'a str>,
    spelled: String,
    name: &'a str,
    place: String,
    instead: &str,
) -> Result<()> {
    names.insert(spelled.clone(), name).map_or(Ok(()), |other| {
        problem(place, format!("{name} and {other} both become {spelled}"), instead)
    })
}
