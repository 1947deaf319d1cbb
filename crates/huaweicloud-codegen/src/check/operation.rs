//! What is wrong with a path and with its operations.

use super::{grammar::shown, schema};
use crate::document::{
    METHODS, Result, ensure, fields, is_own_header, json_schema, list, parameters, problem,
    resolved, text,
};
use regex::Regex;
use serde_json::Value;
use std::collections::BTreeSet;

/// Checks every path and every operation, and returns all problems.
pub(super) fn check(document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for (path, item) in fields(&document["paths"]).filter(|(path, _)| !path.starts_with("x-")) {
        let place = format!("/paths/{path}");
        if let Err(problem) = template(path, &place) {
            found.push(problem);
            continue;
        }
        found.extend(wrong_parameters(document, path, item, &place));
        let methods = METHODS.iter().filter_map(|method| Some((*method, item.get(*method)?)));
        let instead = "add one, such as get";
        let has_operation = methods.clone().next().is_some();
        found.extend(ensure(has_operation, &place, "it has no operation", instead).err());
        for (method, node) in methods {
            let place = format!("{place}/{method}");
            found.extend(wrong_parameters(document, path, node, &place));
            if let Some(body) = node.get("requestBody") {
                let place = format!("{place}/requestBody");
                found.extend(self::body(document, resolved(document, body), &place).err());
            }
            found.extend(operation(document, path, method, node, &place).err());
        }
    }
    found
}

/// The path of an operation, with the names of its parameters in braces.
fn template(path: &str, place: &str) -> Result<()> {
    ensure(path.starts_with('/'), place, "a path begins with a slash", format!("/{path}"))?;
    let wrong = path.chars().find(|it| !it.is_ascii_graphic() || "?#\"<>`\\^|%".contains(*it));
    if let Some(wrong) = wrong {
        return problem(place, format!("{wrong:?} cannot stand in a path"), "a path without it");
    }
    let has_empty = path.contains("//") || (path.len() > 1 && path.ends_with('/'));
    let instead = "a path without double slashes";
    ensure(!has_empty, place, "a segment of the path is empty", instead)?;
    let braces = Regex::new(r"^(?:[^{}]*\{[^{}/]+\})*[^{}]*$");
    let matches = braces.is_ok_and(|it| it.is_match(path));
    ensure(matches, place, "its braces do not match", "{name} for a parameter")?;
    let mut seen = BTreeSet::new();
    names(path).try_for_each(|name| {
        ensure(seen.insert(name), place, format!("{{{name}}} stands twice"), "two names")
    })
}

/// The names of the parameters in a path.
fn names(path: &str) -> impl Iterator<Item = &str> {
    path.split('{').filter_map(|part| Some(part.split_once('}')?.0))
}

fn operation(document: &Value, path: &str, method: &str, node: &Value, place: &str) -> Result<()> {
    let can_send = !matches!(method, "options" | "trace");
    ensure(can_send, place, format!("the client cannot send {method}"), "another method")?;
    if let Some(effect) = text(node, "x-effect") {
        let place = format!("{place}/x-effect");
        ensure(!matches!(method, "get" | "head"), &place, "reading has no effect", "remove it")?;
        let is_line = !effect.trim().is_empty() && !effect.contains(char::is_control);
        let instead = "what the call may have done, on one line";
        ensure(is_line, place, "it is not one line of text", instead)?;
    }
    let is_outcome = text(node, "x-empty-response").is_none_or(|it| it == "success");
    ensure(is_outcome, format!("{place}/x-empty-response"), "it is no outcome", "success")?;
    for name in names(path) {
        let is_it = |it: &Value| text(it, "in") == Some("path") && text(it, "name") == Some(name);
        let wrong = format!("there is no parameter {name}, which is in the path");
        let instead = format!("add {{name: {name}, in: path, required: true, schema: …}}");
        let has_it = parameters(document, path, node).any(|it| is_it(resolved(document, it)));
        ensure(has_it, format!("{place}/parameters"), wrong, instead)?;
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
        let node = resolved(document, node);
        let name = text(node, "name").unwrap_or_default();
        let place = format!("{place}/parameters/{at} ({name})");
        parameter(path, name, node, &place)
            .and_then(|()| parameter_type(document, node, &place))
            .err()
    })
}

/// Where a parameter stands, and how it is written there.
fn parameter(path: &str, name: &str, node: &Value, place: &str) -> Result<()> {
    let (kind, usual) = match text(node, "in") {
        Some("path") => ("path", "simple"),
        Some("query") => ("query", "form"),
        Some("header") => {
            let wrong = "the client sends headers of its own only";
            let instead = "in: query or in: path, or remove it";
            return ensure(is_own_header(node), place, wrong, instead);
        }
        _ => {
            let wrong = format!("a parameter cannot be in {}", shown(&node["in"]));
            return problem(place, wrong, "in: path or in: query");
        }
    };
    if kind == "path" {
        let is_required = node["required"] == true;
        ensure(is_required, place, "a path parameter is always there", "required: true")?;
        let is_in_path = path.contains(&format!("{{{name}}}"));
        let instead = "in: query, or the parameter in the path";
        ensure(is_in_path, place, format!("the path has no {{{name}}}"), instead)?;
    }
    let is_usual = text(node, "style").is_none_or(|style| style == usual);
    let wrong = format!("the client has one style for the {kind}");
    ensure(is_usual, place, wrong, format!("style: {usual}"))?;
    let is_one_text = kind == "query" && node["explode"] == false;
    let wrong = "the client sends a list's name with each element";
    ensure(!is_one_text, place, wrong, "explode: true")
}

