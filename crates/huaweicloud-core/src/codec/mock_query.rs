//! What a typed mock expects in the query.

use crate::codec::query::texts;
use httpmock::When;
use serde::Serialize;

/// Expects a parameter of the query as the client sends it: a list as the same name for each item.
pub fn expect_query(when: When, name: &str, value: &impl Serialize) -> When {
    let texts = texts(value).unwrap_or_default();
    match texts.as_slice() {
        [] => when.query_param_missing(name),
        texts => texts.iter().fold(when, |when, text| when.query_param(name, text)),
    }
}
