//! The expected outcome of each response, by the table of the design.
//!
//! It shares no code with the library. `None` means that the design leaves the outcome open.

use super::{ErrorKind, operation::Call, response::MadeUp};
use serde_json::{Map, Value};

type Object = Map<String, Value>;

/// Yes, no, or left open.
type Maybe = Option<bool>;

const YES: Maybe = Some(true);
const NO: Maybe = Some(false);

fn any(of: impl IntoIterator<Item = Maybe>) -> Maybe {
    of.into_iter().fold(NO, |all, one| match (all, one) {
        (YES, _) | (_, YES) => YES,
        (NO, NO) => NO,
        _ => None,
    })
}

fn all(of: impl IntoIterator<Item = Maybe>) -> Maybe {
    not(any(of.into_iter().map(not)))
}

fn not(maybe: Maybe) -> Maybe {
    maybe.map(|yes| !yes)
}

/// The outcome that a call must have.
#[derive(Clone, Debug)]
pub struct Expected {
    pub success: Maybe,
    /// The build numbers that a success may tell. Empty if any.
    pub numbers: Vec<u64>,
    pub kind: Option<ErrorKind>,
    /// Empty if there is none.
    pub code: Option<String>,
    /// Of a call that may change something.
    pub may_have_taken_effect: Maybe,
}

pub fn judge(call: Call, response: &MadeUp) -> Expected {
    let status = response.status;
    let is_empty = response.body.trim_ascii().is_empty();
    if call.may_be_empty && is_empty && (200..300).contains(&status) {
        return Expected {
            success: YES,
            numbers: vec![],
            kind: None,
            code: None,
            may_have_taken_effect: None,
        };
    }
    let (text, altered) = readable(&response.body);
    let expected = match serde_json::from_str(&text) {
        value if call.kind != "object" && altered => {
            judge_type(call, status, value.ok()).need_not_be_read()
        }
        value if call.kind != "object" => judge_type(call, status, value.ok()),
        Ok(Value::Object(top)) if altered => judge_object(call, status, &top).need_not_be_read(),
        Ok(Value::Object(top)) => judge_object(call, status, &top),
        // Whether JSON in a text is read is left open.
        Ok(Value::String(quoted)) => {
            let top = serde_json::from_str(&readable(quoted.as_bytes()).0).unwrap_or_default();
            judge_object(call, status, &top).need_not_be_read()
        }
        Ok(_) => judge_object(call, status, &Object::new()),
        // The kind of the error may depend on how much of the body was read.
        Err(_) => judge_object(call, status, &Object::new()).need_not_be_read(),
    };
    match status {
        408 | 425 | 499 => Expected { kind: Some(ErrorKind::Service), ..expected },
        // An error response that proves that nothing took effect, whatever its body.
        400..500 => {
            Expected { kind: Some(ErrorKind::Service), may_have_taken_effect: NO, ..expected }
        }
        _ => expected,
    }
}

impl Expected {
    /// The same for a body that may also be reported as unreadable.
    fn need_not_be_read(self) -> Self {
        let success = self.success.filter(|success| !success);
        let may_have_taken_effect = self.may_have_taken_effect.filter(|&unknown| unknown);
        Self { success, may_have_taken_effect, kind: None, code: None, ..self }
    }
}

/// A response that is documented as another type than an object, or without a type. Only the outcomes that
/// are certain are judged.
fn judge_type(call: Call, status: u16, body: Option<Value>) -> Expected {
    let is_documented = |value: &Value| match (&*call.kind, value) {
        // It may be quoted JSON, or the replacement of a number that is too large.
        (_, Value::String(text)) if text == HUGE || is_quoted(value) => None,
        ("array", _) => Some(value.is_array()),
        ("string", _) => Some(value.is_string()),
        ("integer" | "number", _) => Some(value.is_number()),
        _ => Some(value.is_boolean()),
    };
    let success = match &body {
        _ if !(200..300).contains(&status) => NO,
        Some(Value::Object(top)) if explicit_error(top) == YES => NO,
        _ if call.kind.is_empty() => None,
        None => None,
        Some(Value::Object(top)) => {
            let fails = any([explicit_error(top), failed(top.get("status"))]);
            all([top.get("result").map_or(NO, is_documented), not(fails)])
        }
        Some(value) => is_documented(value),
    };
    Expected { success, numbers: vec![], kind: None, code: None, may_have_taken_effect: None }
}

