//! Types that check what they hold. The generator drops some bounds of requests, checks others without
//! naming the value, and leaves all out of the JSON schemas.

use crate::document::{
    list, operations_mut, reference, requested, schema_name, schemas_mut, text, visit_mut,
};
use crate::{names, pattern};
use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};
use serde_json::{Value, json};
use std::fmt::Display;

const TEXT: [&str; 3] = ["pattern", "minLength", "maxLength"];
const NUMBER: [&str; 2] = ["minimum", "maximum"];
const LIST: [&str; 2] = ["minItems", "maxItems"];

/// Whether a schema needs a type that checks.
pub(crate) fn is_constrained(schema: &Value) -> bool {
    let has = |keys: &[&str]| keys.iter().any(|key| schema.get(key).is_some());
    match text(schema, "type") {
        Some("string") => schema.get("enum").is_none() && has(&TEXT),
        Some("integer") => has(&NUMBER) || schema.get("enum").is_some(),
        Some("number") => has(&NUMBER),
        Some("array") => has(&LIST),
        _ => false,
    }
}

/// The types that check, by name: what they are for the generator, and their declaration.
pub(crate) struct Constrained {
    pub(crate) name: String,
    /// Whether it can be read from a text.
    pub(crate) is_scalar: bool,
    pub(crate) declaration: TokenStream,
}

/// Removes the constraints of requests, and returns the types that check them.
pub(crate) fn take(document: &mut Value) -> Vec<Constrained> {
    let requested = requested(document);
    let mut found = Vec::new();
    let schemas = schemas_mut(document).into_iter().flatten();
    for (name, schema) in schemas.filter(|(name, _)| requested.contains(*name)) {
        if is_constrained(schema) {
            let name = names::pascal(name);
            let declaration = declare(&name, schema);
            found.push(Constrained { name, is_scalar: schema["type"] != "array", declaration });
            *schema = json!({ "type": "string" });
        }
        visit_mut(schema, &mut plain);
    }
    for operation in operations_mut(document) {
        for key in ["parameters", "requestBody"] {
            operation.get_mut(key).into_iter().for_each(|it| visit_mut(it, &mut plain));
        }
    }
    for section in ["parameters", "requestBodies"] {
        let part = document.pointer_mut(&format!("/components/{section}"));
        part.into_iter().for_each(|it| visit_mut(it, &mut plain));
    }
    found
}

/// A text of any format is a text. A default is the service's own, so that a field that is left out is
/// not sent.
fn plain(node: &mut Value) {
    let Value::Object(map) = node else { return };
    let kind = map.get("type").and_then(Value::as_str);
    let is_schema = kind.is_some() || map.get("allOf").is_some_and(Value::is_array);
    if kind == Some("string") && map.get("format").is_some_and(|it| it != "binary") {
        map.remove("format");
    }
    if is_schema {
        map.remove("default");
    }
}

