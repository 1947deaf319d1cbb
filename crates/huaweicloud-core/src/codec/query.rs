//! The value of a parameter in a query.

use serde::{Serialize, Serializer, ser::Error};
use serde_json::Value;

/// A parameter as the query has it: a list as the same name for each item, and no value as no parameter.
pub struct QueryParam<'a, T> {
    name: &'a str,
    value: &'a T,
}

impl<'a, T> QueryParam<'a, T> {
    pub fn new(name: &'a str, value: &'a T) -> Self {
        Self { name, value }
    }
}

impl<T: Serialize> Serialize for QueryParam<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let texts = texts(self.value).map_err(S::Error::custom)?;
        serializer.collect_seq(texts.into_iter().map(|text| (self.name, text)))
    }
}

/// The texts of a value that a query can hold.
pub(crate) fn texts(value: &impl Serialize) -> serde_json::Result<Vec<String>> {
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
