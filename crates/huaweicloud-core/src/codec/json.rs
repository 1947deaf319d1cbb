//! JSON text, read where it stands: nothing is built from it, and nothing of it is checked that is not
//! needed. Whether the whole of it is JSON is for the decoder to say.

use memchr::memmem;
use serde::de::IgnoredAny;
use std::{borrow::Cow, iter::from_fn};

/// A value in a JSON text, as it is written there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Json<'a>(&'a [u8]);

/// How much of a text is read, in bytes as it is written.
const MAX_TEXT: usize = 64 * 1024;

/// What a value is, by its first character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Object,
    Array,
    Text,
    Number,
    Boolean,
    Null,
}

impl<'a> Json<'a> {
    /// The value that a text begins with, which may follow a byte order mark.
    pub(crate) fn first(text: &'a [u8]) -> Option<Self> {
        Some(value(unmarked(text))?.0).filter(|value| value.kind().is_some())
    }

    /// The object that a text begins with, as much as there is of it.
    pub(crate) fn beginning(text: &'a [u8]) -> Option<Self> {
        Some(Self(unmarked(text).trim_ascii_start())).filter(|value| value.is(Kind::Object))
    }

    /// The value as it is written.
    pub(crate) fn as_written(self) -> &'a [u8] {
        self.0
    }

    pub(crate) fn kind(self) -> Option<Kind> {
        Some(match self.0.first()? {
            b'{' => Kind::Object,
            b'[' => Kind::Array,
            b'"' => Kind::Text,
            b'-' | b'0'..=b'9' => Kind::Number,
            b't' | b'f' => Kind::Boolean,
            b'n' => Kind::Null,
            _ => return None,
        })
    }

    pub(crate) fn is(self, kind: Kind) -> bool {
        self.kind() == Some(kind)
    }

    /// The names and values of an object, up to the point where it is broken, if it is.
    pub(crate) fn fields(self) -> Fields<'a> {
        Fields(self.0.strip_prefix(b"{").unwrap_or_default())
    }

    /// The known fields of an object. Of one that comes several times only the last, which is decoded.
    pub(crate) fn last_of<T>(
        self,
        known: impl Fn(&[u8]) -> Option<T>,
    ) -> impl Iterator<Item = (T, Self)> {
        let mut fields = self.fields();
        from_fn(move || {
            loop {
                let (name, value) = fields.next()?;
                let Some(known) = known(&name) else { continue };
                // Most names do not occur in the rest at all, and a search for one is fast. A name with an
                // escape is written otherwise.
                let may_come_again = memmem::find(fields.0, &name).is_some()
                    || memchr::memchr(b'\\', fields.0).is_some();
                if !may_come_again || fields.clone().all(|(other, _)| other != name) {
                    return Some((known, value));
                }
            }
        })
    }

    /// What a text says, or the beginning of it if it is long. What is no character there becomes a
    /// replacement character.
    pub(crate) fn text(self) -> Option<Cow<'a, str>> {
        let inside = self.0.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
        let inside = inside.get(..MAX_TEXT).unwrap_or(inside);
        if !inside.contains(&b'\\') {
            return Some(String::from_utf8_lossy(inside));
        }
        // It may have been cut within a character or an escape, which is then mended like any broken one.
        let mut text = vec![b'"'];
        mend_string(inside, &mut text);
        text.push(b'"');
        serde_json::from_slice(&text).ok().map(Cow::Owned)
    }

    /// What a text says; any other value as it is written.
    pub(crate) fn shown(self) -> Cow<'a, str> {
        self.text().unwrap_or_else(|| String::from_utf8_lossy(self.0))
    }

    /// A whole number, which may be in quotes.
    pub(crate) fn integer(self) -> Option<i64> {
        match self.kind()? {
            Kind::Number => integer(std::str::from_utf8(self.0).ok()?),
            Kind::Text => integer(&self.text()?),
            _ => None,
        }
    }

    /// Whether nothing is said: null, false, zero, 200, white space, a text of zeros, `200`,
    /// `success` or `ok`; and a list or an object of nothing else.
    pub(crate) fn is_blank(self) -> bool {
        match self.kind() {
            Some(Kind::Text) => self.text().is_some_and(|text| {
                let text = text.trim();
                let good = ["200", "success", "ok"].iter().any(|it| text.eq_ignore_ascii_case(it));
                good || text.bytes().all(|byte| byte == b'0')
            }),
            Some(Kind::Number) => matches!(float(self.0), Some(0.0 | 200.0)),
            Some(Kind::Object | Kind::Array) => {
                let mut rest = self.0;
                // Every value inside, however deep, but the names of fields.
                while let Some((_, behind)) = rest.split_first() {
                    let found = scalar(rest);
                    rest = found.map_or(behind, |(_, behind)| behind.trim_ascii_start());
                    let is_name = rest.starts_with(b":");
                    if found.is_some_and(|(scalar, _)| !is_name && !scalar.is_blank()) {
                        return false;
                    }
                }
                true
            }
            Some(Kind::Boolean) => self.0 == b"false",
            Some(Kind::Null) => true,
            None => false,
        }
    }
}

