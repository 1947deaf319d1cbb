//! What is wrong with the document, and where.

use crate::build::document::{Result, references};
use serde_json::Value;

pub(crate) fn check_references(document: &Value) -> Result<()> {
    let mut found = Vec::new();
    references(document, String::new(), &mut found);
    for (place, reference) in found {
        let target = reference.strip_prefix('#').and_then(|target| document.pointer(target));
        target.ok_or_else(|| format!("{place}: there is no {reference}"))?;
    }
    Ok(())
}

/// The generator panics over a type that OpenAPI does not have, and does not say where.
pub(crate) fn check_types(node: &Value, place: &str) -> Result<()> {
    let types = ["array", "boolean", "integer", "number", "object", "string"];
    for (key, node) in node.as_object().into_iter().flatten() {
        match (key.as_str(), node.as_str()) {
            // Anything may stand in an example, and a security scheme has types of its own.
            ("example" | "examples" | "default" | "securitySchemes", _) => {}
            ("type", Some(given)) if !types.contains(&given) => {
                return Err(format!("{place}: there is no type {given}; there are {types:?}"));
            }
            _ => check_types(node, &format!("{place}/{key}"))?,
        }
    }
    node.as_array().into_iter().flatten().try_for_each(|node| check_types(node, place))
}
