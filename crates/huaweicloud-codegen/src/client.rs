//! Generates the client of a document that has been checked, step by step.

use crate::{
    constraints, counts,
    document::{self, Result, problem},
    enums, generator,
    lenient::Lenient,
    lift,
    messages::Messages,
    mocks::Mocks,
    operations,
    paths::{self, Runtime},
    rename,
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

/// The code of the client, and that of its mocks.
pub(crate) struct Generated {
    pub(crate) client: String,
    pub(crate) mocks: Option<String>,
}

pub(crate) fn generate(mut document: Value, mocks: bool) -> Result<Generated> {
    let table = operations::table(&document);
    let ids = operations::ids(&document);

    // Rewrite what the generator does not accept, or would make something else of.
    document::complete_operations(&mut document);
    rename::rename(&mut document);
    let copied = shared::split(&mut document)?;
    let enums = lift::lift(&mut document, copied)?;
    let constrained = constraints::take(&mut document);

    let settings = generator::settings(&enums, &constrained)?;
    let code = parsed(paths::through_runtime(generator::client(&settings, document.clone())?))?;
    let mut parts = Parts::of(code)?;

    // Change the generated code where a client of the cloud needs something else.
    // Each step counts its places.
    let mut lenient = Lenient::default();
    let mut with_default = WithDefault { enums: &enums, found: 0 };
    let mut messages = Messages::default();
    let mut segments = Segments::default();
    let mut send = Send { ids: &ids, found: 0, unknown: None };
    lenient.visit_item_mod_mut(&mut parts.types);
    with_default.visit_item_mod_mut(&mut parts.types);
    messages.visit_item_mod_mut(&mut parts.types);
    messages.visit_item_mod_mut(&mut parts.builder);
    segments.visit_item_mod_mut(&mut parts.builder);
    send.visit_item_mod_mut(&mut parts.builder);

    if let Some(id) = send.unknown {
        let wrong = format!("the generator spells {id} in its own way");
        return problem("/paths", wrong, "another operationId");
    }
    let defaults = counts::with_default(&document, &enums);
    for (step, found, expected) in [
        ("calls", send.found, ids.len()),
        ("parameters in a path", segments.found, counts::parameters_in(&document, "path")),
        ("responses", lenient.found, counts::opened(&document)),
        ("fields with a default", with_default.found, defaults),
        ("setters", messages.found, messages.setters),
        ("required values", messages.required, counts::required(&document)),
    ] {
        generator::expect(step, found, expected)?;
    }

    let declared = constrained.iter().map(|it| &it.declaration).cloned();
    add(&mut parts.types, declared.chain(enums::declare(&enums)))?;
    Runtime.visit_item_mod_mut(&mut parts.types);
    Runtime.visit_item_mod_mut(&mut parts.builder);
    let used = quote! {
        #[allow(unused_imports)]
        use __runtime::{ByteStream, RequestBuilderExt as _, ResponseValue};
    };
    add(&mut parts.builder, [used].into_iter())?;

    let mut generated = Generated { client: formatted(&parts.file(table)?), mocks: None };
    if mocks {
        let [in_path, queries] = ["path", "query"].map(|it| counts::parameters_in(&document, it));
        let mut code = parsed(paths::through_runtime(generator::mock(&settings, document)?))?;
        let mut mocks = Mocks::default();
        mocks.visit_file_mut(&mut code);
        generator::expect("paths of mocks", mocks.paths, ids.len() + in_path)?;
        generator::expect("queries of mocks", mocks.queries, queries)?;
        Runtime.visit_file_mut(&mut code);
        generated.mocks = Some(formatted(&code));
    }
    Ok(generated)
}

/// What is kept of the generator's code. The client itself is written below, because it holds a pipeline.
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

fn formatted(file: &syn::File) -> String {
    // The generator's examples are sketches, which nobody compiles.
    prettyplease::unparse(file).replace("```ignore", "```text")
}
