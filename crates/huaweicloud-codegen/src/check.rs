//! What the client cannot do, or would do otherwise than the document says, is a problem of one line.

use crate::document::{
    Result, fields, is_own_header, json_schema, list, operations, parameters, problem, reference,
    requested, resolved, target, text,
};
use crate::{grammar, names, schema};
use serde_json::Value;
use std::collections::BTreeSet;

/// Checks the whole document, and returns all problems.
pub(crate) fn check(document: &Value) -> Vec<String> {
    let mut found = grammar::check(document);
    if found.is_empty() {
        found.extend(head(document).err());
        let nodes = components(document).map(|(_, node, place)| no_cycle(document, node, &place));
        found.extend(nodes.filter_map(Result::err));
    }
    // The rest relies on keys being what and where they must be, and on references that end.
    if found.is_empty() {
        parts(document, &mut found);
    }
    if found.is_empty() {
        found.extend(names::check(document).err());
        unread_proof(document, "", &proof(document), &mut found);
    }
    found
}

/// The fields of which the client reads whether they prove success.
fn proof(document: &Value) -> Vec<*const Value> {
    let responses = operations(document).flat_map(|(_, _, node, _)| fields(&node["responses"]));
    let good = responses.filter(|(status, _)| status.starts_with('2'));
    let bodies = good.filter_map(|(_, it)| json_schema(resolved(document, it)));
    let data = bodies.map(|body| resolved(document, body));
    let data = data.map(|body| schema::result_of(document, body).unwrap_or(body));
    let properties = data.filter_map(|data| data.get("properties")).flat_map(fields);
    properties.map(|(_, field)| std::ptr::from_ref(field)).collect()
}

/// A mark that the client does not read would promise what is not kept.
fn unread_proof(node: &Value, place: &str, proof: &[*const Value], found: &mut Vec<String>) {
    if node.get("x-proof").is_some_and(Value::is_string)
        && !proof.contains(&std::ptr::from_ref(node))
    {
        let place = format!("{place}/x-proof");
        let wrong =
            "this proves nothing, because it is no field of a success response or of its result";
        found.extend(problem::<()>(&place, wrong, "mark such a field").err());
    }
    for (name, part) in fields(node) {
        unread_proof(part, &format!("{place}/{name}"), proof, found);
    }
    for (at, part) in node.as_array().into_iter().flatten().enumerate() {
        unread_proof(part, &format!("{place}/{at}"), proof, found);
    }
}

fn head(document: &Value) -> Result<()> {
    if !text(document, "openapi").is_some_and(|version| version.starts_with("3.0.")) {
        let wrong =
            format!("{} is no version of OpenAPI 3.0", grammar::shown(&document["openapi"]));
        return problem("/openapi", wrong, "3.0.3");
    }
    if !text(&document["info"], "version")
        .is_some_and(|it| it.bytes().all(|it| (32..127).contains(&it)))
    {
        return problem("/info/version", "it is no printable ASCII", "for example a date");
    }
    Ok(())
}

/// Every named part: its section, the part itself, and its place.
fn components(document: &Value) -> impl Iterator<Item = (&str, &Value, String)> {
    document.get("components").into_iter().flat_map(fields).flat_map(|(section, parts)| {
        let place = move |name| format!("/components/{section}/{name}");
        fields(parts).map(move |(name, node)| (section.as_str(), node, place(name)))
    })
}

fn parts(document: &Value, found: &mut Vec<String>) {
    let requested = requested(document);
    for (section, node, place) in components(document) {
        let in_request = requested.contains(&format!("#{place}"));
        let outcome = match section {
            "schemas" => schema::check(document, node, &place, in_request),
            "responses" => content(document, node, &place),
            _ => Ok(()),
        };
        found.extend(outcome.err());
    }
    for (path, item) in fields(&document["paths"]).filter(|(path, _)| !path.starts_with("x-")) {
        let place = format!("/paths/{path}");
        if let Err(problem) = path_template(path) {
            found.push(problem);
            continue;
        }
        if !fields(item).any(|(key, _)| crate::document::METHODS.contains(&key.as_str())) {
            let none = problem::<()>(&place, "it has no operation", "add one, such as get");
            found.extend(none.err());
        }
        found.extend(wrong_parameters(document, path, item, &place));
    }
    let all = operations(document).filter(|(path, ..)| path_template(path).is_ok());
    for (path, method, node, place) in all {
        found.extend(wrong_parameters(document, path, node, &place));
        if let Some(body) = node.get("requestBody") {
            let place = format!("{place}/requestBody");
            found.extend(self::body(document, resolved(document, body), &place).err());
        }
        found.extend(operation(document, path, method, node, &place).err());
    }
}

/// A reference that leads back to itself never says anything.
fn no_cycle(document: &Value, node: &Value, place: &str) -> Result<()> {
    let mut seen = BTreeSet::new();
    let mut next = reference(node);
    while let Some(name) = next {
        if !seen.insert(name) {
            return problem(place, "it refers to itself and to nothing else", "a type of its own");
        }
        next = target(document, name).and_then(reference);
    }
    Ok(())
}

