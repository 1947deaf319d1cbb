//! What a response with a good status is. Success needs proof; so does the absence of any effect.
//!
//! | the body has | is |
//! | --- | --- |
//! | proof, and no explicit error | the documented response |
//! | an explicit error | a service error, and what is proven in spite of it |
//! | neither | invalid |
//!
//! The document says what proves success. An error is explicit at the top, and in a `result` that
//! proves nothing. But a documented field of a result, or of what is proven, is data.

use crate::codec::{
    json::{Json, Kind, is_json},
    operation::{Content, Operation, Proof},
};
use crate::pipeline::service_error::{Named, ServiceError, is_of_error};
use bytes::Bytes;

#[derive(Debug)]
pub(crate) enum Verdict {
    /// The body, as the document shows it.
    Success(Bytes),
    /// What the error says, and what is proven in spite of it.
    Error(ServiceError, Option<String>),
    /// Why it is neither.
    Invalid(&'static str),
}

/// Judges the body of a response with a good status; of one that is streamed, its beginning.
pub(crate) fn judge(body: &Bytes, operation: &Operation) -> Verdict {
    if operation.content == Content::Any {
        return Verdict::Success(body.clone());
    }
    if matches!(operation.content, Content::Bytes | Content::Stream) {
        // Of a stream there may be only the beginning.
        let whole = operation.content == Content::Stream || is_json(body);
        let beginning = Json::beginning(body).filter(|_| whole);
        return match beginning.filter(|it| Named::of(*it, &[]).is_error(true)) {
            Some(error) => Verdict::Error(ServiceError::of(error, true), None),
            None => Verdict::Success(body.clone()),
        };
    }
    let Some(top) = Json::beginning(body).or_else(|| Json::first(body)) else {
        let text = body.trim_ascii();
        let says_nothing =
            [&b""[..], b"ok", b"success"].iter().any(|it| text.eq_ignore_ascii_case(it));
        return match operation.content {
            Content::Nothing if says_nothing => Verdict::Success(Bytes::new()),
            _ => Verdict::Invalid("not JSON"),
        };
    };
    let strictly = |verdict| if is_json(body) { verdict } else { Verdict::Invalid("not JSON") };
    if top.is(Kind::Text) {
        // Some gateways quote the whole response.
        let text = top.text().unwrap_or_default();
        if let Some(quoted) = Json::first(text.as_bytes()).filter(|it| it.is(Kind::Object))
            && Named::of(quoted, &[]).is_error(true)
        {
            return strictly(Verdict::Error(ServiceError::of(top, true), None));
        }
    }
    let named = Named::of(top, &[]);
    let wrapped = named.result.and_then(|result| proven(result, operation, false));
    let flat = if wrapped.is_none() { proven(top, operation, true) } else { None };

    let in_result = named.result.filter(|_| wrapped.is_none());
    let is_error = |result: &Json<'_>| Named::of(*result, operation.fields).is_error(false);
    let states_error = match flat {
        Some(_) => Named::of(top, operation.fields).is_error(true),
        None => named.is_error(true),
    };
    let error = if states_error {
        Some(ServiceError::of(top, wrapped.is_none()))
    } else {
        in_result.filter(is_error).map(|result| ServiceError::of(result, false))
    };
    if let Some(error) = error {
        return strictly(Verdict::Error(error, wrapped.or(flat).and_then(Proven::shown)));
    }
    match (wrapped.is_some(), flat.is_some()) {
        (false, false) => strictly(Verdict::Invalid("not the documented response")),
        _ if operation.content == Content::Nothing => strictly(Verdict::Success(Bytes::new())),
        (true, _) if !operation.enveloped => {
            let result = named.result.map(Json::as_written).unwrap_or_default();
            strictly(Verdict::Success(body.slice_ref(result)))
        }
        (false, _) if operation.enveloped => {
            let top = Json::first(body).map(Json::as_written).unwrap_or_default();
            strictly(Verdict::Success([br#"{"result":"#, top, b"}"].concat().into()))
        }
        // The decoder tells whether all of it is JSON.
        _ => Verdict::Success(body.clone()),
    }
}

/// What a response with the status of an error proves all the same.
pub(crate) fn proven_in_spite(body: Json<'_>, operation: &Operation) -> Option<String> {
    let result = Named::of(body, &[]).result.and_then(|result| proven(result, operation, false));
    result.or_else(|| proven(body, operation, true)).and_then(Proven::shown)
}

/// What proves that a call succeeded: a field, or the type of the whole.
#[derive(Clone, Copy)]
enum Proven<'a> {
    Field(&'static str, Json<'a>),
    Type,
}

impl Proven<'_> {
    fn shown(self) -> Option<String> {
        let Self::Field(name, value) = self else { return None };
        Some(match value.text() {
            Some(text) => format!("{name} {}", text.trim()),
            None => format!("{name} {}", String::from_utf8_lossy(value.as_written())),
        })
    }
}

fn proven<'a>(value: Json<'a>, operation: &Operation, is_top: bool) -> Option<Proven<'a>> {
    let wanted = if let Content::Json(wanted) = operation.content { wanted } else { None };
    if wanted.is_some_and(|wanted| !value.is(wanted)) {
        return None;
    }
    if wanted != Some(Kind::Object) || operation.fields.is_empty() {
        // A value without a documented type is not searched for in a result.
        return (wanted.is_some() || is_top).then_some(Proven::Type);
    }
    if operation.proof.is_empty() {
        let failed = Named::of(value, &[]).is_error(is_top);
        // Where the document has nothing but the outcome, the outcome is the proof.
        let only_outcome = operation.fields.iter().all(|name| is_of_error(name));
        return value.fields().find_map(|(name, value)| {
            let name = operation.fields.iter().find(|field| field.as_bytes() == &*name)?;
            let says_something = !value.is_blank() && (!failed || !is_of_error(name));
            let succeeded = only_outcome
                && !failed
                && *name == "status"
                && value.text().is_some_and(|it| it.eq_ignore_ascii_case("success"));
            (says_something || succeeded).then_some(Proven::Field(name, value))
        });
    }
    value.fields().find_map(|(name, value)| {
        let (name, proof) = operation.proof.iter().find(|(field, _)| field.as_bytes() == &*name)?;
        let is_proof = match proof {
            Proof::Number => {
                value.integer().is_some_and(|number| (1..=i64::from(i32::MAX)).contains(&number))
            }
            Proof::Present => !value.is(Kind::Null),
            Proof::Text => !value.is_blank() && (value.is(Kind::Text) || value.is(Kind::Number)),
        };
        is_proof.then_some(Proven::Field(name, value))
    })
}
