//! The table of faults of a server, with the outcome of each call.

use super::{
    CANARY,
    calls::*,
    clock::Clock,
    faulty_server::{Action, ClosedPort, FaultyServer, json, response},
};
use codearts_build::{Error, ErrorKind};
use std::fmt;

/// A fault.
pub enum Fault {
    /// The server does this with the body of a good response.
    Server(fn(&str) -> Action),
    /// Nobody listens.
    ClosedPort,
    /// The endpoint is https, the server is not.
    NoTls,
}

pub struct Row {
    pub name: &'static str,
    /// The fault in words.
    pub title: &'static str,
    pub fault: Fault,
    /// Reading a record: the number of requests that arrive, and what the caller gets.
    pub get: (usize, &'static str),
    /// The same of starting a build, and whether one may have started.
    pub post: (usize, &'static str, bool),
}

/// What was measured of one call.
pub struct Measured {
    pub arrived: usize,
    /// How often something arrived, even half a request.
    pub attempts: usize,
    pub sent: u64,
    pub outcome: Result<(), Error>,
}

impl Measured {
    pub fn may_have_taken_effect(&self) -> bool {
        self.outcome.as_ref().is_err_and(Error::may_have_taken_effect)
    }
}

/// The outcome, in one line.
impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Err(error) = &self.outcome else { return f.write_str("success") };
        write!(f, "{:?}", error.kind())?;
        // Whether the status arrives before a timeout depends on the machine.
        if let (Some(status), false) = (error.status(), error.is_timeout()) {
            write!(f, " {status}")?;
        }
        if let Some(code) = error.code() {
            write!(f, " {code}")?;
        }
        // The operating system words what broke a connection.
        if matches!(error.kind(), ErrorKind::Service | ErrorKind::InvalidResponse) {
            write!(f, ": {}", error.message())?;
        }
        match error.request_id() {
            Some(id) => write!(f, " (request id {id})"),
            None => Ok(()),
        }
    }
}

impl Row {
    /// Makes a call to a server that has the fault twice and responds well from then on. The call has a
    /// runtime of its own, because its clock may be paused.
    pub fn measure(&self, of: Call) -> Measured {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(self.make(of))
    }

    async fn make(&self, of: Call) -> Measured {
        let good = if of == Call::RecordInfo { RECORD } else { STARTED };
        let fault = match self.fault {
            Fault::Server(fault) => fault,
            // These never end.
            Fault::NoTls => {
                let server = FaultyServer::start(|_| Action::NoTls);
                let client = fast_client(server.url().replace("http:", "https:")).build().unwrap();
                let outcome = call(client, of).await;
                return Measured { outcome, ..Measured::of(&server) };
            }
            Fault::ClosedPort => {
                let closed = ClosedPort::new();
                let client = fast_client(format!("http://{}", closed.address())).build().unwrap();
                let outcome = call(client, of).await;
                return Measured { arrived: 0, attempts: 0, sent: 0, outcome };
            }
        };
        let mut server = FaultyServer::start(move |arrival| match arrival.number {
            0 | 1 => fault(good),
            _ => Action::Respond(json("200 OK", good)),
        });
        let client = fast_client(server.url());
        let outcome = if matches!(fault(good), Action::Silence(_) | Action::Drip(_)) {
            // Only the silence of the server moves the clock far, so nothing else can time out.
            let client = client.connect_timeout(HOUR).attempt_timeout(HOUR).timeout(24 * HOUR);
            let client = client.build().unwrap();
            let step = if matches!(fault(good), Action::Drip(_)) { HOUR / 10 } else { HOUR };
            Clock::stop().run_silent(&mut server, step, call(client, of)).await
        } else {
            call(client.build().unwrap(), of).await
        };
        Measured { outcome, ..Measured::of(&server) }
    }
}

impl Measured {
    fn of(server: &FaultyServer) -> Self {
        Self {
            arrived: server.arrived(),
            attempts: server.attempts(),
            sent: server.sent(),
            outcome: Ok(()),
        }
    }
}

fn page(status: &str) -> Vec<u8> {
    let body = format!(
        "<html>\r\n<head><title>{status}</title></head>\r\n<body>\r\n<hr><center>nginx</center>\r\n\
         </body>\r\n</html>\r\n"
    );
    response(status, "content-type: text/html\r\n", &body)
}

