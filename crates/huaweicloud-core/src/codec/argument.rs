//! What is wrong with an argument of a call.

use std::fmt::Display;

/// What is wrong with an argument. What begins with a value continues the name of the argument.
pub fn argument(name: &str, cause: impl Display) -> String {
    let cause = cause.to_string();
    match cause.starts_with(char::is_alphabetic) {
        true => format!("{name}: {cause}"),
        false => format!("{name} {cause}"),
    }
}
