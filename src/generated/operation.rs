//! What the pipeline must know of an operation: read from the document, and written to a table.

use crate::error::Error;
use crate::generated::json::Kind;
use http::{Method, StatusCode};
use reqwest::Response;

/// An operation, as the document describes it.
#[derive(Debug)]
pub(crate) struct Operation {
    /// The operation's id as the generated code spells it.
    pub(crate) id: &'static str,
    pub(crate) method: &'static str,
    /// The path with the names of its parameters in braces.
    pub(crate) path: &'static str,
    /// The documented good statuses.
    pub(crate) success: &'static [u16],
    pub(crate) content: Content,
    /// Whether what the response holds comes in an envelope, that is in a field `result`.
    pub(crate) enveloped: bool,
    /// The fields of the response, or of the result in its envelope.
    pub(crate) fields: &'static [&'static str],
    /// The fields of which one must be there in a good response (`x-proof`). None: any of all the
    /// fields.
    pub(crate) proof: &'static [(&'static str, Proof)],
    /// Whether a call starts a build (`x-starts-builds`).
    pub(crate) starts_builds: bool,
    /// Whether a call may be made twice: its method is GET or HEAD, or the document says so
    /// (`x-idempotent`).
    pub(crate) idempotent: bool,
}

/// What a good response holds.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(dead_code, reason = "the document need not use all")]
pub(crate) enum Content {
    Nothing,
    /// JSON, of this kind if the document names one.
    Json(Option<Kind>),
    /// What is no JSON, or need not be, and is streamed.
    Stream,
}

/// What a field must hold to prove that a call succeeded.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(dead_code, reason = "the document need not use all")]
pub(crate) enum Proof {
    /// A number from 1 to 2147483647, which may be in quotes.
    Number,
    /// A text that is not blank, or a number.
    Text,
    /// Anything but null.
    Present,
}

/// The status that a response had before it got the documented one, if they differ.
#[derive(Clone, Copy)]
pub(crate) struct GivenStatus(pub(crate) StatusCode);

impl GivenStatus {
    /// The status that the server gave.
    pub(crate) fn of(response: &Response) -> StatusCode {
        response.extensions().get().map_or(response.status(), |Self(given)| *given)
    }
}

include!(concat!(env!("OUT_DIR"), "/operations.rs"));

impl Operation {
    pub(crate) fn of(id: &str) -> Option<&'static Self> {
        OPERATIONS.iter().find(|operation| operation.id == id)
    }

    /// The operation that a request is of.
    pub(crate) fn at(method: &Method, path: &str) -> Option<&'static Self> {
        let is_parameter = |part: &str| part.starts_with('{');
        OPERATIONS.iter().find(|operation| {
            let (known, given) = (operation.path.split('/'), path.split('/'));
            operation.method == method.as_str()
                && known.clone().count() == given.clone().count()
                && known.zip(given).all(|(known, given)| known == given || is_parameter(known))
        })
    }

    /// What is assumed of an operation that the document does not have.
    pub(crate) fn undocumented(method: &Method) -> Self {
        let methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];
        let method = methods.into_iter().find(|known| *known == method.as_str());
        let method = method.unwrap_or_default();
        Self {
            id: "undocumented",
            method,
            path: "",
            success: &[],
            content: Content::Json(None),
            enveloped: false,
            fields: &[],
            proof: &[],
            starts_builds: false,
            idempotent: method == "GET",
        }
    }

    /// The status to tell the generated code: any good one is as good as the documented one.
    pub(crate) fn documented_status(&self, given: StatusCode) -> StatusCode {
        let is_documented = self.success.contains(&given.as_u16());
        let documented = self.success.iter().find_map(|code| StatusCode::from_u16(*code).ok());
        documented.filter(|_| !is_documented).unwrap_or(given)
    }

    /// The error of a call of which nothing tells what it did, unless it only reads.
    pub(crate) fn with_unknown_outcome(&self, error: Error) -> Error {
        match self.method {
            "GET" | "HEAD" => error,
            _ => error.with_unknown_outcome(self.starts_builds),
        }
    }
}
