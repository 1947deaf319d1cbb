//! What the generated code names of other crates. It reaches them through one module of
//! `huaweicloud-core`, so that a user's `Cargo.toml` need not have them.

use proc_macro2::{Group, Literal, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::{Item, parse_quote};

/// The crates that the generator names.
const CRATES: [&str; 6] =
    ["serde", "serde_json", "reqwest", "httpmock", "regex", "progenitor_client"];

/// Puts the runtime before every path of another crate.
pub(crate) fn through_runtime(code: TokenStream) -> TokenStream {
    let mut tokens: Vec<TokenTree> = Vec::new();
    let mut rest = code.into_iter().peekable();
    while let Some(token) = rest.next() {
        match token {
            TokenTree::Group(group) => {
                let mut new = Group::new(group.delimiter(), through_runtime(group.stream()));
                new.set_span(group.span());
                tokens.push(TokenTree::Group(new));
            }
            TokenTree::Ident(name) if CRATES.iter().any(|it| name == it) => {
                let is_path = rest.peek().is_some_and(is_colon);
                let colons = tokens.iter().rev().take_while(|it| is_colon(it)).count();
                // Three are a type annotation and a path that begins with `::`.
                let before = tokens.len().checked_sub(3).filter(|_| colons == 2);
                let goes_on = before.and_then(|at| tokens.get(at)).is_some_and(continues);
                if !is_path || goes_on {
                    tokens.push(TokenTree::Ident(name));
                    continue;
                }
                // A path may begin with `::`, which only names of crates do.
                tokens.truncate(tokens.len().saturating_sub(if colons >= 2 { 2 } else { 0 }));
                let runtime = match name == "progenitor_client" {
                    true => quote!(__runtime),
                    false => quote!(__runtime::#name),
                };
                tokens.extend(runtime);
            }
            TokenTree::Literal(text) if names_a_function(&tokens) => {
                let path = text.to_string();
                let of_crate = path
                    .trim_matches('"')
                    .strip_prefix("::")
                    .filter(|path| CRATES.iter().any(|it| path.split("::").next() == Some(*it)));
                let through = of_crate.map(|path| Literal::string(&format!("__runtime::{path}")));
                tokens.push(TokenTree::Literal(through.unwrap_or(text)));
            }
            token => tokens.push(token),
        }
    }
    tokens.into_iter().collect()
}

/// Whether a text after these tokens is a path: `skip_serializing_if = "::serde_json::Map::is_empty"`.
fn names_a_function(tokens: &[TokenTree]) -> bool {
    let [.., TokenTree::Ident(key), TokenTree::Punct(equals)] = tokens else { return false };
    key == "skip_serializing_if" && equals.as_char() == '='
}

fn is_colon(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(it) if it.as_char() == ':')
}

/// Whether `::` after this token continues a path. After a keyword, such as `for`, it begins one.
fn continues(token: &TokenTree) -> bool {
    let TokenTree::Ident(name) = token else { return false };
    let name = name.to_string();
    let leads = ["crate", "self", "super", "Self"].contains(&name.as_str());
    leads || syn::parse_str::<syn::Ident>(&name).is_ok()
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
            let wrapper = format_ident!("data_type");
            *item = parse_quote!(__runtime::#wrapper! { #item });
        }
    }
}
