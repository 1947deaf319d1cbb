//! What the pipeline must know of an operation: read from the document, and written to a table.

use crate::codec::json::Kind;
use crate::error::Error;
use http::Method;

/// An operation, as the document describes it.
#[derive(Debug)]
pub struct Operation {
    /// The id that the vendor gave the operation, as `RunJob`.
    pub id: &'static str,
    pub method: &'static str,
    /// The path with the names of its parameters in braces.
    pub path: &'static str,
    pub content: Content,
    /// Whether what the response holds comes in an envelope, that is in a field `result`.
    pub enveloped: bool,
    /// The fields of the response, or of the result in its envelope.
    pub fields: &'static [&'static str],
    /// The fields of which one must be there in a good response (`x-proof`). None: any of all the
    /// fields.
    pub proof: &'static [(&'static str, Proof)],
    /// What a call does if it takes effect, and what to do if that is not known (`x-effect`).
    pub effect: Option<&'static str>,
    /// Whether a call may be made twice: its method is GET or HEAD, or the document says so
    /// (`x-idempotent`).
    pub idempotent: bool,
}

/// What a good response holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Content {
    Nothing,
    /// JSON, of this kind if the document names one.
    Json(Option<Kind>),
    /// What is no JSON, or need not be, and is streamed.
    Stream,
    /// Anything. Only the caller judges it.
    Any,
}

/// What a field must hold to prove that a call succeeded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Proof {
    /// A number from 1 to 2147483647, which may be in quotes.
    Number,
    /// A text that is not blank, or a number.
    Text,
    /// Anything but null.
    Present,
}

/// What is assumed of operations that the document does not have.
static UNDOCUMENTED: [Operation; 5] = {
    let json = Content::Json(None);
    [of("GET", json), of("POST", json), of("PUT", json), of("PATCH", json), of("DELETE", json)]
};
/// The same where only the caller judges the response.
static UNJUDGED: [Operation; 3] =
    [of("POST", Content::Any), of("GET", Content::Any), of("HEAD", Content::Any)];

/// An operation of which only the method is known, and what its response holds.
pub(crate) const fn of(method: &'static str, content: Content) -> Operation {
    Operation {
        id: "",
        method,
        path: "",
        content,
        enveloped: false,
        fields: &[],
        proof: &[],
        effect: None,
        idempotent: matches!(method.as_bytes(), b"GET" | b"HEAD"),
    }
}

impl Operation {
    /// The operation of a table with this method and path, else what is assumed of the method. None if
    /// no request can have this method.
    pub(crate) fn at(table: &'static [Self], method: &Method, path: &str) -> Option<&'static Self> {
        let is_parameter = |part: &str| part.starts_with('{');
        let is_at = |operation: &&Self| {
            let [known, given] =
                [operation.path, path].map(|it| it.trim_start_matches('/').split('/'));
            operation.method == method.as_str()
                && known.clone().count() == given.clone().count()
                && known.zip(given).all(|(known, given)| known == given || is_parameter(known))
        };
        let undocumented = UNDOCUMENTED.iter().find(|it| it.method == method.as_str())?;
        Some(table.iter().find(is_at).unwrap_or(undocumented))
    }

    /// What is assumed where only the caller judges the response.
    pub(crate) fn unjudged(method: &Method) -> &'static Self {
        let [otherwise, ..] = &UNJUDGED;
        UNJUDGED.iter().find(|it| it.method == method.as_str()).unwrap_or(otherwise)
    }

    /// Whether a call only reads. Then it cannot take effect.
    pub(crate) fn reads(&self) -> bool {
        matches!(self.method, "GET" | "HEAD")
    }

    /// An error of a call of this operation.
    pub(crate) fn error(&self, error: Error) -> Error {
        match self.id {
            "" => error,
            id => error.edit(|it| (it.operation, it.effect) = (Some(id), self.effect)),
        }
    }

    /// The error of a call that may have taken effect, unless it only reads.
    pub(crate) fn with_unknown_outcome(&self, error: Error) -> Error {
        self.error(error).edit(|it| it.may_have_taken_effect |= !self.reads())
    }
}
