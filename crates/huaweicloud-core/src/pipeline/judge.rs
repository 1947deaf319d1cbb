//! What a response with a good status is. Success needs proof; so does the absence of any effect.
//!
//! | the body has | is |
//! | --- | --- |
//! | proof, and no explicit error | the documented response |
//! | an explicit error | a service error, and what is proven in spite of it |
//! | neither | invalid |
//!
//! The document says what proves success: the fields that it marks; else an outcome that it documents
//! (`success: true`, an envelope with `status: success`), or the documented type, with a documented field that
//! says something. An error is explicit at the top, and in a `result` that proves nothing. But a documented
//! field of a result, or of what is proven, is data, unless it is an outcome.

use crate::codec::json::{Json, Kind, is_json};
use crate::codec::operation::{Content, Operation, Proof};
use crate::pipeline::service_error::{Named, ServiceError, is_of_error, says};
use bytes::Bytes;

/// The largest number that proves success.
const MAX_NUMBER: i64 = i32::MAX as i64;

#[derive(Debug)]
pub(crate) enum Verdict {
    /// The body, as the document shows it.
    Success(Bytes),
    /// What the error says, and what is proven in spite of it.
    Error(ServiceError, Option<String>),
    /// Why it is neither.
    Invalid(String),
}

/// Judges the body of a response with a good status; of one that is streamed, its beginning.
pub(crate) fn judge(body: &Bytes, operation: &Operation) -> Verdict {
    match operation.content {
        Content::Any => Verdict::Success(body.clone()),
        Content::Bytes | Content::Stream => judge_bytes(body, operation),
        Content::Nothing | Content::Json(_) => {
            match Json::beginning(body).or_else(|| Json::first(body)) {
                Some(top) => judge_json(body, top, operation),
                None => judge_text(body, operation),
            }
        }
    }
}

/// A body that is no JSON, or need not be: it is the right one unless it states an error.
fn judge_bytes(body: &Bytes, operation: &Operation) -> Verdict {
    // Of a stream there may be only the beginning.
    let may_be_json = operation.content == Content::Stream || is_json(body);
    let error = Json::beginning(body).filter(|it| may_be_json && Named::of(*it).is_error(true));
    match error {
        Some(error) => Verdict::Error(ServiceError::of(error, true), None),
        None => Verdict::Success(body.clone()),
    }
}

/// A body that should be JSON or nothing, and is no JSON.
fn judge_text(body: &Bytes, operation: &Operation) -> Verdict {
    let text = body.trim_ascii();
    let is_good = [&b"ok"[..], b"success"].iter().any(|it| text.eq_ignore_ascii_case(it));
    let is_empty = text.is_empty() && operation.may_be_empty;
    match operation.content {
        Content::Nothing if text.is_empty() || is_good => Verdict::Success(Bytes::new()),
        Content::Json(Some(Kind::Object)) if is_empty => {
            Verdict::Success(Bytes::from_static(b"{}"))
        }
        Content::Json(_) if is_empty => Verdict::Success(Bytes::new()),
        _ => Verdict::Invalid("not JSON".to_owned()),
    }
}

