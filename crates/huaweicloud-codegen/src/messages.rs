//! Error messages that name the argument, what was given and the rule, in the place of those of the
//! generator.

use quote::quote;
use syn::{
    Expr, ImplItemFn, ItemImpl, WherePredicate, ext::IdentExt, parse_quote, visit_mut,
    visit_mut::VisitMut,
};

#[derive(Default)]
pub(crate) struct Messages {
    /// How many functions set a value.
    pub(crate) setters: usize,
    /// How many of them say what is wrong with it.
    pub(crate) found: usize,
    /// How many messages about a missing value there are.
    pub(crate) required: usize,
}

impl VisitMut for Messages {
    /// A setter converts its argument. If that fails, it keeps the error until `send`.
    fn visit_impl_item_fn_mut(&mut self, function: &mut ImplItemFn) {
        visit_mut::visit_impl_item_fn_mut(self, function);
        let Some(bounds) = &mut function.sig.generics.where_clause else { return };
        let said = quote!(#bounds).to_string();
        if function.sig.inputs.len() != 2 || !said.contains("TryInto") {
            return;
        }
        self.setters += 1;
        let mut setter = Setter { name: function.sig.ident.unraw().to_string(), found: 0 };
        setter.visit_block_mut(&mut function.block);
        self.found += setter.found;
        // The error must be one that can be shown.
        if !said.contains("T :: Error :") {
            let shown: Vec<_> = bounds.predicates.iter().filter_map(error_is_shown).collect();
            bounds.predicates.extend(shown);
        }
    }

    /// `name: Err("name was not initialized".to_string())`, until the setter is called.
    fn visit_field_value_mut(&mut self, field: &mut syn::FieldValue) {
        visit_mut::visit_field_value_mut(self, field);
        if let (syn::Member::Named(name), Expr::Call(call)) = (&field.member, &field.expr)
            && let Expr::Path(function) = &*call.func
            && function.path.is_ident("Err")
        {
            let said = format!("{}: is required", name.unraw());
            field.expr = parse_quote!(Err(#said.to_string()));
            self.required += 1;
        }
    }

    /// The error of an enum of a request lists its values.
    fn visit_item_impl_mut(&mut self, block: &mut ItemImpl) {
        let name = block.trait_.as_ref().and_then(|(path, _)| path.segments.last());
        if name.is_some_and(|it| it.ident == "FromStr") {
            EnumValues.visit_item_impl_mut(block);
        }
        visit_mut::visit_item_impl_mut(self, block);
    }
}

/// `V: TryInto<Id>` → `<V as TryInto<Id>>::Error: Display`
fn error_is_shown(bound: &WherePredicate) -> Option<WherePredicate> {
    let WherePredicate::Type(bound) = bound else { return None };
    let (given, wanted) = (&bound.bounded_ty, bound.bounds.first()?);
    let is_conversion = quote!(#wanted).to_string().contains("TryInto");
    is_conversion.then(|| parse_quote!(<#given as #wanted>::Error: ::std::fmt::Display))
}

/// `value.try_into().map_err(|_| "conversion to `Id` for id failed".to_string())`
struct Setter {
    name: String,
    found: usize,
}

impl VisitMut for Setter {
    fn visit_expr_method_call_mut(&mut self, call: &mut syn::ExprMethodCall) {
        visit_mut::visit_expr_method_call_mut(self, call);
        if call.method == "map_err" {
            let name = &self.name;
            call.args = parse_quote!(|error| __runtime::argument(#name, error));
            self.found += 1;
        }
    }
}

struct EnumValues;

impl VisitMut for EnumValues {
    fn visit_expr_match_mut(&mut self, values: &mut syn::ExprMatch) {
        let texts = values.arms.iter().filter_map(|arm| match &arm.pat {
            syn::Pat::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        });
        let rule = format!("must be one of {}", texts.collect::<Vec<_>>().join(", "));
        let other = values.arms.iter_mut().find(|arm| matches!(arm.pat, syn::Pat::Wild(_)));
        if let Some(other) = other {
            let broken = quote!(__runtime::broken_text(value, #rule, false));
            *other.body = parse_quote!(Err(#broken.into()));
        }
    }
}
