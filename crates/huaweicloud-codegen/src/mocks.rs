//! Typed mocks of all that can be sent. The generator's own do not compile for lists in a query and for
//! numbers as a body, know bytes only as JSON, and take a path for a regular expression.

use crate::segments::arguments;
use quote::quote;
use syn::{Expr, FnArg, ImplItemFn, ItemImpl, parse_quote, visit_mut, visit_mut::VisitMut};

#[derive(Default)]
pub(crate) struct Mocks {
    /// Whether the current block is of responses.
    is_response: bool,
}

impl VisitMut for Mocks {
    fn visit_item_impl_mut(&mut self, block: &mut ItemImpl) {
        let of = &block.self_ty;
        self.is_response = quote!(#of).to_string().ends_with("Then");
        visit_mut::visit_item_impl_mut(self, block);
    }

    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        visit_mut::visit_expr_mut(self, expression);
        if let Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) = expression
            && text.value().starts_with("^/")
        {
            *text = syn::LitStr::new(&literally(&text.value()), text.span());
        }
        if let Expr::Macro(it) = expression
            && let Some([Expr::Lit(pattern), Expr::MethodCall(value)]) =
                arguments(&it.mac).as_deref()
            && value.method == "to_string"
        {
            let (mut pattern, value) = (Expr::Lit(pattern.clone()), &value.receiver);
            self.visit_expr_mut(&mut pattern);
            *expression = parse_quote!(format!(#pattern, __runtime::expected(&#value)));
        }
        if let Expr::MethodCall(call) = expression
            && call.method == "json_body_obj"
        {
            call.args = parse_quote!(&value);
        }
        if let Expr::MethodCall(call) = expression
            && call.method == "query_param"
            && let Some(name) = call.args.first()
        {
            let when = &call.receiver;
            *expression = parse_quote!(__runtime::expect_query(#when, #name, &value));
        }
    }

    /// Bytes are given as JSON by the generator.
    fn visit_impl_item_fn_mut(&mut self, function: &mut ImplItemFn) {
        let given = function.sig.inputs.iter_mut().filter_map(|input| match input {
            FnArg::Typed(input) => Some(input),
            FnArg::Receiver(_) => None,
        });
        for given in given {
            let ty = &given.ty;
            if quote!(#ty).to_string() != "__runtime :: serde_json :: Value" {
                continue;
            }
            *given.ty = parse_quote!(impl ::std::convert::Into<::std::vec::Vec<u8>>);
            function.block = match self.is_response {
                true => {
                    Bytes.visit_block_mut(&mut function.block);
                    continue;
                }
                false => parse_quote!({
                    let value: ::std::vec::Vec<u8> = value.into();
                    Self(self.0.is_true(move |request| request.body_ref() == value.as_slice()))
                }),
            };
        }
        visit_mut::visit_impl_item_fn_mut(self, function);
    }
}

/// A regular expression for a path, in which only what stands for parameters has a meaning.
fn literally(pattern: &str) -> String {
    let rest = pattern.strip_prefix('^').unwrap_or(pattern);
    let mut rest = rest.strip_suffix('$').unwrap_or(rest);
    let mut literal = String::from("^");
    while let Some(next) = rest.chars().next() {
        let held = ["[^/]*", ".*", "{}"].into_iter().find(|it| rest.starts_with(it));
        let length = held.map_or(next.len_utf8(), str::len);
        if held.is_none() && next.is_ascii_punctuation() && !"/-_".contains(next) {
            literal.push('\\');
        }
        literal.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    literal + "$"
}

/// `.json_body(value)` → `.body(value.into())`.
struct Bytes;

impl VisitMut for Bytes {
    fn visit_expr_method_call_mut(&mut self, call: &mut syn::ExprMethodCall) {
        if call.method == "json_body" {
            call.method = syn::Ident::new("body", call.method.span());
            call.args = parse_quote!(::std::convert::Into::<::std::vec::Vec<u8>>::into(value));
        }
        visit_mut::visit_expr_method_call_mut(self, call);
    }

    fn visit_lit_str_mut(&mut self, text: &mut syn::LitStr) {
        if text.value() == "application/json" {
            *text = syn::LitStr::new("application/octet-stream", text.span());
        }
    }
}