fn path_template(path: &str) -> Result<()> {
    let place = format!("/paths/{path}");
    if !path.starts_with('/') {
        return problem(&place, "a path begins with a slash", format!("/{path}"));
    }
    let wrong = path.chars().find(|it| !it.is_ascii_graphic() || "?#\"<>`\\^|%".contains(*it));
    if let Some(wrong) = wrong {
        return problem(&place, format!("{wrong:?} cannot stand in a path"), "a path without it");
    }
    if path.contains("//") || (path.len() > 1 && path.ends_with('/')) {
        return problem(&place, "a segment of the path is empty", "a path without double slashes");
    }
    let mut seen = BTreeSet::new();
    for (at, part) in path.split('{').enumerate() {
        let braces = if at == 0 { part.contains('}') } else { part.matches('}').count() != 1 };
        let name = part.split('}').next().unwrap_or_default();
        if braces || (at > 0 && (name.is_empty() || name.contains('/'))) {
            return problem(&place, "its braces do not match", "{name} for a parameter");
        }
        if at > 0 && !seen.insert(name) {
            return problem(&place, format!("{{{name}}} stands twice"), "two names");
        }
    }
    Ok(())
}

fn operation(document: &Value, path: &str, method: &str, node: &Value, place: &str) -> Result<()> {
    if matches!(method, "options" | "trace") {
        return problem(place, format!("the client cannot send {method}"), "another method");
    }
    if let Some((key, _)) = fields(node).find(|(key, _)| key.starts_with("x-dropshot")) {
        return problem(
            &format!("{place}/{key}"),
            "it is an extension of another service",
            "remove it",
        );
    }
    if let Some(effect) = text(node, "x-effect") {
        let place = format!("{place}/x-effect");
        if matches!(method, "get" | "head") {
            return problem(&place, "reading has no effect", "remove it");
        }
        if effect.trim().is_empty() || effect.contains(char::is_control) {
            let instead = "what the call may have done, on one line";
            return problem(&place, "it is not one line of text", instead);
        }
    }
    for name in path.split('{').skip(1).filter_map(|part| part.split('}').next()) {
        let is_it = |it: &Value| text(it, "in") == Some("path") && text(it, "name") == Some(name);
        if !parameters(document, path, node).any(is_it) {
            return problem(
                &format!("{place}/parameters"),
                format!("there is no parameter {name}, which is in the path"),
                format!("add {{name: {name}, in: path, required: true, schema: …}}"),
            );
        }
    }
    responses(document, &node["responses"], method, &format!("{place}/responses"))
}

fn wrong_parameters(
    document: &Value,
    path: &str,
    holder: &Value,
    place: &str,
) -> impl Iterator<Item = String> {
    list(holder, "parameters").iter().enumerate().filter_map(move |(at, node)| {
        parameter(document, path, node, &format!("{place}/parameters/{at}")).err()
    })
}

fn parameter(document: &Value, path: &str, node: &Value, place: &str) -> Result<()> {
    let node = resolved(document, node);
    let name = text(node, "name").unwrap_or_default();
    let place = &format!("{place} ({name})");
    let is = |key: &str, value: Value| node.get(key).is_some_and(|given| *given != value);
    match text(node, "in") {
        Some("path") => {
            if node["required"] != true {
                return problem(place, "a path parameter is always there", "required: true");
            }
            if !path.contains(&format!("{{{name}}}")) {
                let wrong = format!("the path has no {{{name}}}");
                return problem(place, wrong, "in: query, or the parameter in the path");
            }
            if is("style", "simple".into()) {
                return problem(place, "the client has one style for the path", "style: simple");
            }
        }
        Some("query") => {
            if is("style", "form".into()) {
                return problem(place, "the client has one style for the query", "style: form");
            }
            if is("explode", true.into()) {
                return problem(
                    place,
                    "the client sends a list's name with each element",
                    "explode: true",
                );
            }
        }
        Some("header") if is_own_header(node) => return Ok(()),
        Some("header") => {
            return problem(
                place,
                "the client sends headers of its own only",
                "in: query or in: path, or remove it",
            );
        }
        _ => {
            let wrong = format!("a parameter cannot be in {}", grammar::shown(&node["in"]));
            return problem(place, wrong, "in: path or in: query");
        }
    }
    let Some(schema) = node.get("schema").filter(|_| node.get("content").is_none()) else {
        return problem(place, "it needs a schema, and no content", "schema: {type: string}");
    };
    let place = &format!("{place}/schema");
    schema::check(document, schema, place, true)?;
    let resolved_schema = resolved(document, schema);
    let kind = text(resolved_schema, "type");
    let is_scalar = |kind| matches!(kind, Some("string" | "integer" | "number" | "boolean"));
    let items = resolved(document, &resolved_schema["items"]);
    let is_list = kind == Some("array") && text(node, "in") == Some("query");
    if !(is_scalar(kind) || is_list && is_scalar(text(items, "type"))) {
        return problem(
            place,
            "the type is no text, number or boolean",
            "a type that can stand in a URL; in a query also an array of it",
        );
    }
    if [schema, resolved_schema, items].iter().any(|it| it["nullable"] == true) {
        return problem(place, "a URL holds no null", "required: false, without nullable");
    }
    Ok(())
}

