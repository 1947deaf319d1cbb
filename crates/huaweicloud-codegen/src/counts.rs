//! How many places of the generated code each step must change. It is counted in the document, so that the
//! build fails if a step misses one.

use crate::document::{fields, is_struct, list, operations, parameters, resolved, schemas, text};
use crate::enums::{Enums, extensible_format};
use serde_json::{Value, json};

/// The parameters of operations that stand in a path, or in a query.
pub(crate) fn parameters_in(document: &Value, place: &str) -> usize {
    let all = operations(document).flat_map(|(path, _, node, _)| parameters(document, path, node));
    all.filter(|it| text(resolved(document, it), "in") == Some(place)).count()
}

/// The values that the builders of operations and of types require. A body of documented fields has a
/// builder of its own.
pub(crate) fn required(document: &Value) -> usize {
    let of_operations = operations(document).map(|(path, _, node, _)| {
        let parameters = parameters(document, path, node)
            .filter(|it| resolved(document, it)["required"] == true);
        let body = resolved(document, &node["requestBody"]);
        let media = fields(&body["content"]).map(|(_, media)| resolved(document, &media["schema"]));
        parameters.count() + media.filter(|schema| !is_struct(schema)).count()
    });
    let types = schemas(document).filter(|(_, schema)| is_struct(schema));
    of_operations.sum::<usize>() + types.map(|(_, it)| list(it, "required").len()).sum::<usize>()
}

/// The types of responses that were opened. An object without documented fields is a map.
pub(crate) fn opened(document: &Value) -> usize {
    let is_opened = |it: &Value| is_struct(it) && it["additionalProperties"] == json!({});
    schemas(document).filter(|(_, it)| is_opened(it)).count()
}

/// The fields whose enum has a default.
pub(crate) fn with_default(document: &Value, enums: &Enums) -> usize {
    let defaults = enums.iter().filter(|(_, it)| it.default.is_some());
    let formats: Vec<_> = defaults.map(|(name, _)| extensible_format(name)).collect();
    let all = schemas(document).flat_map(|(_, schema)| fields(&schema["properties"]));
    let marks = all.filter_map(|(_, field)| text(resolved(document, field), "format"));
    marks.filter(|mark| formats.iter().any(|it| it == mark)).count()
}