fn redirect(status: &str) -> Action {
    Action::Respond(response(status, "location: https://elsewhere.example/login\r\n", ""))
}

/// The shapes of error responses of the service, its gateway and IAM.
mod shape {
    pub const SNAKE: &str = r#"{"error_code":"DEV.CB.0310007","error_msg":"no such job"}"#;
    pub const CAMEL: &str = r#"{"errorCode":"DEV.CB.0310007","errorMsg":"no such job"}"#;
    pub const PLAIN: &str = r#"{"code":"DEV.CB.0310007","message":"no such job"}"#;
    pub const REASON: &str =
        r#"{"error":{"code":"DEV.CB.032011","reason":"no such job"},"status":"error"}"#;
    pub const IAM: &str =
        r#"{"error":{"code":401,"message":"The password is wrong.","title":"Unauthorized"}}"#;
    pub const QUOTED: &str =
        r#""{\"error_code\":\"DEV.CB.0310007\",\"error_msg\":\"no such job\"}""#;
    pub const NESTED: &str =
        r#"{"error_msg":"{\"error_code\":\"CB.00031006\",\"error_msg\":\"no such job\"}"}"#;
    pub const IN_RESULT: &str =
        r#"{"status":"success","result":{"error_code":"CB.00031006","error_msg":"no such job"}}"#;
    pub const IN_A_FIELD: &str =
        r#"{"detail":{"error_code":"CB.00031006","error_msg":"no such job"}}"#;
    pub const WITH_ID: &str =
        r#"{"error_code":"APIGW.0106","error_msg":"Orchestration error","request_id":"0e81"}"#;
    pub const ERROR_TEXT: &str = r#"{"error":"it broke"}"#;
    pub const FAIL: &str = r#"{"status":"fail","error":null,"result":null}"#;
    pub const FAIL_TEXT: &str = r#"{"status":"fail","message":"it broke","result":null}"#;
}

macro_rules! rows {
    ($(
        $name:ident: $title:literal, $fault:expr,
        get $get:literal $got:literal,
        post $post:literal $outcome:literal $may:literal;
    )*) => {
        /// The table in the order of its document.
        pub fn rows() -> Vec<Row> {
            vec![$(Row {
                name: stringify!($name),
                title: $title,
                fault: $fault,
                get: ($get, $got),
                post: ($post, $outcome, $may),
            }),*]
        }

        /// Passes the names of the rows to another macro.
        macro_rules! with_rows {
            ($with:ident) => { $with! { $($name)* } };
        }
        pub(crate) use with_rows;
    };
}

macro_rules! server {
    ($act:expr) => {
        Fault::Server(|_| $act)
    };
    ($good:ident, $act:expr) => {
        Fault::Server(|$good| $act)
    };
}

/// A JSON body with a status.
macro_rules! responds {
    ($status:literal, $body:expr) => {
        Fault::Server(|_| Action::Respond(json($status, $body)))
    };
}

