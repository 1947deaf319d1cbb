//! What the generated code names of other crates. It reaches them through one module of
//! `huaweicloud-core`, so that a user's `Cargo.toml` need not have them.

use crate::rename;
use proc_macro2::{Group, Literal, Spacing, TokenStream, TokenTree};
use quote::quote;
use syn::{Item, parse_quote, visit_mut, visit_mut::VisitMut};

/// The crates that the generator names.
const CRATES: [&str; 6] =
    ["serde", "serde_json", "reqwest", "httpmock", "regex", "progenitor_client"];

/// Puts the runtime before every path of another crate, and the names of the wire into every text.
pub(crate) fn through_runtime(code: TokenStream) -> TokenStream {
    let mut tokens: Vec<TokenTree> = Vec::new();
    let mut rest = code.into_iter().peekable();
    while let Some(token) = rest.next() {
        match token {
            TokenTree::Group(group) => {
                let mut new = Group::new(group.delimiter(), through_runtime(group.stream()));
                new.set_span(group.span());
                tokens.push(new.into());
            }
            // `skip_serializing_if = "::serde_json::Map::is_empty"`
            TokenTree::Literal(text) if text.to_string() == "\"::serde_json::Map::is_empty\"" => {
                tokens.push(Literal::string("__runtime::serde_json::Map::is_empty").into());
            }
            TokenTree::Literal(text) => tokens.push(rename::restored(text).into()),
            TokenTree::Ident(name)
                if CRATES.iter().any(|it| name == it) && rest.peek().is_some_and(begins_colons) =>
            {
                // No item of the generated code is called like a crate: what stands before it can only
                // be the `::` with which a path may begin.
                if let [before @ .., first, _] = &tokens[..]
                    && begins_colons(first)
                {
                    tokens.truncate(before.len());
                }
                match name == "progenitor_client" {
                    true => tokens.extend(quote!(__runtime)),
                    false => tokens.extend(quote!(__runtime::#name)),
                }
            }
            token => tokens.push(token),
        }
    }
    tokens.into_iter().collect()
}

/// Whether a token is the first half of `::`. The colon before a type is alone.
fn begins_colons(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(it) if it.as_char() == ':' && it.spacing() == Spacing::Joint)
}

/// Makes generated code refer to the runtime.
pub(crate) struct Runtime;

impl VisitMut for Runtime {
    /// Brings the runtime, and the types under one name, into every module.
    fn visit_item_mod_mut(&mut self, module: &mut syn::ItemMod) {
        visit_mut::visit_item_mod_mut(self, module);
        if let Some((_, items)) = &mut module.content {
            // What the generator imports here is of its own client.
            items.retain(|item| !matches!(item, Item::Use(_)));
            items.insert(
                0,
                parse_quote!(
                    #[allow(unused_imports)]
                    use super::{__runtime, types};
                ),
            );
        }
    }

    /// Lets the runtime decide whether a type has a JSON schema, and tells serde where it is. A type of a
    /// request may get more fields, without breaking who makes one.
    fn visit_item_mut(&mut self, item: &mut Item) {
        visit_mut::visit_item_mut(self, item);
        let is_request = matches!(item, Item::Struct(it) if derives(&it.attrs, "Deserialize"));
        let attributes = match item {
            Item::Struct(it) => &mut it.attrs,
            Item::Enum(it) => &mut it.attrs,
            _ => return,
        };
        if is_request {
            attributes.push(parse_quote!(#[non_exhaustive]));
        }
        if derives(attributes, "serde") {
            attributes.push(parse_quote!(#[serde(crate = "__runtime::serde")]));
            *item = parse_quote!(__runtime::data_type! { #item });
        }
    }
}

fn derives(attributes: &[syn::Attribute], name: &str) -> bool {
    let is_it = |it: &&syn::Attribute| it.path().is_ident("derive");
    attributes.iter().filter(is_it).any(|it| quote!(#it).to_string().contains(name))
}
