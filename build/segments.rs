//! Parameters in a path, none of which leads to another path.

use quote::quote;
use syn::{Expr, Macro, Token, parse_quote, punctuated::Punctuated, visit_mut::VisitMut};

pub(crate) struct Segments;

impl VisitMut for Segments {
    /// `format!("{}/things/{}", client.baseurl, encode_path(&id.to_string()))`
    fn visit_macro_mut(&mut self, it: &mut Macro) {
        let Some(mut arguments) = arguments(it) else { return };
        for argument in &mut arguments {
            if let Expr::Call(call) = argument
                && let function = &call.func
                && quote!(#function).to_string() == "encode_path"
                && let Some(Expr::Reference(value)) = call.args.first()
                && let Expr::MethodCall(value) = &*value.expr
            {
                let value = &value.receiver;
                let name = quote!(#value).to_string();
                *argument = parse_quote!(
                    crate::generated::segment::segment(#name, &#value).map_err(Error::InvalidRequest)?
                );
            }
        }
        it.tokens = quote!(#(#arguments),*);
    }
}

/// What is given to `format!`.
pub(crate) fn arguments(it: &Macro) -> Option<Vec<Expr>> {
    let given = Punctuated::<Expr, Token![,]>::parse_terminated;
    let given = it.path.is_ident("format").then(|| it.parse_body_with(given))?;
    Some(given.ok()?.into_iter().collect())
}
