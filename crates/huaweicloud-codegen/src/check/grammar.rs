//! The keys that OpenAPI 3.0 has, node by node. A misspelled key is an error here, because other tools ignore
//! it.

use crate::document::{Result, ensure, fields, problem, target, text};
use serde_json::Value;

/// Each kind of node and its keys, as `key:kind`; with `!`, the key must be there. The kind of a key is
/// another node, or one of `text`, `flag`, `number`, `count`, `any`. `[kind]` is a list, `{kind}` a map, and
/// for `$kind` there may be a reference.
const NODES: [&str; 12] = [
    "document openapi:text! info:info! servers:[server] paths:{path}! components:components \
    security:[any] tags:[tag] externalDocs:any",
    "info title:text! version:text! description:text termsOfService:text contact:any license:any",
    "server url:text! description:text variables:any",
    "tag name:text! description:text externalDocs:any",
    "path summary:text description:text servers:any parameters:[$parameter] get:operation put:operation \
    post:operation delete:operation options:operation head:operation patch:operation trace:operation",
    "operation operationId:text! responses:{$response}! tags:[text] summary:text description:text \
    externalDocs:any parameters:[$parameter] requestBody:$body callbacks:any deprecated:flag \
    security:any servers:any x-effect:text x-idempotent:flag x-empty-response:text",
    "parameter name:text! in:text! description:text required:flag deprecated:flag allowEmptyValue:flag \
    style:text explode:flag allowReserved:flag schema:$schema example:any examples:any content:any",
    "body content:{media}! description:text required:flag",
    "response description:text! headers:any content:{media} links:any",
    "media schema:$schema example:any examples:any encoding:any",
    "components schemas:{$schema} responses:{$response} parameters:{$parameter} examples:any \
    requestBodies:{$body} headers:any securitySchemes:any links:any callbacks:any",
    "schema type:text title:text description:text format:text enum:[any] pattern:text minLength:count \
    maxLength:count minimum:number maximum:number exclusiveMinimum:flag exclusiveMaximum:flag \
    multipleOf:number items:$schema minItems:count maxItems:count uniqueItems:flag properties:{$schema} \
    required:[text] additionalProperties:additional minProperties:count maxProperties:count \
    allOf:[$schema] oneOf:[$schema] anyOf:[$schema] not:$schema nullable:flag default:any example:any \
    deprecated:flag readOnly:flag writeOnly:flag discriminator:any xml:any externalDocs:any x-proof:text \
    x-rule:text x-extensible-enum:[text] x-enumDescriptions:{text}",
];

/// Checks every node of the document, and returns all problems.
pub(super) fn check(document: &Value) -> Vec<String> {
    let mut walk = Walk { document, found: Vec::new() };
    walk.value(document, "document", "");
    walk.found
}

struct Walk<'a> {
    document: &'a Value,
    found: Vec<String>,
}

impl Walk<'_> {
    fn note(&mut self, outcome: Result<()>) {
        self.found.extend(outcome.err());
    }

    /// Checks a value of any kind.
    fn value(&mut self, value: &Value, kind: &str, place: &str) {
        let kind = match kind {
            "additional" if value.is_boolean() => "flag",
            "additional" => "$schema",
            kind => kind,
        };
        let name = kind.trim_start_matches('$');
        if name != kind && value.get("$ref").is_some() {
            return self.note(reference(self.document, value, name, place));
        }
        let no_node = format!("is no {name}");
        let (fits, wrong, instead) = match name {
            "any" => return,
            "text" => {
                let instead = "a text, in quotes if it looks like something else";
                (value.is_string(), "does not fit", instead)
            }
            "flag" => (value.is_boolean(), "does not fit", "true or false"),
            "number" => (value.is_number(), "does not fit", "a number"),
            "count" => (value.is_u64(), "does not fit", "a whole number, 0 or more"),
            _ if name.starts_with('[') => (value.is_array(), "is no list", "a list"),
            _ if name.starts_with('{') => (value.is_object(), "is no map", "a map of names"),
            _ => (value.is_object(), &*no_node, "a map of its keys"),
        };
        if !fits {
            return self.note(problem(place, format!("{} {wrong}", shown(value)), instead));
        }
        match name.trim_start_matches(['[', '{']).trim_end_matches([']', '}']) {
            part if part == name => self.node(value, name, place),
            part => self.parts(value, part, place),
        }
    }

    /// Checks the values of a list or of a map, which are all of one kind.
    fn parts(&mut self, value: &Value, kind: &str, place: &str) {
        for (at, item) in value.as_array().into_iter().flatten().enumerate() {
            self.value(item, kind, &format!("{place}/{at}"));
        }
        for (key, part) in fields(value) {
            // A path and a status cannot begin with `x-`; a property can.
            match key.starts_with("x-") && matches!(kind, "path" | "$response") {
                true => self.found.extend(misspelled(key, "map of names", place)),
                false => self.value(part, kind, &format!("{place}/{key}")),
            }
        }
    }

    /// Checks a map whose keys are those of `NODES`. A scalar has none.
    fn node(&mut self, value: &Value, kind: &str, place: &str) {
        let misspelled = fields(value).filter_map(|(key, _)| misspelled(key, kind, place));
        let misspelled: Vec<_> = misspelled.collect();
        // What such a key means is missing elsewhere.
        if !misspelled.is_empty() {
            return self.found.extend(misspelled);
        }
        for (name, kind) in keys(kind) {
            if let Some(part) = value.get(name) {
                self.value(part, kind.trim_end_matches('!'), &format!("{place}/{name}"));
            }
        }
        let is_missing =
            |(name, kind): &(&str, &str)| kind.ends_with('!') && value.get(name).is_none();
        if let Some((name, _)) = keys(kind).find(is_missing) {
            let wrong = format!("there is no {name}");
            self.note(problem(place, wrong, format!("add {name}")));
        }
    }
}

