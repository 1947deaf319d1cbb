//! Typed mocks of all that can be sent. The generator's own do not compile for lists in a query and for
//! numbers as a body, know bytes only as JSON, and take a path for a regular expression.

use crate::send::arguments;
use quote::quote;
use syn::{Expr, FnArg, parse_quote, visit_mut, visit_mut::VisitMut};

#[derive(Default)]
pub(crate) struct Mocks {
    /// How many paths, and how many parameters in a query, were changed.
    pub(crate) paths: usize,
    pub(crate) queries: usize,
}

impl VisitMut for Mocks {
    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        visit_mut::visit_expr_mut(self, expression);
        match expression {
            Expr::Macro(it) => {
                if let Some([pattern, Expr::MethodCall(value)]) = arguments(&it.mac).as_deref_mut()
                    && value.method == "to_string"
                {
                    self.visit_expr_mut(pattern);
                    let value = &value.receiver;
                    *expression = parse_quote!(format!(#pattern, __runtime::expected(&#value)));
                }
            }
            Expr::MethodCall(call) if call.method == "json_body_obj" => {
                call.args = parse_quote!(&value);
            }
            Expr::MethodCall(call) if call.method == "query_param" => {
                self.queries += 1;
                let (when, name) = (&call.receiver, call.args.first());
                *expression = parse_quote!(__runtime::expect_query(#when, #name, &value));
            }
            // Bytes, which the generator gives as JSON: of a response, whose type stands before them,
            // and of a request.
            Expr::MethodCall(call) if call.method == "json_body" => match &mut *call.receiver {
                Expr::MethodCall(header) => {
                    header.args = parse_quote!("content-type", "application/octet-stream");
                    let bytes = quote!(::std::vec::Vec<u8>);
                    *expression =
                        parse_quote!(#header.body(::std::convert::Into::<#bytes>::into(value)));
                }
                when => {
                    *expression = parse_quote!({
                        let value: ::std::vec::Vec<u8> = value.into();
                        #when.is_true(move |request| request.body_ref() == value.as_slice())
                    });
                }
            },
            _ => {}
        }
    }

    fn visit_fn_arg_mut(&mut self, argument: &mut FnArg) {
        if let FnArg::Typed(given) = argument
            && let ty = &given.ty
            && quote!(#ty).to_string() == "__runtime :: serde_json :: Value"
        {
            *given.ty = parse_quote!(impl ::std::convert::Into<::std::vec::Vec<u8>>);
        }
    }

    fn visit_lit_str_mut(&mut self, text: &mut syn::LitStr) {
        if text.value().starts_with("^/") {
            self.paths += 1;
            *text = syn::LitStr::new(&literally(&text.value()), text.span());
        }
    }
}

/// A regular expression for a path, in which only what stands for parameters has a meaning.
fn literally(pattern: &str) -> String {
    let path = pattern.strip_prefix('^').unwrap_or(pattern);
    let path = path.strip_suffix('$').unwrap_or(path);
    let mut literal = regex::escape(path);
    let parameters = [(r"\[\^/\]\*", "[^/]*"), (r"\.\*", ".*"), (r"\{\}", "{}")];
    for (escaped, parameter) in parameters {
        literal = literal.replace(escaped, parameter);
    }
    format!("^{literal}$")
}
