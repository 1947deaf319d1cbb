//! How a call is sent: through the pipeline of the client, in the place of the generator's hooks, and to no
//! other path.

use quote::{format_ident, quote};
use syn::punctuated::Punctuated;
use syn::visit_mut::VisitMut;
use syn::{Expr, ImplItemFn, Macro, Pat, ReturnType, Stmt, Token, parse_quote, visit_mut};

/// Rewrites the parameters in a path, and the end of each `send`, from the headers of the request on: the
/// generator adds a header that the service does not have, and an error type that loses what is known of
/// the outcome.
pub(crate) struct Send<'a> {
    /// In the order of the table of operations.
    pub(crate) ids: &'a [String],
    /// How many calls, and how many parameters in a path, were rewritten.
    pub(crate) calls: usize,
    pub(crate) in_path: usize,
}

impl VisitMut for Send<'_> {
    fn visit_impl_item_fn_mut(&mut self, function: &mut ImplItemFn) {
        visit_mut::visit_impl_item_fn_mut(self, function);
        self.calls += usize::from(self.rewrite(function).is_some());
    }

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
                self.in_path += 1;
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

impl Send<'_> {
    fn rewrite(&self, function: &mut ImplItemFn) -> Option<()> {
        let ReturnType::Type(_, output) = &function.sig.output else { return None };
        let success = first_argument(output)?;
        let statements = &function.block.stmts;
        // The last one: a parameter may have this name too.
        let info = statements.iter().rposition(|it| is_let(it, "info"))?;
        let (before, after) = statements.split_at_checked(info)?;
        let (request, before) = before.split_last()?;
        let request = without_headers(request)?;
        let (headers, before): (Vec<_>, Vec<_>) = before.iter().partition(|it| {
            is_let(it, "header_map") || quote!(#it).to_string().starts_with("header_map")
        });
        if headers.len() != 2 {
            return None;
        }
        // `let info = OperationInfo { operation_id: "…" };`
        let info = after.first()?;
        let info = quote!(#info).to_string();
        let id = info.split('"').nth(1)?;
        let number = self.ids.iter().position(|it| it == id)?;
        // `match response.status().as_u16() { 200 => ResponseValue::from_response(response), … }`
        let by_status = after.last()?;
        let by_status = quote!(#by_status).to_string();
        let decode = [("from_response", "json"), ("empty", "empty"), ("stream", "stream")];
        let decode = decode.iter().find(|(of, _)| by_status.contains(&format!(":: {of} (")))?.1;
        let decode = format_ident!("{decode}");
        let before = before.into_iter().flat_map(|it| [Some(it.clone()), joined(it)]).flatten();
        function.block = parse_quote!({
            #(#before)*
            __runtime::call(&client.inner, #request, &super::OPERATIONS[#number]).await?.#decode()
        });
        function.sig.output = parse_quote!(-> ::std::result::Result<#success, __runtime::Error>);
        Some(())
    }
}

fn is_let(statement: &Stmt, name: &str) -> bool {
    let Stmt::Local(syn::Local { pat: Pat::Ident(pattern), .. }) = statement else { return false };
    pattern.ident == name
}

/// What follows `let url = format!("{}/v1/jobs", client.baseurl);`, where the base URL is only its path.
fn joined(statement: &Stmt) -> Option<Stmt> {
    let Stmt::Local(syn::Local { pat: Pat::Ident(url), .. }) = statement else { return None };
    let joins = quote!(#statement).to_string().contains("client . baseurl");
    joins.then(|| parse_quote!(let #url = __runtime::url(&client.inner, &#url);))
}

/// `let request = ….headers(header_map).build()?;` → `….build()`
fn without_headers(request: &Stmt) -> Option<Expr> {
    let Stmt::Local(syn::Local { init: Some(init), .. }) = request else { return None };
    let Expr::Try(built) = &*init.expr else { return None };
    let Expr::MethodCall(mut build) = (*built.expr).clone() else { return None };
    let Expr::MethodCall(headers) = *build.receiver else { return None };
    if build.method != "build" || headers.method != "headers" {
        return None;
    }
    build.receiver = headers.receiver;
    Some(Expr::MethodCall(build))
}

/// The first type that a type takes, as the success of a `Result`.
pub(crate) fn first_argument(output: &syn::Type) -> Option<syn::Type> {
    let syn::Type::Path(path) = output else { return None };
    let syn::PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments
    else {
        return None;
    };
    match arguments.args.first()? {
        syn::GenericArgument::Type(success) => Some(success.clone()),
        _ => None,
    }
}

/// What is given to `format!`.
pub(crate) fn arguments(it: &Macro) -> Option<Vec<Expr>> {
    let given = Punctuated::<Expr, Token![,]>::parse_terminated;
    let given = it.path.is_ident("format").then(|| it.parse_body_with(given))?;
    Some(given.ok()?.into_iter().collect())
}
