//! Lenient decoding of responses, in the place of what serde derives.

use crate::rewrite::Found;
use quote::quote;
use syn::{ext::IdentExt, parse_quote, punctuated::Punctuated, visit_mut, visit_mut::VisitMut};

/// Makes the decoding of every opened struct lenient. Such a struct is known by the field that keeps
/// what the document does not have.
#[derive(Default)]
pub(crate) struct Lenient {
    pub(crate) found: Found,
}

impl Lenient {
    /// Takes `Deserialize` from a struct, and returns the macro that implements it anew.
    fn implement(item: &mut syn::ItemStruct) -> Option<syn::Item> {
        let extra = item.fields.iter_mut().find(|field| serde_says(field, "flatten"))?;
        extra.attrs.push(parse_quote!(#[doc = "Fields that the document does not have: the first 100000 values of them."]));
        let extra = extra.ident.clone();
        item.attrs.push(parse_quote!(#[derive(Default)]));
        for attr in item.attrs.iter_mut().filter(|attr| attr.path().is_ident("derive")) {
            let derives = Punctuated::<syn::Path, syn::Token![,]>::parse_terminated;
            let kept = attr.parse_args_with(derives).ok()?.into_iter();
            let kept =
                kept.filter(|path| path.segments.last().is_none_or(|it| it.ident != "Deserialize"));
            *attr = parse_quote!(#[derive(#(#kept),*)]);
        }
        let object = &item.ident;
        let fields = item.fields.iter().filter(|field| field.ident != extra).map(|field| {
            let name =
                renamed(field).or(field.ident.as_ref().map(|ident| ident.unraw().to_string()));
            let ident = &field.ident;
            quote!(#ident: #name,)
        });
        Some(parse_quote!(__runtime::lenient! { #object { #(#fields)* } #extra }))
    }
}

/// The name of a field in JSON, if it is not the one in Rust.
pub(crate) fn renamed(field: &syn::Field) -> Option<String> {
    let mut name = None;
    for attr in field.attrs.iter().filter(|attr| attr.path().is_ident("serde")) {
        // Only `rename` has a value that is parsed; what follows it does not matter.
        _ = attr.parse_nested_meta(|meta| {
            let value = meta.value().and_then(|value| value.parse::<syn::LitStr>());
            if meta.path.is_ident("rename") {
                name = Some(value?.value());
            }
            Ok(())
        });
    }
    name
}

impl VisitMut for Lenient {
    fn visit_item_mod_mut(&mut self, module: &mut syn::ItemMod) {
        if let Some((_, items)) = &mut module.content {
            let structs = items.iter_mut().filter_map(|item| match item {
                syn::Item::Struct(item) => Self::implement(item),
                _ => None,
            });
            let implemented: Vec<_> = structs.collect();
            implemented.iter().for_each(|_| self.found.one());
            items.extend(implemented);
        }
        visit_mut::visit_item_mod_mut(self, module);
    }

    /// A builder need not be told that there are no fields beyond the document's.
    fn visit_field_value_mut(&mut self, field: &mut syn::FieldValue) {
        let (member, value) = (&field.member, &field.expr);
        if quote!(#member: #value).to_string().starts_with("extra : Err") {
            field.expr = parse_quote!(Ok(::std::default::Default::default()));
        }
        visit_mut::visit_field_value_mut(self, field);
    }
}

pub(crate) fn serde_says(field: &syn::Field, word: &str) -> bool {
    field
        .attrs
        .iter()
        .any(|attr| attr.path().is_ident("serde") && quote!(#attr).to_string().contains(word))
}
