//! Generates the client of a document that has been checked, step by step.

use crate::document::{self, Result, problem};
use crate::lenient::Lenient;
use crate::messages::Messages;
use crate::mocks::Mocks;
use crate::paths::{self, Runtime};
use crate::send::Send;
use crate::{constraints, counts, generator, lift, operations, rename, shared};
use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value;
use std::collections::BTreeMap;
use syn::{Item, ItemMod, visit_mut::VisitMut};

/// What the generated code calls must have this revision. `huaweicloud-core` has the same number.
const REVISION: u32 = 1;

/// Generates the files of the client: the end of the name of each, and the code.
pub(crate) fn generate(mut document: Value, mocks: bool) -> Result<Vec<(&'static str, String)>> {
    let table = operations::table(&document);
    let ids = operations::ids(&document);

    // Rewrite what the generator does not accept, or would make something else of.
    document::complete_operations(&mut document);
    rename::rename(&mut document);
    let copied = shared::split(&mut document)?;
    let enums = lift::lift(&mut document, copied)?;
    let constrained = constraints::take(&mut document);

    let settings = generator::settings(&enums, &constrained)?;
    let code = generator::client(&settings, document.clone())?;
    let mut code = parsed(paths::through_runtime(code))?;

    // Change the generated code where a client of the cloud needs something else.
    // Each step counts its places.
    let mut lenient = Lenient { enums: &enums, structs: 0, with_default: 0 };
    let mut messages = Messages::default();
    let mut send = Send { ids: &ids, calls: 0, in_path: 0 };
    lenient.visit_file_mut(&mut code);
    messages.visit_file_mut(&mut code);
    send.visit_file_mut(&mut code);

    let [in_path, in_query] = ["path", "query"].map(|it| counts::parameters_in(&document, it));
    for (step, found, expected) in [
        ("calls", send.calls, ids.len()),
        ("parameters in a path", send.in_path, in_path),
        ("responses", lenient.structs, counts::opened(&document)),
        ("fields with a default", lenient.with_default, counts::with_default(&document, &enums)),
        ("setters", messages.found, messages.setters),
        ("required values", messages.required, counts::required(&document)),
    ] {
        generator::expect(step, found, expected)?;
    }

    Runtime.visit_file_mut(&mut code);
    let declared = constrained.iter().map(|it| it.declaration.clone());
    let declared = declared.chain(enums.iter().map(|(name, it)| it.declaration(name)));
    let client = client(code, declared, table)?;
    let mut files = vec![(".rs", formatted(&client))];
    if mocks {
        let code = generator::mock(&settings, document)?;
        let mut code = parsed(paths::through_runtime(code))?;
        let mut mocks = Mocks::default();
        mocks.visit_file_mut(&mut code);
        generator::expect("paths of mocks", mocks.paths, ids.len() + in_path)?;
        generator::expect("queries of mocks", mocks.queries, in_query)?;
        Runtime.visit_file_mut(&mut code);
        files.push(("_mocks.rs", formatted(&code)));
    }
    Ok(files)
}

/// Keeps the types, the builders and the methods of the generator's code. The client itself is another one,
/// because it holds a pipeline.
fn client(
    code: syn::File,
    declared: impl Iterator<Item = TokenStream>,
    table: TokenStream,
) -> Result<syn::File> {
    let (mut modules, mut methods, mut docs) = (BTreeMap::new(), Vec::new(), Vec::new());
    for item in code.items {
        match item {
            Item::Mod(ItemMod { ident, content: Some((_, items)), .. }) => {
                modules.insert(ident.to_string(), items);
            }
            // The first block has the generator's constructors.
            Item::Impl(block) if block.trait_.is_none() => methods = block.items,
            Item::Struct(client) => docs = client.attrs,
            _ => {}
        }
    }
    docs.retain(|it| it.path().is_ident("doc"));
    let [types, builder] = ["types", "builder"].map(|it| modules.remove(it).unwrap_or_default());
    let builders = builder.iter().filter(|it| matches!(it, Item::Struct(_)));
    generator::expect("methods", methods.len(), builders.count())?;
    let wrong = "huaweicloud-codegen and huaweicloud-core are of different versions: use one";
    parsed(quote! {
        const _: () = assert!(__runtime::REVISION == #REVISION, #wrong);

        #[doc(no_inline)]
        pub use __runtime::{ByteStream, ResponseValue};

        /// Types used as operation parameters and responses.
        #[allow(clippy::all)]
        pub mod types {
            #(#types)*
            #(#declared)*
        }

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

        impl Client {
            #(#methods)*
        }

        /// Types for composing operation parameters.
        #[allow(clippy::all)]
        pub mod builder {
            #(#builder)*
            #[allow(unused_imports)]
            use __runtime::{ByteStream, RequestBuilderExt as _, ResponseValue};
        }

        #[doc(hidden)]
        pub static OPERATIONS: &[__runtime::Operation] = &[#table];
    })
}

fn parsed(code: TokenStream) -> Result<syn::File> {
    syn::parse2(code)
        .or_else(|error| problem("/", format!("generated code: {error}"), "report this"))
}

fn formatted(file: &syn::File) -> String {
    // The generator's examples are sketches, which nobody compiles.
    prettyplease::unparse(file).replace("```ignore", "```text")
}
