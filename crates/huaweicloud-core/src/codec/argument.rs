//! Arguments of a call: what is wrong with one, and its value in a path and in a query.

use crate::codec::constrained::broken_text;
use crate::error::Error;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::{Serialize, Serializer, ser};
use serde_json::Value;
use std::fmt::Display;

/// What is wrong with an argument. What begins with a value continues the name of the argument.
pub fn argument(name: &str, cause: impl Display) -> String {
    let cause = cause.to_string();
    match cause.starts_with(char::is_alphabetic) {
        true => format!("{name}: {cause}"),
        false => format!("{name} {cause}"),
    }
}

/// What a segment of a URL's path cannot hold as it is. A URL takes a backslash for a slash.
const RESERVED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'`')
    .add(b'{')
    .add(b'}')
    .add(b'/')
    .add(b'%')
    .add(b'\\');

/// Encodes a value for a path. An empty one and dots would make it another path, perhaps that of
/// another operation.
pub fn segment(name: &str, value: &impl ToString) -> Result<String, Error> {
    let value = value.to_string();
    if ["", ".", ".."].contains(&value.as_str()) {
        let broken = broken_text(&value, "must not be empty, `.` or `..`", false);
        return Err(Error::invalid_argument(argument(name, broken)));
    }
    Ok(encoded(&value))
}

/// What a typed mock expects in a path, as a regular expression.
#[cfg(feature = "mock")]
pub fn expected(value: &impl ToString) -> String {
    regex::escape(&encoded(&value.to_string()))
}

fn encoded(value: &str) -> String {
    utf8_percent_encode(value, RESERVED).to_string()
}

/// A parameter as the query has it: a list as the same name for each item, and no value as no parameter.
pub struct QueryParam<'a, T>(&'a str, &'a T);

impl<'a, T> QueryParam<'a, T> {
    pub fn new(name: &'a str, value: &'a T) -> Self {
        Self(name, value)
    }
}

impl<T: Serialize> Serialize for QueryParam<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let texts = texts(self.1).map_err(ser::Error::custom)?;
        serializer.collect_seq(texts.into_iter().map(|text| (self.0, text)))
    }
}

/// The texts of a value that a query can hold.
fn texts(value: &impl Serialize) -> serde_json::Result<Vec<String>> {
    let text = |value: Value| match value {
        Value::String(text) => text,
        value => value.to_string(),
    };
    Ok(match serde_json::to_value(value)? {
        Value::Null => Vec::new(),
        Value::Array(items) => items.into_iter().map(text).collect(),
        value => vec![text(value)],
    })
}

/// Expects a parameter of the query of a typed mock as the client sends it: a list as the same name for each
/// item.
#[cfg(feature = "mock")]
pub fn expect_query(when: httpmock::When, name: &str, value: &impl Serialize) -> httpmock::When {
    let texts = texts(value).unwrap_or_default();
    match texts.as_slice() {
        [] => when.query_param_missing(name),
        texts => texts.iter().fold(when, |when, text| when.query_param(name, text)),
    }
}
