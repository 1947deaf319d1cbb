//! Promise: with the feature `schemars`, every type of the document has a JSON schema, which loses no
//! pattern, no length and no bound of a request.

use crate::{
    contract::CONSTRAINTS,
    support::{document::*, openapi},
};
use codearts_build::types::*;
use schemars::schema_for;
use serde_json::{Value, json};

/// Compares each constraint of a type's schema in the document with the JSON schema of the type.
macro_rules! same_constraints {
    ($($type:ident)+) => {
        [$((stringify!($type), schema_for!($type).to_value())),+]
    };
}

#[test]
fn every_constraint_of_the_document_is_in_the_schema_of_its_type() {
    let types = same_constraints!(
        JobId BuildNumber ParameterName ParameterValue CommitId EventType RecordId ProjectId
        LocalTime PageIndex JobPageIndex PageSize LogOffset LogLevel LastBuildFilter
    );
    let constraints_of = |schema: &Value| {
        let found = CONSTRAINTS.iter().filter_map(|key| Some((*key, schema.get(key)?.clone())));
        found.collect::<Vec<_>>()
    };
    let document = openapi();
    let requested = requested(&document);
    let constrained = schemas(&document).filter(|(name, schema)| {
        !constraints_of(schema).is_empty()
            && requested.contains(&format!("#/components/schemas/{name}"))
    });
    let (known, unknown): (Vec<_>, Vec<_>) =
        constrained.partition(|(name, _)| types.iter().any(|(known, _)| known == name));
    let names = unknown.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(" ");
    assert!(unknown.is_empty(), "add these types to the list above: {names}");
    assert_eq!(known.len(), types.len(), "the list above has types without a constraint");
    for (name, schema) in known {
        let (_, generated) = types.iter().find(|(known, _)| known == name).unwrap();
        assert_eq!(constraints_of(generated), constraints_of(schema), "{name}");
        assert_eq!(generated["type"], schema["type"], "{name}");
    }
}

#[test]
fn a_request_has_a_schema_with_its_mandatory_fields() {
    let schema = schema_for!(RunJobRequest);
    assert_eq!(schema.get("required"), Some(&json!(["job_id"])));
    assert_eq!(schema.get("$defs").unwrap()["JobId"]["pattern"], "^[0-9A-Za-z]{32}$");
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
