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

/// What a field may be for an error, by its name. Those with lower numbers count more. The last code may
/// mean something else.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Code(usize),
    Message(usize),
    RequestId(usize),
    Error,
    Success,
    Status,
    /// What the service wraps.
    Result,
}

impl Part {
    fn of(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"error_code" => Self::Code(0),
            b"errorCode" => Self::Code(1),
            b"code" => Self::Code(2),
            b"error_msg" => Self::Message(0),
            b"errorMsg" => Self::Message(1),
            b"error_message" => Self::Message(2),
            b"message" => Self::Message(3),
            b"reason" => Self::Message(4),
            b"msg" => Self::Message(5),
            b"error_description" => Self::Message(6),
            b"title" => Self::Message(7),
            b"request_id" => Self::RequestId(0),
            b"requestId" => Self::RequestId(1),
            b"X-Request-Id" => Self::RequestId(2),
            b"error" => Self::Error,
            b"success" => Self::Success,
            b"status" => Self::Status,
            b"result" => Self::Result,
            _ => return None,
        })
    }
}

/// The fields of an object that may belong to an error.
#[derive(Default)]
pub(crate) struct Named<'a> {
    codes: [Option<Json<'a>>; 3],
    messages: [Option<Json<'a>>; 8],
    request_ids: [Option<Json<'a>>; 3],
    error: Option<Json<'a>>,
    pub(crate) success: Option<Json<'a>>,
    pub(crate) status: Option<Json<'a>>,
    pub(crate) result: Option<Json<'a>>,
}

impl<'a> Named<'a> {
    /// Finds the fields of an object. Those that are data are left out.
    pub(crate) fn of(object: Json<'a>, is_data: impl Fn(&[u8]) -> bool) -> Self {
        let mut named = Self::default();
        for (name, value) in object.fields() {
            if let Some(part) = Part::of(&name).filter(|_| !is_data(&name)) {
                named.set(part, value);
            }
        }
        named
    }

    fn set(&mut self, part: Part, value: Json<'a>) {
        let place = match part {
            Part::Code(number) => self.codes.get_mut(number),
            Part::Message(number) => self.messages.get_mut(number),
            Part::RequestId(number) => self.request_ids.get_mut(number),
            Part::Error => Some(&mut self.error),
            Part::Success => Some(&mut self.success),
            Part::Status => Some(&mut self.status),
            Part::Result => Some(&mut self.result),
        };
        place.into_iter().for_each(|place| *place = Some(value));
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
    Part::of(name.as_bytes()).is_some_and(|part| part != Part::Result)
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
            let part = Part::of(&name);
            part.into_iter().for_each(|part| named.set(part, value));
            // What `error` says counts most. A message may be an error in JSON.
            let is_error = part == Some(Part::Error);
            let is_message = matches!(part, Some(Part::Message(_)));
            let is_wrapper = anywhere
                || (part == Some(Part::Result) && is_top)
                || (value.is(Kind::Text) && is_message);
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
            // The message of a quoted error counts more than the quotation.
            let nested = found.message.as_deref().is_some_and(|text| text.starts_with('{'));
            let message = found.message.take();
            found.is_inconclusive = found.code.is_none() && inner.is_inconclusive;
            found.code = found.code.or(inner.code);
            found.message =
                if nested { inner.message.or(message) } else { message.or(inner.message) };
            found.request_id = found.request_id.or(inner.request_id);
        }
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
