//! Names as the generator spells them, and the check that no two are spelled the same.

use crate::document::{
    fields, list, operations, parameters, place_of, problem, resolved, schemas, text, visit,
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
    let is_name = |text: &str| parse_str::<Ident>(text).is_ok();
    let spelled = spell(&name.replace('\'', "").replace(|it| !is_name(&format!("x{it}x")), "-"));
    let spelled = match spelled.chars().next() {
        None => spell("x"),
        Some(first) if is_name(&first.to_string()) => spelled,
        Some(_) => format!("{before_digits}{spelled}"),
    };
    if is_name(&spelled) && spelled != "gen" { spelled } else { format!("{spelled}_") }
}

/// Whether the generated code needs a name for itself.
pub(crate) fn is_taken(kind: &str, name: &str) -> bool {
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
    taken.split(' ').any(|it| it == name.to_snake_case())
}

/// A name that the generated code does not need for itself: if it does, the kind stands behind it.
pub(crate) fn free(kind: &str, name: &str) -> String {
    if is_taken(kind, name) { format!("{name}-{kind}") } else { name.to_owned() }
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

/// What to do about a name of the document alone, and about one that the service knows.
const NAME: &str = "another name for one of them";
const SENT: &str = "leave one of them out, as the service knows no other name for it";

/// Two names that become one in Rust are an error. All others work.
pub(crate) fn check(document: &Value) -> Vec<String> {
    let ids = operations(document).filter_map(|(_, _, node, place)| {
        let id = text(node, "operationId")?;
        Some((operation(id), id, format!("{place}/operationId")))
    });
    let mut found = same(ids, NAME);
    for (path, _, node, place) in operations(document) {
        let place = || format!("{place}/parameters");
        let body = node.get("requestBody").map(|_| ("body".to_owned(), "body", place()));
        let names = parameters(document, path, node).filter_map(|parameter| {
            let name = text(resolved(document, parameter), "name")?;
            Some((snake(&free("Parameter", name)), name, place()))
        });
        found.extend(same(body.into_iter().chain(names), SENT));
    }
    let types = schemas(document).map(|(name, _)| (type_name(name), &**name, place_of(name)));
    found.extend(same(types, NAME));
    visit(document, "", &mut |node, place| {
        let is_object = text(node, "type") == Some("object");
        let names = fields(&node["properties"])
            .filter(|_| is_object)
            .map(|(name, _)| (snake(name), &**name, format!("{place}/properties/{name}")));
        found.extend(same(names, SENT));
        for key in ["enum", "x-extensible-enum"] {
            let values = list(node, key).iter().filter_map(Value::as_str);
            let values = values.map(|it| (variant(it), it, format!("{place}/{key}")));
            found.extend(same(values, SENT));
        }
    });
    found
}

/// The names that are spelled like one before them. Each comes with its spelling and its place.
fn same<'a>(names: impl Iterator<Item = (String, &'a str, String)>, instead: &str) -> Vec<String> {
    let mut seen = BTreeMap::new();
    let others = names.filter_map(|(spelled, name, place)| {
        let other = seen.insert(spelled.clone(), name)?;
        let wrong = format!("{name} and {other} both become {spelled}");
        problem::<()>(place, wrong, instead).err()
    });
    others.collect()
}
