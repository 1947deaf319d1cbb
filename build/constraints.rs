//! Types that check what they hold. The generator drops some bounds of requests, checks others without
//! naming the value, and leaves all out of the JSON schemas.

use crate::build::document::{list, reference, requested, schemas, schemas_mut, text};
use crate::build::names;
use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};
use serde_json::{Value, json};

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

/// Takes the constraints from the requests, and returns the types that check them.
pub(crate) fn take(document: &mut Value) -> Vec<Constrained> {
    let requested = requested(document);
    let is_requested = |name: &str| requested.contains(&format!("#/components/schemas/{name}"));
    let found = schemas(document).filter(|(name, it)| is_requested(name) && is_constrained(it));
    let found = found.map(|(name, schema)| Constrained {
        name: names::pascal(name),
        is_scalar: schema["type"] != "array",
        declaration: declare(&names::pascal(name), schema),
    });
    let found = found.collect();
    for (name, schema) in schemas_mut(document).into_iter().flatten() {
        if is_requested(name) {
            if is_constrained(schema) {
                *schema = json!({ "type": "string" });
            }
            plain(schema);
        }
    }
    for (_, item) in document["paths"].as_object_mut().into_iter().flatten() {
        each_request(item, &mut plain);
        for (_, operation) in item.as_object_mut().into_iter().flatten() {
            each_request(operation, &mut plain);
        }
    }
    for section in ["parameters", "requestBodies"] {
        let part = document.pointer_mut(&format!("/components/{section}"));
        part.and_then(Value::as_object_mut).into_iter().flatten().for_each(|(_, it)| plain(it));
    }
    found
}

fn each_request(holder: &mut Value, change: &mut impl FnMut(&mut Value)) {
    for key in ["parameters", "requestBody"] {
        holder.get_mut(key).into_iter().for_each(&mut *change);
    }
}

/// A text of any format is a text. A default is the service's own, so that a field that is left out is
/// not sent.
fn plain(node: &mut Value) {
    match node {
        Value::Object(map) => {
            let is_text = map.get("type").is_some_and(|it| it == "string");
            if is_text && map.get("format").is_some_and(|it| it != "binary") {
                map.remove("format");
            }
            if map.contains_key("type") || map.contains_key("allOf") {
                map.remove("default");
            }
            map.values_mut().for_each(plain);
        }
        Value::Array(list) => list.iter_mut().for_each(plain),
        _ => {}
    }
}