fn judge_json(body: &Bytes, top: Json<'_>, operation: &Operation) -> Verdict {
    // Some gateways quote the whole response.
    let quoted = top.text();
    let quoted = quoted.as_deref().and_then(|text| Json::first(text.as_bytes()));
    let evidence = Evidence::of(top, operation);
    let verdict = if quoted.is_some_and(|it| Named::of(it).is_error(true)) {
        Verdict::Error(ServiceError::of(top, true), None)
    } else if let Some(error) = evidence.explicit_error(operation) {
        Verdict::Error(error, evidence.shown())
    } else {
        match (evidence.in_result, evidence.at_top) {
            (None, None) => {
                let wanted = wanted(operation);
                Verdict::Invalid(format!("not the documented response, which has {wanted}"))
            }
            _ if operation.content == Content::Nothing => Verdict::Success(Bytes::new()),
            // A result where the document has none.
            (Some(_), _) if !operation.enveloped => {
                let result = evidence.named.result.map(Json::as_written).unwrap_or_default();
                Verdict::Success(body.slice_ref(result))
            }
            // None where the document has one.
            (_, Some(Proven::Field(..) | Proven::Type)) if operation.enveloped => {
                let top = Json::first(body).map(Json::as_written).unwrap_or_default();
                Verdict::Success([br#"{"result":"#, top, b"}"].concat().into())
            }
            // The decoder tells whether all of it is JSON.
            _ => return Verdict::Success(body.clone()),
        }
    };
    if is_json(body) { verdict } else { Verdict::Invalid("not JSON".to_owned()) }
}

/// What proves that a call succeeded: a field, the outcome that the document has, or the type of the whole.
#[derive(Clone, Copy)]
enum Proven<'a> {
    Field(&'static str, Json<'a>),
    Outcome,
    Type,
}

/// What a body proves: its result, or else the whole.
pub(crate) struct Evidence<'a> {
    top: Json<'a>,
    named: Named<'a>,
    in_result: Option<Proven<'a>>,
    at_top: Option<Proven<'a>>,
}

impl<'a> Evidence<'a> {
    pub(crate) fn of(top: Json<'a>, operation: &Operation) -> Self {
        let named = Named::of(top);
        let in_result = named.result.and_then(|result| proven(result, operation, None));
        let at_top = match in_result {
            Some(_) => None,
            None => proven(top, operation, Some(&named)),
        };
        Self { top, named, in_result, at_top }
    }

    /// In words, what is proven in spite of an error.
    pub(crate) fn shown(&self) -> Option<String> {
        Some(match self.in_result.or(self.at_top)? {
            Proven::Field(name, value) => format!("{name} {}", value.shown().trim()),
            Proven::Outcome => "a good outcome".to_owned(),
            Proven::Type => return None,
        })
    }

    /// The error that the body states, at the top or in a result that proves nothing.
    fn explicit_error(&self, operation: &Operation) -> Option<ServiceError> {
        let is_data = |name: &[u8]| {
            let field = operation.documented(name);
            field.is_some_and(|field| operation.enveloped || !is_outcome(operation, field))
        };
        let proves_nothing = self.in_result.is_none();
        if self.named.is_error(true)
            && (self.at_top.is_none() || Named::without(self.top, is_data).is_error(true))
        {
            return Some(ServiceError::of(self.top, proves_nothing));
        }
        let result = self.named.result.filter(|_| proves_nothing)?;
        let stated = Named::without(result, is_data).is_error(false);
        stated.then(|| ServiceError::of(result, false))
    }
}

/// What a value proves, which is a result or, with what is named in it, the whole.
fn proven<'a>(
    value: Json<'a>,
    operation: &Operation,
    top: Option<&Named<'_>>,
) -> Option<Proven<'a>> {
    let kind = if let Content::Json(kind) = operation.content { kind } else { None };
    let is_of_kind = kind.is_none_or(|kind| value.is(kind));
    if !operation.proof.is_empty() {
        return if is_of_kind { marked(value, operation) } else { None };
    }
    let is_good = |named: &Named<'_>| {
        (is_outcome(operation, "success") && says(named.success, &["true"]))
            || (is_outcome(operation, "status") && says(named.status, &["success"]))
    };
    if top.is_some_and(is_good) {
        return Some(Proven::Outcome);
    }
    if !is_of_kind {
        return None;
    }
    if kind != Some(Kind::Object) || operation.fields.is_empty() {
        // A value without a documented type is not searched for in a result.
        return (kind.is_some() || top.is_some()).then_some(Proven::Type);
    }
    let failed = top.map_or_else(|| Named::of(value).is_error(false), |top| top.is_error(true));
    value.last_of(|name| operation.documented(name)).find_map(|(name, value)| {
        // Where there is an error, what may tell of it is no proof.
        let tells = failed && (is_of_error(name) || (name == "result" && value.is(Kind::Text)));
        let is_outcome = !operation.enveloped && is_outcome(operation, name);
        (!value.is_blank() && !tells && !is_outcome).then_some(Proven::Field(name, value))
    })
}

