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

/// Statuses of an envelope that mean an error.
const FAILED: [&str; 4] = ["fail", "failed", "failure", "error"];
/// How deep an error may be wrapped.
const MAX_DEPTH: u8 = 5;

/// The fields of an object that may belong to an error. Of codes, messages and ids of the request, the first
/// ones count more. The last code may mean something else.
#[derive(Default)]
pub(crate) struct Named<'a> {
    codes: [Option<Json<'a>>; 3],
    messages: [Option<Json<'a>>; 8],
    request_ids: [Option<Json<'a>>; 3],
    error: Option<Json<'a>>,
    pub(crate) success: Option<Json<'a>>,
    pub(crate) status: Option<Json<'a>>,
    /// What the service wraps.
    pub(crate) result: Option<Json<'a>>,
}

impl<'a> Named<'a> {
    pub(crate) fn of(object: Json<'a>) -> Self {
        Self::without(object, |_| false)
    }

    /// Finds the fields of an object, without those that are data.
    pub(crate) fn without(object: Json<'a>, is_data: impl Fn(&[u8]) -> bool) -> Self {
        let mut named = Self::default();
        for (name, value) in object.fields() {
            if let Some(place) = named.place(&name).filter(|_| !is_data(&name)) {
                *place = Some(value);
            }
        }
        named
    }

    fn place(&mut self, name: &[u8]) -> Option<&mut Option<Json<'a>>> {
        Some(match name {
            b"error_code" => &mut self.codes[0],
            b"errorCode" => &mut self.codes[1],
            b"code" => &mut self.codes[2],
            b"error_msg" => &mut self.messages[0],
            b"errorMsg" => &mut self.messages[1],
            b"error_message" => &mut self.messages[2],
            b"message" => &mut self.messages[3],
            b"reason" => &mut self.messages[4],
            b"msg" => &mut self.messages[5],
            b"error_description" => &mut self.messages[6],
            b"title" => &mut self.messages[7],
            b"request_id" => &mut self.request_ids[0],
            b"requestId" => &mut self.request_ids[1],
            b"X-Request-Id" => &mut self.request_ids[2],
            b"error" => &mut self.error,
            b"success" => &mut self.success,
            b"status" => &mut self.status,
            b"result" => &mut self.result,
            _ => return None,
        })
    }

    /// Whether the object states an error. The status counts only if it is the one of an envelope.
    pub(crate) fn is_error(&self, is_envelope: bool) -> bool {
        let given = |value: Option<Json<'_>>| value.is_some_and(|value| !value.is_blank());
        let [own, other, code] = self.codes.map(given);
        let is_explicit = |error: &Json<'_>| error.is(Kind::Text) || error.is(Kind::Object);
        own || other
            || (code && self.messages.into_iter().any(given))
            || given(self.error.filter(is_explicit))
            || says(self.success, &["false"])
            || (is_envelope && says(self.status, &FAILED))
    }
}

/// Whether a value is one of these words.
pub(crate) fn says(value: Option<Json<'_>>, words: &[&str]) -> bool {
    let text = value.map(Json::shown);
    text.is_some_and(|text| words.iter().any(|it| text.trim().eq_ignore_ascii_case(it)))
}

/// Whether a field of this name tells of an error where there is one.
pub(crate) fn is_of_error(name: &str) -> bool {
    name != "result" && Named::default().place(name.as_bytes()).is_some()
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
        let named = Named::of(value);
        let within = |value| Self::within(value, depth, anywhere);
        // What `error` says counts most. A message may be an error in JSON.
        let texts = named.messages.into_iter().flatten().filter(|it| it.is(Kind::Text));
        let others = || value.fields().filter(|(name, _)| **name != *b"error");
        let wrapped = || match anywhere {
            true => others().find_map(|(_, value)| within(value)),
            false => named.result.filter(|_| is_top).into_iter().chain(texts).find_map(within),
        };
        let inner = named.error.and_then(within).or_else(wrapped).unwrap_or_default();
        let mut found = Self {
            code: first(named.codes.iter().filter(|it| !it.is_some_and(Json::is_blank))),
            message: first(&named.messages),
            request_id: first(&named.request_ids).or(inner.request_id),
            is_inconclusive: false,
        };
        found.is_inconclusive = found.code.is_none() && inner.is_inconclusive;
        found.code = found.code.or(inner.code);
        // The message of a quoted error counts more than the quotation.
        found.message = match found.message {
            Some(text) if text.starts_with('{') => inner.message.or(Some(text)),
            message => message.or(inner.message),
        };
        // `{"error": "it broke"}`, `{"success": false, "result": "has ended"}`
        let text = |value: Option<Json<'_>>| value.filter(|it| it.is(Kind::Text)).and_then(said);
        found.message = found.message.or_else(|| said(named.error?)).or_else(|| text(named.result));
        (found.code.is_some() || found.message.is_some()).then_some(found)
    }
}

fn first<'a>(values: impl IntoIterator<Item = &'a Option<Json<'a>>>) -> Option<String> {
    values.into_iter().flatten().find_map(|value| said(*value))
}

/// A text or a number, if it is not empty.
fn said(value: Json<'_>) -> Option<String> {
    let is_said = matches!(value.kind()?, Kind::Text | Kind::Number);
    let text = is_said.then(|| value.shown().into_owned());
    text.filter(|text| !text.is_empty())
}