/// The row of the table.
fn judge_object(call: Call, status: u16, top: &Object) -> Expected {
    let said = Said::of(call, top);
    let is_good = (200..300).contains(&status);
    let success = match (said.proof, said.error) {
        _ if !is_good => NO,
        (NO, _) | (_, YES) => NO,
        (YES, NO) if !said.open => YES,
        _ => None,
    };
    let kind = match (status, said.proof, said.error) {
        _ if said.open => None,
        (200..300, NO, NO) | (300..400, _, NO) => Some(ErrorKind::InvalidResponse),
        (200..300, NO | YES, YES) => Some(ErrorKind::Service),
        (500..600, _, YES) if said.codes.iter().any(|code| code.is_sure) => {
            Some(ErrorKind::Service)
        }
        _ => None,
    };
    let code = match &said.codes[..] {
        _ if said.error != YES || said.open || (300..400).contains(&status) || status >= 600 => {
            None
        }
        // Whether a code at another place is reported is left open.
        [] => (is_good && !has_code(top)).then(String::new),
        [code] if code.is_sure => Some(code.text.clone()),
        _ => None,
    };
    let codes = all(said.codes.iter().map(|code| code.proves_no_effect(status)));
    let no_effect = match codes {
        _ if said.codes.is_empty() => NO,
        // Whether a good outcome beside an error counts is left open.
        _ if is_good && said.has_only_outcome => None,
        // A code proves nothing beside proof of success, or where there is no error.
        _ if is_good && (said.proof == YES || said.error == NO) => NO,
        YES if said.error == YES && said.proof == NO && !said.open => YES,
        // Which of several codes counts is left open, but one of them must prove it.
        _ if said.codes.iter().all(|code| code.proves_no_effect(status) == NO) => NO,
        _ => None,
    };
    Expected { success, numbers: said.numbers, kind, code, may_have_taken_effect: not(no_effect) }
}

impl Code {
    fn proves_no_effect(&self, status: u16) -> Maybe {
        let code = self.text.trim();
        let documented = ["00", "01", "02", "03", "11", "12"];
        let proves = match (status, code.strip_prefix("CB.000602")) {
            // A part of it could not be read.
            _ if code.contains('\u{fffd}') => NO,
            (200..300, _) => {
                let prefixes = ["CB.", "DEVCB.", "DEV.CB."];
                let own_fault = ["CB.00060100", "CB.00060101"].contains(&code);
                Some(prefixes.iter().any(|prefix| code.starts_with(prefix)) && !own_fault)
            }
            (500..600, Some(last)) if documented.contains(&last) => YES,
            // Not each of these codes is documented. Throttling counts under any status.
            (_, Some(_)) => None,
            (_, None) => NO,
        };
        proves.filter(|proves| !proves || self.is_sure)
    }
}

/// What a response says.
struct Said {
    proof: Maybe,
    /// Whether nothing but the documented outcome is proof.
    has_only_outcome: bool,
    numbers: Vec<u64>,
    error: Maybe,
    codes: Vec<Code>,
    /// Whether it is written in a way that the design leaves open.
    open: bool,
}

/// A code that an error response may have.
struct Code {
    text: String,
    is_sure: bool,
}

