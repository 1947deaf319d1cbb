//! Opens the schemas of responses: an unexpected value must not cost the others. A list of values becomes an
//! extensible enum.

use crate::document::{Result, ensure, is_struct, list, text};
use crate::names;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What a response need not obey.
const CONSTRAINTS: &str = "required nullable default pattern minLength maxLength minimum maximum \
    exclusiveMinimum exclusiveMaximum multipleOf minItems maxItems uniqueItems";

/// The extensible enums of the responses, by name.
pub(crate) type Enums = BTreeMap<String, ExtensibleEnum>;

/// A schema of a response that lists values, and where it stands.
pub(crate) struct ExtensibleEnum {
    schema: Value,
    pub(crate) place: String,
}

impl ExtensibleEnum {
    /// Each value with its meaning.
    fn values(&self) -> Vec<(&str, &str)> {
        let [open, closed] = ["x-extensible-enum", "enum"].map(|key| list(&self.schema, key));
        let values = if open.is_empty() { closed } else { open };
        let meaning = |value| text(self.schema.get("x-enumDescriptions")?, value);
        let values = values.iter().filter_map(Value::as_str);
        values.map(|value| (value, meaning(value).unwrap_or(value))).collect()
    }

    /// The value that stands for a field that is not there.
    pub(crate) fn default(&self) -> Option<&str> {
        text(&self.schema, "default")
    }

    /// The declaration, by a macro of the runtime.
    pub(crate) fn declaration(&self, name: &str) -> TokenStream {
        let name = format_ident!("{name}");
        let description = text(&self.schema, "description").unwrap_or_default();
        let values = self.values().into_iter().map(|(value, meaning)| {
            let variant = format_ident!("{}", names::variant(value));
            let default = (self.default() == Some(value)).then(|| quote!(#[default]));
            quote! { #[doc = #meaning] #default #variant = #value }
        });
        let derive = self.default().map(|_| quote!(#[derive(Default)]));
        quote! { __runtime::extensible_enum! {
            #[doc = #description] #derive pub enum #name { #(#values),* }
        } }
    }
}

/// Marks a string as an extensible enum, for the generator to find.
pub(crate) fn extensible_format(name: &str) -> String {
    format!("extensible enum {name}")
}

/// Removes the constraints of a schema. Fields that the document does not have are kept in a field `extra`.
/// An enum becomes an extensible one.
pub(crate) fn open(schema: &mut Value, name: &str, place: &str, enums: &mut Enums) -> Result<()> {
    let is_string = text(schema, "type") == Some("string");
    let listed =
        is_string.then(|| ExtensibleEnum { schema: schema.clone(), place: place.to_owned() });
    let mut mark = None;
    if let Some(found) = listed.filter(|it| !it.values().is_empty()) {
        let name = names::type_name(text(schema, "title").unwrap_or(name));
        let other = enums.get(&name).unwrap_or(&found);
        let wrong = format!("this enum and the other one at {} both become {name}", other.place);
        ensure(other.values() == found.values(), place, wrong, "a title for one of them")?;
        mark = Some(("format".to_owned(), extensible_format(&name).into()));
        enums.insert(name, found);
    }
    let is_struct = is_struct(schema);
    let Value::Object(schema) = schema else { return Ok(()) };
    schema.retain(|key, _| match key.as_str() {
        "enum" | "title" => false,
        "format" => !is_string,
        key => !CONSTRAINTS.split(' ').any(|it| it == key) && !key.starts_with("x-"),
    });
    schema.extend(mark);
    if is_struct {
        // Not `true`: only a schema makes the generator keep the fields.
        schema.insert("additionalProperties".into(), json!({}));
    }
    Ok(())
}
