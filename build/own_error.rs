//! The error of this crate, in the place of the generator's own.

use std::collections::BTreeSet;
use syn::{parse_quote, visit::Visit, visit_mut::VisitMut};

/// Gives every call the error of this crate.
#[derive(Default)]
pub(crate) struct OwnError {
    /// The operations of the code.
    pub(crate) ids: BTreeSet<String>,
}

impl VisitMut for OwnError {
    fn visit_impl_item_fn_mut(&mut self, function: &mut syn::ImplItemFn) {
        let syn::ReturnType::Type(_, output) = &function.sig.output else { return };
        let output: syn::Type = *output.clone();
        let mut ids = OperationId(None);
        ids.visit_block(&function.block);
        let (Some(id), Some(success)) = (ids.0, first_argument(&output)) else { return };
        self.ids.insert(id.value());
        let block = &function.block;
        function.block = parse_quote!({
            let outcome: #output = async move #block.await;
            outcome.map_err(|error| crate::generated::failure::failed(#id, error))
        });
        function.sig.output = parse_quote!(-> Result<#success, crate::error::Error>);
    }
}

/// The id of the operation that a function calls.
pub(crate) struct OperationId(Option<syn::LitStr>);

impl<'ast> Visit<'ast> for OperationId {
    fn visit_field_value(&mut self, field: &'ast syn::FieldValue) {
        if let (
            syn::Member::Named(name),
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(id), .. }),
        ) = (&field.member, &field.expr)
            && name == "operation_id"
        {
            self.0 = Some(id.clone());
        }
    }
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
