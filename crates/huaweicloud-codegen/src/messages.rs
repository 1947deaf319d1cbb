//! Error messages that name the argument, what was given and the rule, in the place of those of the
//! generator.

use crate::rewrite::Found;
use quote::quote;
use syn::{
    Expr, ImplItemFn, ItemImpl, WherePredicate, ext::IdentExt, parse_quote, visit_mut,
    visit_mut::VisitMut,
};

/// How many setters there are, and how many say what is wrong with a value.
#[derive(Default)]
pub(crate) struct Messages {
    pub(crate) setters: usize,
    pub(crate) found: Found,
    /// What is required.
    pub(crate) required: Found,
}

impl VisitMut for Messages {
    /// The setter of a parameter takes what can be converted. Its error must be one that can be shown.
    fn visit_impl_item_fn_mut(&mut self, function: &mut ImplItemFn) {
        let sets = function.sig.inputs.len() == 2 && is_generic_over_conversion(function);
        self.setters += usize::from(sets);
        let takes = quote!(#function).to_string();
        if let (Some(bounds), true) =
            (&mut function.sig.generics.where_clause, takes.contains("conversion to `"))
        {
            let shown: Vec<WherePredicate> = bounds
                .predicates
                .iter()
                .filter_map(|bound| {
                    let WherePredicate::Type(bound) = bound else { return None };
                    let (given, wanted) = (&bound.bounded_ty, bound.bounds.first()?);
                    let is_conversion = quote!(#wanted).to_string().contains("TryInto");
                    is_conversion
                        .then(|| parse_quote!(<#given as #wanted>::Error: ::std::fmt::Display))
                })
                .collect();
            bounds.predicates.extend(shown);
        }
        visit_mut::visit_impl_item_fn_mut(self, function);
    }

    fn visit_expr_method_call_mut(&mut self, call: &mut syn::ExprMethodCall) {
        visit_mut::visit_expr_method_call_mut(self, call);
        let Some(Expr::Closure(closure)) = call.args.first().filter(|_| call.method == "map_err")
        else {
            return;
        };
        let said = quote!(#closure).to_string();
        let is_ours = ["conversion to `", "error converting supplied value for"];
        if let Some((_, name)) =
            said.split_once(" for ").filter(|_| is_ours.iter().any(|it| said.contains(it)))
        {
            let name = name
                .split(|it: char| !it.is_alphanumeric() && it != '_')
                .next()
                .unwrap_or_default();
            call.args = parse_quote!(|error| __runtime::argument(#name, error));
            self.found.one();
        }
    }

    /// `name: Err("name was not initialized".to_string())`, as long as a caller has given nothing.
    fn visit_field_value_mut(&mut self, field: &mut syn::FieldValue) {
        visit_mut::visit_field_value_mut(self, field);
        if let (syn::Member::Named(name), Expr::Call(call)) = (&field.member, &field.expr)
            && let Expr::Path(function) = &*call.func
            && function.path.is_ident("Err")
        {
            let said = format!("{}: is required", name.unraw());
            field.expr = parse_quote!(Err(#said.to_string()));
            self.required.one();
        }
    }

    /// An enum of a request says which values it has.
    fn visit_item_impl_mut(&mut self, block: &mut ItemImpl) {
        let is_from_str = block
            .trait_
            .as_ref()
            .is_some_and(|(path, _)| path.segments.last().is_some_and(|it| it.ident == "FromStr"));
        if is_from_str {
            EnumValues.visit_item_impl_mut(block);
        }
        visit_mut::visit_item_impl_mut(self, block);
    }
}

/// Whether a function takes whatever can be converted.
fn is_generic_over_conversion(function: &ImplItemFn) -> bool {
    let bounds = &function.sig.generics.where_clause;
    quote!(#bounds).to_string().contains("TryInto")
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
