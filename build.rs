//! `openapi.yaml` → the client, its types and its mocks, written to `OUT_DIR` only.
//!
//! progenitor writes the code. Before it does, the responses in the document are opened; after it
//! did, their fields are made lenient. What the service adds or spells differently must not lose the
//! rest of a response. Requests stay as strict as the document.

use heck::{ToSnakeCase, ToUpperCamelCase};
use openapiv3::OpenAPI;
use proc_macro2::TokenStream;
use progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle, TypeImpl};
use quote::{format_ident, quote};
use schemars::schema::{InstanceType, SchemaObject};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{self, AssertUnwindSafe};
use std::{env, fs, path::Path};
use syn::{
    ext::IdentExt, parse_quote, punctuated::Punctuated, visit::Visit, visit_mut,
    visit_mut::VisitMut,
};

type Result<T> = std::result::Result<T, String>;

const DOCUMENT: &str = "openapi.yaml";
const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];
/// What a response need not obey.
const CONSTRAINTS: [&str; 14] = [
    "required",
    "nullable",
    "default",
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minItems",
    "maxItems",
    "uniqueItems",
];

fn main() {
    println!("cargo::rerun-if-changed={DOCUMENT}");
    println!("cargo::rerun-if-changed=build.rs");
    if let Err(cause) = generate() {
        println!("cargo::error={DOCUMENT}: {}", cause.replace('\n', " "));
    }
}

fn generate() -> Result<()> {
    let text = fs::read_to_string(DOCUMENT).map_err(|e| e.to_string())?;
    let mut document: Value = yaml_serde::from_str(&text).map_err(|e| e.to_string())?;
    check_references(&document)?;
    check_types(&document, "")?;
    let operations = operations(&document)?;
    let rules = rules(&document);
    let enums = open_responses(&mut document)?;
    let spec = read(&document)?;

    let mut settings = GenerationSettings::new();
    settings
        .with_interface(InterfaceStyle::Builder)
        .with_hooks(HooksMode::Expected)
        .with_inner_type(quote!(crate::pipeline::Pipeline))
        .with_derive("PartialEq");
    if env::var_os("CARGO_FEATURE_SCHEMARS").is_some() {
        settings.with_derive("::schemars::JsonSchema");
    }
    for name in enums.keys() {
        let open = format!("crate::generated::enums::{name}");
        let impls = || [TypeImpl::Display, TypeImpl::FromStr].into_iter();
        let marked = SchemaObject {
            instance_type: Some(InstanceType::String.into()),
            format: Some(extensible_format(name)),
            ..Default::default()
        };
        settings.with_conversion(marked, &open, impls());
        settings.with_replacement(name, &open, impls());
    }

    let mut files = vec![("operations.rs", operations), ("enums.rs", declare(&enums))];
    files.push(("client.rs", generated(|| Generator::new(&settings).generate_tokens(&spec))?));
    if env::var_os("CARGO_FEATURE_MOCK").is_some() {
        let mock = generated(|| Generator::new(&settings).httpmock(&spec, "crate::generated"))?;
        files.push(("mock.rs", mock));
    }
    let directory = env::var_os("OUT_DIR").ok_or("cargo sets no OUT_DIR")?;
    for (name, code) in files {
        let mut file: syn::File = syn::parse2(code).map_err(|e| format!("{name}: {e}"))?;
        Lenient.visit_file_mut(&mut file);
        OwnError.visit_file_mut(&mut file);
        WithDefault(&enums).visit_file_mut(&mut file);
        StateRules(&rules).visit_file_mut(&mut file);
        // The generator's examples are sketches, which nobody compiles.
        let code = prettyplease::unparse(&file).replace("```ignore", "```text");
        fs::write(Path::new(&directory).join(name), code).map_err(|e| format!("{name}: {e}"))?;
    }
    Ok(())
}

