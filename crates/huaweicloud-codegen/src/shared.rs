//! Copies of the schemas that both requests and responses have, because a request is strict and a
//! response is open.

use crate::document::{
    METHODS, Result, problem, requested, resolved, schemas, schemas_mut, target, text,
};
use crate::lift::Places;
use crate::schema::is_struct;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Gives the responses schemas of their own. Returns where the copied ones stand in the document.
pub(crate) fn split(document: &mut Value) -> Result<Places> {
    let original = document.clone();
    let mut shared = Shared {
        requested: requested(&original),
        document: &original,
        copied: BTreeSet::new(),
        open: Vec::new(),
    };
    for (_, item) in document["paths"].as_object_mut().into_iter().flatten() {
        for method in METHODS {
            if let Some(responses) = item.get_mut(method).and_then(|it| it.get_mut("responses")) {
                shared.separate(responses);
            }
        }
    }
    if let Some(responses) = document.pointer_mut("/components/responses") {
        shared.separate(responses);
    }
    let mut all: BTreeMap<_, _> =
        schemas(document).map(|(name, it)| (name.clone(), it.clone())).collect();
    for (name, schema) in &mut all {
        if !shared.requested.contains(&format!("#/components/schemas/{name}")) {
            shared.separate(schema);
        }
    }
    while let Some(name) = shared.open.pop() {
        let reference = format!("#/components/schemas/{name}");
        let mut copy = target(&original, &reference).cloned().unwrap_or_default();
        shared.separate(&mut copy);
        if all.insert(format!("{name}Response"), copy).is_some() {
            return problem(
                &format!("/components/schemas/{name}Response"),
                format!(
                    "{name} is of requests and of responses, and its copy for these needs the name"
                ),
                "another name for this one",
            );
        }
    }
    if let Some(schemas) = schemas_mut(document) {
        schemas.extend(all);
    }
    let copied = shared.copied.iter();
    Ok(copied
        .map(|name| (format!("{name}Response"), format!("/components/schemas/{name}")))
        .collect())
}

struct Shared<'a> {
    document: &'a Value,
    requested: BTreeSet<String>,
    copied: BTreeSet<String>,
    open: Vec<String>,
}

impl Shared<'_> {
    fn separate(&mut self, node: &mut Value) {
        let reference = text(node, "$ref").filter(|it| self.requested.contains(*it));
        if let Some(name) = reference.and_then(|it| it.strip_prefix("#/components/schemas/")) {
            let name = name.to_owned();
            let schema = resolved(self.document, node);
            // A text or a number needs no name once it may hold anything.
            if is_struct(schema) || schema.get("enum").is_some() || schema["type"] == "array" {
                node["$ref"] = format!("#/components/schemas/{name}Response").into();
                if self.copied.insert(name.clone()) {
                    self.open.push(name);
                }
            } else {
                *node = schema.clone();
            }
            return;
        }
        match node {
            Value::Object(map) => {
                map.values_mut().for_each(|node| self.separate(node));
                // What was put in the place of a reference stands there itself.
                if let Some([only]) = map.get("allOf").and_then(Value::as_array).map(Vec::as_slice)
                    && only.get("$ref").is_none()
                    && let Some(schema) = only.as_object().cloned()
                {
                    map.remove("allOf");
                    for (key, value) in schema {
                        map.entry(key).or_insert(value);
                    }
                }
            }
            Value::Array(list) => list.iter_mut().for_each(|node| self.separate(node)),
            _ => {}
        }
    }
}
