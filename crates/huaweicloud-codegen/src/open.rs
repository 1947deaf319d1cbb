//! Removes what would make a response invalid: an unexpected value must not cost the others.

use crate::document::{Result, ensure, is_struct, text};
use crate::{
    enums::{Enums, ExtensibleEnum, extensible_format},
    names,
};
use serde_json::{Value, json};

/// What a response need not obey.
const CONSTRAINTS: &str = "required nullable default pattern minLength maxLength minimum maximum \
    exclusiveMinimum exclusiveMaximum multipleOf minItems maxItems uniqueItems";

/// Removes the constraints of a schema. Fields that the document does not have are kept in a field `extra`.
/// An enum becomes an extensible one.
pub(crate) fn open(schema: &mut Value, name: &str, place: &str, enums: &mut Enums) -> Result<()> {
    let is_string = text(schema, "type") == Some("string");
    let mut mark = None;
    if let Some(found) = ExtensibleEnum::of(schema, place).filter(|_| is_string) {
        let name = names::type_name(text(schema, "title").unwrap_or(name));
        let other = enums.get(&name).unwrap_or(&found);
        let wrong = format!("this enum and the other one at {} both become {name}", other.place);
        ensure(other.values == found.values, place, wrong, "a title for one of them")?;
        mark = Some(("format".to_owned(), extensible_format(&name).into()));
        enums.insert(name, found);
    }
    let is_struct = is_struct(schema);
    let Value::Object(schema) = schema else { return Ok(()) };
    schema.retain(|key, _| match key.as_str() {
        "enum" | "title" => false,
        "format" => !is_string,
        key => !CONSTRAINTS.split(' ').any(|it| it == key) && !key.starts_with("x-"),
    });
    schema.extend(mark);
    if is_struct {
        // Not `true`: only a schema makes the generator keep the fields.
        schema.insert("additionalProperties".into(), json!({}));
    }
    Ok(())
}
