#![doc = include_str!("../README.md")]
#![warn(unreachable_pub)]

mod check;
mod client;
mod constraints;
mod document;
mod enums;
mod generator;
mod lenient;
mod lift;
mod messages;
mod mocks;
mod names;
mod open;
mod operations;
mod paths;
mod rename;
mod rewrite;
mod segments;
mod send;
mod shared;
mod with_default;

use std::{
    env, fmt, fs,
    path::{Path, PathBuf},
};

/// How many problems are shown at most.
const SHOWN: usize = 20;

/// Generates a client from an OpenAPI document, in a `build.rs`.
///
/// ```no_run
/// huaweicloud_codegen::Config::new("openapi.yaml").mocks(true).generate();
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is generated before `generate`"]
pub struct Config {
    document: PathBuf,
    name: String,
    mocks: bool,
    out_dir: Option<PathBuf>,
}

impl Config {
    /// A document of OpenAPI 3.0, in YAML or JSON. In a `build.rs`, a relative path is one from the
    /// folder of the package.
    pub fn new(document: impl Into<PathBuf>) -> Self {
        Self { document: document.into(), name: "client".into(), mocks: false, out_dir: None }
    }

    /// The name of the generated files. A crate with several documents gives each its own, and names it
    /// as `include_client!("name")`. Default: `client`.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Whether to generate typed mocks too, for `include_mocks!`. They need the feature `mock` of
    /// `huaweicloud-core`. Default: no.
    pub fn mocks(mut self, mocks: bool) -> Self {
        self.mocks = mocks;
        self
    }

    /// The folder of the generated files. Default: `OUT_DIR`, where `include_client!` looks for them.
    pub fn out_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.out_dir = Some(folder.into());
        self
    }

    /// Generates the client. What is wrong with the document becomes an error of the build, one line for
    /// each problem.
    pub fn generate(self) {
        println!("cargo::rerun-if-changed={}", self.document.display());
        let Err(Problems(problems)) = self.try_generate() else { return };
        let name = self.document.file_name().unwrap_or(self.document.as_os_str()).to_string_lossy();
        for problem in problems.iter().take(SHOWN) {
            println!("cargo::error={name}: {problem}");
        }
        if let Some(more) = problems.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            println!("cargo::error={name}: {more} more problems");
        }
    }

    /// Generates the client, for a program that shows problems in its own way.
    ///
    /// # Errors
    ///
    /// What is wrong with the document, or why a file cannot be read or written.
    pub fn try_generate(&self) -> Result<(), Problems> {
        let out = self.out_dir.clone().or_else(|| env::var_os("OUT_DIR").map(PathBuf::from));
        let out = out.ok_or("OUT_DIR: it is not set: call this in a build.rs, or set `out_dir`")?;
        let text = fs::read_to_string(&self.document).map_err(|error| {
            format!("{}: {error}: a file that can be read", self.document.display())
        })?;
        let document = document::read(&text)?;
        let problems = check::check(&document);
        if !problems.is_empty() {
            return Err(Problems(problems).on_one_line_each());
        }
        let generated = client::generate(document, self.mocks)?;
        write(&out, &format!("{}.rs", self.name), &generated.client)?;
        if let Some(mocks) = &generated.mocks {
            write(&out, &format!("{}_mocks.rs", self.name), mocks)?;
        }
        Ok(())
    }
}

/// What is wrong with a document: a line for each problem, which says where it is, what is wrong, and what
/// to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(Vec<String>);

impl Problems {
    /// The lines.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    fn on_one_line_each(mut self) -> Self {
        self.0.iter_mut().for_each(|line| *line = line.replace('\n', " "));
        self
    }
}

impl From<String> for Problems {
    fn from(problem: String) -> Self {
        Self(vec![problem]).on_one_line_each()
    }
}

impl From<&str> for Problems {
    fn from(problem: &str) -> Self {
        problem.to_owned().into()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for Problems {}

fn write(out: &Path, name: &str, file: &syn::File) -> document::Result<()> {
    // The generator's examples are sketches, which nobody compiles.
    let code = prettyplease::unparse(file).replace("```ignore", "```text");
    fs::write(out.join(name), code).map_err(|error| format!("{name}: {error}"))
}
