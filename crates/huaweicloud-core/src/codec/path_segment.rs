//! The value of a parameter as a part of a path.

use crate::codec::{argument::argument, constrained::broken_text};
use crate::error::Error;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// What a segment of a URL's path cannot hold as it is. A URL takes a backslash for a slash.
const RESERVED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'`')
    .add(b'{')
    .add(b'}')
    .add(b'/')
    .add(b'%')
    .add(b'\\');

/// Encodes a value for a path. An empty one and dots would make it another path, perhaps that of
/// another operation.
pub fn segment(name: &str, value: &impl ToString) -> Result<String, Error> {
    let value = value.to_string();
    if ["", ".", ".."].contains(&value.as_str()) {
        let broken = broken_text(&value, "must not be empty, `.` or `..`", false);
        return Err(Error::invalid_argument(argument(name, broken)));
    }
    Ok(encoded(&value))
}

/// What a typed mock expects in a path, as a regular expression.
#[cfg(feature = "mock")]
pub fn expected(value: &impl ToString) -> String {
    regex::escape(&encoded(&value.to_string()))
}

fn encoded(value: &str) -> String {
    utf8_percent_encode(value, RESERVED).to_string()
}
