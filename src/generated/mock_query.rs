//! What a typed mock expects in the query.

use httpmock::When;
use serde::Serialize;
use serde_json::Value;

/// Expects a parameter of the query as the client sends it: a list as the same name again and again.
pub(crate) fn expect(when: When, name: &str, value: &impl Serialize) -> When {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match serde_json::to_value(value).unwrap_or_default() {
        Value::Array(items) if items.is_empty() => when.query_param_missing(name),
        Value::Array(items) => {
            items.iter().fold(when, |when, item| when.query_param(name, text(item)))
        }
        value => when.query_param(name, text(&value)),
    }
}
