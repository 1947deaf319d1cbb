//! Error responses: every shape in which the service, its gateway and IAM report an error.

use serde_json::{Map, Value};
use std::borrow::Cow;

/// What an error response says.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct ServiceError {
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) request_id: Option<String>,
}

const CODES: [&str; 3] = ["error_code", "errorCode", "code"];
const MESSAGES: [&str; 8] = [
    "error_msg",
    "errorMsg",
    "error_message",
    "message",
    "reason",
    "msg",
    "error_description",
    "title",
];
const REQUEST_IDS: [&str; 3] = ["request_id", "requestId", "X-Request-Id"];
/// How deep an error may be wrapped.
const MAX_DEPTH: u8 = 4;

impl ServiceError {
    /// Reads the body of a response with an error status, if it holds an error at all.
    pub(crate) fn in_error_status(body: &[u8]) -> Option<Self> {
        Self::find(&serde_json::from_slice(body).ok()?, MAX_DEPTH)
    }

    /// Reads the body of a response with a good status, if it holds an error in spite of it.
    pub(crate) fn in_good_status(body: &Value) -> Option<Self> {
        let body = unquoted(body)?;
        let fields = body.as_object()?;
        let given = |key: &&str| fields.get(*key).is_some_and(|value| !is_blank(value));
        let failed = fields.get("status").and_then(Value::as_str).is_some_and(|status| {
            ["fail", "failed", "error"].contains(&status.to_ascii_lowercase().as_str())
        });
        // `code`, `message` and a `status` may be fields of a good response as well; they make an
        // error only where nothing else is said.
        let says_nothing_else = fields.iter().all(|(key, value)| {
            let key = key.as_str();
            is_blank(value)
                || ["status", "error", "result"].contains(&key)
                || CODES.contains(&key)
                || MESSAGES.contains(&key)
                || REQUEST_IDS.contains(&key)
        });
        let result = fields.get("result").is_some_and(|result| !is_blank(result));
        let is_error = ["error_code", "errorCode"].iter().any(given)
            || (failed && (says_nothing_else || fields.contains_key("result")))
            || (!result && given(&"error"))
            || (!result
                && says_nothing_else
                && (CODES.iter().any(given) || MESSAGES.iter().any(given)));
        is_error.then(|| Self::find(&body, MAX_DEPTH).unwrap_or_default())
    }

    fn find(value: &Value, depth: u8) -> Option<Self> {
        let value = unquoted(value)?;
        let fields = value.as_object()?;
        let mut found = Self {
            code: first(fields, &CODES),
            message: first(fields, &MESSAGES),
            request_id: first(fields, &REQUEST_IDS),
        };
        if let Some(depth) = depth.checked_sub(1) {
            let error = fields.get("error").into_iter();
            let mut inner =
                error.chain(fields.values()).filter_map(|value| Self::find(value, depth));
            if let Some(inner) = inner.next() {
                // A message that is itself an error in JSON gives way to what it says.
                let nested = found.message.as_deref().is_some_and(|text| text.starts_with('{'));
                found.code = found.code.or(inner.code);
                found.message = if nested {
                    inner.message.or(found.message)
                } else {
                    found.message.or(inner.message)
                };
                found.request_id = found.request_id.or(inner.request_id);
            }
        }
        if found.message.is_none() {
            // `{"error": "it broke"}`
            found.message = first(fields, &["error"]);
        }
        (found.code.is_some() || found.message.is_some()).then_some(found)
    }
}

/// The value itself, or what it quotes if it is a text that holds JSON.
fn unquoted(value: &Value) -> Option<Cow<'_, Value>> {
    match value {
        Value::Object(_) => Some(Cow::Borrowed(value)),
        Value::String(text) if text.trim_start().starts_with('{') => {
            serde_json::from_str(text).ok().map(Cow::Owned)
        }
        _ => None,
    }
}

fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn first(fields: &Map<String, Value>, keys: &[&str]) -> Option<String> {
    keys.iter().find_map(|key| match fields.get(*key)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}
