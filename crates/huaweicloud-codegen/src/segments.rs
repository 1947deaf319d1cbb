//! Parameters in a path, none of which leads to another path.

use quote::quote;
use syn::{Expr, Macro, Token, parse_quote, punctuated::Punctuated, visit_mut::VisitMut};

#[derive(Default)]
pub(crate) struct Segments {
    pub(crate) found: usize,
}

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
                *argument = parse_quote!(__runtime::segment(#name, &#value)?);
                self.found += 1;
            }
        }
        it.tokens = quote!(#(#arguments),*);
    }

    /// What a caller gave is checked before the path is made of it.
    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        if quote!(#path).to_string() == "Error :: InvalidRequest" {
            *path = parse_quote!(__runtime::Error::invalid_argument);
        }
    }
}

/// What is given to `format!`.
pub(crate) fn arguments(it: &Macro) -> Option<Vec<Expr>> {
    let given = Punctuated::<Expr, Token![,]>::parse_terminated;
    let given = it.path.is_ident("format").then(|| it.parse_body_with(given))?;
    Some(given.ok()?.into_iter().collect())
}