/// The marked field that holds what proves success.
fn marked<'a>(value: Json<'a>, operation: &Operation) -> Option<Proven<'a>> {
    let marked = |name: &[u8]| operation.proof.iter().find(|(field, _)| field.as_bytes() == name);
    value.last_of(marked).find_map(|((name, proof), value)| {
        let is_proof = match proof {
            Proof::Number => matches!(value.integer(), Some(1..=MAX_NUMBER)),
            Proof::Present => !value.is(Kind::Null),
            Proof::Text => !value.is_blank() && (value.is(Kind::Text) || value.is(Kind::Number)),
        };
        is_proof.then_some(Proven::Field(name, value))
    })
}

/// Whether a documented field of this name at the top tells how the call ended: a `success`, and the `status`
/// of an envelope, or of a response that has nothing but outcomes and errors.
fn is_outcome(operation: &Operation, name: &str) -> bool {
    let top = if operation.enveloped { operation.envelope } else { operation.fields };
    let tells = match name {
        "success" => true,
        "status" => operation.enveloped || top.iter().all(|it| is_of_error(it)),
        _ => false,
    };
    tells && top.contains(&name)
}

/// What a good response has, in words.
fn wanted(operation: &Operation) -> String {
    let marked: Vec<_> = operation.proof.iter().map(|(name, _)| *name).collect();
    match (&marked[..], operation.content) {
        ([], Content::Json(Some(Kind::Object))) if !operation.fields.is_empty() => {
            "a documented field that is not blank".to_owned()
        }
        ([], Content::Json(Some(kind))) => format!("the type {kind:?}").to_lowercase(),
        ([], _) => "none of this".to_owned(),
        (names, _) => names.join(" or "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::operation::of;

    const OBJECT: Operation = of("POST", Content::Json(Some(Kind::Object)));
    /// As the document of a call has it that says only whether it was accepted.
    const OUTCOME: Operation = Operation { fields: &["status"], ..OBJECT };
    const OUTCOME_AND_TEXT: Operation = Operation { fields: &["success", "result"], ..OBJECT };
    const PAGE: Operation = Operation {
        enveloped: true,
        envelope: &["status", "error", "result"],
        fields: &["items", "total"],
        ..OBJECT
    };
    const LIST: Operation = Operation {
        enveloped: true,
        envelope: &["status", "result"],
        ..of("GET", Content::Json(Some(Kind::Array)))
    };
    const FLAT: Operation = Operation { fields: &["status", "name"], ..OBJECT };
    const MARKED: Operation = Operation {
        enveloped: true,
        envelope: &["status", "result"],
        fields: &["status", "build_no"],
        proof: &[("build_no", Proof::Number)],
        ..OBJECT
    };
    const MAY_BE_EMPTY: Operation = Operation { may_be_empty: true, ..OUTCOME };

    /// The body of a success; of an error, what it says; of neither, what is missing.
    fn judged(operation: &Operation, body: &str) -> Result<String, String> {
        match judge(&Bytes::from(body.to_owned()), operation) {
            Verdict::Success(body) => Ok(String::from_utf8(body.into()).unwrap()),
            Verdict::Error(error, proof) => {
                let message = error.message.unwrap_or_default();
                Err(message
                    + &proof.map(|proof| format!(" in spite of {proof}")).unwrap_or_default())
            }
            Verdict::Invalid(why) => Err(why),
        }
    }

    #[track_caller]
    fn succeeds(operation: &Operation, bodies: &[&str]) {
        for body in bodies {
            assert_eq!(judged(operation, body), Ok((*body).to_owned()));
        }
    }

    #[track_caller]
    fn fails(operation: &Operation, body: &str, why: &str) {
        assert_eq!(judged(operation, body), Err(why.to_owned()), "{body}");
    }

    #[test]
    fn the_documented_outcome_is_proof() {
        succeeds(&OUTCOME, &[r#"{"status":"success"}"#, r#"{"status":"SUCCESS","trace":"t"}"#]);
        for status in ["fail", "failed", "failure", "error"] {
            fails(&OUTCOME, &format!(r#"{{"status":"{status}","message":"why"}}"#), "why");
        }
        let missing = "not the documented response, which has a documented field that is not blank";
        for body in [r#"{"status":"pending"}"#, r#"{"status":null}"#, "{}", "[]"] {
            fails(&OUTCOME, body, missing);
        }
        let both = r#"{"status":"success","error_code":"CB.1","message":"why"}"#;
        fails(&OUTCOME, both, "why in spite of a good outcome");
        succeeds(
            &OUTCOME_AND_TEXT,
            &[
                r#"{"success":true,"result":"job 7"}"#,
                r#"{"success":true,"result":""}"#,
                r#"{"success":"true"}"#,
                r#"{"result":"job 7"}"#,
            ],
        );
        fails(&OUTCOME_AND_TEXT, r#"{"success":false,"result":"has ended"}"#, "has ended");
        fails(&OUTCOME_AND_TEXT, r#"{"success":"false","result":"has ended"}"#, "has ended");
        fails(&OUTCOME_AND_TEXT, r#"{"result":"","success":null}"#, missing);
    }

    #[test]
    fn an_empty_page_in_a_good_envelope_is_a_success() {
        succeeds(
            &PAGE,
            &[
                r#"{"status":"success","error":null,"result":{"items":[],"total":0}}"#,
                r#"{"status":"success","result":{"items":[{}],"total":0}}"#,
                r#"{"result":{"items":[],"total":1}}"#,
            ],
        );
        succeeds(&LIST, &[r#"{"status":"success","result":[]}"#, r#"{"result":[]}"#]);
        let missing = "not the documented response, which has a documented field that is not blank";
        fails(&PAGE, r#"{"result":{"items":[],"total":0}}"#, missing);
        fails(&LIST, r#"{"result":{}}"#, "not the documented response, which has the type array");
        fails(&PAGE, r#"{"status":"error","result":{"items":[],"total":0,"message":"no"}}"#, "no");
        // An outcome that is not documented is none.
        let undocumented = Operation { envelope: &["result"], ..PAGE };
        fails(&undocumented, r#"{"status":"success","result":{"items":[]}}"#, missing);
    }

    #[test]
    fn a_documented_status_beside_other_fields_is_data() {
        succeeds(&FLAT, &[r#"{"status":"FAILED","name":"n"}"#, r#"{"status":"RUNNING"}"#]);
        fails(&FLAT, r#"{"status":"error","message":"why"}"#, "why");
        // As in the result of an envelope, which may be left out.
        succeeds(&MARKED, &[r#"{"result":{"status":"FAILED","build_no":7}}"#]);
        let flat = r#"{"status":"FAILED","build_no":7}"#;
        assert_eq!(judged(&MARKED, flat), Ok(format!(r#"{{"result":{flat}}}"#)));
    }

    #[test]
    fn of_a_field_that_comes_twice_the_last_is_judged_as_it_is_decoded() {
        succeeds(
            &MARKED,
            &[
                r#"{"result":{"build_no":0,"build_no":7}}"#,
                r#"{"result":{"build_no":0,"note":"\n","build\u005fno":7}}"#,
                r#"{"result":{"build_no":7,"note":"build_no"}}"#,
                r#"{"result":{},"result":{"build_no":7}}"#,
            ],
        );
        let missing = "not the documented response, which has build_no";
        for body in [
            r#"{"result":{"build_no":7,"build_no":0}}"#,
            r#"{"result":{"build_no":7,"build\u005fno":null}}"#,
            r#"{"result":{"build_no":7},"result":{}}"#,
        ] {
            fails(&MARKED, body, missing);
        }
    }

    #[test]
    fn an_empty_body_is_a_success_where_the_document_says_so() {
        for body in ["", " \r\n"] {
            assert_eq!(judged(&MAY_BE_EMPTY, body), Ok("{}".to_owned()));
            fails(&OUTCOME, body, "not JSON");
        }
        fails(&MAY_BE_EMPTY, r#"{"status":"fail","message":"why"}"#, "why");
        fails(&MAY_BE_EMPTY, "<html></html>", "not JSON");
    }
}
