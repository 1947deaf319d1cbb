//! From the generator's error to the one of this crate.

use crate::error::{Error, ErrorKind};
use crate::generated::operation::Operation;
use progenitor_client::Error as Generated;
use std::fmt::Display;

/// What is wrong with an argument. What begins with a value continues the name of the argument.
pub(crate) fn argument(name: &str, cause: impl Display) -> String {
    let cause = cause.to_string();
    match cause.starts_with(char::is_alphabetic) {
        true => format!("{name}: {cause}"),
        false => format!("{name} {cause}"),
    }
}

/// What a call through the generated client failed with, as the error of this crate.
pub(crate) fn failed<E>(id: &str, error: Generated<E>) -> Error {
    let invalid = || {
        let error = Error::new(ErrorKind::InvalidResponse, "not the documented type");
        match Operation::of(id) {
            Some(operation) => operation.with_unknown_outcome(error),
            None => error,
        }
    };
    match error {
        Generated::InvalidRequest(message) => Error::invalid_argument(message),
        // What the pipeline made of the response.
        Generated::UnexpectedResponse(mut response) => {
            let status = response.status().as_u16();
            let error = response.extensions_mut().remove();
            error.unwrap_or_else(|| invalid().with_status(status))
        }
        Generated::CommunicationError(cause)
        | Generated::InvalidUpgrade(cause)
        | Generated::ResponseBodyError(cause) => cause.into(),
        // The hooks and the decoder keep these from happening.
        Generated::ErrorResponse(_)
        | Generated::InvalidResponsePayload(..)
        | Generated::Custom(_) => invalid(),
    }
}
