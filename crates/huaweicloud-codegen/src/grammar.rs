//! What OpenAPI 3.0 has where: a key that it does not have is a mistake, which every other tool would
//! pass over in silence.

use crate::document::{Result, problem, target};
use serde_json::Value;
use std::cell::RefCell;

/// The keys of each node, as `key:kind`; one with `!` must be there. A kind is another node, or one of
/// `text`, `flag`, `number`, `count`, `any`. `[kind]` is a list, `{kind}` a map, and for `$kind` there may
/// be a reference.
const NODES: [(&str, &str); 12] = [
    (
        "document",
        "openapi!:text info!:info servers:[server] paths!:{path} components:components \
        security:[any] tags:[tag] externalDocs:any",
    ),
    (
        "info",
        "title!:text version!:text description:text termsOfService:text contact:any license:any",
    ),
    ("server", "url!:text description:text variables:any"),
    ("tag", "name!:text description:text externalDocs:any"),
    (
        "path",
        "summary:text description:text servers:any parameters:[$parameter] get:operation \
        put:operation post:operation delete:operation options:operation head:operation \
        patch:operation trace:operation",
    ),
    (
        "operation",
        "operationId!:text responses!:{$response} tags:[text] summary:text \
        description:text externalDocs:any parameters:[$parameter] requestBody:$body callbacks:any \
        deprecated:flag security:any servers:any x-effect:text x-idempotent:flag",
    ),
    (
        "parameter",
        "name!:text in!:text description:text required:flag deprecated:flag \
        allowEmptyValue:flag style:text explode:flag allowReserved:flag schema:$schema example:any \
        examples:any content:any",
    ),
    ("body", "content!:{media} description:text required:flag"),
    ("response", "description!:text headers:any content:{media} links:any"),
    ("media", "schema:$schema example:any examples:any encoding:any"),
    (
        "components",
        "schemas:{$schema} responses:{$response} parameters:{$parameter} examples:any \
        requestBodies:{$body} headers:any securitySchemes:any links:any callbacks:any",
    ),
    (
        "schema",
        "type:text title:text description:text format:text enum:[any] pattern:text \
        minLength:count maxLength:count minimum:number maximum:number exclusiveMinimum:flag \
        exclusiveMaximum:flag multipleOf:number items:$schema minItems:count maxItems:count \
        uniqueItems:flag properties:{$schema} required:[text] additionalProperties:additional \
        minProperties:count maxProperties:count allOf:[$schema] oneOf:[$schema] anyOf:[$schema] \
        not:$schema nullable:flag default:any example:any deprecated:flag readOnly:flag \
        writeOnly:flag discriminator:any xml:any externalDocs:any x-proof:text x-rule:text \
        x-extensible-enum:[text] x-enumDescriptions:{text}",
    ),
];

/// Checks every node of the document, and returns all problems.
pub(crate) fn check(document: &Value) -> Vec<String> {
    let walk = Walk { document, found: RefCell::default() };
    walk.note(walk.node(document, "document", ""));
    walk.found.into_inner()
}

struct Walk<'a> {
    document: &'a Value,
    found: RefCell<Vec<String>>,
}