impl Said {
    fn of(call: Call, top: &Object) -> Self {
        let result = top.get("result");
        let inside = result.and_then(Value::as_object);
        let (flat, wrapped) = (proof(call, top), inside.map_or(NO, |inside| proof(call, inside)));
        // A documented field of a result, or of what is proven, is data.
        let outcome = outcome(call, top);
        let is_data = any([flat, outcome]) == YES && wrapped == NO;
        let outside = if is_data { without_data(call, top) } else { top.clone() };
        let mut codes = vec![];
        collect_codes(&outside, true, &mut codes);
        let mut errors = vec![explicit_error(&outside)];
        // A result with proof is data.
        if let Some(inside) = inside.filter(|_| wrapped != YES) {
            let inside = &without_data(call, inside);
            let sure = wrapped == NO;
            // Of two errors, the outer may count.
            let says = |name: &&str| top.get(*name).is_some_and(|word| !word.is_null());
            let two = codes.is_empty() && (says(&"error") || MESSAGES.iter().any(says));
            collect_codes(inside, sure && !two, &mut codes);
            errors.push(explicit_error(inside).filter(|&error| sure || !error));
        }
        // The status of an envelope. That of a record is the record's.
        let has_status = call.has_field("status");
        errors.push(match failed(top.get("status")) {
            failed if !has_status || flat == NO => failed,
            NO => NO,
            _ if flat == YES && result.is_none() => NO,
            _ => None,
        });
        errors.push(match inside.map_or(NO, |inside| failed(inside.get("status"))) {
            NO => NO,
            _ if has_status || wrapped == YES => NO,
            // A status that is not documented, but a result is no envelope.
            _ => None,
        });
        codes.dedup_by(|a, b| a.text == b.text && a.is_sure == b.is_sure);
        // A number beside a result without one, and JSON in a text.
        let two = flat != NO && result.is_some_and(|result| !result.is_null()) && wrapped != YES;
        let quoted = result.is_some_and(is_quoted);
        let numbers = [Some(top), inside]
            .into_iter()
            .flatten()
            .filter_map(|at| at.get(call.proof_name()).and_then(|value| number(value).1));
        // Whether such a field is data may be open.
        let alike = flat.is_none() || wrapped.is_none();
        let alike = alike && without_data(call, top).len() < top.len();
        Self {
            proof: any([flat, wrapped, outcome]),
            has_only_outcome: outcome == YES && flat != YES && wrapped != YES,
            numbers: numbers.collect(),
            error: any(errors).filter(|error| !error || !alike),
            codes,
            open: two || quoted || alike,
        }
    }
}

/// An object without the documented fields whose names are those of errors.
fn without_data(call: Call, at: &Object) -> Object {
    let names = ["error_code", "errorCode", "code", "error", "success"];
    let is_data = |name: &str| {
        let may_be_of_error = names.contains(&name) || MESSAGES.contains(&name);
        may_be_of_error && call.has_field(name) && !call.has_outcome(name)
    };
    at.iter()
        .filter(|(name, _)| !is_data(name))
        .map(|(name, it)| (name.clone(), it.clone()))
        .collect()
}

/// Whether the documented outcome is a good one.
fn outcome(call: Call, top: &Object) -> Maybe {
    if !call.proof.is_empty() {
        return NO;
    }
    let success = top.get("success").filter(|_| call.has_outcome("success"));
    let success = match success {
        Some(Value::Bool(success)) => Some(*success),
        // Another type.
        Some(Value::String(text)) if text.trim().to_lowercase() == "true" => None,
        _ => NO,
    };
    let status = top.get("status").and_then(Value::as_str).filter(|_| call.has_outcome("status"));
    let status = match status {
        Some("success") => YES,
        // Another spelling.
        Some(status) if status.trim().to_lowercase() == "success" => None,
        _ => NO,
    };
    any([success, status])
}

fn proof(call: Call, at: &Object) -> Maybe {
    if call.proof.is_empty() {
        let tells = |name: &&String| call.envelope.is_some() || !call.has_outcome(name);
        let fields = call.fields.iter().filter(tells);
        let given = fields.map(|name| at.get(name).map_or(NO, |it| not(blank(it))));
        let given = if call.fields.is_empty() { YES } else { any(given) };
        // Of an error, a field may be a part of the error.
        let fails = any([explicit_error(at), failed(at.get("status"))]);
        return given.filter(|given| !given || fails == NO);
    }
    any(call.proof.iter().map(|(name, proof)| match (&**proof, at.get(name)) {
        (_, None | Some(Value::Null)) => NO,
        ("number", Some(value)) => number(value).0,
        ("present", Some(_)) => YES,
        (_, Some(Value::String(text))) if text.contains('\u{fffd}') => None,
        (_, Some(value @ Value::String(text))) => match not(blank(value)) {
            NO if !text.trim().is_empty() => None,
            given => given,
        },
        // Of another type.
        (_, Some(_)) => None,
    }))
}

fn integral(float: f64) -> Maybe {
    (float.fract() != 0.0 || !(1.0..2_147_483_648.0).contains(&float)).then_some(false)
}