/// The keys of a kind of node, each with its own kind.
fn keys(kind: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let of_kind = NODES.iter().filter_map(move |node| node.strip_prefix(kind)?.strip_prefix(' '));
    of_kind.flat_map(|keys| keys.split(' ')).filter_map(|key| key.split_once(':'))
}

/// The problem of a key that a node does not have. An extension of others is none, unless it is nearly one
/// of ours.
fn misspelled(key: &str, kind: &str, place: &str) -> Option<String> {
    if keys(kind).any(|(name, _)| name == key) || THEIRS.contains(&key) {
        return None;
    }
    let is_extension = key.starts_with("x-");
    let kinds = NODES.iter().filter_map(|node| node.split(' ').next());
    let kinds = kinds.filter(|it| is_extension || *it == kind);
    let all = kinds.flat_map(|kind| keys(kind).map(move |(name, _)| (kind, name)));
    let all: Vec<_> = all.filter(|(_, name)| !is_extension || name.starts_with("x-")).collect();
    let distance = |name: &str| strsim::damerau_levenshtein(name, key);
    let near = |name: &str| if is_extension && name.len() < 10 { 1 } else { 2 };
    let similar = all.iter().filter(|(_, name)| distance(name) <= near(name));
    let instead = match similar.min_by_key(|(_, name)| distance(name)) {
        Some((of, name)) if *of == kind => name.to_string(),
        Some((of, name)) => format!("{name}, of {}", with_article(of)),
        None if is_extension => return None,
        None => format!("one of {}", all.iter().map(|it| it.1).collect::<Vec<_>>().join(", ")),
    };
    let wrong = format!("no key of {}", with_article(kind));
    problem::<()>(format!("{place}/{key}"), wrong, instead).err()
}

/// Extensions of other tools that are nearly ours.
const THEIRS: [&str; 1] = ["x-enum-descriptions"];

fn with_article(kind: &str) -> String {
    let article = if kind.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" };
    format!("{article} {kind}")
}

/// A reference stands alone, and names an existing part of its kind.
fn reference(document: &Value, value: &Value, kind: &str, place: &str) -> Result<()> {
    let section = if kind == "body" { "requestBodies".to_owned() } else { format!("{kind}s") };
    let form = format!("#/components/{section}/NAME");
    let Some(reference) = text(value, "$ref") else {
        return problem(place, "$ref is no text", form);
    };
    let name = reference.strip_prefix(form.trim_end_matches("NAME"));
    let is_name = name.is_some_and(|name| !name.contains('/'));
    ensure(is_name, place, format!("{reference} names no {kind} of this document"), form)?;
    let is_there = target(document, reference).is_some();
    let wrong = format!("there is no {reference}");
    ensure(is_there, place, wrong, "the name of one that there is")?;
    let beside = fields(value).find(|(key, _)| *key != "$ref");
    beside.map_or(Ok(()), |(key, _)| {
        let wrong = format!("{key} beside $ref counts for nothing");
        problem(place, wrong, "put the $ref into allOf")
    })
}

/// A value of the document as a problem shows it.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Object(_) => "a map".into(),
        Value::Array(_) => "a list".into(),
        scalar => format!("`{scalar}`"),
    }
}