/// Runs the generator, which panics over some documents: that, too, is an error of one line.
fn generated(
    run: impl FnOnce() -> std::result::Result<TokenStream, progenitor::Error>,
) -> Result<TokenStream> {
    let silenced = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let outcome = panic::catch_unwind(AssertUnwindSafe(run));
    panic::set_hook(silenced);
    outcome
        .map_err(|panic| {
            let formatted = panic.downcast_ref::<String>().map(String::as_str);
            let cause = formatted.or(panic.downcast_ref::<&str>().copied());
            let cause = match cause.unwrap_or("it gives no cause") {
                it if it.contains("response_types.len() <= 1") => {
                    "an operation has success responses, or error responses, of more than one type"
                }
                it => it,
            };
            format!("the generator cannot take it: {cause}")
        })?
        .map_err(|e| e.to_string())
}

/// The document as OpenAPI. serde says what does not fit but not where, so the parts are tried one
/// by one to find the place.
fn read(document: &Value) -> Result<OpenAPI> {
    serde_json::from_value(document.clone()).map_err(|whole| {
        let paths = parts(document, "/paths").map(|(place, part)| {
            (place, serde_json::from_value::<openapiv3::PathItem>(part).err())
        });
        let schemas = parts(document, "/components/schemas")
            .map(|(place, part)| (place, serde_json::from_value::<openapiv3::Schema>(part).err()));
        paths
            .chain(schemas)
            .find_map(|(place, error)| error.map(|error| format!("{place}: {error}")))
            .unwrap_or_else(|| whole.to_string())
    })
}

fn parts<'a>(document: &'a Value, place: &'a str) -> impl Iterator<Item = (String, Value)> + 'a {
    let map = document.pointer(place).and_then(Value::as_object);
    map.into_iter().flatten().map(move |(name, part)| (format!("{place}/{name}"), part.clone()))
}

/// Every `$ref` below a node, with the node's place.
fn references<'a>(node: &'a Value, place: String, found: &mut Vec<(String, &'a str)>) {
    if let Some(reference) = node.get("$ref").and_then(Value::as_str) {
        found.push((place.clone(), reference));
    }
    match node {
        Value::Object(map) => {
            map.iter().for_each(|(key, node)| references(node, format!("{place}/{key}"), found))
        }
        Value::Array(list) => list.iter().for_each(|node| references(node, place.clone(), found)),
        _ => {}
    }
}

fn check_references(document: &Value) -> Result<()> {
    let mut found = Vec::new();
    references(document, String::new(), &mut found);
    for (place, reference) in found {
        let target = reference.strip_prefix('#').and_then(|target| document.pointer(target));
        target.ok_or_else(|| format!("{place}: there is no {reference}"))?;
    }
    Ok(())
}

/// The generator panics over a type that OpenAPI does not have, and does not say where.
fn check_types(node: &Value, place: &str) -> Result<()> {
    let types = ["array", "boolean", "integer", "number", "object", "string"];
    for (key, node) in node.as_object().into_iter().flatten() {
        match (key.as_str(), node.as_str()) {
            // Anything may stand in an example, and a security scheme has types of its own.
            ("example" | "examples" | "default" | "securitySchemes", _) => {}
            ("type", Some(given)) if !types.contains(&given) => {
                return Err(format!("{place}: there is no type {given}; there are {types:?}"));
            }
            _ => check_types(node, &format!("{place}/{key}"))?,
        }
    }
    node.as_array().into_iter().flatten().try_for_each(|node| check_types(node, place))
}

/// Every operation: method, path, and the operation itself.
fn each_operation(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let paths = document.pointer("/paths").and_then(Value::as_object);
    paths.into_iter().flatten().flat_map(|(path, item)| {
        let methods = METHODS.into_iter();
        methods.filter_map(move |method| Some((method, path.as_str(), item.get(method)?)))
    })
}

/// What a node refers to, directly or as `allOf` with a description beside it; else the node.
fn resolved<'a>(document: &'a Value, node: &'a Value) -> &'a Value {
    let reference = node.get("$ref").or(node.pointer("/allOf/0/$ref")).and_then(Value::as_str);
    reference.and_then(|it| document.pointer(it.strip_prefix('#')?)).unwrap_or(node)
}

