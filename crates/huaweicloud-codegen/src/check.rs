//! The checks of a document. A problem is a part of the document that the client does not support, or that
//! contradicts another part. It is one line.

mod grammar;
mod operation;
mod schema;

use crate::document::{
    Result, body_and_result, ensure, fields, operations, problem, reference, requested, successes,
    target, text, visit,
};
use crate::names;
use serde_json::Value;
use std::collections::BTreeSet;

/// Checks the whole document, and returns all problems. Each stage relies on those before it.
pub(crate) fn check(document: &Value) -> Vec<String> {
    let stages = [grammar::check, head_and_references, parts, names_and_proofs];
    stages.iter().map(|stage| stage(document)).find(|found| !found.is_empty()).unwrap_or_default()
}

fn head_and_references(document: &Value) -> Vec<String> {
    let version = text(&document["info"], "version").unwrap_or_default();
    let is_printable = version.bytes().all(|it| (32..127).contains(&it));
    let wrong = "it is no printable ASCII";
    let head = ensure(is_printable, "/info/version", wrong, "for example a date");
    let all = components(document).map(|(_, node, place)| no_cycle(document, node, &place));
    std::iter::once(head).chain(all).filter_map(Result::err).collect()
}

/// A chain of references must end at a part that is no reference.
fn no_cycle(document: &Value, node: &Value, place: &str) -> Result<()> {
    let mut seen = BTreeSet::new();
    let mut next = reference(node);
    while let Some(name) = next {
        let wrong = "it refers to itself and to nothing else";
        ensure(seen.insert(name), place, wrong, "a type of its own")?;
        next = target(document, name).and_then(reference);
    }
    Ok(())
}

/// Every named part: its section, its name, the part itself, and its place.
fn components(document: &Value) -> impl Iterator<Item = ((&str, &str), &Value, String)> {
    fields(&document["components"]).flat_map(|(section, parts)| {
        fields(parts).map(move |(name, node)| {
            let place = format!("/components/{section}/{name}");
            ((section.as_str(), name.as_str()), node, place)
        })
    })
}

fn parts(document: &Value) -> Vec<String> {
    let requested = requested(document);
    let named = components(document).filter_map(|((section, name), node, place)| match section {
        "schemas" => schema::check(node, &place, requested.contains(name)).err(),
        "responses" => operation::content(node, &place).err(),
        _ => None,
    });
    named.chain(operation::check(document)).collect()
}

fn names_and_proofs(document: &Value) -> Vec<String> {
    let proofs = proofs(document);
    let mut found = names::check(document);
    visit(document, "", &mut |node, place| {
        // A mark that the client does not read would promise what is not kept.
        if text(node, "x-proof").is_some() && !proofs.contains(&std::ptr::from_ref(node)) {
            let wrong = "this proves nothing, because it is no field of a success response \
                         or of its result";
            let unread = problem::<()>(format!("{place}/x-proof"), wrong, "mark such a field");
            found.extend(unread.err());
        }
    });
    found
}

/// The operations whose good response proves nothing: a line for each, with what to do.
pub(crate) fn warnings(document: &Value) -> Vec<String> {
    let proves_nothing = |node: &Value| {
        let good = successes(document, node).next();
        good.and_then(|it| body_and_result(document, it)).is_some_and(|(body, result)| {
            let outcome =
                body.pointer("/properties/success").or(body.pointer("/properties/status"));
            let data = result.unwrap_or(body);
            let is_typed = text(data, "type").is_some_and(|it| it != "object");
            outcome.is_none() && !is_typed && data.get("properties").is_none()
        })
    };
    let silent = operations(document).filter(|(_, _, node, _)| proves_nothing(node));
    let warning = |place| {
        let what = "a good response proves nothing, so that any JSON object is taken for one";
        format!("{place}: {what}: document its fields, and mark one with x-proof")
    };
    silent.map(|(_, _, _, place)| warning(place)).collect()
}

/// The fields of which the client reads whether they prove success.
fn proofs(document: &Value) -> BTreeSet<*const Value> {
    let good = operations(document).flat_map(|(_, _, node, _)| successes(document, node));
    let bodies = good.filter_map(|it| body_and_result(document, it));
    let data = bodies.map(|(body, result)| result.unwrap_or(body));
    data.flat_map(|it| fields(&it["properties"])).map(|it| std::ptr::from_ref(it.1)).collect()
}
