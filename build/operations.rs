//! The table of operations: what the pipeline must know of each.

use crate::build::document::{Result, each_operation, resolved};
use heck::ToSnakeCase;
use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value;

/// What the pipeline must know of an operation, read from the document.
pub(crate) fn operations(document: &Value) -> Result<TokenStream> {
    let operations = each_operation(document).map(|(method, path, operation)| {
        let place = || format!("/paths/{path}/{method}");
        let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default();
        let id = id.to_snake_case();
        let responses = operation.get("responses").and_then(Value::as_object);
        let good = responses.into_iter().flatten().filter(|(code, _)| code.starts_with('2'));
        let success = good.clone().filter_map(|(code, _)| code.parse::<u16>().ok());
        let content = good
            .map(|(_, response)| resolved(document, response))
            .find_map(|response| response.get("content")?.as_object());
        let json = content.and_then(|content| content.get("application/json"));
        let body = json.and_then(|json| json.get("schema")).map(|it| resolved(document, it));
        let result = body.and_then(|body| body.pointer("/properties/result"));
        let result = result.map(|schema| resolved(document, schema));
        let enveloped = result.is_some();
        let data = result.or(body);
        let kind = data.and_then(|data| data.get("type")).and_then(Value::as_str);
        let kind = match kind {
            Some("object") => quote!(Some(Kind::Object)),
            Some("array") => quote!(Some(Kind::Array)),
            Some("string") => quote!(Some(Kind::Text)),
            Some("integer" | "number") => quote!(Some(Kind::Number)),
            Some("boolean") => quote!(Some(Kind::Boolean)),
            _ => quote!(None),
        };
        let content = match (content, json) {
            (None, _) => quote!(Content::Nothing),
            (Some(_), None) => quote!(Content::Stream),
            (Some(_), Some(_)) => quote!(Content::Json(#kind)),
        };
        let fields = data.and_then(|data| data.get("properties")).and_then(Value::as_object);
        let proof = fields
            .into_iter()
            .flatten()
            .filter_map(|(name, field)| Some((name, field.get("x-proof")?)));
        let proof = proof.map(|(name, proof)| match proof.as_str() {
            Some("number") => Ok(quote!((#name, Proof::Number))),
            Some("text") => Ok(quote!((#name, Proof::Text))),
            Some("present") => Ok(quote!((#name, Proof::Present))),
            _ => Err(format!("{}: x-proof of {name} is not number, text or present", place())),
        });
        let proof = proof.collect::<Result<Vec<_>>>()?;
        let flag = |name: &str| match operation.get(name) {
            None => Ok(false),
            Some(given) => {
                given.as_bool().ok_or_else(|| format!("{}: {name} is no boolean", place()))
            }
        };
        let starts_builds = flag("x-starts-builds")?;
        let idempotent = matches!(method, "get" | "head") || flag("x-idempotent")?;
        let fields = fields.into_iter().flat_map(|fields| fields.keys());
        let method = method.to_uppercase();
        Ok(quote! { Operation {
            id: #id,
            method: #method,
            path: #path,
            success: &[#(#success),*],
            content: #content,
            enveloped: #enveloped,
            fields: &[#(#fields),*],
            proof: &[#(#proof),*],
            starts_builds: #starts_builds,
            idempotent: #idempotent,
        } })
    });
    let operations = operations.collect::<Result<Vec<_>>>()?;
    Ok(quote! { pub(crate) static OPERATIONS: &[Operation] = &[#(#operations),*]; })
}