/// What the pipeline must know of an operation, read from the document.
fn operations(document: &Value) -> Result<TokenStream> {
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

/// An enum of a response: its description, and each value with its meaning.
struct ExtensibleEnum {
    description: String,
    values: Vec<(String, String)>,
    /// The value that stands for a field that is not there.
    default: Option<String>,
}

/// Opens every schema that only responses have, and returns the enums found there.
fn open_responses(document: &mut Value) -> Result<BTreeMap<String, ExtensibleEnum>> {
    let requested = requested(document);
    let mut enums = BTreeMap::new();
    open_below(document, "", &requested, &mut enums)?;
    Ok(enums)
}

/// The named schemas that requests reach.
fn requested(document: &Value) -> BTreeSet<String> {
    let mut open = Vec::new();
    let items = document.pointer("/paths").and_then(Value::as_object).into_iter().flatten();
    let operations = each_operation(document).map(|(_, _, operation)| operation);
    for node in items.map(|(_, item)| item).chain(operations) {
        for part in ["parameters", "requestBody"] {
            references(node.get(part).unwrap_or(&Value::Null), String::new(), &mut open);
        }
    }
    let mut reached = BTreeSet::new();
    while let Some((_, reference)) = open.pop() {
        if reached.insert(reference.to_string()) {
            let target = reference.strip_prefix('#').and_then(|target| document.pointer(target));
            references(target.unwrap_or(&Value::Null), String::new(), &mut open);
        }
    }
    reached
}

fn open_below(
    node: &mut Value,
    place: &str,
    requested: &BTreeSet<String>,
    enums: &mut BTreeMap<String, ExtensibleEnum>,
) -> Result<()> {
    let (parent, name) = place.rsplit_once('/').unwrap_or_default();
    let named = parent == "/components/schemas" && !requested.contains(&format!("#{place}"));
    if named || (name == "schema" && place.contains("/responses/")) {
        return open(node, name, enums);
    }
    for (key, node) in node.as_object_mut().into_iter().flatten() {
        open_below(node, &format!("{place}/{key}"), requested, enums)?;
    }
    Ok(())
}

/// Takes from a schema what could make an unexpected response unreadable. Fields that the document
/// does not have are kept in a field `extra`; an enum becomes an extensible one.
fn open(
    schema: &mut Value,
    name: &str,
    enums: &mut BTreeMap<String, ExtensibleEnum>,
) -> Result<()> {
    let Value::Object(schema) = schema else { return Ok(()) };
    let is = |kind| schema.get("type") == Some(&json!(kind));
    let (string, object) = (is("string"), is("object"));
    let values = schema.remove("x-extensible-enum").or(schema.remove("enum"));
    let title = schema.remove("title");
    if string {
        schema.remove("format");
    }
    if let (true, Some(Value::Array(values))) = (string, values) {
        let name = title.as_ref().and_then(Value::as_str).unwrap_or(name).to_upper_camel_case();
        let meaning = |value: &str| {
            let meaning = schema.get("x-enumDescriptions").and_then(|all| all.get(value));
            meaning.and_then(Value::as_str).unwrap_or(value).to_string()
        };
        let values = values.iter().filter_map(Value::as_str);
        let description = schema.get("description").and_then(Value::as_str).unwrap_or_default();
        let found = ExtensibleEnum {
            description: description.to_string(),
            values: values.map(|value| (value.to_string(), meaning(value))).collect(),
            default: schema.get("default").and_then(Value::as_str).map(str::to_owned),
        };
        schema.insert("format".into(), extensible_format(&name).into());
        if enums.get(&name).is_some_and(|known| known.values != found.values) {
            return Err(format!("two different enums are called {name}: give one a title"));
        }
        enums.insert(name, found);
    }
    schema.retain(|key, _| !CONSTRAINTS.contains(&key.as_str()) && !key.starts_with("x-"));
    if object && schema.contains_key("properties") {
        // Not `true`: only a schema makes the generator keep the fields.
        schema.insert("additionalProperties".into(), json!({}));
    }
    for (name, property) in
        schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten()
    {
        open(property, name, enums)?;
    }
    for key in ["items", "additionalProperties"] {
        open(schema.get_mut(key).unwrap_or(&mut Value::Null), name, enums)?;
    }
    for key in ["allOf", "anyOf", "oneOf"] {
        for schema in schema.get_mut(key).and_then(Value::as_array_mut).into_iter().flatten() {
            open(schema, name, enums)?;
        }
    }
    Ok(())
}

/// Marks a string as an extensible enum, for the generator to find.
fn extensible_format(name: &str) -> String {
    format!("extensible enum {name}")
}

fn declare(enums: &BTreeMap<String, ExtensibleEnum>) -> TokenStream {
    let enums = enums.iter().map(|(name, ExtensibleEnum { description, values, default })| {
        let name = format_ident!("{name}");
        let values = values.iter().map(|(value, meaning)| {
            let variant = format_ident!("{}", value.to_upper_camel_case());
            let default = (default.as_ref() == Some(value)).then(|| quote!(#[default]));
            quote! { #[doc = #meaning] #default #variant = #value }
        });
        let derive = default.as_ref().map(|_| quote!(#[derive(Default)]));
        quote! { crate::generated::extensible_enum::extensible_enum! { #[doc = #description] #derive pub enum #name { #(#values),* } } }
    });
    quote! { #(#enums)* }
}

/// Makes the decoding of every opened struct lenient. Such a struct is known by the field that keeps
/// what the document does not have.
struct Lenient;

impl Lenient {
    /// Takes `Deserialize` from a struct, and returns the macro that implements it anew.
    fn implement(item: &mut syn::ItemStruct) -> Option<syn::Item> {
        let extra = item.fields.iter_mut().find(|field| serde_says(field, "flatten"))?;
        extra.attrs.push(parse_quote!(#[doc = "Fields that the document does not have: the first 100000 values of them."]));
        let extra = extra.ident.clone();
        item.attrs.push(parse_quote!(#[derive(Default)]));
        for attr in item.attrs.iter_mut().filter(|attr| attr.path().is_ident("derive")) {
            let derives = Punctuated::<syn::Path, syn::Token![,]>::parse_terminated;
            let kept = attr.parse_args_with(derives).ok()?.into_iter();
            let kept =
                kept.filter(|path| path.segments.last().is_none_or(|it| it.ident != "Deserialize"));
            *attr = parse_quote!(#[derive(#(#kept),*)]);
        }
        let object = &item.ident;
        let fields = item.fields.iter().filter(|field| field.ident != extra).map(|field| {
            let name =
                renamed(field).or(field.ident.as_ref().map(|ident| ident.unraw().to_string()));
            let ident = &field.ident;
            quote!(#ident: #name,)
        });
        Some(parse_quote!(crate::generated::lenient::lenient! { #object { #(#fields)* } #extra }))
    }
}

/// The name of a field in JSON, if it is not the one in Rust.
fn renamed(field: &syn::Field) -> Option<String> {
    let mut name = None;
    for attr in field.attrs.iter().filter(|attr| attr.path().is_ident("serde")) {
        // Only `rename` has a value that is parsed; what follows it does not matter.
        _ = attr.parse_nested_meta(|meta| {
            let value = meta.value().and_then(|value| value.parse::<syn::LitStr>());
            if meta.path.is_ident("rename") {
                name = Some(value?.value());
            }
            Ok(())
        });
    }
    name
}

impl VisitMut for Lenient {
    fn visit_item_mod_mut(&mut self, module: &mut syn::ItemMod) {
        if let Some((_, items)) = &mut module.content {
            let structs = items.iter_mut().filter_map(|item| match item {
                syn::Item::Struct(item) => Self::implement(item),
                _ => None,
            });
            let implemented: Vec<_> = structs.collect();
            items.extend(implemented);
        }
        visit_mut::visit_item_mod_mut(self, module);
    }

    /// The generator's own function is strict about every character.
    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        if quote!(#path).to_string() == "ResponseValue :: from_response" {
            *path = parse_quote!(crate::generated::decode::decoded);
        }
        visit_mut::visit_path_mut(self, path);
    }

    /// A builder need not be told that there are no fields beyond the document's.
    fn visit_field_value_mut(&mut self, field: &mut syn::FieldValue) {
        let (member, value) = (&field.member, &field.expr);
        if quote!(#member: #value).to_string().starts_with("extra : Err") {
            field.expr = parse_quote!(Ok(::std::default::Default::default()));
        }
        visit_mut::visit_field_value_mut(self, field);
    }
}

/// Makes a field whose extensible enum has a default that enum itself, instead of an `Option` of it.
struct WithDefault<'a>(&'a BTreeMap<String, ExtensibleEnum>);

impl WithDefault<'_> {
    fn inner(&self, ty: &syn::Type) -> Option<syn::Type> {
        let inner = success_of(ty).filter(|_| quote!(#ty).to_string().contains("Option <"))?;
        let syn::Type::Path(path) = &inner else { return None };
        let name = path.path.segments.last()?.ident.to_string();
        self.0.get(&name)?.default.as_ref().map(|_| inner)
    }
}

impl VisitMut for WithDefault<'_> {
    fn visit_field_mut(&mut self, field: &mut syn::Field) {
        if self.inner(&field.ty).is_some() {
            let skipped = field.attrs.iter_mut().find(|it| it.path().is_ident("serde"));
            if let Some(attr) = skipped {
                *attr = parse_quote!(#[serde(default, skip_serializing_if = "crate::generated::extensible_enum::is_default")]);
            }
        }
        visit_mut::visit_field_mut(self, field);
    }

    fn visit_type_mut(&mut self, ty: &mut syn::Type) {
        if let Some(inner) = self.inner(ty) {
            *ty = inner;
        }
        visit_mut::visit_type_mut(self, ty);
    }
}

/// Gives every call the error of this crate.
struct OwnError;

impl VisitMut for OwnError {
    fn visit_impl_item_fn_mut(&mut self, function: &mut syn::ImplItemFn) {
        let syn::ReturnType::Type(_, output) = &function.sig.output else { return };
        let output: syn::Type = *output.clone();
        let mut ids = OperationId(None);
        ids.visit_block(&function.block);
        let (Some(id), Some(success)) = (ids.0, success_of(&output)) else { return };
        let block = &function.block;
        function.block = parse_quote!({
            let outcome: #output = async move #block.await;
            outcome.map_err(|error| crate::generated::failure::failed(#id, error))
        });
        function.sig.output = parse_quote!(-> Result<#success, crate::error::Error>);
    }
}

/// The id of the operation that a function calls.
struct OperationId(Option<syn::LitStr>);

impl<'ast> Visit<'ast> for OperationId {
    fn visit_field_value(&mut self, field: &'ast syn::FieldValue) {
        if let (
            syn::Member::Named(name),
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(id), .. }),
        ) = (&field.member, &field.expr)
            && name == "operation_id"
        {
            self.0 = Some(id.clone());
        }
    }
}

/// The first type of a `Result`.
fn success_of(output: &syn::Type) -> Option<syn::Type> {
    let syn::Type::Path(path) = output else { return None };
    let syn::PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments
    else {
        return None;
    };
    match arguments.args.first()? {
        syn::GenericArgument::Type(success) => Some(success.clone()),
        _ => None,
    }
}

/// The rules of patterns in words (`x-rule`), by what the generated code says without them.
fn rules(document: &Value) -> BTreeMap<String, String> {
    let schemas = parts(document, "/components/schemas");
    let rule = |(_, schema): (String, Value)| {
        let pattern = schema.get("pattern")?.as_str()?;
        let rule = schema.get("x-rule")?.as_str()?;
        Some((format!("doesn't match pattern \"{pattern}\""), rule.to_owned()))
    };
    schemas.filter_map(rule).collect()
}

/// Puts the rules in words into the error messages of the generated code.
struct StateRules<'a>(&'a BTreeMap<String, String>);

impl VisitMut for StateRules<'_> {
    fn visit_lit_str_mut(&mut self, text: &mut syn::LitStr) {
        if let Some(rule) = self.0.get(&text.value()) {
            *text = syn::LitStr::new(rule, text.span());
        }
    }
}

fn serde_says(field: &syn::Field, word: &str) -> bool {
    field
        .attrs
        .iter()
        .any(|attr| attr.path().is_ident("serde") && quote!(#attr).to_string().contains(word))
}