/// Whether a value is a build number, and which.
fn number(value: &Value) -> (Maybe, Option<u64>) {
    let valid = |number: &u64| (1..=2_147_483_647).contains(number);
    match value {
        Value::Number(number) => match number.as_u64().filter(valid) {
            Some(number) => (YES, Some(number)),
            // As 20.0.
            None => match number.as_f64().filter(|_| number.is_f64()) {
                Some(float) if integral(float) != NO => (None, Some(float as u64)),
                _ => (NO, None),
            },
        },
        Value::String(text) => {
            let trimmed = text.trim();
            match trimmed.parse().ok().filter(valid) {
                // As 007, +7, and other spaces than those of ASCII.
                Some(number) => {
                    let plain = !trimmed.starts_with(['0', '+']) && text.trim_ascii() == trimmed;
                    (plain.then_some(true), Some(number))
                }
                // As 20.0 and 1e3.
                None => match trimmed.parse().map_or(NO, integral) {
                    NO => (NO, None),
                    _ => (None, trimmed.parse().map(|float: f64| float as u64).ok()),
                },
            }
        }
        _ => (NO, None),
    }
}

/// Names of messages.
const MESSAGES: [&str; 7] =
    ["message", "reason", "error_msg", "errorMsg", "msg", "detail", "title"];

/// Whether an object has an explicit error, apart from its `status`.
fn explicit_error(at: &Object) -> Maybe {
    let given = |name: &str| at.get(name).map_or(NO, |value| not(blank(value)));
    let code = |name: &str| match at.get(name) {
        Some(Value::String(_) | Value::Number(_)) => given(name),
        // A code of another type.
        _ => given(name).filter(|given| !given),
    };
    let message = |name: &str| match at.get(name) {
        None => NO,
        Some(text @ Value::String(_)) if blank(text) == NO => YES,
        // Blank, or of another type.
        Some(_) => None,
    };
    let beside = any([message("message"), message("reason")]);
    let beside = if beside == NO && MESSAGES[2..].iter().any(|name| at.contains_key(*name)) {
        None
    } else {
        beside
    };
    let error = match at.get("error") {
        Some(Value::String(_)) => given("error"),
        Some(Value::Object(error)) => {
            // As {"code":0,"message":"done"}.
            let says_none =
                error.get("code").is_some_and(|code| !code.is_null() && blank(code) != NO);
            given("error").filter(|given| !given || !says_none)
        }
        _ => NO,
    };
    let success = match at.get("success") {
        Some(Value::Bool(success)) => Some(!success),
        Some(Value::String(text)) if text == "false" => None,
        Some(Value::Number(_)) => None,
        _ => NO,
    };
    // JSON in the text of a message.
    let quoted = MESSAGES.iter().any(|name| at.get(*name).is_some_and(is_quoted));
    let code = any([code("error_code"), code("errorCode"), all([code("code"), beside])]);
    any([code, error, success, if quoted { None } else { NO }])
}

/// Collects the codes at the places where an error has one.
fn collect_codes(at: &Object, sure: bool, codes: &mut Vec<Code>) {
    let mut collect = |at: &Object, name: &str, sure: bool| {
        let Some(value) = at.get(name).filter(|value| blank(value) != YES) else { return };
        let text = match value {
            Value::String(text) => text.clone(),
            value => value.to_string(),
        };
        let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
        let plain = plain && text.len() <= 40 && !value.is_boolean() && blank(value) == NO;
        codes.push(Code { text, is_sure: sure && plain });
    };
    collect(at, "error_code", sure);
    collect(at, "errorCode", sure);
    // Beside a message, which is checked elsewhere. Whether some texts are blank is left open.
    let is_message = |text: &Value| text.is_string() && blank(text) == NO;
    let beside = ["message", "reason"].iter().any(|name| at.get(*name).is_some_and(is_message));
    collect(at, "code", sure && beside);
    if let Some(Value::Object(error)) = at.get("error") {
        for name in ["error_code", "errorCode", "code"] {
            collect(error, name, sure);
        }
    }
    // Deeper in an error, where the library need not look for it.
    let told = MESSAGES.iter().filter_map(|name| at.get(*name));
    let error = at.get("error");
    let inside_error = error.and_then(Value::as_object).into_iter().flat_map(Object::values);
    for value in told.chain(error).chain(inside_error) {
        match value {
            Value::Object(deeper) if error != Some(value) => collect_codes(deeper, false, codes),
            Value::String(text) => {
                if let Ok(Value::Object(quoted)) = serde_json::from_str(text) {
                    collect_codes(&quoted, false, codes);
                }
            }
            _ => {}
        }
    }
}

