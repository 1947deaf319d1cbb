//! Extensible enums, one for each list of values that a response has.

use crate::names;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use std::collections::BTreeMap;

/// An enum of a response: its description, and each value with its meaning.
pub(crate) struct ExtensibleEnum {
    pub(crate) description: String,
    pub(crate) values: Vec<(String, String)>,
    /// The value that stands for a field that is not there.
    pub(crate) default: Option<String>,
    /// Where it stands.
    pub(crate) place: String,
}

/// Marks a string as an extensible enum, for the generator to find.
pub(crate) fn extensible_format(name: &str) -> String {
    format!("extensible enum {name}")
}

/// The declarations of the enums, by a macro of the runtime.
pub(crate) fn declare(
    enums: &BTreeMap<String, ExtensibleEnum>,
) -> impl Iterator<Item = TokenStream> {
    enums.iter().map(|(name, ExtensibleEnum { description, values, default, .. })| {
        let name = format_ident!("{name}");
        let values = values.iter().map(|(value, meaning)| {
            let variant = format_ident!("{}", names::variant(value));
            let default = (default.as_ref() == Some(value)).then(|| quote!(#[default]));
            quote! { #[doc = #meaning] #default #variant = #value }
        });
        let derive = default.as_ref().map(|_| quote!(#[derive(Default)]));
        quote! { __runtime::extensible_enum! { #[doc = #description] #derive pub enum #name { #(#values),* } } }
    })
}