/// The declaration of a type that checks, by a macro of the runtime.
fn declare(name: &str, schema: &Value) -> TokenStream {
    let name = format_ident!("{name}");
    let description = text(schema, "description").unwrap_or_default();
    let head = quote!(#[doc = #description] pub struct #name);
    match text(schema, "type") {
        Some("string") => text_type(&head, schema),
        Some("array") => list_type(&head, schema),
        Some("integer") => integer_type(&head, schema),
        _ => number_type(&head, schema),
    }
}

fn text_type(head: &TokenStream, schema: &Value) -> TokenStream {
    let length = words(count(schema, "minLength"), count(schema, "maxLength"));
    let length = length.map(|length| format!("must be {length} characters"));
    let pattern = text(schema, "pattern");
    let matches = pattern.map(|it| format!("must match the pattern {it}"));
    let rules: Vec<_> = length.into_iter().chain(matches).collect();
    let rule = rule(schema, rules.join(" and "));
    let length = lengths(schema, "minLength", "maxLength");
    let parts = pattern.and_then(|it| pattern::translate(it).ok()).unwrap_or_default();
    let parts = parts.iter().map(|(part, found)| quote!((#part, #found)));
    let is_secret = text(schema, "format") == Some("password");
    let json = json_schema(schema);
    quote! { __runtime::text! {
        #head { length: #length, pattern: &[#(#parts),*], rule: #rule, secret: #is_secret, schema: #json }
    } }
}

fn list_type(head: &TokenStream, schema: &Value) -> TokenStream {
    let item = item(&schema["items"]);
    let length = words(count(schema, "minItems"), count(schema, "maxItems")).unwrap_or_default();
    let rule = rule(schema, format!("must have {length} items"));
    let length = lengths(schema, "minItems", "maxItems");
    let json = tokens(&json!({ "minItems": schema["minItems"], "maxItems": schema["maxItems"] }));
    quote! { __runtime::list! {
        #head(#item) { length: #length, rule: #rule, schema: #json }
    } }
}

fn integer_type(head: &TokenStream, schema: &Value) -> TokenStream {
    let bound = |key: &str| schema.get(key).and_then(Value::as_i64);
    let is_exclusive = |key: &str| i64::from(schema[key] == true);
    let lower = bound("minimum").map(|it| it.saturating_add(is_exclusive("exclusiveMinimum")));
    let upper = bound("maximum").map(|it| it.saturating_sub(is_exclusive("exclusiveMaximum")));
    let among: Vec<_> = list(schema, "enum").iter().filter_map(Value::as_i64).collect();
    let values = || among.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
    let words = words(lower, upper).unwrap_or_else(|| format!("one of {}", values()));
    let rule = rule(schema, format!("must be {words}"));
    let is_small = text(schema, "format") == Some("int32");
    let ends = if is_small { (i32::MIN.into(), i32::MAX.into()) } else { (i64::MIN, i64::MAX) };
    let (lower, upper) = (lower.unwrap_or(ends.0), upper.unwrap_or(ends.1));
    let inner = match (lower, upper) {
        (0.., ..=0xffff_ffff) => quote!(u32),
        (-0x8000_0000.., ..=0x7fff_ffff) => quote!(i32),
        _ => quote!(i64),
    };
    let (lower, upper) = (Literal::i64_unsuffixed(lower), Literal::i64_unsuffixed(upper));
    let among = among.into_iter().map(Literal::i64_unsuffixed);
    let json = json_schema(schema);
    quote! { __runtime::integer! {
        #head(#inner) {
            range: #lower..=#upper, among: [#(#among),*], rule: #rule, schema: #json
        }
    } }
}

fn number_type(head: &TokenStream, schema: &Value) -> TokenStream {
    // Each end: the bound, how a value compares with it, and that in words.
    let ends = [
        ("minimum", "exclusiveMinimum", (quote!(>=), "at least"), (quote!(>), "more than")),
        ("maximum", "exclusiveMaximum", (quote!(<=), "at most"), (quote!(<), "less than")),
    ];
    let ends = ends.into_iter().filter_map(|(key, flag, or_equal, strict)| {
        let bound = schema.get(key)?.as_f64()?;
        let (operator, words) = if schema[flag] == true { strict } else { or_equal };
        Some((quote!(&& value #operator #bound), format!("{words} {bound}")))
    });
    let (checks, words): (Vec<_>, Vec<_>) = ends.unzip();
    let rule = rule(schema, format!("must be {}", words.join(" and ")));
    let json = json_schema(schema);
    quote! { __runtime::number! {
        #head { fits: |value| value.is_finite() #(#checks)*, rule: #rule, schema: #json }
    } }
}

/// The rule in the words of the document, if it has some.
fn rule(schema: &Value, otherwise: String) -> String {
    text(schema, "x-rule").map_or(otherwise, str::to_owned)
}

fn count(schema: &Value, key: &str) -> Option<u64> {
    schema.get(key).and_then(Value::as_u64)
}

/// The lengths that a schema allows, as a range of Rust.
fn lengths(schema: &Value, least: &str, most: &str) -> TokenStream {
    let least = count(schema, least).unwrap_or(0) as usize;
    let most = count(schema, most).map(|it| it as usize);
    let most = most.map_or(quote!(usize::MAX), |it| quote!(#it));
    quote!(#least..=#most)
}

/// What the JSON schema of the type says.
fn json_schema(schema: &Value) -> TokenStream {
    let keys = TEXT.iter().chain(&NUMBER).chain(&["type", "format", "enum"]);
    let kept = keys.filter_map(|key| Some((key.to_string(), schema.get(key)?.clone())));
    let mut kept: serde_json::Map<_, _> = kept.collect();
    // In OpenAPI 3.0, `exclusiveMinimum` is a flag of `minimum`. In the JSON schema, it is the bound itself.
    for (flag, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
        if schema[flag] == true
            && let Some(bound) = kept.remove(bound)
        {
            kept.insert(flag.to_owned(), bound);
        }
    }
    tokens(&Value::Object(kept))
}

fn tokens(json: &Value) -> TokenStream {
    json.to_string().parse().unwrap_or_default()
}

/// A range in words, if it has an end.
fn words<T: Display + PartialEq>(least: Option<T>, most: Option<T>) -> Option<String> {
    match (least, most) {
        (Some(least), Some(most)) if least == most => Some(least.to_string()),
        (Some(least), Some(most)) => Some(format!("{least} to {most}")),
        (Some(least), None) => Some(format!("at least {least}")),
        (None, Some(most)) => Some(format!("at most {most}")),
        (None, None) => None,
    }
}

/// The type of the items of a list, as the generator has it.
fn item(schema: &Value) -> TokenStream {
    if let Some(name) = reference(schema).and_then(schema_name) {
        let name = format_ident!("{}", names::pascal(name));
        return quote!(types::#name);
    }
    match (text(schema, "type"), text(schema, "format")) {
        (Some("string"), _) => quote!(::std::string::String),
        (Some("boolean"), _) => quote!(bool),
        (Some("integer"), Some("int32")) => quote!(i32),
        (Some("integer"), _) => quote!(i64),
        (Some("number"), Some("float")) => quote!(f32),
        (Some("number"), _) => quote!(f64),
        (Some("array"), _) => {
            let item = item(&schema["items"]);
            quote!(::std::vec::Vec<#item>)
        }
        (Some("object"), _) => {
            quote!(__runtime::serde_json::Map<::std::string::String, __runtime::serde_json::Value>)
        }
        _ => quote!(__runtime::serde_json::Value),
    }
}
