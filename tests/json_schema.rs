//! Promise: with the feature `schemars`, every type of the document has a JSON schema.

use codearts_build::types::*;
use schemars::schema_for;
use serde_json::json;

#[test]
fn a_request_has_a_schema_with_its_mandatory_fields() {
    let schema = schema_for!(RunJobRequest);
    assert_eq!(schema.get("required"), Some(&json!(["job_id"])));
    let schema = schema_for!(ParameterItem);
    assert_eq!(schema.get("required"), Some(&json!(["name", "value"])));
}

#[test]
fn a_response_has_a_schema_that_requires_nothing() {
    let schema = schema_for!(RecordInfoResponse);
    assert_eq!(schema.get("required"), None);
    let record = &schema.get("$defs").unwrap()["BuildRecord"];
    assert_eq!(record["properties"].as_object().unwrap().len(), 33);
    assert_eq!(record["properties"]["finish_time"]["type"], json!(["string", "null"]));
}

#[test]
fn an_extensible_enum_names_its_values_and_accepts_others() {
    let schema = schema_for!(TriggerType);
    let values = json!(["MANUAL", "TIMED_EXECUTION", "CODEHUB_TRIGGER", "PIPELINE_TRIGGER"]);
    assert_eq!(schema.get("anyOf"), Some(&json!([{ "enum": values }, {}])));
}
