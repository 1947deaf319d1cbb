//! `openapi.yaml` → the client, its types and its mocks, written to `OUT_DIR` only.
//!
//! progenitor writes the code. Before it does, the document is checked, and its responses are opened;
//! after it did, their fields are made lenient. What the service adds or spells differently must not
//! lose the rest of a response. Requests stay as strict as the document.

#[path = "build/mod.rs"]
mod build;

use build::{
    check, document::Result, enums, generator, lenient::Lenient, operations, own_error::OwnError,
    responses, rules,
};
use std::{env, fs, path::Path};
use syn::visit_mut::VisitMut;

const DOCUMENT: &str = "openapi.yaml";

fn main() {
    for used in [DOCUMENT, "build.rs", "build"] {
        println!("cargo::rerun-if-changed={used}");
    }
    if let Err(cause) = generate() {
        println!("cargo::error={DOCUMENT}: {}", cause.replace('\n', " "));
    }
}

fn generate() -> Result<()> {
    let text = fs::read_to_string(DOCUMENT).map_err(|e| e.to_string())?;
    let mut document = yaml_serde::from_str(&text).map_err(|e| e.to_string())?;
    check::check_references(&document)?;
    check::check_types(&document, "")?;
    let operations = operations::operations(&document)?;
    let rules = rules::rules(&document);
    let enums = responses::open_responses(&mut document)?;

    let spec = generator::read(&document)?;
    let settings = generator::settings(&enums);
    let mut files = vec![("operations.rs", operations), ("enums.rs", enums::declare(&enums))];
    files.push(("client.rs", generator::client(&settings, &spec)?));
    if env::var_os("CARGO_FEATURE_MOCK").is_some() {
        files.push(("mock.rs", generator::mock(&settings, &spec)?));
    }

    let directory = env::var_os("OUT_DIR").ok_or("cargo sets no OUT_DIR")?;
    for (name, code) in files {
        let mut file: syn::File = syn::parse2(code).map_err(|e| format!("{name}: {e}"))?;
        Lenient.visit_file_mut(&mut file);
        OwnError.visit_file_mut(&mut file);
        rules::StateRules(&rules).visit_file_mut(&mut file);
        // The generator's examples are sketches, which nobody compiles.
        let code = prettyplease::unparse(&file).replace("```ignore", "```text");
        fs::write(Path::new(&directory).join(name), code).map_err(|e| format!("{name}: {e}"))?;
    }
    Ok(())
}