impl Walk<'_> {
    fn note(&self, outcome: Result<()>) {
        self.found.borrow_mut().extend(outcome.err());
    }

    fn value(&self, value: &Value, kind: &str, place: &str) -> Result<()> {
        if let Some(kind) = kind.strip_prefix('[') {
            let Some(list) = value.as_array() else {
                return problem(place, format!("{} is no list", shown(value)), "a list");
            };
            let kind = kind.trim_end_matches(']');
            for (at, item) in list.iter().enumerate() {
                self.note(self.value(item, kind, &format!("{place}/{at}")));
            }
            return Ok(());
        }
        if let Some(kind) = kind.strip_prefix('{') {
            let Some(map) = value.as_object() else {
                return problem(place, format!("{} is no map", shown(value)), "a map of names");
            };
            let kind = kind.trim_end_matches('}');
            // A path and a status cannot begin like that; a property can.
            let extends = |key: &str| matches!(kind, "path" | "$response") && key.starts_with("x-");
            for (key, part) in map.iter().filter(|(key, _)| !extends(key)) {
                self.note(self.value(part, kind, &format!("{place}/{key}")));
            }
            return Ok(());
        }
        let fits = match kind {
            "any" => true,
            "text" => value.is_string(),
            "flag" => value.is_boolean(),
            "number" => value.is_number(),
            "count" => value.is_u64(),
            "additional" if value.is_boolean() => true,
            "additional" => return self.value(value, "$schema", place),
            _ => match kind.strip_prefix('$') {
                Some(kind) if value.get("$ref").is_some() => {
                    return self.reference(value, kind, place);
                }
                kind_or_none => return self.node(value, kind_or_none.unwrap_or(kind), place),
            },
        };
        let instead = match kind {
            "text" => "a text, in quotes if it looks like something else",
            "flag" => "true or false",
            "number" => "a number",
            _ => "a whole number, 0 or more",
        };
        if fits {
            Ok(())
        } else {
            problem(place, format!("{} does not fit", shown(value)), instead)
        }
    }

    fn node(&self, value: &Value, kind: &str, place: &str) -> Result<()> {
        let Some(map) = value.as_object() else {
            return problem(place, format!("{} is no {kind}", shown(value)), "a map of its keys");
        };
        let keys = NODES.iter().find(|(name, _)| *name == kind).map_or("", |(_, keys)| keys);
        let keys: Vec<_> = keys.split_whitespace().filter_map(|key| key.split_once(':')).collect();
        let names = || keys.iter().map(|(name, _)| name.trim_end_matches('!'));
        let kind_of = |key: &str| {
            keys.iter().find(|(name, _)| name.trim_end_matches('!') == key).map(|(_, kind)| *kind)
        };
        let mut is_misspelled = false;
        for key in map.keys().filter(|key| kind_of(key).is_none()) {
            let similar = names().min_by_key(|name| strsim::damerau_levenshtein(name, key));
            let similar = similar.filter(|name| strsim::damerau_levenshtein(name, key) <= 2);
            let all = NODES.iter().flat_map(|(_, keys)| keys.split([' ', ':']));
            let is_ours = all.clone().any(|it| it == key);
            if key.starts_with("x-") && similar.is_none() && !is_ours {
                continue;
            }
            let wrong = format!(
                "no key of {} {kind}",
                if kind.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" }
            );
            let instead = match similar {
                Some(similar) => similar.to_owned(),
                None => format!("one of {}", names().collect::<Vec<_>>().join(", ")),
            };
            self.note(problem(&format!("{place}/{key}"), wrong, instead));
            is_misspelled = true;
        }
        // What such a key means is missing elsewhere.
        if is_misspelled {
            return Ok(());
        }
        for (key, part) in map {
            if let Some(kind) = kind_of(key) {
                self.note(self.value(part, kind, &format!("{place}/{key}")));
            }
        }
        let mut needed = keys.iter().filter_map(|(name, _)| name.strip_suffix('!'));
        let missing = needed.find(|name| !map.contains_key(*name));
        missing
            .map_or(Ok(()), |it| problem(place, format!("there is no {it}"), format!("add {it}")))
    }

    /// A reference says all there is, and names something of its kind.
    fn reference(&self, value: &Value, kind: &str, place: &str) -> Result<()> {
        let section = match kind {
            "body" => "requestBodies".to_owned(),
            kind => format!("{kind}s"),
        };
        let form = format!("#/components/{section}/NAME");
        let Some(reference) = value["$ref"].as_str() else {
            return problem(place, "$ref is no text", form);
        };
        let name = reference.strip_prefix(form.trim_end_matches("NAME"));
        if name.is_none_or(|name| name.contains('/')) {
            return problem(place, format!("{reference} names no {kind} of this document"), form);
        }
        if target(self.document, reference).is_none() {
            let wrong = format!("there is no {reference}");
            return problem(place, wrong, "the name of one that there is");
        }
        match value.as_object().and_then(|map| map.keys().find(|key| *key != "$ref")) {
            Some(key) => problem(
                place,
                format!("{key} beside $ref counts for nothing"),
                "put the $ref into allOf",
            ),
            None => Ok(()),
        }
    }
}

/// A value of the document as a problem shows it.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::Object(_) => "a map".into(),
        Value::Array(_) => "a list".into(),
        scalar => format!("`{scalar}`"),
    }
}