fn declare(name: &str, schema: &Value) -> TokenStream {
    let name = format_ident!("{name}");
    let description = text(schema, "description").unwrap_or_default();
    let said = text(schema, "x-rule").map(str::to_owned);
    let keys = TEXT.iter().chain(&NUMBER).chain(&LIST).chain(&["type", "format", "enum"]);
    let keys = keys.chain(&["exclusiveMinimum", "exclusiveMaximum"]);
    let kept = keys.filter_map(|key| Some((key.to_string(), schema.get(key)?.clone())));
    let mut kept: serde_json::Map<_, _> = kept.collect();
    // Up to OpenAPI 3.0, exclusive says how the bound is meant. From JSON Schema 6, it is the bound.
    for (flag, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
        if kept.remove(flag) == Some(json!(true))
            && let Some(bound) = kept.remove(bound)
        {
            kept.insert(flag.to_owned(), bound);
        }
    }
    let count = |key: &str| schema.get(key).and_then(Value::as_u64);
    let range = |least, most, what: &str| {
        let rule = between(schema.get(least), schema.get(most))?;
        Some(format!("{what} {rule}"))
    };
    let least = |key| count(key).unwrap_or(0) as usize;
    let most = |key| {
        count(key).map_or(quote!(usize::MAX), |it| {
            let it = it as usize;
            quote!(#it)
        })
    };
    let json: TokenStream = Value::Object(kept.clone()).to_string().parse().unwrap_or_default();
    match text(schema, "type") {
        Some("string") => {
            let length =
                range("minLength", "maxLength", "must be").map(|it| format!("{it} characters"));
            let pattern = text(schema, "pattern").map(|it| format!("must match the pattern {it}"));
            let rule: Vec<_> = length.into_iter().chain(pattern).collect();
            let rule = said.unwrap_or_else(|| rule.join(" and "));
            let (least, most) = (least("minLength"), most("maxLength"));
            let pattern = text(schema, "pattern").map_or(quote!(None), |it| quote!(Some(#it)));
            let is_secret = text(schema, "format") == Some("password");
            quote! { crate::generated::constrained::text! {
                #[doc = #description]
                pub struct #name {
                    length: #least..=#most, pattern: #pattern, rule: #rule, secret: #is_secret,
                    schema: #json
                }
            } }
        }
        Some("array") => {
            let item = item(&schema["items"]);
            let rule = range("minItems", "maxItems", "must have").map(|it| format!("{it} items"));
            let rule = said.or(rule).unwrap_or_default();
            let (least, most) = (least("minItems"), most("maxItems"));
            let lengths: TokenStream =
                json!({ "minItems": count("minItems"), "maxItems": count("maxItems") })
                    .to_string()
                    .parse()
                    .unwrap_or_default();
            quote! { crate::generated::constrained::list! {
                #[doc = #description]
                pub struct #name(#item) { length: #least..=#most, rule: #rule, schema: #lengths }
            } }
        }
        Some("integer") => {
            let is_small = text(schema, "format") == Some("int32");
            let ends =
                if is_small { (i32::MIN.into(), i32::MAX.into()) } else { (i64::MIN, i64::MAX) };
            let is_exclusive = |key: &str| i64::from(schema.get(key) == Some(&json!(true)));
            let bound = |key: &str| schema.get(key).and_then(Value::as_i64);
            let lower =
                bound("minimum").map(|it| it.saturating_add(is_exclusive("exclusiveMinimum")));
            let upper =
                bound("maximum").map(|it| it.saturating_sub(is_exclusive("exclusiveMaximum")));
            let among: Vec<_> = list(schema, "enum").iter().filter_map(Value::as_i64).collect();
            let is_bounded = lower.or(upper).is_some() || among.is_empty();
            let range = between(lower.map(Value::from).as_ref(), upper.map(Value::from).as_ref());
            let values: Vec<_> = among.iter().map(i64::to_string).collect();
            let rule = match range.filter(|_| is_bounded) {
                Some(range) => format!("must be {range}"),
                None => format!("must be one of {}", values.join(", ")),
            };
            let rule = said.unwrap_or(rule);
            let (lower, upper) = (lower.unwrap_or(ends.0), upper.unwrap_or(ends.1));
            let inner = match (lower, upper) {
                (0.., ..=0xffff_ffff) => quote!(u32),
                (-0x8000_0000.., ..=0x7fff_ffff) => quote!(i32),
                _ => quote!(i64),
            };
            let (lower, upper) = (Literal::i64_unsuffixed(lower), Literal::i64_unsuffixed(upper));
            let among = among.into_iter().map(Literal::i64_unsuffixed);
            quote! { crate::generated::constrained::integer! {
                #[doc = #description]
                pub struct #name(#inner) {
                    range: #lower..=#upper, among: [#(#among),*], rule: #rule, schema: #json
                }
            } }
        }
        _ => {
            let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
            let is = |key: &str| schema.get(key) == Some(&json!(true));
            let (lower, upper) = (bound("minimum"), bound("maximum"));
            let least = lower.map(|it| match is("exclusiveMinimum") {
                true => format!("more than {it}"),
                false => format!("at least {it}"),
            });
            let most = upper.map(|it| match is("exclusiveMaximum") {
                true => format!("less than {it}"),
                false => format!("at most {it}"),
            });
            let rule: Vec<_> = least.into_iter().chain(most).collect();
            let rule = said.unwrap_or_else(|| format!("must be {}", rule.join(" and ")));
            let compare = |flag, key, or_equal, strict| {
                let operator: TokenStream = if is(flag) { strict } else { or_equal };
                bound(key).map(|bound| quote!(&& value #operator #bound))
            };
            let lower = compare("exclusiveMinimum", "minimum", quote!(>=), quote!(>));
            let upper = compare("exclusiveMaximum", "maximum", quote!(<=), quote!(<));
            quote! { crate::generated::constrained::number! {
                #[doc = #description]
                pub struct #name { fits: |value| value.is_finite() #lower #upper, rule: #rule, schema: #json }
            } }
        }
    }
}

fn between(least: Option<&Value>, most: Option<&Value>) -> Option<String> {
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
    if let Some(name) = reference(schema).and_then(|it| it.rsplit('/').next()) {
        let name = format_ident!("{}", names::pascal(name));
        return quote!(crate::generated::client::types::#name);
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
            quote!(::serde_json::Map<::std::string::String, ::serde_json::Value>)
        }
        _ => quote!(::serde_json::Value),
    }
}