/// The fields of an object that are left.
#[derive(Clone)]
pub(crate) struct Fields<'a>(&'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = (Cow<'a, [u8]>, Json<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let (name, behind) = value(std::mem::take(&mut self.0))?;
        let written = name.0.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
        let name = match written.contains(&b'\\') {
            true => Cow::Owned(name.text()?.into_owned().into_bytes()),
            false => Cow::Borrowed(written),
        };
        let (value, behind) = value(behind.trim_ascii_start().strip_prefix(b":")?)?;
        // After the last field there is no comma, and after it no name.
        self.0 = behind.trim_ascii_start().strip_prefix(b",").unwrap_or_default();
        Some((name, value))
    }
}

/// A whole number, as JSON or as a person writes it.
pub fn integer(text: &str) -> Option<i64> {
    let text = text.trim();
    // Beyond this, a float is no exact number.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let whole = |number: &f64| number.fract() == 0.0 && number.abs() <= EXACT;
    #[allow(clippy::cast_possible_truncation, reason = "it is whole, and within the bounds")]
    let of_float = || text.parse().ok().filter(whole).map(|number| number as i64);
    text.parse().ok().or_else(of_float)
}

/// A text without its byte order mark.
fn unmarked(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text)
}

/// The value that a text begins with, and what follows it.
fn value(text: &[u8]) -> Option<(Json<'_>, &[u8])> {
    let text = text.trim_ascii_start();
    if !matches!(text.first()?, b'{' | b'[') {
        return scalar(text);
    }
    let (mut rest, mut depth) = (text, 0_usize);
    loop {
        let (first, behind) = rest.split_first()?;
        rest = behind;
        match first {
            b'"' => rest = string(behind)?,
            b'{' | b'[' => depth = depth.saturating_add(1),
            b'}' | b']' if depth == 1 => return before(text, rest),
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
}

/// The text, number or word that a text begins with, and what follows it.
fn scalar(text: &[u8]) -> Option<(Json<'_>, &[u8])> {
    let ends = |byte: &u8| !matches!(byte, b'-' | b'+' | b'.') && !byte.is_ascii_alphanumeric();
    let rest = match text.split_first()? {
        (b'"', behind) => string(behind)?,
        (b'-' | b'0'..=b'9' | b'a'..=b'z', _) => {
            text.get(text.iter().position(ends).unwrap_or(text.len())..)?
        }
        _ => return None,
    };
    before(text, rest)
}

/// What stands before the rest of a text, and the rest.
fn before<'a>(text: &'a [u8], rest: &'a [u8]) -> Option<(Json<'a>, &'a [u8])> {
    Some((Json(text.get(..text.len().saturating_sub(rest.len()))?), rest))
}

/// What follows a string, from behind its opening quote.
fn string(text: &[u8]) -> Option<&[u8]> {
    let mut rest = text;
    loop {
        let at = memchr::memchr2(b'"', b'\\', rest)?;
        // An escape is the backslash and what follows it.
        let is_escape = rest.get(at) == Some(&b'\\');
        rest = rest.get(at.saturating_add(if is_escape { 2 } else { 1 })..)?;
        if !is_escape {
            return Some(rest);
        }
    }
}

/// Whether all of a text is JSON, as it is or mended.
pub(crate) fn is_json(text: &[u8]) -> bool {
    read(text, |text| serde_json::from_slice::<IgnoredAny>(text).ok()).is_some()
}

/// Reads a text without its byte order mark as it is, or else mended.
pub(crate) fn read<T>(text: &[u8], read: impl Fn(&[u8]) -> Option<T>) -> Option<T> {
    let text = unmarked(text);
    let is_read = !may_need_mending(text);
    if is_read && let Some(value) = read(text) {
        return Some(value);
    }
    let mended = mended(text);
    // What is not damaged, but too much, is not read twice.
    if is_read && mended == text { None } else { read(&mended) }
}

/// How deep a value may be nested: less than what the decoder takes.
const MAX_DEPTH: usize = 100;

/// Whether a text may hold half a character, or bytes that are none, over which the decoder loses more
/// than them.
fn may_need_mending(text: &[u8]) -> bool {
    if !text.is_ascii() && std::str::from_utf8(text).is_err() {
        return true;
    }
    let mut escapes = memchr::memchr_iter(b'\\', text).filter_map(|at| text.get(at..));
    escapes.any(|escape| matches!(escape, [_, b'u', b'd' | b'D', ..]))
}

/// A copy of JSON without its small faults, which is not longer. In a text, half a character becomes a
/// replacement character, a byte that is not UTF-8 a question mark, and a control character a space. A number
/// that is too large becomes null, and a value that is nested too deep an empty text.
fn mended(text: &[u8]) -> Vec<u8> {
    let mut copy = Vec::with_capacity(text.len());
    let (mut rest, mut depth) = (text, 0_usize);
    while let Some((first, behind)) = rest.split_first() {
        let too_deep = matches!(first, b'{' | b'[') && depth >= MAX_DEPTH;
        let token = if too_deep { value(rest) } else { scalar(rest) };
        let (token, behind) = match token {
            Some((Json(token), behind)) => (token, behind),
            // What follows is no JSON.
            None if too_deep || *first == b'"' => break,
            None => (std::slice::from_ref(first), behind),
        };
        match first {
            b'{' | b'[' if !too_deep => depth = depth.saturating_add(1),
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        match first {
            _ if too_deep => copy.extend_from_slice(b"\"\""),
            b'"' => mend_string(token, &mut copy),
            b'-' | b'0'..=b'9' if float(token).is_some_and(f64::is_infinite) => {
                copy.extend_from_slice(b"null");
            }
            _ => copy.extend_from_slice(token),
        }
        rest = behind;
    }
    copy.extend_from_slice(rest);
    copy
}

fn mend_string(text: &[u8], copy: &mut Vec<u8>) {
    for chunk in text.utf8_chunks() {
        let mut rest = chunk.valid().as_bytes();
        while let Some(first) = rest.first() {
            let (length, mended) = match first {
                b'\\' => mend_escape(rest),
                byte if byte.is_ascii_control() => (1, Some(&b" "[..])),
                _ => (1, None),
            };
            let (written, behind) = rest.split_at_checked(length).unwrap_or((rest, b""));
            copy.extend_from_slice(mended.unwrap_or(written));
            rest = behind;
        }
        copy.resize(copy.len().saturating_add(chunk.invalid().len()), b'?');
    }
}

/// The length of the escape that a text begins with, and what stands in its place if it is broken.
fn mend_escape(text: &[u8]) -> (usize, Option<&'static [u8]>) {
    let unit = |at: usize| {
        let digits = text.get(at..)?.strip_prefix(b"\\u")?.get(..4)?;
        u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    match (text.get(1), unit(0), unit(6)) {
        (_, Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => (12, None),
        (_, Some(0xd800..=0xdfff), _) => (6, Some(b"\\ufffd")),
        (_, Some(_), _) => (6, None),
        (Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't'), ..) => (2, None),
        _ => (1, Some(b"?")),
    }
}

fn float(number: &[u8]) -> Option<f64> {
    std::str::from_utf8(number).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Json<'_> {
        Json::first(text.as_bytes()).unwrap()
    }

    #[test]
    fn fields_are_found_where_they_stand() {
        let object = json(r#" {"a": 1, "b\u0063" : {"a":[{}, "}"]} ,"":"\"","a":null}  rest"#);
        let fields: Vec<_> = object
            .fields()
            .map(|(name, value)| {
                let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
                (text(&name), text(value.as_written()))
            })
            .collect();
        let expected = [("a", "1"), ("bc", r#"{"a":[{}, "}"]}"#), ("", r#""\"""#), ("a", "null")];
        assert_eq!(fields, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        for broken in ["", " ", "{", "{\"a\":1", "\"a", "}", "]", ":", "<html>", "\"\\\""] {
            assert!(Json::first(broken.as_bytes()).is_none(), "{broken}");
        }
        assert_eq!(json(r#"{"a" 1}"#).fields().count(), 0);
        assert_eq!(json(r#"{"a":1 "b":2}"#).fields().count(), 1);
    }

    #[test]
    fn blank_is_what_says_nothing() {
        for blank in [
            "null",
            "false",
            "0",
            "-0",
            "0.0",
            "0e5",
            "200",
            "\"\"",
            "\" \\t\"",
            "\"000\"",
            "\"200\"",
            "\"Success\"",
            "\" OK \"",
            "[]",
            "{}",
            "[[],{},[null,\"\"]]",
            "{\"code\":0,\"a\":{\"b\":\" \"}}",
        ] {
            assert!(json(blank).is_blank(), "{blank}");
        }
        for given in [
            "true",
            "1",
            "201",
            "\"a\"",
            "\"0x\"",
            "\"null\"",
            "[true]",
            "{\"a\":{\"b\":\"c\"}}",
            "[[[[1]]]]",
        ] {
            assert!(!json(given).is_blank(), "{given}");
        }
    }

    #[test]
    fn whole_numbers_are_read_in_any_spelling() {
        for (text, number) in [
            ("20", Some(20)),
            ("\" 20 \"", Some(20)),
            ("\"+20\"", Some(20)),
            ("20.0", Some(20)),
            ("2e1", Some(20)),
            ("-1", Some(-1)),
            ("9223372036854775807", Some(i64::MAX)),
            ("1e300", None),
            ("20.5", None),
            ("\"\"", None),
            ("\"20a\"", None),
            ("true", None),
            ("[20]", None),
        ] {
            assert_eq!(json(text).integer(), number, "{text}");
        }
    }

    #[test]
    fn small_faults_are_mended() {
        for (text, expected) in [
            (
                &br#"{"a":"\ud83d\ude00 \ud83d","b":"\ude00\n"}"#[..],
                r#"{"a":"\ud83d\ude00 \ufffd","b":"\ufffd\n"}"#,
            ),
            (b"{\"a\":\"\xff\t\xc3\xa9\xf0\x9f\"}", "{\"a\":\"? é??\"}"),
            (b"[1e400,-1e999,1e5,\"1e400\"]", "[null,null,1e5,\"1e400\"]"),
            (br#"{"\x":"\u12","b":1}"#, r#"{"?x":"?u12","b":1}"#),
        ] {
            assert_eq!(String::from_utf8(mended(text)).unwrap(), expected);
        }
        assert!(is_json(b"\xef\xbb\xbf{}") && is_json(b"\xef\xbb\xbf[\"\xff\"]"));
        let deep = [b"{\"a\":".repeat(5000), b"1".to_vec(), b"}".repeat(5000)].concat();
        assert!(serde_json::from_slice::<serde_json::Value>(&mended(&deep)).is_ok());
        // Broken ones end, and soon.
        for broken in [b"[".repeat(1 << 20), b"\"\\".repeat(1 << 20), b"\\\"".repeat(1 << 20)] {
            assert_eq!(mended(&broken).len(), broken.len());
        }
    }
}
