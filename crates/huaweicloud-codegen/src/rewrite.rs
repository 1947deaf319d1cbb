//! Counting the places that a step changes in the generator's code, so that no step can miss one.

use crate::{
    document::{Result, fields, is_struct, list, operations, parameters, resolved, schemas, text},
    generator,
};
use serde_json::{Value, json};

/// How many places of a document the generated code has.
pub(crate) struct Places {
    pub(crate) path_parameters: usize,
}

impl Places {
    pub(crate) fn of(document: &Value) -> Self {
        let parameters =
            operations(document).flat_map(|(path, _, node, _)| parameters(document, path, node));
        Self { path_parameters: parameters.filter(|it| text(it, "in") == Some("path")).count() }
    }
}

/// How many values the builders of operations and of types require. A body of documented fields has a
/// builder of its own.
pub(crate) fn required(document: &Value) -> usize {
    let of_operations = operations(document).map(|(path, _, node, _)| {
        let parameters =
            parameters(document, path, node).filter(|it| it["required"] == true).count();
        let body = resolved(document, &node["requestBody"]);
        let media = fields(&body["content"]).map(|(_, media)| resolved(document, &media["schema"]));
        parameters + media.filter(|schema| !is_struct(schema)).count()
    });
    let types = schemas(document).filter(|(_, schema)| is_struct(schema));
    of_operations.sum::<usize>() + types.map(|(_, it)| list(it, "required").len()).sum::<usize>()
}

/// How many types of responses were opened. An object without documented fields is a map.
pub(crate) fn opened(document: &Value) -> usize {
    let is_opened = |it: &Value| is_struct(it) && it["additionalProperties"] == json!({});
    schemas(document).filter(|(_, it)| is_opened(it)).count()
}

/// How many places a step has changed.
#[derive(Default)]
pub(crate) struct Found(usize);

impl Found {
    pub(crate) fn one(&mut self) {
        self.0 += 1;
    }

    /// Fails if the generator's code has more or fewer than are known from the document.
    pub(crate) fn expect(&self, step: &str, expected: usize) -> Result<()> {
        match self.0 == expected {
            true => Ok(()),
            false => generator::unexpected(&format!("{} {step}, not {expected}", self.0)),
        }
    }
}
