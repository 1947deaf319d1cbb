//! Promise: the JSON schema of a type keeps both ends of a bound.

use schemars::schema_for;
use whole_service::api::types::*;

#[test]
fn json_schemas_keep_both_ends_of_a_bound() {
    for (schema, ends) in [
        (schema_for!(Call7Page), [("exclusiveMinimum", 0.0), ("maximum", 100.0)]),
        (schema_for!(Call4Limit), [("minimum", 0.0), ("exclusiveMaximum", 51.0)]),
        (schema_for!(Call3Share), [("exclusiveMinimum", 0.0), ("maximum", 1.0)]),
        (schema_for!(Call8Numbers), [("minItems", 1.0), ("maxItems", 2.0)]),
        (schema_for!(Call6Name), [("minLength", 2.0), ("maxLength", 4.0)]),
    ] {
        for (key, bound) in ends {
            let found = schema.get(key).and_then(|it| it.as_f64());
            assert_eq!(found, Some(bound), "{key} {schema:?}");
        }
    }
}
