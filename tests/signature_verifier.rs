//! Promise: the verifier of other tests accepts the published signatures and nothing else.

use crate::support::verifier::verify;

const SECRET: &[u8] = b"SKEXAMPLE0000000000000000000000000000000A";
const AUTO_EXECUTE: &str = r#"{"event_type":"push","ref":"refs/heads/master","after":"2fdc0170f0d540ae952c03ee6cabae3a8943d16a","before":"5c749465b14af7368b09945ed56942d54bc0b40d"}"#;
const RUN_JOB: &str = r#"{"job_id":"f9d6c8466d614a9788e9a0acf6c15f46","parameter":[{"name":"codeBranch","value":"master"}],"scm":{"build_commit_id":"build_commit_id"}}"#;

fn auto_execute() -> String {
    post(
        "/v1/job/f9d6c8466d614a9788e9a0acf6c15f46/auto-execute",
        "45aa932d21bd11bf54224c8073b481274a3ffeb9a391b08ba07062513c8ae796",
        AUTO_EXECUTE,
    )
}

fn run_job() -> String {
    post(
        "/v3/jobs/build",
        "ec7b1f96ff1cb3373e73b1f12f4f909b501ec04cc2d68523a2bccd63734a92dd",
        RUN_JOB,
    )
}

fn post(path: &str, signature: &str, body: &str) -> String {
    [
        &format!("POST {path} HTTP/1.1"),
        "Accept: */*",
        "Content-Type: application/json",
        "HOST:cloudbuild-ext.cn-north-4.myhuaweicloud.com",
        "x-project-id: \t0123456789abcdef0123456789abcdef ",
        "X-Sdk-Date: 20240102T030405Z",
        &format!(
            "Authorization: SDK-HMAC-SHA256 Access=AKIDEXAMPLE00000000A, \
             SignedHeaders=content-type;host;x-project-id;x-sdk-date, Signature={signature}"
        ),
        &format!("content-length: {}", body.len()),
        "",
        body,
    ]
    .join("\r\n")
}

/// The vendor's published example.
fn vpcs() -> String {
    [
        "GET /v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs?limit=2&marker=13551d6b-755d-4757-b956-536f674975c0 HTTP/1.1",
        "Host: service.region.example.com",
        "Content-Type: application/json",
        "X-Sdk-Date: 20191115T033655Z",
        "Authorization: SDK-HMAC-SHA256 Access=QTWAOYTTINDUT2QVKYUC, \
         SignedHeaders=content-type;host;x-sdk-date, \
         Signature=7be6668032f70418fcc22abc52071e57aff61b84a1d2381bb430d6870f4f6ebe",
        "",
        "",
    ]
    .join("\r\n")
}
const VPCS_SECRET: &[u8] = b"MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc";

#[test]
fn the_published_signatures_are_valid() {
    for request in [auto_execute(), run_job()] {
        let verified = verify(request.as_bytes(), SECRET).unwrap();
        assert_eq!(verified.access_key, "AKIDEXAMPLE00000000A");
        assert_eq!(verified.signed_headers, ["content-type", "host", "x-project-id", "x-sdk-date"]);
        assert_eq!(verified.date, "20240102T030405Z");
    }
    let verified = verify(vpcs().as_bytes(), VPCS_SECRET).unwrap();
    assert_eq!(verified.access_key, "QTWAOYTTINDUT2QVKYUC");
    assert_eq!(verified.signed_headers, ["content-type", "host", "x-sdk-date"]);
    assert_eq!(verified.date, "20191115T033655Z");
}

#[test]
fn another_spelling_of_the_same_request_is_valid() {
    let path = "/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs";
    let (limit, marker) = ("limit=2", "marker=13551d6b-755d-4757-b956-536f674975c0");
    let target = format!("{path}?{limit}&{marker}");
    for respelled in [
        format!("{path}?{marker}&{limit}"),
        format!("{path}/?&{limit}&&{marker}&"),
        format!("{path}?%6cimit=%32&{marker}"),
        format!("/%761/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs?{limit}&{marker}"),
    ] {
        let request = vpcs();
        assert!(request.contains(&target));
        verify(request.replace(&target, &respelled).as_bytes(), VPCS_SECRET).unwrap();
    }
}

#[test]
fn any_change_makes_a_signature_invalid() {
    let signature = "the signature is";
    let changes = [
        // The request line.
        ("POST ", "PUT ", signature),
        ("/v3/jobs/build ", "/v3/jobs/built ", signature),
        ("/v3/jobs/build ", "/v3/jobs/build// ", signature),
        ("/v3/jobs/build ", "/v3/jobs%2Fbuild ", signature),
        ("/v3/jobs/build ", "/v3/jobs/build?dry=1 ", signature),
        ("/v3/jobs/build ", "https://other/v3/jobs/build ", "not a path"),
        ("HTTP/1.1", "HTTP/1.0", "not a request line"),
        // The headers.
        ("application/json", "text/plain", signature),
        ("cn-north-4", "cn-north-1", signature),
        ("myhuaweicloud.com", "myhuaweicloud.com:443", signature),
        ("\t0123", "\t1123", signature),
        ("x-project-id: ", "x-project-id: 1\r\nx-project-id: ", signature),
        ("20240102T030405Z", "20240102T030406Z", signature),
        ("20240102T030405Z", "2024-01-02T03:04:05Z", "not a date"),
        ("X-Sdk-Date: ", "X-Date: ", "not there"),
        ("Accept:", "X-Security-Token:", "not signed"),
        ("Accept:", "Acc ept:", "not a header"),
        // The body.
        ("\"master\"", "\"mastes\"", signature),
        ("\"master\"", "\"main\"", "bytes instead of"),
        ("content-length: 1", "content-length: 2", "bytes instead of"),
        ("Accept: */*", "Transfer-Encoding: chunked", "chunks"),
        // The authorization.
        ("=content-type;host;x-project-id", "=host;x-project-id", "not signed"),
        ("=content-type;host;x-project-id", "=accept;content-type;host;x-project-id", signature),
        ("=content-type;host;x-project-id", "=host;content-type;x-project-id", "not sorted"),
        ("=content-type;host;x-project-id", "=content-type;host;via;x-project-id", "not there"),
        ("92dd\r\n", "92de\r\n", signature),
        ("92dd\r\n", "92dd,\r\n", signature),
        ("SDK-HMAC-SHA256 ", "SDK-HMAC-SM3 ", "not such an authorization"),
        ("Access=AKID", "Access=AKID, ", "not such an authorization"),
        ("Authorization: ", "X-Authorization: ", "not exactly one Authorization"),
        ("Accept: */*", "Authorization: Basic dTpw", "not exactly one Authorization"),
    ];
    for (from, to, reason) in changes {
        let request = run_job();
        assert!(request.contains(from), "{from:?}");
        let error = verify(request.replace(from, to).as_bytes(), SECRET).unwrap_err();
        assert!(error.contains(reason), "{from:?} to {to:?}: {error}");
    }
    assert!(verify(run_job().as_bytes(), VPCS_SECRET).unwrap_err().contains(signature));
}

#[test]
fn a_malformed_request_is_invalid() {
    let request = run_job();
    for length in 0..request.len() {
        verify(&request.as_bytes()[..length], SECRET).unwrap_err();
    }
    verify((request + "\n").as_bytes(), SECRET).unwrap_err();
    verify(b"\xff\r\n\r\n", SECRET).unwrap_err();
}
