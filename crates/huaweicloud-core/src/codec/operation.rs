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
    /// The fields of the envelope, if there is one.
    pub envelope: &'static [&'static str],
    /// The fields of which one must be there in a good response (`x-proof`). None: any of all the
    /// fields.
    pub proof: &'static [(&'static str, Proof)],
    /// Whether an empty body is a success where the document has another one (`x-empty-response`).
    pub may_be_empty: bool,
    /// The fields and parameters of the request whose values are not shown (`format: password`).
    pub passwords: &'static [&'static str],
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
    /// What is no JSON, or need not be.
    Bytes,
    /// The same, streamed.
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

/// An operation of which only the method is known, and what its response holds.
pub(crate) const fn of(method: &'static str, content: Content) -> Operation {
    Operation {
        id: "",
        method,
        path: "",
        content,
        enveloped: false,
        fields: &[],
        envelope: &[],
        proof: &[],
        may_be_empty: false,
        passwords: &[],
        effect: None,
        idempotent: matches!(method.as_bytes(), b"GET" | b"HEAD"),
    }
}

impl Operation {
    /// The operation of a table with this method and path, else what is assumed of the method.
    pub fn at(table: &'static [Self], method: &Method, path: &str) -> &'static Self {
        let given = path.trim_start_matches('/');
        let of_method = table.iter().filter(|it| it.method == method.as_str());
        let fitting = of_method.filter_map(|operation| {
            Some((literals(operation.path.trim_start_matches('/'), given)?, operation))
        });
        // Of `/jobs/{id}` and `/jobs/latest` the second is meant, if both fit.
        let found = fitting.max_by_key(|(literals, _)| *literals).map(|(_, operation)| operation);
        found.unwrap_or_else(|| Self::undocumented(method.as_str(), Content::Json(None)))
    }

    /// The operation, of whose response the caller expects this unless the document has it.
    pub(crate) fn expecting(&'static self, content: Content) -> &'static Self {
        if self.is_documented() { self } else { Self::undocumented(self.method, content) }
    }

    /// What is assumed of an operation that the document does not have. One whose method is not known may
    /// change something.
    pub(crate) fn undocumented(method: &str, content: Content) -> &'static Self {
        const fn both(content: Content) -> [Operation; 2] {
            [of("GET", content), of("POST", content)]
        }
        let [reading, changing] = match content {
            Content::Json(_) => const { &both(Content::Json(None)) },
            Content::Bytes => const { &both(Content::Bytes) },
            Content::Stream => const { &both(Content::Stream) },
            Content::Nothing => const { &both(Content::Nothing) },
            Content::Any => const { &both(Content::Any) },
        };
        if matches!(method, "GET" | "HEAD") { reading } else { changing }
    }

    /// The documented field of this name.
    pub(crate) fn documented(&self, name: &[u8]) -> Option<&'static str> {
        self.fields.iter().find(|it| it.as_bytes() == name).copied()
    }

    /// Whether the document has the operation.
    pub(crate) fn is_documented(&self) -> bool {
        !self.id.is_empty()
    }

    /// An error of a call of this operation, which may have taken effect unless it only reads.
    pub(crate) fn error(&self, error: Error, is_unknown: bool) -> Error {
        let only_reads = matches!(self.method, "GET" | "HEAD");
        error.edit(|it| {
            if self.is_documented() {
                (it.operation, it.effect) = (Some(self.id), self.effect);
            }
            it.may_have_taken_effect |= is_unknown && !only_reads;
            it.is_transient &= !it.may_have_taken_effect;
        })
    }
}

/// How much of a known path stands outside braces, if the given one fits: it has something other than a slash
/// for each name in braces.
fn literals(known: &str, given: &str) -> Option<usize> {
    let Some((before, name)) = known.split_once('{') else {
        return (known == given).then_some(known.len());
    };
    let (_, after) = name.split_once('}')?;
    let given = given.strip_prefix(before)?;
    let end = given.find('/').unwrap_or(given.len());
    let behind = (1..=end).find_map(|end| literals(after, given.get(end..)?))?;
    Some(before.len().saturating_add(behind))
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(path: &'static str) -> Operation {
        Operation { id: "Documented", path, ..of("POST", Content::Nothing) }
    }

    static TABLE: [Operation; 6] = [
        at("/v1/jobs/{id}"),
        at("/v1/jobs/latest"),
        at("/v1/jobs/{id}:stop"),
        at("/v1/x-{id}"),
        at("/v1/{from}...{to}/log"),
        at("/v1/é{id}"),
    ];

    #[test]
    fn a_path_has_the_rules_of_the_most_specific_operation_that_it_fits() {
        for (path, expected) in [
            ("/v1/jobs/7", "/v1/jobs/{id}"),
            ("v1/jobs/7", "/v1/jobs/{id}"),
            ("/v1/jobs/latest", "/v1/jobs/latest"),
            ("/v1/jobs/7:stop", "/v1/jobs/{id}:stop"),
            ("/v1/jobs/:stop", "/v1/jobs/{id}"),
            ("/v1/jobs/7:start", "/v1/jobs/{id}"),
            ("/v1/x-7", "/v1/x-{id}"),
            ("/v1/x-", ""),
            ("/v1/y-7", ""),
            ("/v1/a...b/log", "/v1/{from}...{to}/log"),
            ("/v1/a...b...c/log", "/v1/{from}...{to}/log"),
            ("/v1/a..b/log", ""),
            ("/v1/é7", "/v1/é{id}"),
            ("/v1/èé7", ""),
            ("/v1/jobs/", ""),
            ("/v1/jobs/7/", ""),
            ("/v1/jobs/7/8", ""),
            ("/v1/jobs", ""),
        ] {
            let found = Operation::at(&TABLE, &Method::POST, path);
            assert_eq!(found.path, expected, "{path}");
        }
        assert!(!Operation::at(&TABLE, &Method::GET, "/v1/jobs/7").is_documented());
    }
}
