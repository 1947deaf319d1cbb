//! Types of responses. They are decoded leniently, in the place of what serde derives, and a field with a
//! default is no `Option`.

use crate::{open::Enums, send::first_argument};
use quote::quote;
use syn::{Item, Type, ext::IdentExt, parse_quote, visit_mut, visit_mut::VisitMut};

/// Makes the decoding of every opened struct lenient. Such a struct is known by the field that keeps
/// what the document does not have.
pub(crate) struct Lenient<'a> {
    pub(crate) enums: &'a Enums,
    /// How many structs, and how many fields with a default, were changed.
    pub(crate) structs: usize,
    pub(crate) with_default: usize,
}

impl Lenient<'_> {
    /// The type of a field whose extensible enum has a default: that enum, instead of an `Option` of it.
    fn with_default(&self, ty: &Type) -> Option<Type> {
        let inner = first_argument(ty).filter(|_| quote!(#ty).to_string().contains("Option <"))?;
        let Type::Path(path) = &inner else { return None };
        let name = path.path.segments.last()?.ident.to_string();
        self.enums.get(&name)?.default().map(|_| inner)
    }
}

impl VisitMut for Lenient<'_> {
    fn visit_item_mod_mut(&mut self, module: &mut syn::ItemMod) {
        if let Some((_, items)) = &mut module.content {
            let structs = items.iter_mut().filter_map(|item| match item {
                Item::Struct(item) => implement(item),
                _ => None,
            });
            let implemented: Vec<_> = structs.collect();
            self.structs += implemented.len();
            items.extend(implemented);
        }
        visit_mut::visit_item_mod_mut(self, module);
    }

    fn visit_field_mut(&mut self, field: &mut syn::Field) {
        let name = renamed(field).map(|name| quote!(rename = #name,));
        if self.with_default(&field.ty).is_some()
            && let Some(attribute) = field.attrs.iter_mut().find(|it| it.path().is_ident("serde"))
        {
            self.with_default += 1;
            let skipped = quote!(skip_serializing_if = "__runtime::is_default");
            *attribute = parse_quote!(#[serde(#name default, #skipped)]);
        }
        visit_mut::visit_field_mut(self, field);
    }

    fn visit_type_mut(&mut self, ty: &mut Type) {
        if let Some(inner) = self.with_default(ty) {
            *ty = inner;
        }
        visit_mut::visit_type_mut(self, ty);
    }

    /// The fields that the document does not have are optional in a builder.
    fn visit_field_value_mut(&mut self, field: &mut syn::FieldValue) {
        let (member, value) = (&field.member, &field.expr);
        if quote!(#member: #value).to_string().starts_with("extra : Err") {
            field.expr = parse_quote!(Ok(::std::default::Default::default()));
        }
        visit_mut::visit_field_value_mut(self, field);
    }
}

/// Removes the derived `Deserialize` of a struct, and returns the macro that implements it instead.
fn implement(item: &mut syn::ItemStruct) -> Option<Item> {
    let is_extra = |field: &&mut syn::Field| {
        serde(field).is_some_and(|it| quote!(#it).to_string().contains("flatten"))
    };
    let extra = item.fields.iter_mut().find(is_extra)?;
    let kept = "Fields that the document does not have: the first 100000 values of them.";
    extra.attrs.push(parse_quote!(#[doc = #kept]));
    let extra = extra.ident.clone();
    let derive = item.attrs.iter_mut().find(|attr| attr.path().is_ident("derive"))?;
    *derive = parse_quote!(#[derive(__runtime::serde::Serialize, Clone, Debug, PartialEq)]);
    item.attrs.push(parse_quote!(#[derive(Default)]));
    let object = &item.ident;
    let fields = item.fields.iter().filter(|field| field.ident != extra).map(|field| {
        let ident = field.ident.as_ref();
        let name = renamed(field).or(ident.map(|ident| ident.unraw().to_string()));
        quote!(#ident: #name,)
    });
    Some(parse_quote!(__runtime::lenient! { #object { #(#fields)* } #extra }))
}

/// The attribute of a field for serde.
fn serde(field: &syn::Field) -> Option<&syn::Attribute> {
    field.attrs.iter().find(|attr| attr.path().is_ident("serde"))
}

/// The name of a field in JSON, if it is not the one in Rust.
fn renamed(field: &syn::Field) -> Option<String> {
    let mut name = None;
    let told = serde(field)?.parse_nested_meta(|told| {
        let Ok(value) = told.value() else { return Ok(()) };
        let value = value.parse::<syn::LitStr>()?.value();
        name = name.take().or(told.path.is_ident("rename").then_some(value));
        Ok(())
    });
    told.ok().and(name)
}
