//! Promise: a response is a success only with proof of it, and an error says that nothing was started
//! only with proof of that.

use crate::support::{
    JOB,
    calls::{Call, STARTED, call, fast_client},
    faulty_server::{Action, FaultyServer, json},
};
use codearts_build::{Client, Error, ErrorKind, RetryPolicy, StartedBuild, types::*};
use std::{
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

const RECORD_ID: &str = "9d6169b9-022d-458c-9dc8-48cc94cc4083";

/// What a caller must get.
#[derive(Clone, Copy, Debug)]
enum Verdict {
    /// The build or the record with this number.
    Success(u32),
    /// The record with `RECORD_ID`.
    SuccessById,
    Failure(Failure),
}

/// `None` is what the design leaves open.
#[derive(Clone, Copy, Debug)]
struct Failure {
    kind: Option<ErrorKind>,
    /// Empty if there is none.
    code: Option<&'static str>,
    /// Of a call that may change something. Reading has no outcome.
    may_have_taken_effect: Option<bool>,
    /// Whether the error contains the number that the response proves.
    tells_number: bool,
}

use Verdict::Success;

/// Number 4711.
const SUCCESS: Verdict = Success(4711);
/// Neither a success nor an error response.
const INVALID: Verdict = failure(Some(ErrorKind::InvalidResponse), Some(""), Some(true));
/// The same, or an error response. Nothing is proven.
const UNREADABLE: Verdict = failure(None, None, Some(true));
/// A 4xx whose body need not be read.
const REJECTED: Verdict = failure(Some(ErrorKind::Service), None, Some(false));
/// Some error.
const FAILURE: Verdict = failure(None, None, None);

/// An error response with this code which proves that nothing took effect.
const fn no_effect(code: &'static str) -> Verdict {
    failure(Some(ErrorKind::Service), Some(code), Some(false))
}

/// An error response with this code which proves nothing.
const fn unknown(code: &'static str) -> Verdict {
    failure(Some(ErrorKind::Service), Some(code), Some(true))
}

/// An error response with this code beside proof of success.
const fn tells_number(code: &'static str) -> Verdict {
    let (kind, code, unknown) = (Some(ErrorKind::Service), Some(code), Some(true));
    Verdict::Failure(Failure { kind, code, may_have_taken_effect: unknown, tells_number: true })
}

const fn failure(
    kind: Option<ErrorKind>,
    code: Option<&'static str>,
    may_have_taken_effect: Option<bool>,
) -> Verdict {
    Verdict::Failure(Failure { kind, code, may_have_taken_effect, tells_number: false })
}

struct Row {
    title: String,
    status: u16,
    body: Vec<u8>,
    start: Verdict,
    record: Verdict,
}

/// The verdict holds for all operations, unless another is given for the record. `NUMBER` in a body is
/// the name of the field with the number of the build.
macro_rules! rows {
    ($($title:literal, $status:literal $body:expr => $start:expr $(, record $record:expr)?;)*) => {
        vec![$({
            let (title, body, start) = ($title.to_owned(), $body, $start);
            let [record, ..] = [$($record,)? start];
            Row { title, status: $status, body: AsRef::<[u8]>::as_ref(&body).to_vec(), start, record }
        }),*]
    };
}

fn successes() -> Vec<Row> {
    rows! {
        "flat", 200 r#"{"octopus_job_name":"j_1","NUMBER":"4711","branch":"main"}"# => SUCCESS;
        "wrapped", 200 r#"{"status":"success","error":null,"result":{"NUMBER":4711}}"# => SUCCESS;
        "wrapped, no status", 200 r#"{"result":{"NUMBER":4711,"branch":"main"}}"# => SUCCESS;
        "wrapped, blank error", 200 r#"{"status":"success","error":{},"result":{"NUMBER":4711}}"# => SUCCESS;
        "a number", 200 r#"{"NUMBER":4711}"# => SUCCESS;
        "a text", 200 r#"{"NUMBER":"4711"}"# => SUCCESS;
        "a text with spaces", 200 r#"{"NUMBER":" 4711 "}"# => SUCCESS;
        "a text with a tab and a line break", 200 r#"{"NUMBER":"\t4711\n"}"# => SUCCESS;
        "a wrapped text with spaces", 200 r#"{"result":{"NUMBER":" 4711 "}}"# => SUCCESS;
        "the smallest number", 200 r#"{"NUMBER":1}"# => Success(1);
        "the largest number", 200 r#"{"NUMBER":2147483647}"# => Success(2_147_483_647);
        "the largest number as a text", 200 r#"{"NUMBER":"2147483647"}"# => Success(2_147_483_647);
        "white space around", 200 " \r\n\t{ \"NUMBER\" : 4711 } \n" => SUCCESS;
        "a byte order mark", 200 "\u{feff}{\"NUMBER\":4711}" => SUCCESS;
        "an escaped name", 200 br#"{"result":{"actual_build_\u006eumber":4711,"build_n\u006f":4711}}"# => SUCCESS;
        "new fields", 200 r#"{"NUMBER":4711,"new":[1,{"a":null}],"trace_id":"t"}"# => SUCCESS;
        "new fields around", 200 r#"{"trace_id":"t","result":{"NUMBER":4711},"new":{"a":[{}]}}"# => SUCCESS;
        "201", 201 r#"{"NUMBER":4711}"# => SUCCESS;
        "202", 202 r#"{"result":{"NUMBER":4711}}"# => SUCCESS;
        "203", 203 r#"{"NUMBER":"4711"}"# => SUCCESS;
        "299", 299 r#"{"NUMBER":4711}"# => SUCCESS;
        "a build number of a started build only", 200 r#"{"actual_build_number":4711}"# => SUCCESS, record INVALID;
        "a build number of a record only", 200 r#"{"build_no":4711}"# => INVALID, record SUCCESS;
        "a record id", 200 r#"{"build_record_id":"9d6169b9-022d-458c-9dc8-48cc94cc4083","status":"Running"}"#
            => INVALID, record Verdict::SuccessById;
        "a wrapped record id",
            200 r#"{"status":"success","result":{"build_record_id":"9d6169b9-022d-458c-9dc8-48cc94cc4083"}}"#
            => INVALID, record Verdict::SuccessById;
        "a record id beside a bad number",
            200 r#"{"result":{"build_no":1e400,"build_record_id":"9d6169b9-022d-458c-9dc8-48cc94cc4083"}}"#
            => INVALID, record Verdict::SuccessById;
        // The status of a record is that of the build.
        "a failed build, flat", 200 r#"{"build_no":4711,"status":"FAILED"}"# => unknown(""), record SUCCESS;
        "a failed build, in the words of an envelope", 200 r#"{"build_no":4711,"status":"error"}"#
            => unknown(""), record SUCCESS;
        "a failed build with a reason", 200 r#"{"build_no":4711,"status":"FAILURE","err_msg":"tests failed"}"#
            => unknown(""), record SUCCESS;
        "a failed build, wrapped",
            200 r#"{"status":"success","result":{"build_no":4711,"status":"FAILED","err_msg":"tests failed"}}"#
            => INVALID, record SUCCESS;
        "a failed build, wrapped without a status", 200 r#"{"result":{"build_no":4711,"status":"fail"}}"#
            => INVALID, record SUCCESS;
        // A status is no field of a started build.
        "a failed start", 200 r#"{"actual_build_number":"4711","status":"error"}"#
            => tells_number(""), record UNREADABLE;
        // Inside a result with proof everything is data.
        "an error code in a result with proof",
            200 r#"{"status":"success","result":{"NUMBER":4711,"error_code":"CB.00060200"}}"# => SUCCESS;
        "an error text in a result with proof", 200 r#"{"result":{"NUMBER":4711,"error":"it broke"}}"# => SUCCESS;
    }
}

fn neither() -> Vec<Row> {
    rows! {
        "nothing", 200 "" => INVALID;
        "white space", 200 " \r\n" => INVALID;
        "null", 200 "null" => INVALID;
        "an empty object", 200 "{}" => INVALID;
        "an empty list", 200 "[]" => INVALID;
        "an empty text", 200 r#""""# => INVALID;
        "a number alone", 200 "4711" => INVALID;
        "a text alone", 200 r#""4711""# => INVALID;
        "true", 200 "true" => INVALID;
        "a list with a good response", 200 r#"[{"NUMBER":4711}]"# => INVALID;
        "not JSON", 200 "OK" => INVALID;
        "a page", 200 "<html><body>Log in</body></html>" => INVALID;
        "cut off in the number", 200 r#"{"NUMBER":"4711"# => INVALID;
        "cut off behind the number", 200 r#"{"NUMBER":"4711""# => INVALID;
        "cut off in an envelope", 200 r#"{"status":"success","result":{"NUMBER":4711}"# => INVALID;
        "more behind the JSON", 200 r#"{"NUMBER":4711}}"# => INVALID;
        "two documents", 200 r#"{"NUMBER":4711}{"NUMBER":4711}"# => INVALID;
        "no content", 204 "" => INVALID;
        "reset content", 205 "" => INVALID;
        "created, without a body", 201 "" => INVALID;
        "accepted, without proof", 202 r#"{"status":"success"}"# => INVALID;

        "only a status", 200 r#"{"status":"success"}"# => INVALID;
        "a status and a null error", 200 r#"{"status":"success","error":null}"# => INVALID;
        "a status and a request id", 200 r#"{"status":"success","request_id":"0e81"}"# => INVALID;
        "a status, null for the rest", 200 r#"{"status":"success","error":null,"result":null}"# => INVALID;
        "under data", 200 r#"{"status":"success","data":{"NUMBER":4711}}"# => INVALID;
        "under data, with a null error", 200 r#"{"status":"success","error":null,"data":{"NUMBER":4711}}"# => INVALID;
        "two envelopes", 200 r#"{"result":{"result":{"NUMBER":4711}}}"# => INVALID;
        "an empty result", 200 r#"{"status":"success","result":{}}"# => INVALID;
        "a result that is a list", 200 r#"{"result":[{"NUMBER":4711}]}"# => INVALID;
        "a result that is a number", 200 r#"{"result":4711}"# => INVALID;
        "not logged in", 200 r#"{"msg":"not logged in","region":"cn-north-4"}"# => INVALID;
        "maintenance", 200 r#"{"message":"maintenance","id":"eb9d73c7"}"# => INVALID;
        "maintenance, wrapped", 200 r#"{"result":{"message":"maintenance","id":"eb9d73c7"}}"# => INVALID;
        "another object", 200 r#"{"hello":"world"}"# => INVALID;
        "a message alone", 200 r#"{"message":"accepted"}"# => INVALID;
        "a code alone", 200 r#"{"code":"CB.00031006"}"# => INVALID;
        "a job name alone", 200 r#"{"octopus_job_name":"j_1"}"# => INVALID;
        "a number of the day alone", 200 r#"{"daily_build_number":"20200612.20"}"# => INVALID;
        "a status of a build alone", 200 r#"{"result":{"status":"SUCCESS"}}"# => INVALID;
        "a failed build without a number", 200 r#"{"result":{"status":"FAILED","branch":"main"}}"#
            => UNREADABLE, record INVALID;
        "a blank record id", 200 r#"{"build_record_id":" "}"# => INVALID;
        "a record id that is null", 200 r#"{"result":{"build_record_id":null,"branch":"main"}}"# => INVALID;

        "number null", 200 r#"{"NUMBER":null}"# => INVALID;
        "number empty", 200 r#"{"NUMBER":""}"# => INVALID;
        "number blank", 200 r#"{"NUMBER":"  "}"# => INVALID;
        "number 0", 200 r#"{"NUMBER":0}"# => INVALID;
        "number 0 as a text", 200 r#"{"NUMBER":"0"}"# => INVALID;
        "number -1", 200 r#"{"NUMBER":-1}"# => INVALID;
        "number -1 as a text", 200 r#"{"NUMBER":"-1"}"# => INVALID;
        "number 2147483648", 200 r#"{"NUMBER":2147483648}"# => INVALID;
        "number 2147483648 as a text", 200 r#"{"NUMBER":"2147483648"}"# => INVALID;
        "number 2^32 + 1", 200 r#"{"NUMBER":4294967297}"# => INVALID;
        "number 2^64 + 1", 200 r#"{"NUMBER":18446744073709551617}"# => INVALID;
        "number 1e400", 200 r#"{"NUMBER":1e400}"# => INVALID;
        "number 4711.5", 200 r#"{"NUMBER":4711.5}"# => INVALID;
        "number in words", 200 r#"{"NUMBER":"soon"}"# => INVALID;
        "number and words", 200 r#"{"NUMBER":"4711 builds"}"# => INVALID;
        "number true", 200 r#"{"NUMBER":true}"# => INVALID;
        "number in a list", 200 r#"{"NUMBER":[4711]}"# => INVALID;
        "number in an object", 200 r#"{"NUMBER":{"NUMBER":4711}}"# => INVALID;
        "number with a lone surrogate", 200 r#"{"NUMBER":"4711\ud800"}"# => INVALID;
        "number that is not UTF-8", 200 b"{\"actual_build_number\":\"47\xff11\",\"build_no\":\"47\xff11\"}" => INVALID;
        "wrapped number 0", 200 r#"{"status":"success","result":{"NUMBER":0,"branch":"main"}}"# => INVALID;
        "wrapped number in words", 200 r#"{"result":{"NUMBER":"soon"}}"# => INVALID;
        "an error that is true", 200 r#"{"error":true}"# => INVALID;
        "an error that is a list", 200 r#"{"error":["it broke"]}"# => INVALID;
    }
}

fn errors_with_a_good_status() -> Vec<Row> {
    rows! {
        "documented fields", 200 r#"{"error_code":"CB.00031006","error_msg":"no such job"}"# => no_effect("CB.00031006");
        "DEVCB.", 200 r#"{"error_code":"DEVCB.00031006","error_msg":"no such job"}"# => no_effect("DEVCB.00031006");
        "DEV.CB.", 200 r#"{"error_code":"DEV.CB.0310007","error_msg":"no such job"}"# => no_effect("DEV.CB.0310007");
        "no message", 200 r#"{"error_code":"CB.00031006"}"# => no_effect("CB.00031006");
        "camel case", 200 r#"{"errorCode":"CB.00031006","errorMsg":"no such job"}"# => no_effect("CB.00031006");
        "code and message", 200 r#"{"code":"CB.00031006","message":"no such job"}"# => no_effect("CB.00031006");
        "code and reason", 200 r#"{"code":"CB.00031006","reason":"no such job"}"# => no_effect("CB.00031006");
        "seen", 200 r#"{"error":{"code":"DEV.CB.032011","reason":"no such job"},"status":"error"}"#
            => no_effect("DEV.CB.032011");
        "an error object", 200 r#"{"error":{"error_code":"CB.00031006","error_msg":"no such job"}}"#
            => no_effect("CB.00031006");
        "an error in an envelope",
            200 r#"{"status":"fail","error":{"code":"CB.00031006","message":"no such job"},"result":null}"#
            => no_effect("CB.00031006");
        "a code in an envelope", 200 r#"{"status":"fail","error_code":"CB.00031006","result":{}}"#
            => no_effect("CB.00031006");
        "no success", 200 r#"{"success":false,"code":"CB.00031006","message":"no such job"}"#
            => no_effect("CB.00031006");
        "in a result", 200 r#"{"status":"success","result":{"error_code":"CB.00031006","error_msg":"no such job"}}"#
            => no_effect("CB.00031006");
        "code and message in a result", 200 r#"{"result":{"code":"CB.00031006","message":"no such job"}}"#
            => no_effect("CB.00031006");
        "an error object in a result",
            200 r#"{"result":{"error":{"code":"DEV.CB.032011","reason":"no such job"}}}"#
            => no_effect("DEV.CB.032011");
        "beside a bad number", 200 r#"{"NUMBER":0,"error_code":"CB.00031006"}"# => no_effect("CB.00031006");
        "201", 201 r#"{"error_code":"CB.00031006","error_msg":"no such job"}"# => no_effect("CB.00031006");
        "invalid parameter", 200 r#"{"error_code":"CB.00060200","error_msg":"invalid"}"# => no_effect("CB.00060200");
        "invalid parameter 1", 200 r#"{"error_code":"CB.00060201","error_msg":"invalid"}"# => no_effect("CB.00060201");
        "invalid parameter 2", 200 r#"{"error_code":"CB.00060202","error_msg":"invalid"}"# => no_effect("CB.00060202");
        "invalid parameter 3", 200 r#"{"error_code":"CB.00060203","error_msg":"invalid"}"# => no_effect("CB.00060203");
        "invalid parameter 12", 200 r#"{"error_code":"CB.00060212","error_msg":"invalid"}"# => no_effect("CB.00060212");
        "throttled", 200 r#"{"error_code":"CB.00060211","error_msg":"too many requests"}"# => no_effect("CB.00060211");
        "throttled, in an envelope", 200 r#"{"status":"error","error":{"code":"CB.00060211","reason":"too many"}}"#
            => no_effect("CB.00060211");

        // The service's own faults.
        "network busy", 200 r#"{"error_code":"CB.00060100","error_msg":"network busy"}"# => unknown("CB.00060100");
        "internal error", 200 r#"{"error_code":"CB.00060101","error_msg":"internal error"}"# => unknown("CB.00060101");
        "internal error in an envelope",
            200 r#"{"status":"error","error":{"code":"CB.00060101","reason":"internal error"}}"#
            => unknown("CB.00060101");
        // Codes of others, and none.
        "the gateway's timeout", 200 r#"{"error_code":"APIGW.0201","error_msg":"Backend timeout"}"#
            => unknown("APIGW.0201");
        "the gateway's error", 200 r#"{"error_code":"APIG.0106","error_msg":"Orchestration error","request_id":"0e81"}"#
            => unknown("APIG.0106");
        "IAM's error", 200 r#"{"error":{"code":401,"message":"The password is wrong.","title":"Unauthorized"}}"#
            => unknown("401");
        "a code that is a number", 200 r#"{"error_code":500,"error_msg":"it broke"}"# => unknown("500");
        "a code without a prefix", 200 r#"{"error_code":"00031006","error_msg":"no such job"}"# => unknown("00031006");
        "a prefix inside", 200 r#"{"error_code":"X.CB.00031006","error_msg":"no such job"}"# => unknown("X.CB.00031006");
        "half a prefix", 200 r#"{"error_code":"CBX.00031006","error_msg":"no such job"}"# => unknown("CBX.00031006");
        "a code in a message", 200 r#"{"error":"CB.00031006: no such job"}"# => unknown("");
        "an error text", 200 r#"{"error":"it broke"}"# => unknown("");
        "an error object without a code", 200 r#"{"error":{"message":"it broke"}}"# => unknown("");
        "an error object of other fields", 200 r#"{"error":{"detail":"it broke"}}"# => unknown("");
        "no success without a code", 200 r#"{"success":false,"message":"it broke"}"# => unknown("");
        "no success alone", 200 r#"{"success":false}"# => unknown("");
        "fail", 200 r#"{"status":"fail","error":null,"result":null}"# => unknown("");
        "failed", 200 r#"{"status":"failed","result":null}"# => unknown("");
        "failure", 200 r#"{"status":"failure","result":{}}"# => unknown("");
        "error", 200 r#"{"status":"error","result":null}"# => unknown("");
        "fail and a message", 200 r#"{"status":"fail","message":"it broke","result":null}"# => unknown("");
        "error without an envelope", 200 r#"{"status":"error","message":"it broke","trace_id":"t"}"# => unknown("");
        "an error text in a result", 200 r#"{"status":"success","result":{"error":"it broke"}}"# => unknown("");
        "no success in a result", 200 r#"{"result":{"success":false}}"# => unknown("");
        "the gateway's error in a result", 200 r#"{"result":{"code":"APIG.0106","message":"it broke"}}"#
            => unknown("APIG.0106");
        "an error in the result of an envelope that failed",
            200 r#"{"status":"fail","error":null,"result":{"error_code":"CB.00031006","error_msg":"no such job"}}"#
            => no_effect("CB.00031006");
        "a blank code before the code", 200 r#"{"errorCode":0,"code":"CB.00031006","message":"no such job"}"#
            => no_effect("CB.00031006");
        "a blank error before the code", 200 r#"{"error":"","error_code":"CB.00031006","error_msg":"no such job"}"#
            => no_effect("CB.00031006");
        "a blank code in an error before the code",
            200 r#"{"error":{"code":null,"message":""},"code":"CB.00031006","reason":"no such job"}"#
            => no_effect("CB.00031006");
        // Left open: whether JSON in a text is read.
        "an error in a text", 200 r#""{\"error_code\":\"CB.00031006\",\"error_msg\":\"no such job\"}""# => FAILURE;
        "an error in the text of a message",
            200 r#"{"error_msg":"{\"error_code\":\"CB.00031006\",\"error_msg\":\"no such job\"}"}"# => FAILURE;
        "a good response in a text", 200 r#""{\"actual_build_number\":\"4711\",\"build_no\":4711}""# => UNREADABLE;
        "an error beside proof in a text",
            200 r#""{\"actual_build_number\":\"4711\",\"build_no\":4711,\"error_code\":\"CB.00060200\"}""# => UNREADABLE;
        "an error cut off", 200 r#"{"error_code":"CB.00031006","error_msg":"no su"# => UNREADABLE;
    }
}

fn errors_beside_proof() -> Vec<Row> {
    rows! {
        "an envelope that failed", 200 r#"{"status":"fail","result":{"NUMBER":4711}}"# => tells_number("");
        "an envelope with an error", 200 r#"{"status":"error","error":null,"result":{"NUMBER":"4711"}}"#
            => tells_number("");
        "an envelope with a failure", 200 r#"{"status":"failure","result":{"NUMBER":4711}}"# => tells_number("");
        "an envelope of a failed build",
            200 r#"{"status":"failed","result":{"NUMBER":4711,"status":"SUCCESS"}}"# => tells_number("");
        "a status of success does not outweigh",
            200 r#"{"status":"success","error":{"code":"CB.00031006","reason":"no such job"},"result":{"NUMBER":4711}}"#
            => tells_number("CB.00031006");
        "success true does not outweigh", 200 r#"{"success":true,"error":"it broke","NUMBER":4711}"# => tells_number("");
        "an error in a result without proof beside a flat number",
            200 r#"{"NUMBER":4711,"result":{"error_code":"CB.00031006"}}"# => tells_number("CB.00031006");
        "202", 202 r#"{"NUMBER":4711,"error_code":"APIGW.0201"}"# => tells_number("APIGW.0201");
    }
}

fn other_statuses() -> Vec<Row> {
    const PAGE: &str = "<html><head><title>it broke</title></head></html>";
    rows! {
        // Any other 4xx proves that nothing took effect, whatever the body.
        "400", 400 r#"{"error_code":"CB.00060200","error_msg":"invalid"}"# => no_effect("CB.00060200");
        "400 01", 400 r#"{"error_code":"CB.00060201","error_msg":"invalid"}"# => no_effect("CB.00060201");
        "400 02", 400 r#"{"error_code":"CB.00060202","error_msg":"invalid"}"# => no_effect("CB.00060202");
        "400 03", 400 r#"{"error_code":"CB.00060203","error_msg":"invalid"}"# => no_effect("CB.00060203");
        "400 12", 400 r#"{"error_code":"CB.00060212","error_msg":"invalid"}"# => no_effect("CB.00060212");
        "400, throttled", 400 r#"{"error_code":"CB.00060211","error_msg":"too many"}"# => no_effect("CB.00060211");
        "400, network busy", 400 r#"{"error_code":"CB.00060100","error_msg":"busy"}"# => no_effect("CB.00060100");
        "400, internal error", 400 r#"{"error_code":"CB.00060101","error_msg":"it broke"}"# => no_effect("CB.00060101");
        "400, camel case", 400 r#"{"errorCode":"DEV.CB.0310007","errorMsg":"no"}"# => no_effect("DEV.CB.0310007");
        "400, code and message", 400 r#"{"code":"DEV.CB.0310007","message":"no"}"# => no_effect("DEV.CB.0310007");
        "400, an error object", 400 r#"{"error":{"code":"DEV.CB.032011","reason":"no"},"status":"error"}"#
            => no_effect("DEV.CB.032011");
        "400, an error text", 400 r#"{"error":"it broke"}"# => no_effect("");
        "400, a message", 400 r#"{"message":"it broke"}"# => no_effect("");
        "400, a good response", 400 r#"{"NUMBER":4711}"# => no_effect("");
        "400, a page", 400 PAGE => no_effect("");
        "400, nothing", 400 "" => no_effect("");
        "400, null", 400 "null" => no_effect("");
        "400, a list", 400 "[]" => no_effect("");
        "400, text", 400 "Bad Request" => no_effect("");
        "400, not UTF-8", 400 b"\xff\xfe\x00" => no_effect("");
        "400, cut off", 400 r#"{"error_code":"CB.000"# => REJECTED;
        "400, in a text", 400 r#""{\"error_code\":\"CB.00060200\",\"error_msg\":\"invalid\"}""# => REJECTED;
        "400, in any field", 400 r#"{"detail":{"error_code":"CB.00060200","error_msg":"invalid"}}"# => REJECTED;
        "401", 401 r#"{"error_code":"APIGW.0301","error_msg":"decrypt token fail","request_id":"0e81"}"#
            => no_effect("APIGW.0301");
        "401 of IAM", 401 r#"{"error":{"code":401,"message":"wrong","title":"Unauthorized"}}"# => no_effect("401");
        "403", 403 r#"{"error_code":"DEV.CB.0310007","error_msg":"no"}"# => no_effect("DEV.CB.0310007");
        "404", 404 r#"{"error_code":"APIGW.0101","error_msg":"no such API"}"# => no_effect("APIGW.0101");
        "409", 409 "" => no_effect("");
        "413", 413 PAGE => no_effect("");
        "414", 414 PAGE => no_effect("");
        "418", 418 "" => no_effect("");
        "422", 422 r#"{"error_code":"DEVCB.00031006","error_msg":"no such job"}"# => no_effect("DEVCB.00031006");
        "429", 429 r#"{"error_code":"APIGW.0308","error_msg":"throttled"}"# => no_effect("APIGW.0308");
        "429, nothing", 429 "" => no_effect("");
        "494", 494 PAGE => no_effect("");
        // Somebody gave up on the service, which may go on.
        "408", 408 "" => unknown("");
        "408 of the gateway", 408 r#"{"error_code":"APIGW.0201","error_msg":"timeout"}"# => unknown("APIGW.0201");
        "425", 425 PAGE => unknown("");
        "499", 499 "" => unknown("");
        "499, a message", 499 r#"{"message":"client closed request"}"# => unknown("");
        "408, throttled", 408 r#"{"error_code":"CB.00060211","error_msg":"too many"}"# => no_effect("CB.00060211");

        // A documented code proves that nothing took effect.
        "500, throttled", 500 r#"{"error_code":"CB.00060211","error_msg":"too many"}"# => no_effect("CB.00060211");
        "500, invalid", 500 r#"{"error_code":"CB.00060200","error_msg":"invalid"}"# => no_effect("CB.00060200");
        "500, invalid 1", 500 r#"{"error_code":"CB.00060201","error_msg":"invalid"}"# => no_effect("CB.00060201");
        "500, invalid 2", 500 r#"{"error_code":"CB.00060202","error_msg":"invalid"}"# => no_effect("CB.00060202");
        "500, invalid 3", 500 r#"{"error_code":"CB.00060203","error_msg":"invalid"}"# => no_effect("CB.00060203");
        "500, invalid 12", 500 r#"{"error_code":"CB.00060212","error_msg":"invalid"}"# => no_effect("CB.00060212");
        "500, invalid, in an envelope", 500 r#"{"error":{"code":"CB.00060200","reason":"invalid"},"status":"error"}"#
            => no_effect("CB.00060200");
        "502, throttled", 502 r#"{"error_code":"CB.00060211","error_msg":"too many"}"# => no_effect("CB.00060211");
        "503, invalid", 503 r#"{"errorCode":"CB.00060200","errorMsg":"invalid"}"# => no_effect("CB.00060200");
        // Any other does not, whoever wrote it.
        "500, network busy", 500 r#"{"error_code":"CB.00060100","error_msg":"busy"}"# => unknown("CB.00060100");
        "500, internal error", 500 r#"{"error_code":"CB.00060101","error_msg":"it broke"}"# => unknown("CB.00060101");
        "503, network busy", 503 r#"{"error_code":"CB.00060100","error_msg":"busy"}"# => unknown("CB.00060100");
        "500, not documented", 500 r#"{"error_code":"DEV.CB.0310007","error_msg":"no"}"# => unknown("DEV.CB.0310007");
        "500, not documented either", 500 r#"{"error_code":"CB.00031006","error_msg":"no"}"# => unknown("CB.00031006");
        "500, a prefix before", 500 r#"{"error_code":"X.CB.00060200","error_msg":"no"}"# => unknown("X.CB.00060200");
        "500, a code in any field",
            500 r#"{"detail":{"params":{"error_code":"CB.00060200"}},"message":"it broke"}"# => UNREADABLE;
        "500, a code in any text", 500 r#"{"request":"{\"error_code\":\"CB.00060200\"}","message":"it broke"}"# => UNREADABLE;
        "500, a code in a message", 500 r#"{"error_msg":"CB.00060200"}"# => unknown("");
        "500, a message", 500 r#"{"message":"Internal server error"}"# => unknown("");
        "503, a message", 503 r#"{"message":"Internal server error"}"# => unknown("");
        "500, an error text", 500 r#"{"error":"it broke"}"# => unknown("");
        "500 of Spring",
            500 r#"{"timestamp":1700000000,"status":500,"error":"Internal Server Error","path":"/v3/jobs/build"}"#
            => unknown("");
        "503 of Envoy", 503 "upstream connect error or disconnect/reset before headers" => UNREADABLE;
        "500, a page", 500 PAGE => INVALID;
        "500, nothing", 500 "" => INVALID;
        "500, null", 500 "null" => INVALID;
        "500, a list", 500 "[]" => INVALID;
        "500, an empty object", 500 "{}" => INVALID;
        "500, cut off", 500 r#"{"error_code":"CB.0006"# => UNREADABLE;
        "500, a good response", 500 r#"{"NUMBER":4711}"# => UNREADABLE;
        "501", 501 "" => INVALID;
        "502", 502 PAGE => INVALID;
        "502 of the gateway", 502 r#"{"error_code":"APIGW.0201","error_msg":"it broke"}"# => unknown("APIGW.0201");
        "504", 504 PAGE => INVALID;
        "504 of the gateway", 504 r#"{"error_code":"APIGW.0201","error_msg":"Backend timeout"}"#
            => unknown("APIGW.0201");
        "520", 520 "" => INVALID;
        "520, a page", 520 PAGE => INVALID;
        "599", 599 "" => INVALID;

        // Neither a success nor an error.
        "101", 101 "" => INVALID;
        "300", 300 PAGE => INVALID;
        "301", 301 "" => INVALID;
        "302", 302 PAGE => INVALID;
        "303", 303 "" => INVALID;
        "304", 304 "" => INVALID;
        "307", 307 "" => INVALID;
        "308", 308 "" => INVALID;
        "303, a good response", 303 r#"{"NUMBER":4711}"# => INVALID;
        "302, an error", 302 r#"{"error_code":"CB.00060200","error_msg":"invalid"}"# => UNREADABLE;
    }
}

fn fields_that_cannot_be_read() -> Vec<Row> {
    rows! {
        "a lone surrogate", 200 r#"{"NUMBER":4711,"daily_build_number":"\ud800","user_id":"\ud800"}"# => SUCCESS;
        "the second half of a pair", 200 r#"{"octopus_job_name":"a\udc00b","tag":"a\udc00b","NUMBER":4711}"# => SUCCESS;
        "a pair in the wrong order", 200 r#"{"result":{"tag":"\udc00\ud800","NUMBER":4711,"branch":"main"}}"# => SUCCESS;
        "a lone surrogate in a new field", 200 r#"{"new":["\ud800x"],"NUMBER":4711,"branch":"main"}"# => SUCCESS;
        "a lone surrogate in a name", 200 r#"{"\ud800":1,"NUMBER":4711,"branch":"main"}"# => SUCCESS;
        "a lone surrogate around", 200 r#"{"trace":"\ud800","result":{"NUMBER":4711}}"# => SUCCESS;
        "not UTF-8", 200 b"{\"actual_build_number\":4711,\"build_no\":4711,\"daily_build_number\":\"\xff\xfe\",\"tag\":\"\xff\"}"
            => SUCCESS;
        "not UTF-8 in a new field", 200 b"{\"new\":{\"a\":\"\xe4\"},\"actual_build_number\":4711,\"build_no\":4711}" => SUCCESS;
        "not UTF-8 in a name", 200 b"{\"\xc3\":0,\"actual_build_number\":4711,\"build_no\":4711}" => SUCCESS;
        "half a character at the end of a text",
            200 b"{\"result\":{\"tag\":\"\xe2\x82\",\"actual_build_number\":4711,\"build_no\":4711,\"branch\":\"main\"}}" => SUCCESS;
        "1e400", 200 r#"{"NUMBER":4711,"daily_build_number":1e400,"duration":1e400}"# => SUCCESS;
        "-1e400 in a new field", 200 r#"{"new":[-1e400],"NUMBER":4711,"branch":"main"}"# => SUCCESS;
        "1e400 around", 200 r#"{"trace":1e400,"result":{"NUMBER":4711,"branch":"main"}}"# => SUCCESS;
        "a number of a thousand digits", 200 format!(r#"{{"NUMBER":4711,"duration":1{0:0>1000},"new":9{0:0>1000}}}"#, 0)
            => SUCCESS;
        "a number over 2^64", 200 r#"{"NUMBER":4711,"duration":99999999999999999999,"use_private_slave":1e30}"# => SUCCESS;
        "other types",
            200 r#"{"octopus_job_name":{"a":1},"daily_build_number":[null],"NUMBER":4711,"duration":"long","status":7}"#
            => SUCCESS;
        "other types, wrapped",
            200 r#"{"result":{"duration":[],"status":{"a":1},"NUMBER":4711,"tag":1.5,"branch":"main"}}"# => SUCCESS;
        "a lone surrogate in an error message", 200 r#"{"error_code":"CB.00031006","error_msg":"no \ud800"}"#
            => no_effect("CB.00031006");
        "an error message that is not UTF-8", 400 b"{\"error_msg\":\"\xff\",\"error_code\":\"CB.00031006\"}"
            => no_effect("CB.00031006");
        "an error message of another type", 400 r#"{"error_msg":{"a":1},"error_code":"CB.00031006"}"#
            => no_effect("CB.00031006");
        "a code of which a part cannot be read", 200 b"{\"error_code\":\"CB.0006010\xff\",\"error_msg\":\"busy\"}"
            => UNREADABLE;
        "a documented code of which a part cannot be read", 500 r#"{"error_code":"CB.00060200\ud800"}"# => UNREADABLE;
        "1e400 beside an error", 200 r#"{"time":1e400,"error_code":"CB.00031006","error_msg":"no such job"}"#
            => no_effect("CB.00031006");
        "not UTF-8 beside an error with status 500", 500 b"{\"x\":\"\xff\",\"error_code\":\"CB.00060200\"}"
            => no_effect("CB.00060200");
        "a byte order mark before an error", 200 "\u{feff}{\"error_code\":\"CB.00031006\"}" => no_effect("CB.00031006");
    }
}

/// What an error field may hold though there is no error.
const BLANK: [&str; 18] = [
    "null",
    r#""""#,
    r#"" \t\n""#,
    "0",
    r#""0""#,
    r#""000""#,
    "200",
    r#""success""#,
    r#""ok""#,
    "false",
    "[]",
    "{}",
    r#"{"code":null,"message":""}"#,
    r#"{"code":0,"message":"success"}"#,
    r#"{"code":"0","reason":" "}"#,
    r#"[null,""]"#,
    r#"{"a":{"b":[]}}"#,
    r#"{"code":200,"message":"ok"}"#,
];

fn blank_errors() -> Vec<Row> {
    let mut rows = vec![];
    for blank in BLANK {
        for field in [
            format!(r#""error_code":{blank}"#),
            format!(r#""errorCode":{blank},"errorMsg":"done""#),
            format!(r#""code":{blank},"message":"done""#),
            format!(r#""reason":"done","code":{blank}"#),
            format!(r#""error":{blank}"#),
        ] {
            for (place, body) in [
                ("flat", format!(r#"{{"NUMBER":4711,{field}}}"#)),
                ("around", format!(r#"{{{field},"status":"success","result":{{"NUMBER":4711}}}}"#)),
                ("inside", format!(r#"{{"result":{{{field},"NUMBER":4711}}}}"#)),
            ] {
                rows.push(Row::of("blank", place, &body, SUCCESS));
            }
            rows.push(Row::of("blank", "alone", &format!("{{{field}}}"), INVALID));
        }
    }
    for field in [r#""success":true"#, r#""status":"success""#, r#""status":"ok""#] {
        rows.push(Row::of("blank", field, &format!(r#"{{"NUMBER":4711,{field}}}"#), SUCCESS));
    }
    rows
}

fn errors_in_places() -> Vec<Row> {
    let mut rows = vec![];
    for (field, alone) in [
        (r#""error_code":"CB.00060200""#, no_effect("CB.00060200")),
        (r#""error_code":"CB.00060211""#, no_effect("CB.00060211")),
        (r#""error_code":"CB.00060100""#, unknown("CB.00060100")),
        (r#""errorCode":"APIG.0106","errorMsg":"it broke""#, unknown("APIG.0106")),
        (r#""error_code":401"#, unknown("401")),
        (r#""code":"DEV.CB.0310007","message":"it broke""#, no_effect("DEV.CB.0310007")),
        (r#""reason":"it broke","code":"DEVCB.0310007""#, no_effect("DEVCB.0310007")),
        (r#""error":{"code":"DEV.CB.032011","reason":"no"}"#, no_effect("DEV.CB.032011")),
        (r#""error":"it broke""#, unknown("")),
        (r#""error":{"message":"it broke"}"#, unknown("")),
        (r#""error":{"a":1}"#, unknown("")),
        (r#""success":false"#, unknown("")),
    ] {
        let Verdict::Failure(Failure { code: Some(code), .. }) = alone else { unreachable!() };
        for (place, body, verdict) in [
            ("flat", format!(r#"{{"NUMBER":4711,{field}}}"#), tells_number(code)),
            ("around", format!(r#"{{{field},"result":{{"NUMBER":4711}}}}"#), tells_number(code)),
            ("inside", format!(r#"{{"result":{{{field},"NUMBER":4711}}}}"#), SUCCESS),
            ("alone", format!("{{{field}}}"), alone),
            ("beside null", format!(r#"{{{field},"result":null}}"#), alone),
            ("inside, without proof", format!(r#"{{"result":{{{field}}}}}"#), alone),
        ] {
            rows.push(Row::of("an error", place, &body, verdict));
        }
    }
    rows
}

impl Row {
    fn of(title: &str, place: &str, body: &str, verdict: Verdict) -> Self {
        let (title, body) = (format!("{title}, {place}"), body.as_bytes().to_vec());
        Self { title, status: 200, body, start: verdict, record: verdict }
    }

    fn verdict(&self, call: Call) -> Verdict {
        if call == Call::RecordInfo { self.record } else { self.start }
    }

    fn body(&self, call: Call) -> Vec<u8> {
        let name = if call == Call::RecordInfo { "build_no" } else { "actual_build_number" };
        match str::from_utf8(&self.body) {
            Ok(body) => body.replace("NUMBER", name).into_bytes(),
            Err(_) => self.body.clone(),
        }
    }

    fn response(&self, body: &[u8]) -> Vec<u8> {
        let content_type = match body.first() {
            Some(b'<') => "text/html",
            Some(b'A'..=b'Z' | b'a'..=b'z') => "text/plain",
            _ => "application/json",
        };
        let length = body.len();
        let headers = match self.status {
            101 => "connection: upgrade\r\nupgrade: h2c\r\n".to_owned(),
            204 | 304 => "connection: close\r\n".to_owned(),
            _ => format!(
                "connection: close\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\n"
            ),
        };
        let head = format!("HTTP/1.1 {} Status\r\n{headers}\r\n", self.status);
        [head.as_bytes(), body].concat()
    }

    /// What is wrong with an outcome.
    fn mistake(&self, call: Call, body: &str, outcome: &Outcome) -> Option<&'static str> {
        // A text that the body has must be read, whatever stands beside it.
        let keeps = |text: &str, read: Option<&str>| !body.contains(text) || read.is_some();
        let error = match (self.verdict(call), outcome) {
            (Success(number), Outcome::Started(build)) => {
                let job_name = keeps(r#""octopus_job_name":"j_1""#, build.octopus_job_name());
                return match () {
                    () if build.build_no() != number => Some("the number"),
                    () if !job_name => Some("the other fields"),
                    () => None,
                };
            }
            (Success(number), Outcome::Record(record)) => {
                let branch = keeps(r#""branch":"main""#, record.branch.as_deref());
                return match () {
                    () if record.build_no.map(i64::from) != Some(number.into()) => {
                        Some("the number")
                    }
                    () if !branch => Some("the other fields"),
                    () => None,
                };
            }
            (Verdict::SuccessById, Outcome::Record(record)) => {
                let same = record.build_record_id.as_deref() == Some(RECORD_ID);
                return (!same).then_some("the record id");
            }
            (Verdict::Failure(_), Outcome::Failed(error)) => error,
            _ => return Some("success or error"),
        };
        let Verdict::Failure(expected) = self.verdict(call) else { return None };
        let reads = call == Call::RecordInfo;
        let unknown = error.may_have_taken_effect();
        let expects_unknown = expected.may_have_taken_effect.unwrap_or(unknown) && !reads;
        let code = expected.code.map(|code| (!code.is_empty()).then_some(code));
        match () {
            () if expected.kind.is_some_and(|kind| kind != error.kind()) => Some("the kind"),
            () if error.status() != Some(self.status) => Some("the status"),
            () if code.is_some_and(|code| code != error.code()) => Some("the code"),
            () if unknown != expects_unknown => Some("the outcome"),
            () if error.to_string().contains("a build may have been started") != unknown => {
                Some("whether a build may have been started")
            }
            () if error.is_transient() && unknown => Some("transient"),
            () if error.message().is_empty() => Some("the message"),
            () if expected.tells_number && !error.to_string().contains("4711") => {
                Some("the number is not told")
            }
            () => None,
        }
    }
}

/// What a caller got.
enum Outcome {
    Started(StartedBuild),
    Record(Box<BuildRecord>),
    Failed(Error),
}

impl Outcome {
    async fn of(client: &Client, call: Call) -> Self {
        let started = match call {
            Call::RunJob => client.run_job(RunJobRequest::new(JOB).unwrap()).await,
            Call::AutoExecute => client.auto_execute(JOB, AutoExecuteRequest::push("main")).await,
            Call::RecordInfo => {
                let record = client.record_info(JOB, 4711).await;
                return record.map_or_else(Self::Failed, |record| Self::Record(record.into()));
            }
        };
        started.map_or_else(Self::Failed, Self::Started)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let error = match self {
            Self::Started(build) => return write!(f, "{build:?}"),
            Self::Record(record) => return write!(f, "{record:?}"),
            Self::Failed(error) => error,
        };
        let (kind, status, code) = (error.kind(), error.status(), error.code());
        write!(f, "{kind:?} {status:?} {code:?}")?;
        write!(f, ", outcome is unknown: {}", error.may_have_taken_effect())?;
        write!(f, ", transient: {}: {error}", error.is_transient())
    }
}

/// Makes all three calls for each row.
async fn check(rows: Vec<Row>) {
    let response = Arc::new(Mutex::new(vec![]));
    let next = response.clone();
    let server = FaultyServer::start(move |_| Action::Close(next.lock().unwrap().clone()));
    let policy = RetryPolicy::default().with_backoff(Duration::ZERO, Duration::ZERO);
    let client = |policy| fast_client(server.url()).retry(policy).build().unwrap();
    let (reads, starts) = (client(RetryPolicy::never()), client(policy));
    let mut mistakes = vec![];
    for row in &rows {
        for call in [Call::RunJob, Call::AutoExecute, Call::RecordInfo] {
            let body = row.body(call);
            *response.lock().unwrap() = row.response(&body);
            let before = server.arrived();
            let client = if call == Call::RecordInfo { &reads } else { &starts };
            let outcome = Outcome::of(client, call).await;
            let body = String::from_utf8_lossy(&body);
            let mistake = row.mistake(call, &body, &outcome);
            // Nothing that may have started a build is sent again.
            let proven =
                matches!(&outcome, Outcome::Failed(error) if !error.may_have_taken_effect());
            let again = server.arrived() - before != 1 && !proven;
            if let Some(mistake) = mistake.or(again.then_some("it was sent again")) {
                let (title, status, expected) = (&row.title, row.status, row.verdict(call));
                mistakes.push(format!(
                    "{title}, {call:?}: {mistake}\n  response {status} {body}\n  expected {expected:?}\n  got {outcome}\n"
                ));
            }
        }
    }
    assert!(mistakes.is_empty(), "{} mistakes:\n{}", mistakes.len(), mistakes.concat());
}

#[tokio::test]
async fn proof_is_a_success() {
    check(successes()).await;
}

#[tokio::test]
async fn neither_proof_nor_an_error_is_an_invalid_response() {
    check(neither()).await;
}

#[tokio::test]
async fn an_error_with_a_good_status_is_an_error() {
    check(errors_with_a_good_status()).await;
}

#[tokio::test]
async fn an_error_beside_proof_is_an_error_that_tells_what_is_proven() {
    check(errors_beside_proof()).await;
}

#[tokio::test]
async fn another_status_is_an_error_whatever_the_body() {
    check(other_statuses()).await;
}

#[tokio::test]
async fn a_field_that_cannot_be_read_never_costs_the_rest() {
    check(fields_that_cannot_be_read()).await;
}

#[tokio::test]
async fn a_blank_error_is_no_error() {
    check(blank_errors()).await;
}

#[tokio::test]
async fn an_error_is_looked_for_around_a_result_and_in_one_without_proof() {
    check(errors_in_places()).await;
}

#[tokio::test]
async fn the_code_of_throttling_counts_under_any_status() {
    const THROTTLED: &str = r#"{"error_code":"CB.00060211","error_msg":"too many requests"}"#;
    for status in ["200 OK", "400 Bad Request", "500 Internal Server Error", "502 Bad Gateway"] {
        let server = FaultyServer::start(move |arrival| match arrival.number {
            0 => Action::Respond(json(status, THROTTLED)),
            _ => Action::Respond(json("200 OK", STARTED)),
        });
        call(fast_client(server.url()).build().unwrap(), Call::RunJob).await.unwrap();
        assert_eq!(server.arrived(), 2, "{status}");

        let server = FaultyServer::start(move |_| Action::Respond(json(status, THROTTLED)));
        let client = fast_client(server.url()).retry(RetryPolicy::never()).build().unwrap();
        let error = call(client, Call::RunJob).await.unwrap_err();
        assert!(error.is_throttled() && error.is_transient(), "{status} {error:?}");
        assert!(!error.may_have_taken_effect(), "{status} {error:?}");
    }
}

#[tokio::test]
async fn throttling_beside_a_build_number_is_not_retried() {
    let body = r#"{"actual_build_number":"4711","error_code":"CB.00060211"}"#;
    let server = FaultyServer::start(move |_| Action::Respond(json("200 OK", body)));
    let error = call(fast_client(server.url()).build().unwrap(), Call::RunJob).await.unwrap_err();
    assert!(error.may_have_taken_effect() && !error.is_transient(), "{error:?}");
    assert_eq!(server.arrived(), 1);
}
