//! Promise: the generated code has the names of the wire, and knows each value that must not be shown.

use crate::support::folder::Folder;
use huaweicloud_codegen::Config;
use std::fs;

const DOCUMENT: &str = r##"
openapi: 3.0.3
info: {title: Things, version: "1"}
paths:
  /things:
    parameters:
      - {name: ofPath, in: query, schema: {type: string, format: password}}
      - {name: shown, in: query, schema: {type: string}}
    post:
      operationId: CreateThing
      requestBody:
        required: true
        content:
          application/x-www-form-urlencoded:
            schema:
              type: object
              properties:
                ofForm: {type: string, format: password}
                deep: {type: object, properties: {named: {$ref: "#/components/schemas/Secret"}}}
                example: {type: object, properties: {example: {type: string, format: password}}}
      responses:
        "200":
          description: The thing
          content:
            application/json: {schema: {$ref: "#/components/schemas/Thing"}}
components:
  schemas:
    Secret: {type: string, format: password, minLength: 8}
    Thing:
      type: object
      properties:
        itsState: {type: string, x-extensible-enum: [on, off], default: on}
"##;

/// The code of a client, without what the formatter puts between its words.
fn generated(text: &str) -> String {
    let folder = Folder::with(text);
    let document = folder.0.join("openapi.yaml");
    Config::new(document).out_dir(&folder.0).try_generate().unwrap();
    let code = fs::read_to_string(folder.0.join("client.rs")).unwrap();
    code.split_whitespace().collect()
}

#[test]
fn passwords_and_names_of_the_wire_are_in_the_code() {
    let code = generated(DOCUMENT);
    // Of the path, of a form, behind a reference, and of a field that is called like an example.
    let passwords = r#"passwords:&["example","named","ofForm","ofPath"]"#;
    assert!(code.contains(passwords), "{code}");
    // A field with a default is written as it is read.
    let attribute =
        r#"#[serde(rename="itsState",default,skip_serializing_if="__runtime::is_default")]"#;
    assert!(code.contains(attribute), "{code}");
}

#[test]
fn each_call_names_its_row_of_the_table() {
    // The first parameter gets another name, with which its path would be sorted before the second one.
    let path = r#"
  /{NAME}:
    get:
      operationId: of_NAME
      parameters: [{name: NAME, in: path, required: true, schema: {type: string}}]
      responses: {"200": {description: Yes}}"#;
    let paths = ["sendAll", "send"].map(|name| path.replace("NAME", name)).concat();
    let document =
        format!("openapi: 3.0.3\ninfo: {{title: Things, version: \"1\"}}\npaths:{paths}");
    let code = generated(&document);
    let rows = code.split("OPERATIONS:&").nth(1).unwrap().split("id:\"").skip(1);
    let rows: Vec<_> = rows.map(|row| row.split('"').next().unwrap()).collect();
    assert_eq!(rows, ["of_sendAll", "of_send"]);
    for (row, builder) in ["OfSendAll", "OfSend"].iter().enumerate() {
        let call = code.split(&format!("impl<'a>{builder}<'a>{{")).nth(1).unwrap();
        let named = call.split("OPERATIONS[").nth(1).unwrap();
        assert!(named.starts_with(&format!("{row}usize]")), "{builder}: {named}");
    }
}
