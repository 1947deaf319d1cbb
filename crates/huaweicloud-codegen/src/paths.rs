//! What the generated code names of other crates. It reaches them through one module of
//! `huaweicloud-core`, so that a user's `Cargo.toml` need not have them.

use crate::rename;
use proc_macro2::{Group, Spacing, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Item, parse_quote};

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
            TokenTree::Literal(literal) => tokens.push(rename::restored(literal).into()),
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

/// Brings the runtime, and the types under one name, into a module and those within it.
pub(crate) fn import_runtime(module: &mut syn::ItemMod) {
    let Some((_, items)) = &mut module.content else { return };
    // What the generator imports here is of its own client.
    items.retain(|item| !matches!(item, Item::Use(_)));
    for item in items.iter_mut() {
        if let Item::Mod(module) = item {
            import_runtime(module);
        }
    }
    items.insert(
        0,
        parse_quote!(
            #[allow(unused_imports)]
            use super::{__runtime, types};
        ),
    );
}

/// Lets the runtime decide whether a type has a JSON schema, and tells serde where it is.
pub(crate) fn wrap_types(module: &mut syn::ItemMod) {
    let Some((_, items)) = &mut module.content else { return };
    for item in items {
        let attributes = match item {
            Item::Struct(it) => &mut it.attrs,
            Item::Enum(it) => &mut it.attrs,
            _ => continue,
        };
        let derives = |attribute: &syn::Attribute| {
            attribute.path().is_ident("derive")
                && attribute.to_token_stream().to_string().contains("serde")
        };
        if attributes.iter().any(derives) {
            attributes.push(parse_quote!(#[serde(crate = "__runtime::serde")]));
            *item = parse_quote!(__runtime::data_type! { #item });
        }
    }
}
