//! The table of operations: what the pipeline must know of each.

use crate::document::{fields, json_schema, operations, reference, resolved, result_of, text};
use crate::names;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;
use std::collections::BTreeSet;

/// What the pipeline must know of each operation, read from the document.
pub(crate) fn table(document: &Value) -> TokenStream {
    let rows = operations(document).map(|(path, method, node, _)| {
        let id = text(node, "operationId").unwrap_or_default();
        let good = fields(&node["responses"]).find(|(code, _)| code.starts_with('2'));
        let response = good.map(|(_, response)| resolved(document, response));
        let schema = response.and_then(json_schema);
        let body = schema.map(|schema| resolved(document, schema));
        let result = body.and_then(|body| result_of(document, body));
        let enveloped = result.is_some();
        let data = result.or(body);
        let has_content = response.is_some_and(|it| fields(&it["content"]).next().is_some());
        let content = match (schema, has_content) {
            (Some(_), _) => {
                let kind = option(data.and_then(kind));
                quote!(Json(#kind))
            }
            (None, true) => quote!(Stream),
            (None, false) => quote!(Nothing),
        };
        let properties: Vec<_> =
            data.map(|it| fields(&it["properties"])).into_iter().flatten().collect();
        let proof = properties.iter().filter_map(|(name, field)| {
            let proof = format_ident!("{}", names::pascal(text(field, "x-proof")?));
            Some(quote!((#name, __runtime::Proof::#proof)))
        });
        let names = properties.iter().map(|(name, _)| name);
        let envelope = body.filter(|_| enveloped).map(|it| fields(&it["properties"]));
        let envelope = envelope.into_iter().flatten().map(|(name, _)| name);
        let may_be_empty = text(node, "x-empty-response") == Some("success");
        let passwords = passwords(document, node);
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
fn passwords<'a>(document: &'a Value, operation: &'a Value) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let is_secret = |schema: &Value| text(resolved(document, schema), "format") == Some("password");
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let parameter = resolved(document, parameter);
        found.extend(text(parameter, "name").filter(|_| is_secret(&parameter["schema"])));
    }
    let body = resolved(document, &operation["requestBody"]);
    let mut left: Vec<_> = json_schema(body).into_iter().collect();
    let mut seen = BTreeSet::new();
    while let Some(schema) = left.pop() {
        // A schema may hold itself.
        if reference(schema).is_some_and(|name| !seen.insert(name)) {
            continue;
        }
        let schema = resolved(document, schema);
        for (name, field) in fields(&schema["properties"]) {
            found.extend(is_secret(field).then_some(name.as_str()));
            left.push(field);
        }
        let inner = [&schema["items"], &schema["additionalProperties"]];
        left.extend(inner.into_iter().filter(|it| it.is_object()));
    }
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

/// The ids of the operations as the generated code spells them, in the order of the table.
pub(crate) fn ids(document: &Value) -> Vec<String> {
    let ids = operations(document).filter_map(|(_, _, it, _)| text(it, "operationId"));
    ids.map(names::operation).collect()
}