fn body(document: &Value, node: &Value, place: &str) -> Result<()> {
    if node["required"] != true {
        return problem(place, "the client always sends a body", "required: true");
    }
    let content: Vec<_> = fields(&node["content"]).collect();
    let [(kind, media)] = content[..] else {
        return problem(
            &format!("{place}/content"),
            "there is not exactly one",
            "one content type",
        );
    };
    let place = format!("{place}/content/{kind}");
    let Some(schema) = media.get("schema") else {
        return problem(&place, "there is no schema", "schema: {type: object}");
    };
    schema::check(document, schema, &format!("{place}/schema"), true)?;
    let schema = resolved(document, schema);
    let fits = match kind.split(';').next() {
        Some("application/json") => true,
        Some("application/x-www-form-urlencoded") => schema["type"] == "object",
        Some("application/octet-stream") => {
            schema["type"] == "string" && schema["format"] == "binary"
        }
        Some("text/plain") => {
            let keys = ["type", "description", "title", "example"];
            schema["type"] == "string"
                && fields(schema).all(|(key, _)| keys.contains(&key.as_str()))
        }
        _ => {
            let instead = "application/json, application/x-www-form-urlencoded, \
                           application/octet-stream or text/plain; else leave the operation out";
            return problem(&place, "the client cannot send it", instead);
        }
    };
    if !fits {
        let instead =
            "an object for a form, string with format binary for bytes, a plain string for text";
        return problem(&format!("{place}/schema"), "the type does not fit the content", instead);
    }
    if media.get("encoding").is_some() {
        return problem(&format!("{place}/encoding"), "the client encodes in one way", "remove it");
    }
    Ok(())
}

/// The statuses that have a name of their own in HTTP, which the mocks use.
const NAMED: &str = "200 201 202 203 204 205 206 207 208 226 300 301 302 303 304 305 307 308 400 401 \
    402 403 404 405 406 407 408 409 410 411 412 413 414 415 416 417 418 421 422 423 424 425 426 428 \
    429 431 451 500 501 502 503 504 505 506 507 508 510 511";

fn responses(document: &Value, node: &Value, method: &str, place: &str) -> Result<()> {
    let mut success = None;
    for (status, response) in fields(node).filter(|(status, _)| !status.starts_with("x-")) {
        let place = format!("{place}/{status}");
        let is_range = ["2XX", "3XX", "4XX", "5XX"].contains(&status.as_str());
        if !is_range && !NAMED.split(' ').any(|it| it == status) {
            let instead = "a status of HTTP from \"200\", or 2XX, 4XX or 5XX";
            return problem(&place, "it is no status of a response", instead);
        }
        let response = resolved(document, response);
        content(document, response, &place)?;
        if !status.starts_with('2') {
            continue;
        }
        let schema = json_schema(response);
        let other = fields(&response["content"]).find_map(|(kind, media)| {
            let of_type = resolved(document, media.get("schema")?).get("type")?;
            (schema.is_none() && of_type != "string").then_some(kind)
        });
        if let Some(kind) = other {
            return problem(
                &format!("{place}/content/{kind}/schema"),
                "the client reads types from JSON only",
                "the content type application/json, or string with format binary for bytes",
            );
        }
        let is_empty = fields(response.get("content").unwrap_or(&Value::Null)).next().is_none();
        let kind = match schema {
            Some(schema) => schema.to_string(),
            None if is_empty => "nothing".to_owned(),
            None => "stream".to_owned(),
        };
        if method == "head" && kind != "nothing" {
            return problem(
                &place,
                "a response to HEAD has no content",
                "a response without content",
            );
        }
        if success.replace(kind.clone()).is_some_and(|other| other != kind) {
            return problem(
                &place,
                "the success responses are of more than one type",
                "the same content for each success response",
            );
        }
    }
    match success {
        Some(_) => Ok(()),
        None => problem(place, "there is no success response", "add \"200\""),
    }
}

fn content(document: &Value, response: &Value, place: &str) -> Result<()> {
    for (kind, media) in response.get("content").into_iter().flat_map(fields) {
        let place = format!("{place}/content/{kind}");
        match media.get("schema") {
            Some(schema) => {
                let place = format!("{place}/schema");
                schema::check(document, schema, &place, false)?;
            }
            None if kind.starts_with("application/json") => {
                return problem(&place, "there is no schema", "schema: {}, for any value");
            }
            None => {}
        }
        if media.get("encoding").is_some() {
            return problem(
                &format!("{place}/encoding"),
                "it counts for nothing here",
                "remove it",
            );
        }
    }
    Ok(())
}
