//! Types that check what they hold. The generator drops some bounds of requests, checks others without
//! naming the value, and leaves all out of the JSON schemas.

use crate::document::{list, reference, requested, schema_name, schemas_mut, text};
use crate::{names, pattern};
use proc_macro2::{Ident, Literal, TokenStream};
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
    let schemas = schemas_mut(document).into_iter().flatten();
    let requested =
        schemas.filter(|(name, schema)| requested.contains(*name) && is_constrained(schema));
    let types = requested.map(|(name, schema)| {
        let name = names::pascal(name);
        let is_scalar = schema["type"] != "array";
        let declaration = declare(&format_ident!("{name}"), schema);
        *schema = json!({ "type": "string" });
        Constrained { name, is_scalar, declaration }
    });
    types.collect()
}

/// Removes from a schema of a request what the generator would read. A text of any format is a text. A
/// default is the service's own, so that a field that is left out is not sent.
pub(crate) fn plain(schema: &mut Value) {
    if is_constrained(schema) {
        return;
    }
    let is_text = schema["type"] == "string" && schema["format"] != "binary";
    if let Value::Object(schema) = schema {
        schema.retain(|key, _| key != "default" && !(is_text && key == "format"));
    }
}

/// The declaration of a type that checks, by a macro of the runtime.
fn declare(name: &Ident, schema: &Value) -> TokenStream {
    let description = text(schema, "description").unwrap_or_default();
    let Declared { of, inner, checks, rule } = match text(schema, "type") {
        Some("string") => text_type(schema),
        Some("array") => list_type(schema),
        Some("integer") => integer_type(schema),
        _ => number_type(schema),
    };
    let (of, from) = (format_ident!("{of}"), inner.to_string());
    // In the words of the document, if it has some.
    let rule = text(schema, "x-rule").unwrap_or(&rule);
    let json = json_schema(schema);
    quote! { __runtime::#of! {
        #[doc = #description]
        #[serde(try_from = #from)]
        pub struct #name(#inner) { #checks, rule: #rule, schema: #json }
    } }
}

/// What differs in the declarations.
struct Declared {
    /// The macro.
    of: &'static str,
    /// The type of what it holds.
    inner: TokenStream,
    checks: TokenStream,
    rule: String,
}

fn text_type(schema: &Value) -> Declared {
    let (length, words) = length(schema, "minLength", "maxLength");
    let length_rule = words.map(|it| format!("must be {it} characters"));
    let pattern = text(schema, "pattern");
    let pattern_rule = pattern.map(|it| format!("must match the pattern {it}"));
    let rules: Vec<_> = length_rule.into_iter().chain(pattern_rule).collect();
    let parts = pattern.and_then(|it| pattern::translate(it).ok()).unwrap_or_default();
    let parts = parts.iter().map(|(part, found)| quote!((#part, #found)));
    let is_secret = text(schema, "format") == Some("password");
    let checks = quote!(length: #length, pattern: &[#(#parts),*], secret: #is_secret);
    Declared { of: "text", inner: quote!(::std::string::String), checks, rule: rules.join(" and ") }
}

fn list_type(schema: &Value) -> Declared {
    let (length, words) = length(schema, "minItems", "maxItems");
    let rule = format!("must have {} items", words.unwrap_or_default());
    Declared { of: "list", inner: list_of(schema), checks: quote!(length: #length), rule }
}

/// The lengths that are allowed, as a range of Rust and in words.
fn length(schema: &Value, least: &str, most: &str) -> (TokenStream, Option<String>) {
    let [least, most] = [least, most].map(|key| schema.get(key).and_then(Value::as_u64));
    let words = words(least, most);
    let least = least.unwrap_or(0) as usize;
    let most = most.map(|it| it as usize).map_or(quote!(usize::MAX), |it| quote!(#it));
    (quote!(#least..=#most), words)
}

fn integer_type(schema: &Value) -> Declared {
    let bound = |key: &str| schema.get(key).and_then(Value::as_i64);
    let is_exclusive = |key: &str| i64::from(schema[key] == true);
    let lower = bound("minimum").map(|it| it.saturating_add(is_exclusive("exclusiveMinimum")));
    let upper = bound("maximum").map(|it| it.saturating_sub(is_exclusive("exclusiveMaximum")));
    let among: Vec<_> = list(schema, "enum").iter().filter_map(Value::as_i64).collect();
    let values = || among.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
    let words = words(lower, upper).unwrap_or_else(|| format!("one of {}", values()));
    let is_small = text(schema, "format") == Some("int32");
    let ends = if is_small { (i32::MIN.into(), i32::MAX.into()) } else { (i64::MIN, i64::MAX) };
    let (lower, upper) = (lower.unwrap_or(ends.0), upper.unwrap_or(ends.1));
    let inner = match (lower, upper) {
        (0.., ..=0xffff_ffff) => quote!(u32),
        (-0x8000_0000.., ..=0x7fff_ffff) => quote!(i32),
        _ => quote!(i64),
    };
    let (lower, upper) = (Literal::i64_unsuffixed(lower), Literal::i64_unsuffixed(upper));
    let is_listed = (!among.is_empty()).then(|| {
        let among = among.iter().copied().map(Literal::i64_unsuffixed);
        quote!(&& [#(#among),*].contains(&value))
    });
    let checks = quote! {
        is: [Eq, Hash, Ord], from: [i8 i16 i32 i64 isize u8 u16 u32 u64 usize],
        fits: |value| (#lower..=#upper).contains(&value) #is_listed
    };
    Declared { of: "number", inner, checks, rule: format!("must be {words}") }
}

fn number_type(schema: &Value) -> Declared {
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
    let (bounds, words): (Vec<_>, Vec<_>) = ends.unzip();
    let checks = quote!(is: [], from: [f64], fits: |value| value.is_finite() #(#bounds)*);
    let rule = format!("must be {}", words.join(" and "));
    Declared { of: "number", inner: quote!(f64), checks, rule }
}

/// What the JSON schema of the type says.
fn json_schema(schema: &Value) -> TokenStream {
    let keys = TEXT.iter().chain(&NUMBER).chain(&LIST).chain(&["type", "format", "enum"]);
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
    let keys = kept.keys();
    let values = kept.values().filter_map(|it| it.to_string().parse::<TokenStream>().ok());
    quote!({ extend(#(#keys = #values),*) })
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

/// The type of a list, as the generator has it.
fn list_of(schema: &Value) -> TokenStream {
    let item = item(&schema["items"]);
    quote!(::std::vec::Vec<#item>)
}

/// The type of the items of a list.
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
        (Some("array"), _) => list_of(schema),
        (Some("object"), _) => {
            quote!(__runtime::serde_json::Map<::std::string::String, __runtime::serde_json::Value>)
        }
        _ => quote!(__runtime::serde_json::Value),
    }
}