rows! {
    // No connection.
    closed_port: "nobody listens", Fault::ClosedPort,
        get 0 "Connect",
        post 0 "Connect" false;
    no_tls: "https to a server that speaks plain http", Fault::NoTls,
        get 0 "Connect",
        post 0 "Connect" false;

    // No response.
    reset_unread: "reset before the request was read", server!(Action::ResetUnread),
        get 3 "success",
        post 1 "ConnectionLost" true;
    reset_read: "reset after the request was read", server!(Action::Reset(vec![])),
        get 3 "success",
        post 1 "ConnectionLost" true;
    closed: "closed without a response", server!(Action::Close(vec![])),
        get 3 "success",
        post 1 "ConnectionLost" true;
    silence: "silence", server!(Action::Silence(vec![])),
        get 3 "success",
        post 1 "Timeout" true;

    // Half a response.
    reset_in_head: "reset inside the head of the response",
        server!(Action::Reset(b"HTTP/1.1 200 OK\r\ncontent-le".to_vec())),
        get 3 "success",
        post 1 "ConnectionLost" true;
    closed_in_head: "closed inside the head of the response",
        server!(Action::Close(b"HTTP/1.1 200 OK\r\ncontent-le".to_vec())),
        get 3 "success",
        post 1 "ConnectionLost" true;
    cut_short: "closed inside the body of the response",
        server!(good, Action::Close(format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{good}", good.len() + 1
        ).into_bytes())),
        get 3 "success",
        post 1 "ConnectionLost 200" true;
    chunk_cut_short: "closed inside a chunk of the response",
        server!(good, Action::Close(format!(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{good}", good.len() + 1
        ).into_bytes())),
        get 3 "success",
        post 1 "ConnectionLost 200" true;
    error_cut_short: "closed inside the body of a 403",
        server!(Action::Close(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 9\r\n\r\n{".to_vec())),
        get 1 "ConnectionLost 403",
        post 1 "ConnectionLost 403" false;
    page_cut_short: "closed inside the body of a 502",
        server!(Action::Close(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 9\r\n\r\n<".to_vec())),
        get 3 "success",
        post 1 "ConnectionLost 502" true;
    silence_in_body: "silence inside the body of the response",
        server!(Action::Silence(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{".to_vec())),
        get 3 "success",
        post 1 "Timeout" true;
    drip: "single bytes, slowly",
        server!(Action::Drip(b"HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n{".to_vec())),
        get 3 "success",
        post 1 "Timeout" true;

    // More than a response.
    endless_chunks: "an endless response, in chunks",
        server!(Action::Endless(
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec(),
            format!("400\r\n{}\r\n", "x".repeat(0x400)).into_bytes(),
        )),
        get 1 "InvalidResponse 200: longer than the 65536 bytes that are read at most",
        post 1 "InvalidResponse 200: longer than the 65536 bytes that are read at most" true;
    endless_page: "an endless 502, until the connection closes",
        server!(Action::Endless(b"HTTP/1.1 502 Bad Gateway\r\n\r\n".to_vec(), vec![b'x'; 1024])),
        get 3 "success",
        post 1 "InvalidResponse 502: longer than the 65536 bytes that are read at most" true;
    too_long: "a length above the maximum response size",
        server!(Action::Endless(
            b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n".to_vec(),
            vec![b'x'; 1024],
        )),
        get 1 "InvalidResponse 200: longer than the 65536 bytes that are read at most",
        post 1 "InvalidResponse 200: longer than the 65536 bytes that are read at most" true;
    endless_head: "endless headers",
        server!(Action::Endless(b"HTTP/1.1 200 OK\r\n".to_vec(), b"x-more: more\r\n".to_vec())),
        get 3 "success",
        post 1 "ConnectionLost" true;
    garbage: "garbage before the status line",
        server!(good, Action::Close([b"\x15\x03garbage\r\n", &json("200 OK", good)[..]].concat())),
        get 3 "success",
        post 1 "ConnectionLost" true;
    two_responses: "a second response after the first",
        server!(good, Action::Close([json("200 OK", good), json("400 Bad Request", "{}")].concat())),
        get 1 "success",
        post 1 "success" false;

    // Statuses before the response, and in its place.
    continue_100: "100, then a good response",
        server!(good, Action::Respond(
            [b"HTTP/1.1 100 Continue\r\n\r\n", &json("200 OK", good)[..]].concat()
        )),
        get 1 "success",
        post 1 "success" false;
    hints_103: "103, then a good response",
        server!(good, Action::Respond([
            b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n", &json("200 OK", good)[..]
        ].concat())),
        get 1 "success",
        post 1 "success" false;
    switching_101: "101", server!(Action::Close(
            b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n".to_vec()
        )),
        get 1 "InvalidResponse 101: unexpected status: no body",
        post 1 "InvalidResponse 101: unexpected status: no body" true;

    // Throttled: nothing was done, so every request may be retried.
    throttled: "429 of the gateway", responds!("429 Too Many Requests",
            r#"{"error_code":"APIGW.0308","error_msg":"The throttling threshold has been reached"}"#),
        get 3 "success",
        post 3 "success" false;
    throttled_retry_after: "429 with `Retry-After: 1`",
        server!(Action::Respond(response("429 Too Many Requests", "retry-after: 1\r\n", ""))),
        get 3 "success",
        post 3 "success" false;
    throttled_page: "429 as a page", server!(Action::Respond(page("429 Too Many Requests"))),
        get 3 "success",
        post 3 "success" false;
    throttled_echo: "429 that echoes the token", server!(Action::Respond(response("429 Too Many Requests",
            "", &format!(r#"{{"error_msg":"x-auth-token:{CANARY}"}}"#)))),
        get 3 "success",
        post 3 "success" false;

    // Faults of gateways.
    bad_gateway: "502 as a page", server!(Action::Respond(page("502 Bad Gateway"))),
        get 3 "success",
        post 1 "InvalidResponse 502: unrecognized error response: \"502 Bad Gateway nginx\"" true;
    unavailable: "503 as a page", server!(Action::Respond(page("503 Service Unavailable"))),
        get 3 "success",
        post 1 "InvalidResponse 503: unrecognized error response: \"503 Service Unavailable nginx\"" true;
    gateway_timeout: "504 as a page", server!(Action::Respond(page("504 Gateway Time-out"))),
        get 3 "success",
        post 1 "InvalidResponse 504: unrecognized error response: \"504 Gateway Time-out nginx\"" true;
    service_error_503: "503 with an error of the service", responds!("503 Service Unavailable", shape::SNAKE),
        get 3 "success",
        post 1 "Service 503 DEV.CB.0310007: no such job" true;
    service_error_504: "504 with an error of the gateway", responds!("504 Gateway Timeout",
            r#"{"error_code":"APIGW.0201","error_msg":"Backend timeout","request_id":"0e81"}"#),
        get 3 "success",
        post 1 "Service 504 APIGW.0201: Backend timeout (request id 0e81)" true;

    // Service errors.
    unauthorized: "401 of the gateway", responds!("401 Unauthorized",
            r#"{"error_msg":"Incorrect IAM authentication information: decrypt token fail","error_code":"APIGW.0301","request_id":"0e81"}"#),
        get 1 "Service 401 APIGW.0301: Incorrect IAM authentication information: decrypt token fail (request id 0e81)",
        post 1 "Service 401 APIGW.0301: Incorrect IAM authentication information: decrypt token fail (request id 0e81)" false;
    echo: "401 that echoes the token", server!(Action::Respond(response("401 Unauthorized",
            &format!("x-request-id: {CANARY}\r\n"),
            &format!(r#"{{"error_code":"APIGW.0301","error_msg":"verify fail, x-auth-token:{CANARY}"}}"#)))),
        get 1 "Service 401 APIGW.0301: verify fail, x-auth-token:[redacted] (request id [redacted])",
        post 1 "Service 401 APIGW.0301: verify fail, x-auth-token:[redacted] (request id [redacted])" false;
    bad_request: "400 with an error of the service", responds!("400 Bad Request", shape::SNAKE),
        get 1 "Service 400 DEV.CB.0310007: no such job",
        post 1 "Service 400 DEV.CB.0310007: no such job" false;
    forbidden: "403 with a request id in a header", server!(Action::Respond(
            response("403 Forbidden", "x-request-id: 0e81\r\n", shape::SNAKE))),
        get 1 "Service 403 DEV.CB.0310007: no such job (request id 0e81)",
        post 1 "Service 403 DEV.CB.0310007: no such job (request id 0e81)" false;
    not_found: "404 with an error of the service", responds!("404 Not Found", shape::SNAKE),
        get 1 "Service 404 DEV.CB.0310007: no such job",
        post 1 "Service 404 DEV.CB.0310007: no such job" false;
    no_route: "404 of the gateway", responds!("404 Not Found",
            r#"{"error_code":"APIGW.0101","error_msg":"The API does not exist","request_id":"0e81"}"#),
        get 1 "Service 404 APIGW.0101: The API does not exist; the endpoint has no such operation: it is a wrong one, or the region does not offer the operation; try Client::with_api_version(ApiVersion::V1) (request id 0e81)",
        post 1 "Service 404 APIGW.0101: The API does not exist; the endpoint has no such operation: it is a wrong one, or the region does not offer the operation; try Client::with_api_version(ApiVersion::V1) (request id 0e81)" false;
    too_large: "413 as a page", server!(Action::Respond(page("413 Request Entity Too Large"))),
        get 1 "Service 413: unrecognized error response: \"413 Request Entity Too Large nginx\"",
        post 1 "Service 413: unrecognized error response: \"413 Request Entity Too Large nginx\"" false;
    no_such_job: "422 for a job that does not exist", responds!("422 Unprocessable Entity",
            r#"{"error_code":"DEVCB.00031006","error_msg":"no such job"}"#),
        get 1 "Service 422 DEVCB.00031006: no such job",
        post 1 "Service 422 DEVCB.00031006: no such job" false;
    header_too_large: "494 as a page", server!(Action::Respond(page("494 Request Header Too Large"))),
        get 1 "Service 494: unrecognized error response: \"494 Request Header Too Large nginx\"",
        post 1 "Service 494: unrecognized error response: \"494 Request Header Too Large nginx\"" false;
    service_error_500: "500 with an error of the service", responds!("500 Internal Server Error", shape::SNAKE),
        get 1 "Service 500 DEV.CB.0310007: no such job",
        post 1 "Service 500 DEV.CB.0310007: no such job" true;
    page_500: "500 as a page", server!(Action::Respond(page("500 Internal Server Error"))),
        get 1 "InvalidResponse 500: unrecognized error response: \"500 Internal Server Error nginx\"",
        post 1 "InvalidResponse 500: unrecognized error response: \"500 Internal Server Error nginx\"" true;

    // What proves that a request had no effect, and what does not.
    request_timeout: "408 as a page", server!(Action::Respond(page("408 Request Timeout"))),
        get 3 "success",
        post 1 "Service 408: unrecognized error response: \"408 Request Timeout nginx\"" true;
    too_early: "425 as a page", server!(Action::Respond(page("425 Too Early"))),
        get 3 "success",
        post 1 "Service 425: unrecognized error response: \"425 Too Early nginx\"" true;
    client_closed: "499 as a page", server!(Action::Respond(page("499 Client Closed Request"))),
        get 3 "success",
        post 1 "Service 499: unrecognized error response: \"499 Client Closed Request nginx\"" true;
    network_busy: "500 `CB.00060100`, network busy", responds!("500 Internal Server Error",
            r#"{"error_code":"CB.00060100","error_msg":"busy"}"#),
        get 3 "success",
        post 1 "Service 500 CB.00060100: busy" true;
    internal_error: "500 `CB.00060101`, internal error", responds!("500 Internal Server Error",
            r#"{"error_code":"CB.00060101","error_msg":"internal"}"#),
        get 1 "Service 500 CB.00060101: internal",
        post 1 "Service 500 CB.00060101: internal" true;
    not_accepted: "500 `CB.00060200`, invalid parameter", responds!("500 Internal Server Error",
            r#"{"error_code":"CB.00060200","error_msg":"invalid"}"#),
        get 1 "Service 500 CB.00060200: invalid",
        post 1 "Service 500 CB.00060200: invalid" false;
    throttled_500: "500 `CB.00060211`, too many requests", responds!("500 Internal Server Error",
            r#"{"error_code":"CB.00060211","error_msg":"too many"}"#),
        get 3 "success",
        post 3 "success" false;
    throttled_200: "200 `CB.00060211`, too many requests", responds!("200 OK",
            r#"{"error_code":"CB.00060211","error_msg":"too many"}"#),
        get 3 "success",
        post 3 "success" false;
    framework: "500 of a framework", responds!("500 Internal Server Error",
            r#"{"message":"Internal server error"}"#),
        get 1 "Service 500: Internal server error",
        post 1 "Service 500: Internal server error" true;
    mesh: "503 of a mesh", responds!("503 Service Unavailable",
            r#"{"message":"upstream connect error","code":503}"#),
        get 3 "success",
        post 1 "Service 503 503: upstream connect error" true;
    status_520: "520 as a page", server!(Action::Respond(page("520 Unknown Error"))),
        get 1 "InvalidResponse 520: unrecognized error response: \"520 Unknown Error nginx\"",
        post 1 "InvalidResponse 520: unrecognized error response: \"520 Unknown Error nginx\"" true;
    backend_timeout: "200 with an error of the gateway", responds!("200 OK",
            r#"{"error_code":"APIGW.0201","error_msg":"Backend timeout"}"#),
        get 1 "Service 200 APIGW.0201: Backend timeout",
        post 1 "Service 200 APIGW.0201: Backend timeout" true;
    proof_and_error: "200 with an error beside proof", responds!("200 OK",
            r#"{"actual_build_number":20,"build_no":20,"error_code":"CB.00060200","error_msg":"invalid"}"#),
        get 1 "Service 200 CB.00060200: invalid; the response also has build_no 20",
        post 1 "Service 200 CB.00060200: invalid; the response also has actual_build_number 20" true;
    proof_and_blank: "200 with blank errors beside proof", responds!("200 OK",
            r#"{"actual_build_number":20,"build_no":20,"error_code":0,"error":{},"code":"200","message":"ok"}"#),
        get 1 "success",
        post 1 "success" false;
    no_proof: "200 `success` without proof", responds!("200 OK", r#"{"status":"success"}"#),
        get 1 "InvalidResponse 200: not the documented response, which has build_no or build_record_id: \"{\\\"status\\\":\\\"success\\\"}\"",
        post 1 "InvalidResponse 200: not the documented response, which has actual_build_number: \"{\\\"status\\\":\\\"success\\\"}\"" true;

    // Service errors with the status of a success, and the same with an error status.
    snake_200: "200 `error_code`, `error_msg`", responds!("200 OK", shape::SNAKE),
        get 1 "Service 200 DEV.CB.0310007: no such job",
        post 1 "Service 200 DEV.CB.0310007: no such job" false;
    camel_200: "200 `errorCode`, `errorMsg`", responds!("200 OK", shape::CAMEL),
        get 1 "Service 200 DEV.CB.0310007: no such job",
        post 1 "Service 200 DEV.CB.0310007: no such job" false;
    camel_400: "400 `errorCode`, `errorMsg`", responds!("400 Bad Request", shape::CAMEL),
        get 1 "Service 400 DEV.CB.0310007: no such job",
        post 1 "Service 400 DEV.CB.0310007: no such job" false;
    plain_200: "200 `code`, `message`", responds!("200 OK", shape::PLAIN),
        get 1 "Service 200 DEV.CB.0310007: no such job",
        post 1 "Service 200 DEV.CB.0310007: no such job" false;
    plain_400: "400 `code`, `message`", responds!("400 Bad Request", shape::PLAIN),
        get 1 "Service 400 DEV.CB.0310007: no such job",
        post 1 "Service 400 DEV.CB.0310007: no such job" false;
    reason_200: "200 `code`, `reason` in `error`", responds!("200 OK", shape::REASON),
        get 1 "Service 200 DEV.CB.032011: no such job",
        post 1 "Service 200 DEV.CB.032011: no such job" false;
    reason_400: "400 `code`, `reason` in `error`", responds!("400 Bad Request", shape::REASON),
        get 1 "Service 400 DEV.CB.032011: no such job",
        post 1 "Service 400 DEV.CB.032011: no such job" false;
    iam_200: "200 of IAM, with a number for a code", responds!("200 OK", shape::IAM),
        get 1 "Service 200 401: The password is wrong.",
        post 1 "Service 200 401: The password is wrong." true;
    iam_400: "400 of IAM, with a number for a code", responds!("400 Bad Request", shape::IAM),
        get 1 "Service 400 401: The password is wrong.",
        post 1 "Service 400 401: The password is wrong." false;
    quoted_200: "200 with an error as JSON in a JSON string", responds!("200 OK", shape::QUOTED),
        get 1 "Service 200 DEV.CB.0310007: no such job",
        post 1 "Service 200 DEV.CB.0310007: no such job" true;
    quoted_400: "400 with an error as JSON in a JSON string", responds!("400 Bad Request", shape::QUOTED),
        get 1 "Service 400 DEV.CB.0310007: no such job",
        post 1 "Service 400 DEV.CB.0310007: no such job" false;
    nested_200: "200 with an error as JSON in `error_msg`", responds!("200 OK", shape::NESTED),
        get 1 "InvalidResponse 200: not the documented response, which has build_no or build_record_id: \"{\\\"error_msg\\\":\\\"{\\\\\\\"error_code\\\\\\\":\\\\\\\"CB.00031006\\\\\\\",\\\\\\\"error_msg\\\\\\\":\\\\\\\"no such job\\\\\\\"}\\\"}\"",
        post 1 "InvalidResponse 200: not the documented response, which has actual_build_number: \"{\\\"error_msg\\\":\\\"{\\\\\\\"error_code\\\\\\\":\\\\\\\"CB.00031006\\\\\\\",\\\\\\\"error_msg\\\\\\\":\\\\\\\"no such job\\\\\\\"}\\\"}\"" true;
    nested_400: "400 with an error as JSON in `error_msg`", responds!("400 Bad Request", shape::NESTED),
        get 1 "Service 400 CB.00031006: no such job",
        post 1 "Service 400 CB.00031006: no such job" false;
    in_result_200: "200 with an error in `result`", responds!("200 OK", shape::IN_RESULT),
        get 1 "Service 200 CB.00031006: no such job",
        post 1 "Service 200 CB.00031006: no such job" false;
    in_result_400: "400 with an error in `result`", responds!("400 Bad Request", shape::IN_RESULT),
        get 1 "Service 400 CB.00031006: no such job",
        post 1 "Service 400 CB.00031006: no such job" false;
    in_a_field_200: "200 with an error in a field of any name", responds!("200 OK", shape::IN_A_FIELD),
        get 1 "InvalidResponse 200: not the documented response, which has build_no or build_record_id: \"{\\\"detail\\\":{\\\"error_code\\\":\\\"CB.00031006\\\",\\\"error_msg\\\":\\\"no such job\\\"}}\"",
        post 1 "InvalidResponse 200: not the documented response, which has actual_build_number: \"{\\\"detail\\\":{\\\"error_code\\\":\\\"CB.00031006\\\",\\\"error_msg\\\":\\\"no such job\\\"}}\"" true;
    in_a_field_400: "400 with an error in a field of any name",
        responds!("400 Bad Request", shape::IN_A_FIELD),
        get 1 "Service 400 CB.00031006: no such job",
        post 1 "Service 400 CB.00031006: no such job" false;
    with_id_200: "200 with a `request_id`", responds!("200 OK", shape::WITH_ID),
        get 1 "Service 200 APIGW.0106: Orchestration error (request id 0e81)",
        post 1 "Service 200 APIGW.0106: Orchestration error (request id 0e81)" true;
    with_id_400: "400 with a `request_id`", responds!("400 Bad Request", shape::WITH_ID),
        get 1 "Service 400 APIGW.0106: Orchestration error (request id 0e81)",
        post 1 "Service 400 APIGW.0106: Orchestration error (request id 0e81)" false;
    error_text_200: "200 with a string as `error`", responds!("200 OK", shape::ERROR_TEXT),
        get 1 "Service 200: it broke",
        post 1 "Service 200: it broke" true;
    error_text_400: "400 with a string as `error`", responds!("400 Bad Request", shape::ERROR_TEXT),
        get 1 "Service 400: it broke",
        post 1 "Service 400: it broke" false;
    fail_200: "200 that failed with no other information", responds!("200 OK", shape::FAIL),
        get 1 "Service 200: no reason given",
        post 1 "Service 200: no reason given" true;
    fail_400: "400 that failed with no other information", responds!("400 Bad Request", shape::FAIL),
        get 1 "Service 400: unrecognized error response: \"{\\\"status\\\":\\\"fail\\\",\\\"error\\\":null,\\\"result\\\":null}\"",
        post 1 "Service 400: unrecognized error response: \"{\\\"status\\\":\\\"fail\\\",\\\"error\\\":null,\\\"result\\\":null}\"" false;
    fail_text_200: "200 that failed with a message", responds!("200 OK", shape::FAIL_TEXT),
        get 1 "Service 200: it broke",
        post 1 "Service 200: it broke" true;
    fail_text_400: "400 that failed with a message", responds!("400 Bad Request", shape::FAIL_TEXT),
        get 1 "Service 400: it broke",
        post 1 "Service 400: it broke" false;

    // No response of this service.
    page_200: "200 as a page", server!(Action::Respond(page("200 OK"))),
        get 1 "InvalidResponse 200: not JSON: \"200 OK nginx\"",
        post 1 "InvalidResponse 200: not JSON: \"200 OK nginx\"" true;
    nothing_200: "200 with nothing", responds!("200 OK", ""),
        get 1 "InvalidResponse 200: not JSON: no body",
        post 1 "InvalidResponse 200: not JSON: no body" true;
    half_200: "200 with incomplete JSON", responds!("200 OK", r#"{"status":"succ"#),
        get 1 "InvalidResponse 200: not JSON: \"{\\\"status\\\":\\\"succ\"",
        post 1 "InvalidResponse 200: not JSON: \"{\\\"status\\\":\\\"succ\"" true;
    list_200: "200 with a list", responds!("200 OK", "[1]"),
        get 1 "InvalidResponse 200: not the documented response, which has build_no or build_record_id: \"[1]\"",
        post 1 "InvalidResponse 200: not the documented response, which has actual_build_number: \"[1]\"" true;
    null_200: "200 with null", responds!("200 OK", "null"),
        get 1 "InvalidResponse 200: not the documented response, which has build_no or build_record_id: \"null\"",
        post 1 "InvalidResponse 200: not the documented response, which has actual_build_number: \"null\"" true;
    unrelated_200: "200 with an unrelated object", responds!("200 OK", r#"{"hello":"world"}"#),
        get 1 "InvalidResponse 200: not the documented response, which has build_no or build_record_id: \"{\\\"hello\\\":\\\"world\\\"}\"",
        post 1 "InvalidResponse 200: not the documented response, which has actual_build_number: \"{\\\"hello\\\":\\\"world\\\"}\"" true;
    nulls_200: "200 with nulls for everything", responds!("200 OK",
            r#"{"status":"success","error":null,"result":null,"actual_build_number":null}"#),
        get 1 "InvalidResponse 200: not the documented response, which has build_no or build_record_id: \"{\\\"status\\\":\\\"success\\\",\\\"error\\\":null,\\\"result\\\":null,\\\"actual_build_number\\\":null}\"",
        post 1 "InvalidResponse 200: not the documented response, which has actual_build_number: \"{\\\"status\\\":\\\"success\\\",\\\"error\\\":null,\\\"result\\\":null,\\\"actual_build_number\\\":null}\"" true;
    created: "201 with a good response", server!(good, Action::Respond(json("201 Created", good))),
        get 1 "success",
        post 1 "success" false;
    accepted: "202 with a good response", server!(good, Action::Respond(json("202 Accepted", good))),
        get 1 "success",
        post 1 "success" false;
    no_content: "204", server!(Action::Respond(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec())),
        get 1 "InvalidResponse 204: not JSON: no body",
        post 1 "InvalidResponse 204: not JSON: no body" true;
    no_length: "a good response without a length", server!(good, Action::Close(
            format!("HTTP/1.1 200 OK\r\n\r\n{good}").into_bytes())),
        get 1 "success",
        post 1 "success" false;
    http_1_0: "a good response in HTTP/1.0", server!(good, Action::Close(
            format!("HTTP/1.0 200 OK\r\n\r\n{good}").into_bytes())),
        get 1 "success",
        post 1 "success" false;

    // Redirects, none of which is followed.
    moved_301: "301", server!(redirect("301 Moved Permanently")),
        get 1 "InvalidResponse 301: a redirect to \"https://elsewhere.example/login\", which is not followed",
        post 1 "InvalidResponse 301: a redirect to \"https://elsewhere.example/login\", which is not followed" true;
    found_302: "302", server!(redirect("302 Found")),
        get 1 "InvalidResponse 302: a redirect to \"https://elsewhere.example/login\", which is not followed",
        post 1 "InvalidResponse 302: a redirect to \"https://elsewhere.example/login\", which is not followed" true;
    see_other_303: "303", server!(redirect("303 See Other")),
        get 1 "InvalidResponse 303: a redirect to \"https://elsewhere.example/login\", which is not followed",
        post 1 "InvalidResponse 303: a redirect to \"https://elsewhere.example/login\", which is not followed" true;
    temporary_307: "307", server!(redirect("307 Temporary Redirect")),
        get 1 "InvalidResponse 307: a redirect to \"https://elsewhere.example/login\", which is not followed",
        post 1 "InvalidResponse 307: a redirect to \"https://elsewhere.example/login\", which is not followed" true;
    permanent_308: "308", server!(redirect("308 Permanent Redirect")),
        get 1 "InvalidResponse 308: a redirect to \"https://elsewhere.example/login\", which is not followed",
        post 1 "InvalidResponse 308: a redirect to \"https://elsewhere.example/login\", which is not followed" true;
    not_modified_304: "304 to a request without conditions", server!(Action::Respond(b"HTTP/1.1 304 Not Modified\r\n\r\n".to_vec())),
        get 1 "InvalidResponse 304: a redirect, which is not followed",
        post 1 "InvalidResponse 304: a redirect, which is not followed" true;
}
