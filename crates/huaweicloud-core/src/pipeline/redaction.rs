//! What of a request its errors must not show: what authenticates it, and the values that the document marks
//! as passwords.

use crate::auth::Authenticated;
use crate::codec::operation::Operation;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Body, Request};
use serde_json::Value;

/// A shorter value is shown: it tells little, and stands in many words.
const MIN_CHARACTERS: usize = 6;

/// A request, as far as errors must not show it.
pub(crate) struct Redaction<'a> {
    pub(crate) authenticated: &'a Authenticated,
    pub(crate) request: &'a Request,
    pub(crate) operation: &'a Operation,
}

impl Redaction<'_> {
    /// Takes every secret that the request carried out of a text.
    pub(crate) fn redact(&self, text: &str) -> String {
        let mut text = self.authenticated.redact(text);
        for (name, value) in self.passwords() {
            for written in spellings(&value) {
                text = text.replace(&written, &format!("[{name}]"));
            }
        }
        text
    }

    /// The values of passwords, the longest first, and what each is called.
    fn passwords(&self) -> Vec<(String, String)> {
        if self.operation.passwords.is_empty() {
            return Vec::new();
        }
        let body = self.request.body().and_then(Body::as_bytes).unwrap_or_default();
        let mut found = Vec::new();
        let mut url = self.request.url().clone();
        self.find_in_query(&url, &mut found);
        match serde_json::from_slice(body) {
            Ok(json) => self.find(&json, &mut found),
            // A form is written like a query.
            Err(_) => {
                url.set_query(str::from_utf8(body).ok());
                self.find_in_query(&url, &mut found);
            }
        }
        found.retain(|(_, value)| value.chars().count() >= MIN_CHARACTERS);
        found.sort_by_key(|(_, value)| std::cmp::Reverse(value.len()));
        found
    }

    fn is_password(&self, name: &str) -> bool {
        self.operation.passwords.contains(&name)
    }

    fn find_in_query(&self, url: &reqwest::Url, found: &mut Vec<(String, String)>) {
        let pairs = url.query_pairs().filter(|(name, _)| self.is_password(name));
        found.extend(pairs.map(|(name, value)| (name.into_owned(), value.into_owned())));
    }

    fn find(&self, json: &Value, found: &mut Vec<(String, String)>) {
        match json {
            Value::Object(fields) => {
                // A parameter is called by the name that stands beside its value.
                let given = fields.get("name").and_then(Value::as_str);
                for (name, value) in fields {
                    match value.as_str().filter(|_| self.is_password(name)) {
                        Some(text) => found.push((given.unwrap_or(name).into(), text.into())),
                        None => self.find(value, found),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.find(item, found)),
            _ => {}
        }
    }
}

/// A value as it is, and as JSON, HTML and URLs write it.
fn spellings(value: &str) -> [String; 4] {
    let json = Value::from(value).to_string();
    let html = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    [
        value.to_owned(),
        json.strip_prefix('"').and_then(|it| it.strip_suffix('"')).unwrap_or_default().to_owned(),
        html.replace('"', "&quot;"),
        utf8_percent_encode(value, NON_ALPHANUMERIC).to_string(),
    ]
}
