//! Fields with a default, in the place of optional ones.

use crate::{
    document::{fields, resolved, schemas, text},
    enums::{Enums, extensible_format},
    rewrite::Found,
    send::first_argument,
};
use quote::quote;
use serde_json::Value;
use syn::{parse_quote, visit_mut, visit_mut::VisitMut};

/// Makes a field whose extensible enum has a default that enum itself, instead of an `Option` of it.
pub(crate) struct WithDefault<'a> {
    enums: &'a Enums,
    pub(crate) found: Found,
}

impl<'a> WithDefault<'a> {
    pub(crate) fn new(enums: &'a Enums) -> Self {
        Self { enums, found: Found::default() }
    }

    /// How many fields of the opened document have a default.
    pub(crate) fn expected(&self, document: &Value) -> usize {
        let defaults = self.enums.iter().filter(|(_, it)| it.default.is_some());
        let formats: Vec<_> = defaults.map(|(name, _)| extensible_format(name)).collect();
        let properties = schemas(document).filter_map(|(_, schema)| schema.get("properties"));
        let formats_of = |field| text(resolved(document, field), "format");
        let fields = properties.flat_map(fields).filter_map(|(_, field)| formats_of(field));
        fields.filter(|format| formats.iter().any(|it| it == format)).count()
    }

    fn inner(&self, ty: &syn::Type) -> Option<syn::Type> {
        let inner = first_argument(ty).filter(|_| quote!(#ty).to_string().contains("Option <"))?;
        let syn::Type::Path(path) = &inner else { return None };
        let name = path.path.segments.last()?.ident.to_string();
        self.enums.get(&name)?.default.as_ref().map(|_| inner)
    }
}

impl VisitMut for WithDefault<'_> {
    fn visit_field_mut(&mut self, field: &mut syn::Field) {
        if self.inner(&field.ty).is_some() {
            let skipped = field.attrs.iter_mut().find(|it| it.path().is_ident("serde"));
            if let Some(attr) = skipped {
                self.found.one();
                *attr =
                    parse_quote!(#[serde(default, skip_serializing_if = "__runtime::is_default")]);
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
