//! Responses that are made up from a seed: good responses with changes, known names in unusual places, and
//! random bytes.

use super::operation::Call;
use fastrand::Rng;
use serde_json::{Map, Value, json};

pub struct MadeUp {
    pub status: u16,
    pub body: Vec<u8>,
}

impl MadeUp {
    /// The same response for the same seed, on every machine.
    pub fn of(call: Call, seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed ^ (call.number << 48));
        let status = status(&mut rng);
        let body = if matches!(status, 204 | 304) { vec![] } else { body(call, &mut rng) };
        Self { status, body }
    }
}

/// Names on which a judgement depends.
const NAMES: [&str; 28] = [
    "error_code",
    "errorCode",
    "code",
    "error_msg",
    "errorMsg",
    "message",
    "reason",
    "msg",
    "error",
    "error",
    "success",
    "status",
    "status",
    "result",
    "result",
    "data",
    "request_id",
    "trace_id",
    "detail",
    "title",
    "actual_build_number",
    "actual_build_number",
    "octopus_job_name",
    "build_no",
    "build_no",
    "build_record_id",
    "id",
    "err_msg",
];

const TEXTS: [&str; 61] = [
    "",
    " ",
    "\t\n",
    "0",
    "000",
    " 0 ",
    "0.0",
    "200",
    "success",
    "ok",
    "OK",
    "Success",
    "fail",
    "failed",
    "failure",
    "error",
    "ERROR",
    "FAILED",
    "SUCCESS",
    "Running",
    "null",
    "true",
    "false",
    "20",
    " 20 ",
    "\u{a0}20",
    "007",
    "+7",
    "-1",
    "20.0",
    "2147483647",
    "2147483648",
    "99999999999999999999",
    "1e3",
    "it broke",
    "no such job",
    "2022-10-11T08:28:42.000+00:00",
    "CB.00031006",
    "CB.00060100",
    "CB.00060101",
    "CB.00060200",
    "CB.00060203",
    "CB.00060211",
    "CB.00060212",
    "CB.00060299",
    "DEV.CB.0310007",
    "DEV.CB.032011",
    "DEVCB.00031006",
    "DEVCB.00060200",
    "APIGW.0201",
    "APIG.0106",
    "APIGW.0308",
    "X.CB.00060200",
    "cb.00060200",
    " CB.00060200",
    "CB.",
    r#"{"error_code":"CB.00060200","error_msg":"invalid"}"#,
    r#"{"actual_build_number":"20","build_no":20}"#,
    "<html><body>a page</body></html>",
    "\u{1b}[31mred\u{0}\r\n\u{2028}",
    "\u{1f600}",
];

/// Error responses as they have been seen, and others that look like one.
const ERRORS: [&str; 20] = [
    r#"{"error_code":"CB.00060200","error_msg":"invalid"}"#,
    r#"{"error_code":"CB.00060211","error_msg":"too many requests"}"#,
    r#"{"error_code":"CB.00060101","error_msg":"internal error"}"#,
    r#"{"error_code":"DEV.CB.0310007","error_msg":"no such job"}"#,
    r#"{"error_code":"APIGW.0201","error_msg":"Backend timeout","request_id":"0e81"}"#,
    r#"{"errorCode":"DEVCB.00031006","errorMsg":"no such job"}"#,
    r#"{"code":"DEV.CB.0310007","message":"no such job"}"#,
    r#"{"code":"CB.00060100","reason":"network busy"}"#,
    r#"{"error":{"code":"DEV.CB.032011","reason":"no such job"},"status":"error"}"#,
    r#"{"error":{"code":401,"message":"The password is wrong.","title":"Unauthorized"}}"#,
    r#"{"error":"it broke"}"#,
    r#"{"status":"fail","error":null,"result":null}"#,
    r#"{"status":"error","message":"it broke","trace_id":"t"}"#,
    r#"{"success":false,"message":"it broke"}"#,
    r#"{"status":"success","result":{"error_code":"CB.00031006","error_msg":"no such job"}}"#,
    r#"{"timestamp":1,"status":500,"error":"Internal Server Error","path":"/v3/jobs/build"}"#,
    r#"{"message":"Internal server error"}"#,
    r#"{"msg":"not logged in","region":"cn-north-4"}"#,
    r#"{"message":"maintenance","id":"eb9d73c7"}"#,
    r#"{"status":"success"}"#,
];

fn choose<T: Copy>(rng: &mut Rng, all: &[T]) -> T {
    all[rng.usize(..all.len())]
}

fn status(rng: &mut Rng) -> u16 {
    match rng.u8(..20) {
        0..13 => 200,
        13 => choose(rng, &[201, 202, 203, 204, 206, 226, 299]),
        14 => choose(rng, &[300, 301, 302, 303, 304, 307, 308]),
        15 => choose(rng, &[400, 401, 403, 404, 408, 413, 422, 425, 429, 494, 499]),
        16 => rng.u16(400..500),
        17 => choose(rng, &[500, 501, 502, 503, 504, 520, 599]),
        18 => 500,
        _ => rng.u16(200..1000),
    }
}

