//! How many places of the generated code each step must change. It is counted in the document, so that the
//! build fails if a step misses one.

use crate::document::{fields, is_struct, list, operations, resolved, schemas, text};
use crate::open::{Enums, extensible_format};
use serde_json::{Value, json};

/// The parameters of all operations.
fn parameters(document: &Value) -> impl Iterator<Item = &Value> {
    let all = operations(document).flat_map(|(_, _, node, _)| list(node, "parameters"));
    all.map(|it| resolved(document, it))
}

/// The parameters that stand in a path, or in a query.
pub(crate) fn parameters_in(document: &Value, place: &str) -> usize {
    parameters(document).filter(|it| text(it, "in") == Some(place)).count()
}

/// The values that the builders of operations and of types require. A body of documented fields has a
/// builder of its own.
pub(crate) fn required(document: &Value) -> usize {
    let of_operations = parameters(document).filter(|it| it["required"] == true).count();
    let bodies = operations(document)
        .flat_map(|(_, _, node, _)| fields(&resolved(document, &node["requestBody"])["content"]));
    let bodies = bodies.filter(|(_, media)| !is_struct(resolved(document, &media["schema"])));
    let types = schemas(document).filter(|(_, schema)| is_struct(schema));
    let of_types = types.map(|(_, schema)| list(schema, "required").len());
    of_operations + bodies.count() + of_types.sum::<usize>()
}

/// The types of responses that were opened. An object without documented fields is a map.
pub(crate) fn opened(document: &Value) -> usize {
    let is_opened = |it: &Value| is_struct(it) && it["additionalProperties"] == json!({});
    schemas(document).filter(|(_, it)| is_opened(it)).count()
}

/// The fields whose enum has a default.
pub(crate) fn with_default(document: &Value, enums: &Enums) -> usize {
    let defaults = enums.iter().filter(|(_, it)| it.default().is_some());
    let formats: Vec<_> = defaults.map(|(name, _)| extensible_format(name)).collect();
    let all = schemas(document).flat_map(|(_, schema)| fields(&schema["properties"]));
    let marks = all.filter_map(|(_, field)| text(resolved(document, field), "format"));
    marks.filter(|mark| formats.iter().any(|it| it == mark)).count()
}