/// Whether there is a code at any place.
fn has_code(at: &Object) -> bool {
    at.iter().any(|(name, value)| {
        ["error_code", "errorCode", "code"].contains(&&**name)
            || matches!(value, Value::Object(inner) if has_code(inner))
            || matches!(value, Value::Array(list)
                if list.iter().any(|value| value.as_object().is_some_and(has_code)))
    })
}

fn failed(status: Option<&Value>) -> Maybe {
    let Some(Value::String(status)) = status else { return NO };
    let lower = status.trim().to_lowercase();
    if !["fail", "failed", "failure", "error"].contains(&&*lower) {
        return NO;
    }
    // In other letters or with spaces.
    (lower == *status).then_some(true)
}

fn blank(value: &Value) -> Maybe {
    match value {
        Value::Null | Value::Bool(false) => YES,
        Value::Bool(true) => NO,
        Value::Number(number) => match number.as_f64() {
            Some(0.0 | 200.0) if number.is_f64() => None,
            Some(0.0 | 200.0) => YES,
            _ => NO,
        },
        Value::String(text) if text == HUGE => None,
        Value::String(text) => {
            let trimmed = text.trim();
            let zeros = |text: &str| text.bytes().all(|byte| byte == b'0');
            let words = ["success", "ok"];
            // The meaning of other words and spellings is left open.
            let open = ["200", "0.0", "false", "null", "none", "success", "ok"];
            match () {
                () if trimmed.is_empty() => text.trim_ascii().is_empty().then_some(true),
                () if zeros(text) || words.contains(&&**text) => YES,
                () if zeros(trimmed) || open.contains(&&*trimmed.to_lowercase()) => None,
                () => NO,
            }
        }
        Value::Array(values) => all(values.iter().map(blank)),
        Value::Object(fields) => all(fields.values().map(blank)),
    }
}

fn is_quoted(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.trim_start().starts_with(['{', '"']))
}

/// The replacement of a number that is too large.
const HUGE: &str = "\u{0}huge";

/// The text of a body, in which unreadable values are replaced, and whether it has a control character or an
/// escape that JSON does not allow.
fn readable(body: &[u8]) -> (String, bool) {
    let text = String::from_utf8_lossy(body);
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut readable = String::with_capacity(rest.len());
    let (mut in_string, mut altered) = (false, false);
    while let Some(next) = rest.chars().next() {
        let unit = |text: &str| {
            let digits = text.strip_prefix("\\u")?.get(..4)?;
            digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(())?;
            u16::from_str_radix(digits, 16).ok()
        };
        let length = match (in_string, next) {
            (true, '\\') => match (unit(rest), rest.get(6..).and_then(unit)) {
                (Some(0xd800..0xdc00), Some(0xdc00..0xe000)) => 12,
                (Some(0xd800..0xe000), _) => {
                    readable += "\u{fffd}";
                    rest = &rest[6..];
                    continue;
                }
                (Some(_), _) => 6,
                (None, _) if rest[1..].starts_with(['"', '\\', '/', 'b', 'f', 'n', 'r', 't']) => 2,
                (None, _) => {
                    readable += "\u{fffd}";
                    altered = true;
                    rest = &rest[1..];
                    continue;
                }
            },
            (true, '\0'..' ') => {
                readable += &format!("\\u{:04x}", u32::from(next));
                altered = true;
                rest = &rest[1..];
                continue;
            }
            (false, '-' | '0'..='9') => {
                let end = rest.find(|c: char| !c.is_ascii_digit() && !"+-.eE".contains(c));
                let token = &rest[..end.unwrap_or(rest.len())];
                if token.parse::<f64>().is_ok_and(f64::is_infinite) {
                    readable += "\"\\u0000huge\"";
                    rest = &rest[token.len()..];
                    continue;
                }
                token.len()
            }
            (_, '"') => {
                in_string = !in_string;
                1
            }
            _ => next.len_utf8(),
        };
        let (taken, behind) = rest.split_at(length);
        readable += taken;
        rest = behind;
    }
    (readable, altered)
}
