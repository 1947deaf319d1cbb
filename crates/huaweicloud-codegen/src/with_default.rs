//! Fields with a default, in the place of optional ones.

use crate::{enums::Enums, send::first_argument};
use quote::quote;
use syn::{parse_quote, visit_mut, visit_mut::VisitMut};

/// Makes a field whose extensible enum has a default that enum itself, instead of an `Option` of it.
pub(crate) struct WithDefault<'a> {
    pub(crate) enums: &'a Enums,
    pub(crate) found: usize,
}

impl WithDefault<'_> {
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
                self.found += 1;
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
