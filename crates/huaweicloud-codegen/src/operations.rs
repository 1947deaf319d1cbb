//! The table of operations: what the pipeline must know of each.

use crate::document::{self, fields, json_schema, resolved, text};
use crate::{names, schema::result_of};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;

/// What the pipeline must know of each operation, read from the document.
pub(crate) fn table(document: &Value) -> TokenStream {
    let operations = document::operations(document).map(|(path, method, operation, _)| {
        let id = text(operation, "operationId").unwrap_or_default();
        let good = || fields(&operation["responses"]).filter(|(code, _)| code.starts_with('2'));
        let response = good().map(|(_, response)| resolved(document, response)).next();
        let schema = response.and_then(json_schema);
        let body = schema.map(|schema| resolved(document, schema));
        let result = body.and_then(|body| result_of(document, body));
        let enveloped = result.is_some();
        let data = result.or(body);
        let kind = match data.and_then(|data| text(data, "type")) {
            Some("object") => "Object",
            Some("array") => "Array",
            Some("string") => "Text",
            Some("integer" | "number") => "Number",
            Some("boolean") => "Boolean",
            _ => "",
        };
        let kind = Some(kind).filter(|it| !it.is_empty()).map(|kind| format_ident!("{kind}"));
        let kind = option(kind.map(|kind| quote!(__runtime::Kind::#kind)));
        let has_content = response.and_then(|it| fields(it.get("content")?).next()).is_some();
        let content = match (schema, has_content) {
            (Some(_), _) => quote!(Json(#kind)),
            (None, true) => quote!(Stream),
            (None, false) => quote!(Nothing),
        };
        let properties: Vec<_> =
            data.and_then(|data| data.get("properties")).into_iter().flat_map(fields).collect();
        let proof = properties.iter().filter_map(|(name, field)| {
            let proof = names::pascal(text(field, "x-proof")?);
            let proof = format_ident!("{proof}");
            Some(quote!((#name, __runtime::Proof::#proof)))
        });
        let names = properties.iter().map(|(name, _)| name);
        let effect = option(text(operation, "x-effect").map(|effect| quote!(#effect)));
        let idempotent = matches!(method, "get" | "head") || operation["x-idempotent"] == true;
        let method = method.to_uppercase();
        quote! { __runtime::Operation {
            id: #id,
            method: #method,
            path: #path,
            content: __runtime::Content::#content,
            enveloped: #enveloped,
            fields: &[#(#names),*],
            proof: &[#(#proof),*],
            effect: #effect,
            idempotent: #idempotent,
        } }
    });
    quote!(#(#operations),*)
}

fn option(value: Option<TokenStream>) -> TokenStream {
    value.map_or(quote!(None), |value| quote!(Some(#value)))
}

/// The ids of the operations as the generated code spells them, in the order of the table.
pub(crate) fn ids(document: &Value) -> Vec<String> {
    let ids = document::operations(document).filter_map(|(_, _, it, _)| text(it, "operationId"));
    ids.map(names::operation).collect()
}
