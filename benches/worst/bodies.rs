//! The worst bodies. Each is as long as the longest body that a client reads, and costly for another reason.

use crate::TOKEN;
use serde::{Deserialize, Serialize};
use std::iter;

/// Where the members of a body are, and the call and the status of the response.
#[derive(Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Frame {
    /// In the record.
    Record,
    /// In the envelope, beside the record.
    Envelope,
    /// In the response to a start.
    Start,
    /// In an error response with status 200, to a start.
    Error200,
    /// In an error response with status 400, to a start.
    Error400,
    /// In an error response with status 502, to a start.
    Error502,
    /// In a list of records.
    List,
    /// In a list of records, which is a field of an object.
    ListField,
}

impl Frame {
    pub const OBJECTS: [Self; 6] =
        [Self::Record, Self::Envelope, Self::Start, Self::Error200, Self::Error400, Self::Error502];
    pub const LISTS: [Self; 2] = [Self::List, Self::ListField];

    pub fn name(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::Envelope => "envelope",
            Self::Start => "start",
            Self::Error200 => "error-200",
            Self::Error400 => "error-400",
            Self::Error502 => "error-502",
            Self::List => "list",
            Self::ListField => "list-field",
        }
    }

    pub fn status(self) -> u16 {
        match self {
            Self::Error400 => 400,
            Self::Error502 => 502,
            _ => 200,
        }
    }

    /// What is before and after the members.
    fn around(self) -> [&'static str; 2] {
        match self {
            Self::Record => [
                r#"{"status":"success","result":{"build_no":61,"status":"SUCCESS","#,
                r#","branch":"master"}}"#,
            ],
            Self::Envelope => [
                r#"{"status":"success","#,
                r#","result":{"build_no":61,"status":"SUCCESS","branch":"master"}}"#,
            ],
            Self::Start => [r#"{"actual_build_number":"61","#, r#","octopus_job_name":"j"}"#],
            Self::Error200 | Self::Error400 | Self::Error502 => {
                [r#"{"error_code":"CB.00060200","#, r#","request_id":"0e81"}"#]
            }
            Self::List => ["[", "]"],
            Self::ListField => [r#"{"total":1,"records":["#, "]}"],
        }
    }

    /// A documented field that is a text.
    fn text(self) -> &'static str {
        match self {
            Self::Envelope => "error",
            Self::Start => "daily_build_number",
            Self::Error200 | Self::Error400 | Self::Error502 => "error_msg",
            Self::Record | Self::List | Self::ListField => "err_msg",
        }
    }
}

pub struct Case {
    pub name: &'static str,
    /// How many bytes of heap it may take for each byte of the body.
    pub limit: f64,
    body: fn(Frame, usize) -> Vec<u8>,
}

/// A tree of tiny unknown values, which are kept.
const TREE: f64 = 24.0;
const ALL_ELSE: f64 = 4.0;

impl Case {
    /// A body of this length. White space fills what is left after the last unit.
    pub fn body(&self, frame: Frame, length: usize) -> Vec<u8> {
        let mut body = (self.body)(frame, length);
        assert!((length / 8 * 7..=length).contains(&body.len()), "{}: {}", self.name, body.len());
        body.resize(length, b' ');
        body
    }
}

pub const CASES: &[Case] = &[
    tree("empty arrays", |frame, length| unknown(frame, length, "[", "[],", "[]]")),
    tree("empty objects", |frame, length| unknown(frame, length, "[", "{},", "{}]")),
    tree("empty texts", |frame, length| unknown(frame, length, "[", "\"\",", "\"\"]")),
    tree("short texts", |frame, length| unknown(frame, length, "[", "\"a\",", "\"\"]")),
    tree("numbers", |frame, length| unknown(frame, length, "[", "0,", "0]")),
    tree("fractions", |frame, length| unknown(frame, length, "[", "1e9,", "0]")),
    tree("nulls", |frame, length| unknown(frame, length, "[", "null,", "0]")),
    tree("arrays of one", |frame, length| unknown(frame, length, "[", "[0],", "0]")),
    tree("objects of one", |frame, length| unknown(frame, length, "[", "{\"a\":0},", "0]")),
    tree("arrays 100 deep", |frame, length| {
        let deep = format!("{}{},", "[".repeat(100), "]".repeat(100));
        unknown(frame, length, "[", &deep, "0]")
    }),
    tree("objects 100 deep", |frame, length| {
        let deep = format!("{}0{},", "{\"\":".repeat(100), "}".repeat(100));
        unknown(frame, length, "[", &deep, "0]")
    }),
    tree("many names", |frame, length| {
        let names = (0..).map(|n| format!("\"{n:x}\":{{}},"));
        unknown_of(frame, length, "{", names, "\"\":0}")
    }),
    tree("many unknown fields", |frame, length| {
        members(frame, length, "", (0..).map(|n| format!("\"{n:x}\":0,")), "\"x\":0")
    }),
    tree("a list of errors", |frame, length| {
        let error = r#"{"error_code":"a","error_msg":"b"},"#;
        unknown(frame, length, "[", error, "0]")
    }),
    other("one unknown field again and again", |frame, length| {
        members(frame, length, "", iter::repeat("\"x\":0,".to_owned()), "\"x\":0")
    }),
    other("one documented field again and again", |frame, length| {
        let member = format!("\"{}\":\"a\",", frame.text());
        members(frame, length, "", iter::repeat(member), "\"x\":0")
    }),
    other("the result again and again", |frame, length| {
        members(frame, length, "", iter::repeat("\"result\":{},".to_owned()), "\"x\":0")
    }),
    other("a long name", |frame, length| {
        members(frame, length, "\"", iter::repeat("a".repeat(64)), "\":0")
    }),
    other("white space", |frame, length| {
        members(frame, length, "", iter::repeat(" ".repeat(64)), "\"x\":0")
    }),
    other("a long unknown text", |frame, length| {
        unknown(frame, length, "\"", &"a".repeat(64), "\"")
    }),
    other("a long text", |frame, length| text(frame, length, b"a")),
    other("line breaks", |frame, length| text(frame, length, br"\n")),
    other("escaped letters", |frame, length| text(frame, length, br"\u0041")),
    other("escaped controls", |frame, length| text(frame, length, br"\u0001")),
    other("escaped surrogate pairs", |frame, length| text(frame, length, br"\ud83d\ude00")),
    other("lone surrogates", |frame, length| text(frame, length, br"\ud83d")),
    other("bytes that are not UTF-8", |frame, length| text(frame, length, b"\xff")),
    other("controls that are not escaped", |frame, length| text(frame, length, b"\x01")),
    other("the token", |frame, length| text(frame, length, TOKEN.as_bytes())),
    other("the token without its last character", |frame, length| {
        text(frame, length, &TOKEN.as_bytes()[..TOKEN.len() - 1])
    }),
    other("pieces of the token", |frame, length| {
        let starts = (0..TOKEN.len() - 11).cycle();
        let pieces = starts.map(|start| format!("{} ", &TOKEN[start..start + 12]));
        let open = format!("\"{}\":\"", frame.text());
        members(frame, length, &open, pieces, "\"")
    }),
    other("almost pieces of the token", |frame, length| {
        let starts = (0..TOKEN.len() - 11).cycle();
        let pieces = starts.map(|start| format!("{} ", &TOKEN[start..start + 11]));
        let open = format!("\"{}\":\"", frame.text());
        members(frame, length, &open, pieces, "\"")
    }),
    other("quoted JSON in quoted JSON", |frame, length| {
        let letters = length / 4 * 3;
        let mut quoted = "a".repeat(letters);
        // Each time, the number of backslashes doubles.
        while quoted.len() < letters + length / 16 {
            quoted = serde_json::json!({ "error_msg": quoted }).to_string();
        }
        let member = format!("\"{}\":{},", frame.text(), serde_json::Value::String(quoted));
        members(frame, length, &member, iter::empty(), "\"x\":0")
    }),
    other("a long unknown number", |frame, length| {
        unknown(frame, length, "1", &"0".repeat(64), "")
    }),
    other("a long number", |frame, length| {
        let documented = if frame == Frame::Record { "duration" } else { frame.text() };
        let open = format!("\"{documented}\":1");
        members(frame, length, &open, iter::repeat("0".repeat(64)), "")
    }),
    other("a long exponent", |frame, length| unknown(frame, length, "1e", &"9".repeat(64), "")),
    other("deep arrays", |frame, length| {
        let half = length / 2 - 200;
        let value = format!("\"x\":{}{}", "[".repeat(half), "]".repeat(half));
        members(frame, length, &value, iter::empty(), "")
    }),
    other("deep objects", |frame, length| {
        let depth = length / 6 - 200;
        let value = format!("\"x\":{}0{}", "{\"a\":".repeat(depth), "}".repeat(depth));
        members(frame, length, &value, iter::empty(), "")
    }),
    other("deep errors", |frame, length| {
        let depth = length / 10 - 200;
        let value = format!("\"error\":{}0{}", "{\"error\":".repeat(depth), "}".repeat(depth));
        members(frame, length, &value, iter::empty(), "")
    }),
    other("arrays that do not end", |frame, length| {
        unknown(frame, length, "", &"[".repeat(64), "")
    }),
    tree("nothing but arrays", |_, length| filled(b"[[]", b",[]", b"]", length)),
    other("a page", |_, length| {
        let open = b"<html><head><title>502 Bad Gateway</title></head><body>";
        filled(open, b"<p>Bad &amp; bad.</p>\n", b"</body></html>", length)
    }),
    other("a page of nothing but tags", |_, length| filled(b"<", b"<", b"", length)),
    other("a page of the token", |_, length| filled(b"<html>", TOKEN.as_bytes(), b"", length)),
    other("nothing but white space", |_, length| filled(b"", b" ", b"", length)),
    other("nothing but bytes that are not UTF-8", |_, length| filled(b"", b"\xff", b"", length)),
    other("nothing but controls", |_, length| filled(b"", b"\0", b"", length)),
];

/// Lists of records. A response may have 100,000 elements, and as many values without a documented type.
pub const LISTS: &[Case] = &[
    tree("empty records", |frame, length| records(frame, length, "{}")),
    tree("records of a number", |frame, length| records(frame, length, r#"{"build_no":1}"#)),
    tree("records of a text", |frame, length| records(frame, length, r#"{"err_msg":"a"}"#)),
    tree("records of an unknown field", |frame, length| records(frame, length, r#"{"x":0}"#)),
    tree("records of unknown fields", |frame, length| {
        records(frame, length, r#"{"a":0,"b":[],"c":{},"d":"","e":null}"#)
    }),
    tree("97,541 records of a tree", |frame, length| {
        records(frame, length, &format!(r#"{{"x":[{}0]}}"#, "[],".repeat(25)))
    }),
    tree("99,864 records of texts", |frame, length| {
        records(frame, length, &format!(r#"{{"err_msg":"{0}","branch":"{0}"}}"#, "a".repeat(29)))
    }),
    other("nulls for records", |frame, length| records(frame, length, "null")),
    other("one record of unknown fields", |frame, length| {
        members(frame, length, "{", iter::repeat("\"x\":0,".to_owned()), "\"x\":0}")
    }),
];

/// A list that repeats this record.
fn records(frame: Frame, length: usize, record: &str) -> Vec<u8> {
    members(frame, length, "", iter::repeat(format!("{record},")), record)
}

const fn tree(name: &'static str, body: fn(Frame, usize) -> Vec<u8>) -> Case {
    Case { name, limit: TREE, body }
}

const fn other(name: &'static str, body: fn(Frame, usize) -> Vec<u8>) -> Case {
    Case { name, limit: ALL_ELSE, body }
}

/// A documented text that repeats this.
fn text(frame: Frame, length: usize, unit: &[u8]) -> Vec<u8> {
    let [before, after] = frame.around();
    let open = format!("{before}\"{}\":\"", frame.text());
    filled(open.as_bytes(), unit, format!("\"{after}").as_bytes(), length)
}

/// An unknown field, whose value is an opening, as many units as there is room for, and an end.
fn unknown(frame: Frame, length: usize, open: &str, unit: &str, close: &str) -> Vec<u8> {
    unknown_of(frame, length, open, iter::repeat(unit.to_owned()), close)
}

fn unknown_of(
    frame: Frame,
    length: usize,
    open: &str,
    units: impl Iterator<Item = String>,
    close: &str,
) -> Vec<u8> {
    members(frame, length, &format!("\"x\":{open}"), units, close)
}

/// Members in a frame: an opening, as many units as there is room for, an end.
fn members(
    frame: Frame,
    length: usize,
    open: &str,
    units: impl Iterator<Item = String>,
    close: &str,
) -> Vec<u8> {
    let [before, after] = frame.around();
    let mut body = format!("{before}{open}").into_bytes();
    for unit in units {
        if body.len() + unit.len() + close.len() + after.len() > length {
            break;
        }
        body.extend_from_slice(unit.as_bytes());
    }
    body.extend_from_slice(close.as_bytes());
    body.extend_from_slice(after.as_bytes());
    body
}

fn filled(open: &[u8], unit: &[u8], close: &[u8], length: usize) -> Vec<u8> {
    let count = (length - open.len() - close.len()) / unit.len();
    [open, &unit.repeat(count), close].concat()
}
