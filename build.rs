//! `openapi.yaml` → the client, its types and its mocks, written to `OUT_DIR` only.
//!
//! progenitor writes the code. Before it does, the document is checked, and what the generator cannot
//! take is written as it can; after it did, the code is made to decode leniently and to give the errors
//! of this crate. What the service adds or spells differently must not lose the rest of a response.
//! Requests stay as strict as the document.

#[path = "build/mod.rs"]
mod build;

use build::{
    check, constraints, document,
    document::{Result, problem},
    enums, generator,
    lenient::Lenient,
    lift,
    messages::Messages,
    mocks::Mocks,
    operations,
    own_error::OwnError,
    rename, responses,
    segments::Segments,
    shared, shipped,
    with_default::WithDefault,
};
use proc_macro2::TokenStream;
use quote::quote;
use std::{
    env, fs,
    path::{Path, PathBuf},
};
use syn::{parse_quote, visit_mut::VisitMut};

const SHIPPED: &str = "openapi.yaml";
/// Names a document to use instead of the shipped one.
const OWN: &str = "CODEARTS_OPENAPI_DOCUMENT";
/// How many problems are shown at most.
const SHOWN: usize = 20;

fn main() {
    println!("cargo::rerun-if-env-changed={OWN}");
    let own = env::var_os(OWN).filter(|path| !path.is_empty()).map(PathBuf::from);
    let used = own.as_deref().unwrap_or(Path::new(SHIPPED));
    for used in [used, Path::new(SHIPPED), Path::new("build.rs"), Path::new("build")] {
        println!("cargo::rerun-if-changed={}", used.display());
    }
    let problems = match generate(used, own.as_deref()) {
        Ok(problems) => problems,
        Err(problem) => vec![problem],
    };
    let name = used.file_name().unwrap_or(used.as_os_str()).to_string_lossy();
    for problem in problems.iter().take(SHOWN) {
        println!("cargo::error={name}: {}", problem.replace('\n', " "));
    }
    if problems.len() > SHOWN {
        println!("cargo::error={name}: {} more problems", problems.len() - SHOWN);
    }
}

/// Returns the problems of the document. What goes wrong later is one problem at a time.
fn generate(used: &Path, own: Option<&Path>) -> Result<Vec<String>> {
    let out = env::var_os("OUT_DIR").ok_or("cargo sets no OUT_DIR")?;
    let out = Path::new(&out);
    let text = read(used, own.is_some())?;
    let mut document = document::read(&text)?;
    let mut problems = check::check(&document);
    if own.is_some() {
        let shipped = document::read(&read(Path::new(SHIPPED), false)?)?;
        problems.extend(shipped::check(&document, &shipped).err());
    }
    if !problems.is_empty() {
        return Ok(problems);
    }
    let (table, ids) = (operations::operations(&document), operations::ids(&document));

    document::without_own_headers(&mut document);
    let wire = rename::rename(&mut document);
    let copied = shared::split(&mut document)?;
    let places = lift::lift(&mut document, copied)?;
    let constrained = constraints::take(&mut document);
    let enums = responses::open_responses(&mut document, &places)?;

    let settings = generator::settings(&enums, &constrained);
    let spec = generator::read(responses::without_errors(document.clone()))?;
    let client = rename::restore(generator::client(&settings, &spec)?, &wire);
    let mut client: syn::File = parsed(client)?;
    for item in &mut client.items {
        if let syn::Item::Mod(module) = item
            && module.ident == "types"
            && let Some((_, items)) = &mut module.content
        {
            for constraint in &constrained {
                let declaration = &constraint.declaration;
                items.push(parse_quote!(#declaration));
            }
        }
    }
    let mut own_error = OwnError::default();
    Lenient.visit_file_mut(&mut client);
    Messages.visit_file_mut(&mut client);
    Segments.visit_file_mut(&mut client);
    WithDefault(&enums).visit_file_mut(&mut client);
    own_error.visit_file_mut(&mut client);
    if own_error.ids != ids {
        let differ: Vec<_> = own_error.ids.symmetric_difference(&ids).cloned().collect();
        let wrong = format!("the generator spells {} in its own way", differ.join(" or "));
        return problem("/paths", wrong, "another operationId");
    }
    write(out, "client.rs", &client)?;

    if env::var_os("CARGO_FEATURE_MOCK").is_some() {
        let spec = generator::read(document)?;
        let mock = rename::restore(generator::mock(&settings, &spec)?, &wire);
        let mut mock: syn::File = parsed(mock)?;
        Mocks::default().visit_file_mut(&mut mock);
        write(out, "mock.rs", &mock)?;
    }
    write(out, "operations.rs", &parsed(table)?)?;
    write(out, "enums.rs", &parsed(enums::declare(&enums))?)?;
    let path = own.map_or(quote!(None), |path| {
        let path = path.display().to_string();
        quote!(Some(#path))
    });
    write(out, "document.rs", &parsed(path_constant(path))?)?;
    fs::write(out.join("openapi.yaml"), text).map_err(|error| format!("{SHIPPED}: {error}"))?;
    Ok(Vec::new())
}

fn path_constant(path: TokenStream) -> TokenStream {
    quote! {
        /// The path of the document that this crate was built from, as `CODEARTS_OPENAPI_DOCUMENT` gave
        /// it. `None` stands for the document that is shipped with the crate.
        pub const OPENAPI_PATH: Option<&str> = #path;
    }
}

fn read(path: &Path, is_own: bool) -> Result<String> {
    let place = path.display().to_string();
    // A relative path would be one from the folder of this crate, which nobody means.
    if is_own && !path.is_absolute() {
        return problem(&place, format!("{OWN} is not absolute"), "an absolute path");
    }
    fs::read_to_string(path)
        .or_else(|error| problem(&place, error.to_string(), "a file that can be read"))
}

fn parsed(code: TokenStream) -> Result<syn::File> {
    syn::parse2(code)
        .or_else(|error| problem("/", format!("generated code: {error}"), "report this"))
}

fn write(out: &Path, name: &str, file: &syn::File) -> Result<()> {
    // The generator's examples are sketches, which nobody compiles.
    let code = prettyplease::unparse(file).replace("```ignore", "```text");
    fs::write(out.join(name), code).map_err(|error| format!("{name}: {error}"))
}
