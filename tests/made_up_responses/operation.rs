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
    /// The fields of the envelope, if there is one.
    pub envelope: Option<Vec<String>>,
    /// Whether an empty body is a success, too.
    pub may_be_empty: bool,
    /// Whether the response is no JSON, but a stream of bytes.
    pub is_stream: bool,
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
        let names = |of: &Value| fields(&of["properties"]).map(|(name, _)| name.clone()).collect();
        let envelope = body.filter(|_| result.is_some()).map(names);
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
            envelope,
            may_be_empty: text(operation, "x-empty-response") == Some("success"),
            is_stream: media.is_some() && body.is_none(),
            example: media.and_then(|(_, media)| media.get("example")).cloned(),
            number: number as u64,
        }
    });
    all.collect()
});

static NOTHING: Value = Value::Null;

impl Operation {
    pub fn reads(&self) -> bool {
        self.method == "GET"
    }

    /// Whether a documented field at the top of the response tells only how the call ended.
    pub fn has_outcome(&self, name: &str) -> bool {
        let tells = |name: &str| ["status", "success", "error"].contains(&name);
        match &self.envelope {
            Some(envelope) => envelope.iter().any(|field| field == name),
            None => self.has_field(name) && self.fields.iter().all(|field| tells(field)),
        }
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
