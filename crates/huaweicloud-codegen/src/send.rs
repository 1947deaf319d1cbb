//! How a call is sent: through the pipeline of the client, in the place of the generator's hooks.

use crate::rewrite::Found;
use quote::{format_ident, quote};
use syn::{Expr, Ident, Pat, Stmt, parse_quote, visit_mut::VisitMut};

/// Rewrites the end of each `send`, from the headers of the request on: the generator adds a header that
/// the service does not have, and an error type that loses what is known of the outcome.
pub(crate) struct Send<'a> {
    /// In the order of the table of operations.
    ids: &'a [String],
    pub(crate) found: Found,
    /// An operation that the table does not have.
    pub(crate) unknown: Option<String>,
}

impl<'a> Send<'a> {
    pub(crate) fn new(ids: &'a [String]) -> Self {
        Self { ids, found: Found::default(), unknown: None }
    }
}

impl VisitMut for Send<'_> {
    fn visit_impl_item_fn_mut(&mut self, function: &mut syn::ImplItemFn) {
        let syn::ReturnType::Type(_, output) = &function.sig.output else { return };
        let (Some(success), Some(call)) = (first_argument(output), Call::of(&function.block))
        else {
            return;
        };
        let Some(number) = self.ids.iter().position(|id| *id == call.id) else {
            self.unknown.get_or_insert(call.id);
            return;
        };
        let Call { statements, request, decode, .. } = call;
        function.block = parse_quote!({
            #(#statements)*
            __runtime::#decode(&client.inner, #request, &super::OPERATIONS[#number]).await
        });
        function.sig.output = parse_quote!(-> ::std::result::Result<#success, __runtime::Error>);
        self.found.one();
    }
}

/// The body of a `send`.
struct Call {
    id: String,
    /// What comes before the request.
    statements: Vec<Stmt>,
    /// The request, as `Result<Request, reqwest::Error>`.
    request: Expr,
    /// What reads the response.
    decode: Ident,
}

impl Call {
    fn of(block: &syn::Block) -> Option<Self> {
        // The last one: a parameter may have this name too.
        let info = block.stmts.iter().rposition(|it| is_let(it, "info"))?;
        let (before, after) = block.stmts.split_at_checked(info)?;
        let id = operation_id(after.first()?)?;
        let is_header = |it: &&Stmt| {
            is_let(it, "header_map") || quote!(#it).to_string().starts_with("header_map")
        };
        if before.iter().filter(is_header).count() != 2 {
            return None;
        }
        let (request, statements) = before.split_last()?;
        let statements = statements.iter().filter(|it| !is_header(it)).cloned().collect();
        let Stmt::Local(syn::Local { init: Some(init), .. }) = request else { return None };
        // `….headers(header_map).build()?`
        let Expr::Try(built) = &*init.expr else { return None };
        let Expr::MethodCall(mut build) = (*built.expr).clone() else { return None };
        let Expr::MethodCall(headers) = *build.receiver else { return None };
        if build.method != "build" || headers.method != "headers" {
            return None;
        }
        build.receiver = headers.receiver;
        let Stmt::Expr(Expr::Match(by_status), None) = after.last()? else { return None };
        let good = by_status.arms.first()?;
        let good = quote!(#good).to_string();
        let decode = [("from_response", "json"), ("empty", "empty"), ("stream", "stream")];
        let decode = decode.into_iter().find(|(of, _)| good.contains(&format!(":: {of} ")))?.1;
        Some(Self {
            id,
            statements,
            request: Expr::MethodCall(build),
            decode: format_ident!("{decode}"),
        })
    }
}

fn is_let(statement: &Stmt, name: &str) -> bool {
    let Stmt::Local(syn::Local { pat: Pat::Ident(pattern), .. }) = statement else { return false };
    pattern.ident == name
}

/// `let info = OperationInfo { operation_id: "…" };`
fn operation_id(info: &Stmt) -> Option<String> {
    let Stmt::Local(syn::Local { init: Some(init), .. }) = info else { return None };
    let Expr::Struct(info) = &*init.expr else { return None };
    let Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(id), .. }) = &info.fields.first()?.expr else {
        return None;
    };
    Some(id.value())
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
