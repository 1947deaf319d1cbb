//! Lenient decoding of the fields of a response: one that does not have the documented type is
//! converted if it can be, and left out if not, so that it never costs the rest of the response.

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;

/// Reads a field. `build.rs` names this function on every field of every response.
pub(crate) fn read<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned + Default,
{
    let value = Value::deserialize(deserializer)?;
    if let Ok(read) = T::deserialize(&value) {
        return Ok(read);
    }
    let converted = match value {
        // A number or a truth value in quotes.
        Value::String(text) => serde_json::from_str(text.trim()).unwrap_or_default(),
        // Anything at all where there should be text, an object as its JSON.
        other => Value::String(other.to_string()),
    };
    Ok(T::deserialize(converted).unwrap_or_default())
}
