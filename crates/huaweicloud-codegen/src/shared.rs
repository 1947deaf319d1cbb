//! Copies of the schemas that both requests and responses have, because a request is strict and a
//! response is open.

use crate::document::{
    Result, fields, is_struct, operations_mut, place_of, problem, reference, requested, resolved,
    schema_name, schemas_mut, text, visit_mut,
};
use crate::lift::Places;
use serde_json::Value;
use std::collections::BTreeSet;

/// Gives the responses schemas of their own. Returns where the copied ones stand in the document.
pub(crate) fn split(document: &mut Value) -> Result<Places> {
    let original = document.clone();
    let requested = requested(&original);
    let mut shared = Shared { document: &original, requested, copied: Vec::new() };
    for (_, _, operation) in operations_mut(document) {
        operation.get_mut("responses").into_iter().for_each(|it| shared.separate(it));
    }
    let named = document.pointer_mut("/components/responses");
    named.into_iter().for_each(|it| shared.separate(it));
    let mut all = schemas_mut(document).cloned().unwrap_or_default();
    for (name, schema) in &mut all {
        if !shared.requested.contains(name) {
            shared.separate(schema);
        }
    }
    let mut places = Places::new();
    // A copy may need more of them.
    while let Some(name) = shared.copied.get(places.len()).cloned() {
        let mut copy = original.pointer(&place_of(&name)).cloned().unwrap_or_default();
        shared.separate(&mut copy);
        visit_mut(&mut copy, &mut |node| {
            if let Some(title) = text(node, "title") {
                node["title"] = format!("{title}Response").into();
            }
        });
        let copied = format!("{name}Response");
        if all.insert(copied.clone(), copy).is_some() {
            let wrong = format!(
                "{name} is of requests and of responses, and its copy for these needs the name"
            );
            return problem(place_of(&copied), wrong, "another name for this one");
        }
        places.insert(copied, place_of(&name));
    }
    if let Some(schemas) = schemas_mut(document) {
        *schemas = all;
    }
    Ok(places)
}

struct Shared<'a> {
    document: &'a Value,
    requested: BTreeSet<String>,
    /// The schemas of which the responses need a copy.
    copied: Vec<String>,
}

impl Shared<'_> {
    /// Puts copies in the place of what requests have, below a node of a response.
    fn separate(&mut self, node: &mut Value) {
        visit_mut(node, &mut |node| {
            let name = reference(node).and_then(schema_name).map(str::to_owned);
            let Some(name) = name.filter(|it| self.requested.contains(it)) else { return };
            let schema = resolved(self.document, node).clone();
            let has_type = is_struct(&schema)
                || schema.get("enum").is_some()
                || text(&schema, "type") == Some("array")
                || schema.get("additionalProperties").is_some_and(Value::is_object);
            let Some(node) = node.as_object_mut() else { return };
            if !has_type {
                // A text or a number needs no name once it may hold anything.
                node.retain(|key, _| !["$ref", "allOf"].contains(&key.as_str()));
                for (key, value) in fields(&schema) {
                    node.entry(key).or_insert(value.clone());
                }
            } else if let Some(reference) = node.get_mut("$ref") {
                *reference = format!("#{}Response", place_of(&name)).into();
                if !self.copied.contains(&name) {
                    self.copied.push(name);
                }
            }
        });
    }
}
