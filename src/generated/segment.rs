//! The value of a parameter as a part of a path.

use crate::generated::{constrained::broken_text, failure::argument};
use progenitor_client::encode_path;

/// Encodes a value for a path. An empty one and dots would make it another path, perhaps that of
/// another operation.
pub(crate) fn segment(name: &str, value: &impl ToString) -> Result<String, String> {
    let value = value.to_string();
    match value.as_str() {
        "" | "." | ".." => {
            let broken = broken_text(&value, "must not be empty, `.` or `..`", false);
            Err(argument(name, broken))
        }
        value => Ok(encoded(value)),
    }
}

/// What a typed mock expects in a path, as a regular expression.
#[cfg(feature = "mock")]
pub(crate) fn expected(value: &impl ToString) -> String {
    regex::escape(&encoded(&value.to_string()))
}

/// A URL takes a backslash for a slash.
fn encoded(value: &str) -> String {
    let encoded = encode_path(value);
    if encoded.contains('\\') { encoded.replace('\\', "%5C") } else { encoded }
}
