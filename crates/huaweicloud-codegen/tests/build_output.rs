//! Promise: cargo notices that the document changes, and shows what is wrong with it on one line each,
//! without a panic. More than 20 problems are counted.

use crate::support::folder::Folder;
use huaweicloud_codegen::Config;
use std::{env, fs, path::Path, process::Command};

const GOOD: &str = r##"
openapi: 3.0.3
info: {title: Things, version: "1"}
paths:
  /things/{id}:
    put:
      operationId: ChangeThing
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}}
      requestBody:
        required: true
        content:
          application/json: {schema: {$ref: "#/components/schemas/Thing"}}
      responses:
        "200": {description: Changed}
components:
  schemas:
    Thing: {type: object, required: [name], properties: {name: {type: string}}}
"##;

/// Names the document to the process that is the build script.
const DOCUMENT: &str = "BUILD_OUTPUT_DOCUMENT";

/// The build script, in a process of its own. Otherwise it does nothing.
#[test]
fn build_script() {
    if let Some(document) = env::var_os(DOCUMENT) {
        // What is before it on the line is of the test.
        println!();
        Config::new(document).mocks(true).generate();
    }
}

impl Folder {
    /// What a build script prints that generates from a document in this folder.
    fn generate(&self, document: impl AsRef<Path>) -> Vec<String> {
        let mut command = Command::new(env::current_exe().unwrap());
        let command = command
            .args(["--exact", "build_output::build_script", "--nocapture"])
            .env(DOCUMENT, document.as_ref())
            .env("OUT_DIR", &self.0)
            .current_dir(&self.0);
        let output = command.output().unwrap();
        // Cargo fails by the lines, so that it shows nothing else.
        assert!(output.status.success(), "{output:?}");
        assert!(output.stderr.is_empty(), "{output:?}");
        let output = String::from_utf8(output.stdout).unwrap();
        // The others are of the test.
        output.lines().filter(|line| line.starts_with("cargo::")).map(str::to_owned).collect()
    }

    fn files(&self) -> Vec<String> {
        let files = fs::read_dir(&self.0).unwrap().map(|it| it.unwrap().file_name());
        let mut files: Vec<_> = files.map(|it| it.into_string().unwrap()).collect();
        files.sort();
        files
    }
}

#[test]
fn a_good_document_is_watched_and_generates_files() {
    let folder = Folder::with(GOOD);
    assert_eq!(folder.generate("openapi.yaml"), ["cargo::rerun-if-changed=openapi.yaml"]);
    assert_eq!(folder.files(), ["client.rs", "client_mocks.rs", "openapi.yaml"]);
    // The path is the one that was given.
    let path = folder.0.join("openapi.yaml");
    let watched = format!("cargo::rerun-if-changed={}", path.display());
    assert_eq!(folder.generate(path), [watched]);
}

#[test]
fn a_problem_is_one_line_of_a_document_that_is_still_watched() {
    for (old, new, expected) in [
        ("paths:", "paths: [", "line 5 column 11: did not find expected ',' or ']'"),
        (
            "#/components/schemas/Thing",
            "#/components/schemas/Nothing",
            "/paths//things/{id}/put/requestBody/content/application/json/schema: there is no #/components/schemas/Nothing",
        ),
        (
            "required: [name]",
            "requird: [name]",
            "/components/schemas/Thing/requird: no key of a schema: required",
        ),
        ("/things/{id}:", "/things:", "/paths//things/put/parameters/0 (id): the path has no {id}"),
        (
            "\"200\":",
            "\"202\": {description: Later, content: {application/json: {schema: {type: string}}}}\n        \"200\":",
            "/paths//things/{id}/put/responses/202: the success responses are of more than one type",
        ),
    ] {
        let broken = GOOD.replacen(old, new, 1);
        assert_ne!(broken, GOOD);
        let folder = Folder::with(&broken);
        let lines = folder.generate("openapi.yaml");
        let [watched, problem] = &lines[..] else { panic!("{lines:#?}") };
        assert_eq!(watched, "cargo::rerun-if-changed=openapi.yaml");
        let start = format!("cargo::error=openapi.yaml: {expected}");
        assert!(problem.starts_with(&start), "{problem}");
        assert_eq!(folder.files(), ["openapi.yaml"]);
    }
}

#[test]
fn of_many_problems_twenty_are_shown_and_the_rest_is_counted() {
    let without_fields = GOOD.replacen("required: [name], ", "", 1);
    for (problems, rest) in [(19, None), (20, None), (1000, Some(980))] {
        let fields = (0..problems).map(|number| format!("f{number}: {{typ: string}}"));
        let fields = fields.collect::<Vec<_>>().join(", ");
        let folder = Folder::with(&without_fields.replacen("name: {type: string}", &fields, 1));
        let lines = folder.generate("openapi.yaml");
        let is_problem = |line: &&String| line.ends_with("/typ: no key of a schema: type");
        let shown = lines.iter().filter(is_problem).count();
        assert_eq!(shown, problems.min(20), "{lines:#?}");
        let last = rest.map(|rest| format!("cargo::error=openapi.yaml: {rest} more"));
        assert_eq!(lines.len(), 1 + shown + usize::from(last.is_some()));
        assert!(last.is_none_or(|last| lines.last() == Some(&last)), "{lines:?}");
    }
}

#[test]
fn a_document_that_is_missing_is_one_line() {
    let folder = Folder::new();
    let lines = folder.generate("documents/openapi.yaml");
    let [watched, problem] = &lines[..] else { panic!("{lines:#?}") };
    assert_eq!(watched, "cargo::rerun-if-changed=documents/openapi.yaml");
    let missing = "cargo::error=openapi.yaml: documents/openapi.yaml: ";
    assert!(problem.starts_with(missing) && problem.ends_with("a file that can be read"));
    assert_eq!(folder.files(), [""; 0]);
}

#[test]
fn an_operation_whose_good_response_proves_nothing_is_a_warning() {
    for (schema, is_warning) in [
        ("{}", true),
        ("{type: object}", true),
        ("{type: object, properties: {result: {}}}", true),
        ("{type: object, properties: {result: {type: object}}}", true),
        ("{type: object, properties: {status: {type: string}, result: {type: object}}}", false),
        ("{type: object, properties: {success: {type: boolean}, result: {type: string}}}", false),
        ("{type: object, properties: {result: {type: string, x-proof: text}}}", false),
        ("{type: object, properties: {name: {type: string}}}", false),
        ("{type: array, items: {type: string}}", false),
    ] {
        let good = format!("content: {{application/json: {{schema: {schema}}}}}");
        let document =
            GOOD.replace("description: Changed", &format!("description: Changed, {good}"));
        let lines = Folder::with(&document).generate("openapi.yaml");
        let warning =
            "cargo::warning=openapi.yaml: /paths//things/{id}/put: a good response proves nothing";
        let warned = lines.iter().any(|line| line.starts_with(warning));
        assert_eq!(warned, is_warning, "{schema}: {lines:?}");
        assert!(!lines.iter().any(|line| line.starts_with("cargo::error")), "{lines:?}");
    }
}
