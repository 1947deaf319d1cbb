//! Error messages that name the argument, what was given and the rule, in the place of those of the
//! generator.

use quote::quote;
use syn::ext::IdentExt;
use syn::visit_mut::VisitMut;
use syn::{Arm, Expr, ImplItemFn, Pat, WherePredicate, parse_quote, visit_mut};

#[derive(Default)]
pub(crate) struct Messages {
    /// How many functions set a value.
    pub(crate) setters: usize,
    /// How many of them say what is wrong with it.
    pub(crate) found: usize,
    /// How many messages about a missing value there are.
    pub(crate) required: usize,
    /// The function that is visited, if it sets a value.
    setter: Option<String>,
}

impl VisitMut for Messages {
    /// A setter converts its argument. If that fails, it keeps the error until `send`.
    fn visit_impl_item_fn_mut(&mut self, function: &mut ImplItemFn) {
        if let Some(bounds) = &mut function.sig.generics.where_clause
            && let Some(WherePredicate::Type(bound)) = bounds.predicates.first()
            && let (given, Some(wanted)) = (&bound.bounded_ty, bound.bounds.first())
            && quote!(#wanted).to_string().contains("TryInto")
        {
            self.setters += 1;
            self.setter = Some(function.sig.ident.unraw().to_string());
            // The error must be one that can be shown.
            let error = quote!(<#given as #wanted>::Error);
            if !quote!(#bounds).to_string().contains("T :: Error :") {
                bounds.predicates.push(parse_quote!(#error: ::std::fmt::Display));
            }
        }
        visit_mut::visit_impl_item_fn_mut(self, function);
        self.setter = None;
    }

    /// `value.try_into().map_err(|_| "conversion to `Id` for id failed".to_string())`
    fn visit_expr_method_call_mut(&mut self, call: &mut syn::ExprMethodCall) {
        visit_mut::visit_expr_method_call_mut(self, call);
        if let Some(name) = self.setter.as_ref().filter(|_| call.method == "map_err") {
            call.args = parse_quote!(|error| __runtime::argument(#name, error));
            self.found += 1;
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

    /// The error of an enum of a request lists its values: `match value { "a" => Ok(Self::A), _ => … }`
    fn visit_expr_match_mut(&mut self, values: &mut syn::ExprMatch) {
        visit_mut::visit_expr_match_mut(self, values);
        let texts = values.arms.iter().filter_map(|arm| match &arm.pat {
            Pat::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        });
        let texts: Vec<_> = texts.collect();
        if let Some(Arm { pat: Pat::Wild(_), body, .. }) = values.arms.last_mut()
            && !texts.is_empty()
        {
            let rule = format!("must be one of {}", texts.join(", "));
            let broken = quote!(__runtime::broken_text(value, #rule, false));
            **body = parse_quote!(Err(#broken.into()));
        }
    }
}
