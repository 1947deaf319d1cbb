//! From a document without mistakes to the code of its client, step by step.

use crate::{
    constraints,
    document::{self, Result, problem},
    enums, generator,
    lenient::Lenient,
    lift,
    messages::Messages,
    mocks::Mocks,
    operations, paths, rename,
    rewrite::{self, Places},
    segments::Segments,
    send::Send,
    shared,
    with_default::WithDefault,
};
use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value;
use syn::{Item, parse_quote, visit_mut::VisitMut};

/// What the generated code calls must have this revision. `huaweicloud-core` has the same number.
const REVISION: u32 = 1;

pub(crate) struct Generated {
    pub(crate) client: syn::File,
    pub(crate) mocks: Option<syn::File>,
}

pub(crate) fn generate(mut document: Value, mocks: bool) -> Result<Generated> {
    let table = operations::table(&document);
    let ids = operations::ids(&document);
    let places = Places::of(&document);

    // The document as the generator can take it.
    document::without_own_headers(&mut document);
    rename::rename(&mut document);
    let copied = shared::split(&mut document)?;
    let enums = lift::lift(&mut document, copied)?;
    let constrained = constraints::take(&mut document);

    let settings = generator::settings(&enums, &constrained)?;
    let code = generator::client(&settings, document.clone())?;
    let mut parts = Parts::of(parsed(paths::through_runtime(code))?)?;

    // What the generator cannot say.
    let declared = constrained.iter().map(|it| &it.declaration).cloned();
    let declared = declared.chain(enums::declare(&enums));
    let mut lenient = Lenient::default();
    let mut with_default = WithDefault::new(&enums);
    let mut messages = Messages::default();
    lenient.visit_item_mod_mut(&mut parts.types);
    with_default.visit_item_mod_mut(&mut parts.types);
    for module in [&mut parts.types, &mut parts.builder] {
        messages.visit_item_mod_mut(module);
    }
    let mut segments = Segments::default();
    segments.visit_item_mod_mut(&mut parts.builder);
    let mut send = Send::new(&ids);
    send.visit_item_mod_mut(&mut parts.builder);

    if let Some(id) = send.unknown {
        let wrong = format!("the generator spells {id} in its own way");
        return problem("/paths", wrong, "another operationId");
    }
    send.found.expect("calls", ids.len())?;
    segments.found.expect("parameters in a path", places.path_parameters)?;
    lenient.found.expect("responses", rewrite::opened(&document))?;
    with_default.found.expect("fields with a default", with_default.expected(&document))?;
    messages.found.expect("setters", messages.setters)?;
    messages.required.expect("required values", rewrite::required(&document))?;

    add(&mut parts.types, declared)?;
    paths::import_runtime(&mut parts.types);
    paths::import_runtime(&mut parts.builder);
    let used = quote!(
        use __runtime::{ByteStream, RequestBuilderExt as _, ResponseValue};
    );
    add(&mut parts.builder, [quote!(#[allow(unused_imports)] #used)].into_iter())?;
    paths::wrap_types(&mut parts.types);

    let mocks = match mocks {
        true => {
            let code = generator::mock(&settings, document)?;
            let mut code: syn::File = parsed(paths::through_runtime(code))?;
            Mocks::default().visit_file_mut(&mut code);
            code.items.iter_mut().for_each(|item| {
                if let Item::Mod(module) = item {
                    paths::import_runtime(module);
                }
            });
            Some(code)
        }
        false => None,
    };
    Ok(Generated { client: parts.file(table)?, mocks })
}

/// What is kept of the generator's code. The client itself is written below, because what holds it
/// together is a pipeline.
struct Parts {
    types: syn::ItemMod,
    builder: syn::ItemMod,
    operations: syn::ItemImpl,
    docs: Vec<syn::Attribute>,
}

impl Parts {
    fn of(file: syn::File) -> Result<Self> {
        let (mut types, mut builder, mut operations, mut docs) = (None, None, None, Vec::new());
        for item in file.items {
            match item {
                Item::Mod(module) if module.ident == "types" => types = Some(module),
                Item::Mod(module) if module.ident == "builder" => builder = Some(module),
                // The first block has the generator's constructors.
                Item::Impl(block) if block.trait_.is_none() => operations = Some(block),
                Item::Struct(client) => {
                    docs.extend(client.attrs.into_iter().filter(|it| it.path().is_ident("doc")));
                }
                _ => {}
            }
        }
        match (types, builder, operations) {
            (Some(types), Some(builder), Some(operations)) => {
                Ok(Self { types, builder, operations, docs })
            }
            _ => generator::unexpected("no types, no builders or no client"),
        }
    }

    fn file(self, table: TokenStream) -> Result<syn::File> {
        let Self { types, builder, operations, docs } = self;
        let wrong = "huaweicloud-codegen and huaweicloud-core are of different versions: use one";
        parsed(quote! {
            const _: () = assert!(__runtime::REVISION == #REVISION, #wrong);

            #[doc(no_inline)]
            pub use __runtime::{ByteStream, ResponseValue};

            #types

            #(#docs)*
            #[derive(Clone)]
            pub struct Client {
                baseurl: ::std::sync::Arc<str>,
                client: __runtime::reqwest::Client,
                inner: __runtime::Pipeline,
            }

            impl ::std::convert::From<__runtime::Pipeline> for Client {
                fn from(inner: __runtime::Pipeline) -> Self {
                    let (baseurl, client) = __runtime::parts(&inner);
                    Self { baseurl, client, inner }
                }
            }

            impl ::std::fmt::Debug for Client {
                fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                    f.debug_struct("Client").field("pipeline", &self.inner).finish()
                }
            }

            #operations

            #builder

            #[doc(hidden)]
            pub static OPERATIONS: &[__runtime::Operation] = &[#table];
        })
    }
}

/// Adds declarations to a module.
fn add(module: &mut syn::ItemMod, declared: impl Iterator<Item = TokenStream>) -> Result<()> {
    let Some((_, items)) = &mut module.content else {
        return generator::unexpected("a module without content");
    };
    items.extend(declared.map(|it| -> Item { parse_quote!(#it) }));
    Ok(())
}

fn parsed(code: TokenStream) -> Result<syn::File> {
    syn::parse2(code)
        .or_else(|error| problem("/", format!("generated code: {error}"), "report this"))
}
