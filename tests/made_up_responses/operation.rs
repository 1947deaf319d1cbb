//! An operation and its success response, read from the document.

use crate::support::{document::*, openapi};
use serde_json::Value;
use std::sync::LazyLock;

pub struct Operation {
    pub id: String,
    pub method: String,
    /// The path, with some text for each parameter.
    pub path: String,
    /// The text of its errors after an unknown outcome, if the document has one.
    pub effect: Option<String>,
    /// The JSON type of the content of a response, without an envelope. Empty if there is none.
    pub kind: String,
    /// The fields of that content, and the kind of proof of those that are marked.
    pub fields: Vec<String>,
    pub proof: Vec<(String, String)>,
    /// A response, if one is documented.
    pub example: Option<Value>,
    /// Different for each operation.
    pub number: u64,
}

pub type Call = &'static Operation;

/// All operations of the document.
pub static OPERATIONS: LazyLock<Vec<Operation>> = LazyLock::new(|| {
    let document = openapi();
    let all = operations(&document).enumerate();
    let all = all.map(|(number, (path, method, operation))| {
        let good = fields(&operation["responses"]).find(|(status, _)| status.starts_with('2'));
        let response = resolved(&document, good.unwrap().1);
        let body = json_schema(response).map(|schema| resolved(&document, schema));
        let result = body.and_then(|body| body.pointer("/properties/result"));
        let data = result.map(|result| resolved(&document, result)).or(body).unwrap_or(&NOTHING);
        let properties = || data.get("properties").into_iter().flat_map(fields);
        let proof = properties().filter_map(|(name, field)| Some((name, text(field, "x-proof")?)));
        let media = response.get("content").and_then(|content| fields(content).next());
        Operation {
            id: text(operation, "operationId").unwrap().into(),
            method: method.to_uppercase(),
            path: path.replace(['{', '}'], ""),
            effect: text(operation, "x-effect").map(str::to_owned),
            kind: text(data, "type").unwrap_or_default().into(),
            fields: properties().map(|(name, _)| name.clone()).collect(),
            proof: proof.map(|(name, proof)| (name.clone(), proof.into())).collect(),
            example: media.and_then(|(_, media)| media.get("example")).cloned(),
            number: number as u64,
        }
    });
    all.collect()
});

static NOTHING: Value = Value::Null;

impl Operation {
    pub fn named(id: &str) -> Call {
        OPERATIONS.iter().find(|operation| operation.id == id).unwrap()
    }

    pub fn reads(&self) -> bool {
        self.method == "GET"
    }

    pub fn has_field(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field == name)
    }

    /// The name of a field that proves success, if possible that of a number.
    pub fn proof_name(&self) -> &str {
        let number = self.proof.iter().find(|(_, proof)| proof == "number");
        let marked = number.or(self.proof.first()).map(|(name, _)| name);
        marked.or(self.fields.first()).map_or("id", String::as_str)
    }
}
