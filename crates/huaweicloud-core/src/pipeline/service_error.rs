//! Service errors: every shape in which the service, its gateway and IAM report an error.

use crate::codec::json::{Json, Kind, is_json};

/// What an error response says.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct ServiceError {
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) request_id: Option<String>,
    /// Whether the code stands where no error has it, so that it proves nothing.
    pub(crate) is_inconclusive: bool,
}

/// Names of an error's code. The last one may mean something else.
const CODES: [&str; 3] = ["error_code", "errorCode", "code"];
const MESSAGES: [&str; 8] = [
    "error_msg",
    "errorMsg",
    "error_message",
    "message",
    "reason",
    "msg",
    "error_description",
    "title",
];
const REQUEST_IDS: [&str; 3] = ["request_id", "requestId", "X-Request-Id"];
/// Statuses of an envelope that mean an error.
const FAILED: [&str; 4] = ["fail", "failed", "failure", "error"];
/// How deep an error may be wrapped.
const MAX_DEPTH: u8 = 5;

/// The fields of an object that may belong to an error.
#[derive(Default)]
pub(crate) struct Named<'a> {
    codes: [Option<Json<'a>>; CODES.len()],
    messages: [Option<Json<'a>>; MESSAGES.len()],
    request_ids: [Option<Json<'a>>; REQUEST_IDS.len()],
    error: Option<Json<'a>>,
    success: Option<Json<'a>>,
    status: Option<Json<'a>>,
    /// What the service wraps.
    pub(crate) result: Option<Json<'a>>,
}

impl<'a> Named<'a> {
    pub(crate) fn of(object: Json<'a>) -> Self {
        let mut named = Self::default();
        for (name, value) in object.fields() {
            if let Some(place) = named.place(&name) {
                *place = Some(value);
            }
        }
        named
    }

    fn place(&mut self, name: &[u8]) -> Option<&mut Option<Json<'a>>> {
        match name {
            b"error" => return Some(&mut self.error),
            b"success" => return Some(&mut self.success),
            b"status" => return Some(&mut self.status),
            b"result" => return Some(&mut self.result),
            _ => {}
        }
        let codes = CODES.iter().zip(&mut self.codes);
        let messages = MESSAGES.iter().zip(&mut self.messages);
        let request_ids = REQUEST_IDS.iter().zip(&mut self.request_ids);
        let mut places = codes.chain(messages).chain(request_ids);
        places.find(|(known, _)| known.as_bytes() == name).map(|(_, place)| place)
    }

    /// Whether the object states an error. Fields of these names are data. The status counts only if it
    /// is the one of an envelope.
    pub(crate) fn is_error(&self, data: &[&str], is_envelope: bool) -> bool {
        let given = |name: &str, value: Option<Json<'_>>| {
            value.is_some_and(|value| !value.is_blank()) && !data.contains(&name)
        };
        let mut codes = CODES.into_iter().zip(self.codes).map(|(name, value)| given(name, value));
        let mut messages = MESSAGES.into_iter().zip(self.messages);
        let says = |value: Option<Json<'_>>, words: &[&str]| {
            let text = value.and_then(Json::text);
            text.is_some_and(|text| words.iter().any(|it| text.trim().eq_ignore_ascii_case(it)))
        };
        let own_code = codes.next() == Some(true) || codes.next() == Some(true);
        own_code
            || (codes.next() == Some(true) && messages.any(|(name, value)| given(name, value)))
            || self.error.is_some_and(|error| {
                given("error", Some(error)) && (error.is(Kind::Text) || error.is(Kind::Object))
            })
            || (!data.contains(&"success")
                && (self.success.is_some_and(Json::is_false) || says(self.success, &["false"])))
            || (is_envelope && !data.contains(&"status") && says(self.status, &FAILED))
    }
}

/// Whether a field of this name tells of an error where there is one.
pub(crate) fn is_of_error(name: &str) -> bool {
    let known = CODES.iter().chain(&MESSAGES).chain(&REQUEST_IDS);
    known.chain(&["error", "success", "status"]).any(|it| *it == name)
}

impl ServiceError {
    /// Reads the error of an object, and what its `error` and perhaps its `result` say of it.
    pub(crate) fn of(object: Json<'_>, with_result: bool) -> Self {
        let depth = MAX_DEPTH.saturating_sub(u8::from(!with_result));
        Self::within(object, depth, false).unwrap_or_default()
    }

    /// Reads the error of an object, if it is one, and what its `error` says of it.
    pub(crate) fn at_top(object: Json<'_>) -> Option<Self> {
        Self::within(object, MAX_DEPTH.saturating_sub(1), false)
    }

    /// Reads an error wherever it is in a value, if there is one at all.
    pub(crate) fn anywhere(value: Json<'_>) -> Option<Self> {
        let usual = Self::within(value, MAX_DEPTH, false).filter(|error| error.code.is_some());
        usual.or_else(|| {
            let error = Self::within(value, MAX_DEPTH, true)?;
            Some(Self { is_inconclusive: true, ..error })
        })
    }

    fn within(value: Json<'_>, depth: u8, anywhere: bool) -> Option<Self> {
        let is_top = depth == MAX_DEPTH;
        let depth = depth.checked_sub(1)?;
        if value.is(Kind::Text) {
            let quoted = value.text().filter(|text| text.trim_start().starts_with('{'))?;
            let quoted = Json::first(quoted.as_bytes()).filter(|_| is_json(quoted.as_bytes()))?;
            let error = Self::within(quoted, depth, anywhere)?;
            return Some(Self { is_inconclusive: true, ..error });
        }
        let mut named = Named::default();
        let mut inner = None;
        for (name, value) in value.fields() {
            if let Some(place) = named.place(&name) {
                *place = Some(value);
            }
            // What `error` says counts most. A message may be an error in JSON.
            let is_error = *name == *b"error";
            let is_wrapper = anywhere
                || (*name == *b"result" && is_top)
                || (value.is(Kind::Text) && MESSAGES.iter().any(|it| it.as_bytes() == &*name));
            if is_error || (inner.is_none() && is_wrapper) {
                inner = Self::within(value, depth, anywhere).or(inner);
            }
        }
        let mut found = Self {
            code: first(named.codes.iter().filter(|it| !it.is_some_and(Json::is_blank))),
            message: first(&named.messages),
            request_id: first(&named.request_ids),
            is_inconclusive: false,
        };
        if let Some(inner) = inner {
            // A message that is an error in JSON gives way to what that says.
            let nested = found.message.as_deref().is_some_and(|text| text.starts_with('{'));
            let message = found.message.take();
            found.is_inconclusive = found.code.is_none() && inner.is_inconclusive;
            found.code = found.code.or(inner.code);
            found.message =
                if nested { inner.message.or(message) } else { message.or(inner.message) };
            found.request_id = found.request_id.or(inner.request_id);
        }
        // `{"error": "it broke"}`
        found.message = found.message.or_else(|| said(named.error?));
        (found.code.is_some() || found.message.is_some()).then_some(found)
    }
}

fn first<'a>(values: impl IntoIterator<Item = &'a Option<Json<'a>>>) -> Option<String> {
    values.into_iter().flatten().find_map(|value| said(*value))
}

/// A text or a number, if it is not empty.
fn said(value: Json<'_>) -> Option<String> {
    let text = match value.kind()? {
        Kind::Text => value.text()?.into_owned(),
        Kind::Number => String::from_utf8_lossy(value.as_written()).into_owned(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}
