//! Runs of the example in an environment of a test, and the services that it names.

use super::*;
use httpmock::HttpMockRequest;
use std::{env, fs, path::PathBuf};

/// A service that starts build 7 for every request that passes the check, and reports its success.
pub fn service(passes: impl Fn(&HttpMockRequest) -> bool + Send + Sync + 'static) -> MockServer {
    let server = MockServer::start();
    server.mock(|_, then| {
        then.respond_with(move |request| {
            let (status, body) = match (passes(request), request.method().as_str()) {
                (false, _) => {
                    (401, json!({ "error_code": "APIGW.0301", "error_msg": "not authenticated" }))
                }
                (true, "POST") => (200, json!({ "actual_build_number": "7" })),
                (true, _) => (200, json!({ "result": { "build_no": 7, "status": "SUCCESS" } })),
            };
            respond(status, body)
        });
    });
    server
}

pub fn header(request: &HttpMockRequest, name: &str) -> String {
    let headers = request.headers();
    headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
}

/// Whether the request is signed with the key of these tests, for their project.
pub fn signed(request: &HttpMockRequest) -> bool {
    let verified = verifier::verify(&raw(request), SECRET_KEY.as_bytes());
    let ours = verified.is_ok_and(|verified| verified.access_key == ACCESS_KEY);
    ours && header(request, "x-project-id") == PROJECT
}

/// An IAM that returns the project of the region cn-north-4 for signed requests.
pub fn projects() -> MockServer {
    let iam = MockServer::start();
    iam.mock(|when, then| {
        when.path("/v3/projects")
            .query_param("name", "cn-north-4")
            .is_true(|request| verifier::verify(&raw(request), SECRET_KEY.as_bytes()).is_ok());
        then.status(200).json_body(json!({ "projects": [{ "id": PROJECT }] }));
    });
    iam
}

/// The temporary key of these tests, as the metadata service gives it.
pub fn temporary_key(ends: &str) -> Value {
    json!({ "credential": {
        "access": ACCESS_KEY,
        "secret": SECRET_KEY,
        "securitytoken": CANARY,
        "expires_at": ends,
    }})
}

/// A file that exists during a test.
pub struct File(pub PathBuf);

impl File {
    pub fn new(name: &str, text: &str) -> Self {
        let path = env::temp_dir().join(format!("codearts-build-{}-{name}", std::process::id()));
        fs::write(&path, text).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[track_caller]
pub fn succeeds(server: &MockServer, environment: &[(&str, &str)]) {
    let endpoint = server.base_url();
    let mut all = vec![("CODEARTS_BUILD_ENDPOINT", &*endpoint)];
    all.extend(environment);
    let (code, out, err) = run_build(&[JOB], &all);
    assert_eq!((code, &*err), (0, ""), "{out}");
    assert!(out.contains("Build 7 succeeded"), "{out}");
}

#[track_caller]
pub fn fails(environment: &[(&str, &str)]) -> String {
    let mut all = vec![("CODEARTS_BUILD_ENDPOINT", "http://127.0.0.1:1")];
    all.extend(environment);
    let (code, out, err) = run_build(&[JOB], &all);
    assert_eq!(code, 2, "{out}");
    assert!(!err.contains("canary"), "{err}");
    err
}
