//! Rules in words, in the place of patterns, in error messages.

use crate::build::document::parts;
use serde_json::Value;
use std::collections::BTreeMap;
use syn::visit_mut::VisitMut;

/// The rules of patterns in words (`x-rule`), by what the generated code says without them.
pub(crate) fn rules(document: &Value) -> BTreeMap<String, String> {
    let schemas = parts(document, "/components/schemas");
    let rule = |(_, schema): (String, Value)| {
        let pattern = schema.get("pattern")?.as_str()?;
        let rule = schema.get("x-rule")?.as_str()?;
        Some((format!("doesn't match pattern \"{pattern}\""), rule.to_owned()))
    };
    schemas.filter_map(rule).collect()
}

/// Puts the rules in words into the error messages of the generated code.
pub(crate) struct StateRules<'a>(pub(crate) &'a BTreeMap<String, String>);

impl VisitMut for StateRules<'_> {
    fn visit_lit_str_mut(&mut self, text: &mut syn::LitStr) {
        if let Some(rule) = self.0.get(&text.value()) {
            *text = syn::LitStr::new(rule, text.span());
        }
    }
}
