//! Extensible enums, one for each list of values that a response has.

use crate::{document::text, names};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;
use std::collections::BTreeMap;

/// The enums of the responses, by name.
pub(crate) type Enums = BTreeMap<String, ExtensibleEnum>;

/// An enum of a response: its description, and each value with its meaning.
pub(crate) struct ExtensibleEnum {
    description: String,
    pub(crate) values: Vec<(String, String)>,
    /// The value that stands for a field that is not there.
    pub(crate) default: Option<String>,
    /// Where it stands.
    pub(crate) place: String,
}

impl ExtensibleEnum {
    /// The enum of a schema that lists values.
    pub(crate) fn of(schema: &Value, place: &str) -> Option<Self> {
        let values = schema.get("x-extensible-enum").or(schema.get("enum"))?.as_array()?;
        let values = values.iter().filter_map(Value::as_str).map(|value| {
            let meaning = text(&schema["x-enumDescriptions"], value).unwrap_or(value);
            (value.to_owned(), meaning.to_owned())
        });
        Some(Self {
            description: text(schema, "description").unwrap_or_default().to_owned(),
            values: values.collect(),
            default: text(schema, "default").map(str::to_owned),
            place: place.to_owned(),
        })
    }
}

/// Marks a string as an extensible enum, for the generator to find.
pub(crate) fn extensible_format(name: &str) -> String {
    format!("extensible enum {name}")
}

/// The declarations of the enums, by a macro of the runtime.
pub(crate) fn declare(enums: &Enums) -> impl Iterator<Item = TokenStream> {
    enums.iter().map(|(name, ExtensibleEnum { description, values, default, .. })| {
        let name = format_ident!("{name}");
        let values = values.iter().map(|(value, meaning)| {
            let variant = format_ident!("{}", names::variant(value));
            let default = (default.as_ref() == Some(value)).then(|| quote!(#[default]));
            quote! { #[doc = #meaning] #default #variant = #value }
        });
        let derive = default.as_ref().map(|_| quote!(#[derive(Default)]));
        quote! { __runtime::extensible_enum! {
            #[doc = #description] #derive pub enum #name { #(#values),* }
        } }
    })
}
