//! A document of the user's own holds the shipped operations as they are, because code that is written
//! by hand calls them.

use super::document::{Result, problem, references, target};
use serde_json::Value;
use std::collections::BTreeSet;

/// What says nothing to the client.
const WORDS: [&str; 7] =
    ["description", "summary", "example", "examples", "tags", "externalDocs", "x-enumDescriptions"];

/// Compares the shipped operations, and all that they refer to, with a document.
pub(crate) fn check(document: &Value, shipped: &Value) -> Result<()> {
    let mut open = Vec::new();
    for (path, item) in super::document::fields(&shipped["paths"]) {
        for (key, part) in super::document::fields(item) {
            let place = format!("/paths/{path}/{key}");
            let given = document["paths"].get(path).and_then(|it| it.get(key));
            same(given, part, &place)?;
            references(part, &mut open);
        }
    }
    let mut seen = BTreeSet::new();
    while let Some(reference) = open.pop() {
        if let Some(part) = target(shipped, reference).filter(|_| seen.insert(reference)) {
            same(target(document, reference), part, reference.trim_start_matches('#'))?;
            references(part, &mut open);
        }
    }
    Ok(())
}

fn same(given: Option<&Value>, shipped: &Value, place: &str) -> Result<()> {
    let instead = "copy it from the openapi.yaml of codearts-build";
    match given {
        None => problem(place, "the shipped document has it, this one has not", instead),
        Some(given) if without_words(given) != without_words(shipped) => {
            problem(place, "it differs from the shipped document", instead)
        }
        Some(_) => Ok(()),
    }
}

fn without_words(node: &Value) -> Value {
    match node {
        Value::Object(map) => {
            let kept = map.iter().filter(|(key, it)| {
                // A field may be called like that; then it is a schema.
                !WORDS.contains(&key.as_str())
                    || it.get("type").is_some()
                    || it.get("allOf").is_some()
            });
            kept.map(|(key, it)| (key.clone(), without_words(it))).collect()
        }
        Value::Array(list) => list.iter().map(without_words).collect(),
        scalar => scalar.clone(),
    }
}
