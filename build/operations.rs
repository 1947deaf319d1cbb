//! The table of operations: what the pipeline must know of each.

use crate::build::document::{self, fields, json_schema, resolved, text};
use crate::build::{names, schema::result_of};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;
use std::collections::BTreeSet;

/// What the pipeline must know of an operation, read from the document.
pub(crate) fn operations(document: &Value) -> TokenStream {
    let operations = document::operations(document).map(|(path, method, operation, _)| {
        let id = names::operation(text(operation, "operationId").unwrap_or_default());
        let good = || fields(&operation["responses"]).filter(|(code, _)| code.starts_with('2'));
        let success = good().filter_map(|(code, _)| code.parse::<u16>().ok());
        let response = good().map(|(_, response)| resolved(document, response)).next();
        let schema = response.and_then(json_schema);
        let body = schema.map(|schema| resolved(document, schema));
        let result = body.and_then(|body| result_of(document, body));
        let enveloped = result.is_some();
        let data = result.or(body);
        let kind = match data.and_then(|data| text(data, "type")) {
            Some("object") => quote!(Some(Kind::Object)),
            Some("array") => quote!(Some(Kind::Array)),
            Some("string") => quote!(Some(Kind::Text)),
            Some("integer" | "number") => quote!(Some(Kind::Number)),
            Some("boolean") => quote!(Some(Kind::Boolean)),
            _ => quote!(None),
        };
        let has_content = response.and_then(|it| fields(it.get("content")?).next()).is_some();
        let content = match (schema, has_content) {
            (Some(_), _) => quote!(Content::Json(#kind)),
            (None, true) => quote!(Content::Stream),
            (None, false) => quote!(Content::Nothing),
        };
        let properties: Vec<_> =
            data.and_then(|data| data.get("properties")).into_iter().flat_map(fields).collect();
        let proof = properties.iter().filter_map(|(name, field)| {
            let proof = names::pascal(text(field, "x-proof")?);
            let proof = format_ident!("{proof}");
            Some(quote!((#name, Proof::#proof)))
        });
        let names = properties.iter().map(|(name, _)| name);
        let says = |name: &str| operation[name] == true;
        let starts_builds = says("x-starts-builds");
        let idempotent = matches!(method, "get" | "head") || says("x-idempotent");
        let method = method.to_uppercase();
        quote! { Operation {
            id: #id,
            method: #method,
            path: #path,
            success: &[#(#success),*],
            content: #content,
            enveloped: #enveloped,
            fields: &[#(#names),*],
            proof: &[#(#proof),*],
            starts_builds: #starts_builds,
            idempotent: #idempotent,
        } }
    });
    quote! { pub(crate) static OPERATIONS: &[Operation] = &[#(#operations),*]; }
}

/// The ids in the table.
pub(crate) fn ids(document: &Value) -> BTreeSet<String> {
    let ids = document::operations(document).filter_map(|(_, _, it, _)| text(it, "operationId"));
    ids.map(names::operation).collect()
}
