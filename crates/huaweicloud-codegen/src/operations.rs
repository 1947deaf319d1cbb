//! The table of operations: what the pipeline must know of each.

use crate::document::{
    body_and_result, fields, operations, reach, request_of, resolved, successes, text,
};
use crate::names;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;
use std::collections::BTreeSet;

/// What the pipeline must know of each operation, read from the document.
pub(crate) fn table(document: &Value) -> TokenStream {
    let rows = operations(document).map(|(path, method, node, _)| {
        let id = text(node, "operationId").unwrap_or_default();
        let response = successes(document, node).next();
        let body = response.and_then(|it| body_and_result(document, it));
        let data = body.map(|(body, result)| result.unwrap_or(body));
        let envelope = body.and_then(|(body, result)| result.map(|_| body));
        let has_content = response.is_some_and(|it| fields(&it["content"]).next().is_some());
        let content = match data {
            Some(data) => {
                let kind = option(kind(data));
                quote!(Json(#kind))
            }
            None if has_content => quote!(Stream),
            None => quote!(Nothing),
        };
        let properties =
            |of: Option<_>| of.into_iter().flat_map(|it: &Value| fields(&it["properties"]));
        let proof = properties(data).filter_map(|(name, field)| {
            let proof = format_ident!("{}", names::pascal(text(field, "x-proof")?));
            Some(quote!((#name, __runtime::Proof::#proof)))
        });
        let enveloped = envelope.is_some();
        let [names, envelope] = [data, envelope].map(|it| properties(it).map(|(name, _)| name));
        let may_be_empty = text(node, "x-empty-response") == Some("success");
        let passwords = passwords(document, path, node);
        let effect = option(text(node, "x-effect").map(|effect| quote!(#effect)));
        let idempotent = matches!(method, "get" | "head") || node["x-idempotent"] == true;
        let method = method.to_uppercase();
        quote! { __runtime::Operation {
            id: #id,
            method: #method,
            path: #path,
            content: __runtime::Content::#content,
            enveloped: #enveloped,
            fields: &[#(#names),*],
            envelope: &[#(#envelope),*],
            proof: &[#(#proof),*],
            may_be_empty: #may_be_empty,
            passwords: &[#(#passwords),*],
            effect: #effect,
            idempotent: #idempotent,
        } }
    });
    quote!(#(#rows),*)
}

/// The names of the fields and parameters of a request whose values are not to be shown.
fn passwords<'a>(document: &'a Value, path: &str, operation: &'a Value) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let is_secret = |schema: &Value| text(resolved(document, schema), "format") == Some("password");
    let request = request_of(document, path, operation).collect();
    reach(document, request, &mut |node| {
        found.extend(text(node, "name").filter(|_| is_secret(&node["schema"])));
        let secret = fields(&node["properties"]).filter(|(_, field)| is_secret(field));
        found.extend(secret.map(|(name, _)| name.as_str()));
    });
    found
}

/// The kind of JSON that a success response has.
fn kind(schema: &Value) -> Option<TokenStream> {
    let kind = match text(schema, "type")? {
        "object" => quote!(Object),
        "array" => quote!(Array),
        "string" => quote!(Text),
        "integer" | "number" => quote!(Number),
        "boolean" => quote!(Boolean),
        _ => return None,
    };
    Some(quote!(__runtime::Kind::#kind))
}

/// An `Option` as Rust writes it.
fn option(value: Option<TokenStream>) -> TokenStream {
    value.map_or(quote!(None), |value| quote!(Some(#value)))
}

/// The ids of the operations as the generator spells what they are renamed to, in the order of the table.
pub(crate) fn ids(document: &Value) -> Vec<String> {
    let ids = operations(document).filter_map(|(_, _, it, _)| text(it, "operationId"));
    ids.map(|id| names::snake(&names::operation(id))).collect()
}
