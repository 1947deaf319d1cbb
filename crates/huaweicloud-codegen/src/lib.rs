#![doc = include_str!("../README.md")]
#![warn(unreachable_pub)]
// No document makes this crate panic.
#![cfg_attr(not(test), warn(clippy::expect_used, clippy::indexing_slicing, clippy::panic))]
#![cfg_attr(not(test), warn(clippy::string_slice, clippy::unreachable, clippy::unwrap_used))]

mod check;
mod client;
mod constraints;
mod counts;
mod document;
mod generator;
mod lenient;
mod lift;
mod messages;
mod mocks;
mod names;
mod open;
mod operations;
mod paths;
mod pattern;
mod rename;
mod send;
mod shared;

use document::problem;
use std::{env, fmt, fs, path::PathBuf};

/// How many problems are shown at most.
const SHOWN: usize = 20;

/// What to generate: from which document, under which name, and whether mocks too.
///
/// In a `build.rs`, [`generate`](Self::generate) shows each problem of the document as an error of the
/// build:
///
/// ```no_run
/// huaweicloud_codegen::Config::new("openapi.yaml").mocks(true).generate();
/// ```
///
/// Elsewhere, [`try_generate`](Self::try_generate) returns them:
///
/// ```no_run
/// # fn main() -> Result<(), huaweicloud_codegen::Problems> {
/// huaweicloud_codegen::Config::new("openapi.yaml").out_dir("src/generated").try_generate()?;
/// # Ok(())
/// # }
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
    /// Takes the path of a document of OpenAPI 3.0, in YAML or JSON. In a `build.rs`, a relative path is
    /// one from the folder of the package.
    pub fn new(document: impl Into<PathBuf>) -> Self {
        Self { document: document.into(), name: "client".into(), mocks: false, out_dir: None }
    }

    /// The name of the generated files, without the ending. A crate with several documents gives each its
    /// own, and includes it as `include_client!("name")`. Default: `client`.
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

    /// The folder of the generated files. It must exist. Default: `OUT_DIR`, where `include_client!` looks
    /// for them.
    pub fn out_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.out_dir = Some(folder.into());
        self
    }

    /// Generates the client in a `build.rs`, and lets Cargo run it again when the document changes.
    ///
    /// What is wrong with the document becomes an error of the build, one line for each problem. After 20
    /// of them, a line says how many more there are. An operation whose good response proves nothing is a
    /// warning.
    pub fn generate(self) {
        println!("cargo::rerun-if-changed={}", self.document.display());
        let name = self.document.file_name().unwrap_or(self.document.as_os_str()).to_string_lossy();
        match self.run() {
            Ok(warnings) => warnings.iter().for_each(|it| println!("cargo::warning={name}: {it}")),
            Err(Problems(problems)) => {
                let shown = problems.iter().take(SHOWN);
                shown.for_each(|it| println!("cargo::error={name}: {it}"));
                if problems.len() > SHOWN {
                    println!("cargo::error={name}: {} more", problems.len() - SHOWN);
                }
            }
        }
    }

    /// Generates the client, for a program that shows problems in its own way: a file `NAME.rs` and, if
    /// wanted, `NAME_mocks.rs`.
    ///
    /// # Errors
    ///
    /// What is wrong with the document, or why a file cannot be read or written.
    pub fn try_generate(&self) -> Result<(), Problems> {
        self.run().map(drop)
    }

    /// Generates the client, and returns what the author of the document should know.
    fn run(&self) -> Result<Vec<String>, Problems> {
        let out = self.out_dir.clone().or_else(|| env::var_os("OUT_DIR").map(PathBuf::from));
        let instead = "call this in a build.rs, or set `out_dir`";
        let out = out.map_or_else(|| problem("OUT_DIR", "it is not set", instead), Ok)?;
        let text = fs::read_to_string(&self.document)
            .or_else(|error| problem(self.document.display(), error, "a file that can be read"))?;
        let document = document::read(&text)?;
        let problems = check::check(&document);
        if !problems.is_empty() {
            return Err(Problems(problems));
        }
        let warnings = check::warnings(&document);
        for (end, code) in generator::guarded(|| client::generate(document, self.mocks))? {
            let file = out.join(format!("{}{end}", self.name));
            fs::write(&file, code).or_else(|error| {
                problem(file.display(), error, "a folder that can be written to")
            })?;
        }
        Ok(warnings)
    }
}

/// Why nothing was generated: a line for each problem. It says where the problem is, what is wrong, and
/// what to write instead.
///
/// ```
/// let problems = huaweicloud_codegen::Config::new("missing.yaml").try_generate().unwrap_err();
/// assert_eq!(problems.lines().count(), 1);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(Vec<String>);

impl Problems {
    /// The lines.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl From<String> for Problems {
    fn from(problem: String) -> Self {
        Self(vec![problem])
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for Problems {}