fn body(call: Call, rng: &mut Rng) -> Vec<u8> {
    let documented = call.example.clone().unwrap_or_else(|| "a text".into());
    let proof = call.proof_name();
    let mut body = match rng.u8(..16) {
        0..6 => documented,
        6..8 => json!({ proof: 20 }),
        8..11 => serde_json::from_str(choose(rng, &ERRORS)).unwrap(),
        11..15 => object(rng, 3),
        _ => return (0..rng.usize(..200)).map(|_| rng.u8(..)).collect(),
    };
    for _ in 0..rng.u8(..4) {
        happen(&mut body, proof, rng);
    }
    if rng.u8(..20) == 0 {
        body = Value::String(body.to_string());
    }
    let text = if rng.bool() { body.to_string() } else { format!(" {body:#}\n") };
    damage(text.into_bytes(), rng)
}

/// Changes a body, or the object in its `result`.
fn happen(body: &mut Value, proof: &str, rng: &mut Rng) {
    match rng.u8(..12) {
        0 => *body = json!({ "result": body.take() }),
        1 => {
            let around = serde_json::from_str(choose(rng, &ERRORS)).unwrap();
            let Value::Object(mut around) = around else { return };
            around.insert("result".into(), body.take());
            *body = Value::Object(around);
        }
        2 => *body = json!({ choose(rng, &NAMES): body.take() }),
        3 => {
            if let Some(result) = body.get_mut("result") {
                *body = result.take();
            }
        }
        change => {
            let inside = rng.bool() && body.get("result").is_some_and(Value::is_object);
            let at = if inside { &mut body["result"] } else { body };
            let Value::Object(fields) = at else { return };
            let names: Vec<String> = fields.keys().cloned().collect();
            match change {
                4 | 5 if !names.is_empty() => _ = fields.remove(&names[rng.usize(..names.len())]),
                6 if !names.is_empty() => {
                    fields.insert(names[rng.usize(..names.len())].clone(), value(rng, 2));
                }
                7 => _ = fields.insert(proof.into(), scalar(rng)),
                8 => _ = fields.insert(proof.into(), json!(20)),
                9 => {
                    let error: Map<_, _> = serde_json::from_str(choose(rng, &ERRORS)).unwrap();
                    fields.extend(error);
                }
                _ => _ = fields.insert(choose(rng, &NAMES).into(), value(rng, 2)),
            }
        }
    }
}

fn scalar(rng: &mut Rng) -> Value {
    const NUMBERS: [i64; 12] =
        [0, 0, 1, 20, 20, 200, 401, 500, -1, 2_147_483_647, 2_147_483_648, i64::MAX];
    match rng.u8(..16) {
        0 | 1 => Value::Null,
        2 => rng.bool().into(),
        3..6 => choose(rng, &NUMBERS).into(),
        6 => (f64::from(rng.i32(-100..100)) / 4.0).into(),
        7 => "long ".repeat(rng.usize(..300)).into(),
        _ => choose(rng, &TEXTS).into(),
    }
}

fn value(rng: &mut Rng, depth: u8) -> Value {
    match rng.u8(..8) {
        0 if depth > 0 => (0..rng.u8(..3)).map(|_| value(rng, depth - 1)).collect(),
        1 | 2 if depth > 0 => object(rng, depth - 1),
        _ => scalar(rng),
    }
}

fn object(rng: &mut Rng, depth: u8) -> Value {
    let fields = rng.u8(..6);
    let fields: Map<_, _> =
        (0..fields).map(|_| (choose(rng, &NAMES).to_owned(), value(rng, depth))).collect();
    Value::Object(fields)
}

/// Damages the text of a body, or of one of its fields.
fn damage(mut body: Vec<u8>, rng: &mut Rng) -> Vec<u8> {
    let behind = |mark: u8, body: &[u8], rng: &mut Rng| {
        let is_place = |&at: &usize| body[at - 1] == mark && body[at] != b'}';
        let places: Vec<usize> = (1..body.len()).filter(is_place).collect();
        if places.is_empty() { 0 } else { choose(rng, &places) }
    };
    match rng.u8(..24) {
        0 => body.truncate(rng.usize(..=body.len())),
        1 => {
            for _ in 0..rng.u8(1..4) {
                let at = rng.usize(..body.len());
                body[at] ^= rng.u8(..);
            }
        }
        2 => drop(body.splice(0..0, *b"\xef\xbb\xbf")),
        3 => {
            let at = behind(b'"', &body, rng);
            body.splice(at..at, *b"\\ud800");
        }
        4 => {
            let at = behind(b'"', &body, rng);
            body.splice(at..at, *b"\xff\xe2\x82");
        }
        5 | 6 => {
            let at = behind(b'{', &body, rng);
            body.splice(at..at, *b"\"new\":[-1e400,\"\\udc00\"],");
        }
        _ => {}
    }
    body
}