fn parameter_type(document: &Value, node: &Value, place: &str) -> Result<()> {
    if is_own_header(node) {
        return Ok(());
    }
    let Some(schema) = node.get("schema").filter(|_| node.get("content").is_none()) else {
        return problem(place, "it needs a schema, and no content", "schema: {type: string}");
    };
    let place = format!("{place}/schema");
    schema::check(schema, &place, true)?;
    let resolved_schema = resolved(document, schema);
    let items = resolved(document, &resolved_schema["items"]);
    let is_list = resolved_schema["type"] == "array" && text(node, "in") == Some("query");
    let element = if is_list { items } else { resolved_schema };
    let is_scalar =
        matches!(text(element, "type"), Some("string" | "integer" | "number" | "boolean"));
    let instead = "a type that can stand in a URL; in a query also an array of it";
    ensure(is_scalar, &place, "the type is no text, number or boolean", instead)?;
    let is_nullable = [schema, resolved_schema, items].iter().any(|it| it["nullable"] == true);
    ensure(!is_nullable, place, "a URL holds no null", "required: false, without nullable")
}

fn body(document: &Value, node: &Value, place: &str) -> Result<()> {
    ensure(node["required"] == true, place, "the client always sends a body", "required: true")?;
    let content: Vec<_> = fields(&node["content"]).collect();
    let [(kind, media)] = content[..] else {
        let place = format!("{place}/content");
        return problem(place, "there is not exactly one", "one content type");
    };
    let place = format!("{place}/content/{kind}");
    let Some(schema) = media.get("schema") else {
        return problem(place, "there is no schema", "schema: {type: object}");
    };
    schema::check(schema, &format!("{place}/schema"), true)?;
    let schema = resolved(document, schema);
    let is_text = schema["type"] == "string";
    let fits = match kind.split(';').next() {
        Some("application/json") => true,
        Some("application/x-www-form-urlencoded") => schema["type"] == "object",
        Some("application/octet-stream") => is_text && schema["format"] == "binary",
        Some("text/plain") => {
            let keys = ["type", "description", "title", "example"];
            is_text && fields(schema).all(|(key, _)| keys.contains(&key.as_str()))
        }
        _ => {
            let instead = "application/json, application/x-www-form-urlencoded, \
                           application/octet-stream or text/plain; else leave the operation out";
            return problem(place, "the client cannot send it", instead);
        }
    };
    let instead =
        "an object for a form, string with format binary for bytes, a plain string for text";
    ensure(fits, format!("{place}/schema"), "the type does not fit the content", instead)?;
    no_encoding(media, &place, "the client encodes in one way")
}

fn no_encoding(media: &Value, place: &str, wrong: &str) -> Result<()> {
    ensure(media.get("encoding").is_none(), format!("{place}/encoding"), wrong, "remove it")
}

/// The statuses that have a name of their own in HTTP, which the mocks use.
const NAMED: &str = "200 201 202 203 204 205 206 207 208 226 300 301 302 303 304 305 307 308 400 401 \
    402 403 404 405 406 407 408 409 410 411 412 413 414 415 416 417 418 421 422 423 424 425 426 428 \
    429 431 451 500 501 502 503 504 505 506 507 508 510 511";

fn responses(document: &Value, node: &Value, method: &str, place: &str) -> Result<()> {
    let mut first = None;
    for (status, response) in fields(node).filter(|(status, _)| !status.starts_with("x-")) {
        let place = format!("{place}/{status}");
        let is_range = ["2XX", "3XX", "4XX", "5XX"].contains(&status.as_str());
        let is_status = is_range || NAMED.split(' ').any(|it| it == status);
        let instead = "a status of HTTP from \"200\", or 2XX, 4XX or 5XX";
        ensure(is_status, &place, "it is no status of a response", instead)?;
        let response = resolved(document, response);
        content(response, &place)?;
        if !status.starts_with('2') {
            continue;
        }
        let success = success(document, response, &place)?;
        let is_fit = method != "head" || success.is_none();
        let instead = "a response without content";
        ensure(is_fit, &place, "a response to HEAD has no content", instead)?;
        let is_same = *first.get_or_insert(success) == success;
        let wrong = "the success responses are of more than one type";
        ensure(is_same, place, wrong, "the same content for each success response")?;
    }
    ensure(first.is_some(), place, "there is no success response", "add \"200\"")
}

/// What the client makes of a success response, if it has content: the type of JSON, or a stream.
type Success<'a> = Option<Option<&'a Value>>;

fn success<'a>(document: &Value, response: &'a Value, place: &str) -> Result<Success<'a>> {
    let json = json_schema(response);
    let content = || fields(&response["content"]);
    for (kind, media) in content().filter(|_| json.is_none()) {
        let of_type = media.get("schema").and_then(|it| resolved(document, it).get("type"));
        let place = format!("{place}/content/{kind}/schema");
        let instead = "the content type application/json, or string with format binary for bytes";
        let is_text = of_type.is_none_or(|it| it == "string");
        ensure(is_text, place, "the client reads types from JSON only", instead)?;
    }
    Ok(content().next().map(|_| json))
}

/// The content of a response.
pub(super) fn content(response: &Value, place: &str) -> Result<()> {
    for (kind, media) in fields(&response["content"]) {
        let place = format!("{place}/content/{kind}");
        let schema = media.get("schema");
        let is_typed = schema.is_some() || !kind.starts_with("application/json");
        ensure(is_typed, &place, "there is no schema", "schema: {}, for any value")?;
        schema.map_or(Ok(()), |it| schema::check(it, &format!("{place}/schema"), false))?;
        no_encoding(media, &place, "it counts for nothing here")?;
    }
    Ok(())
}
