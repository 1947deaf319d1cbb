//! Promise: the environment alone says who is calling, in a documented order, and what is wrong with
//! it is named. Each test runs the example in an environment of its own.

mod support;
#[path = "support/verifier.rs"]
mod verifier;

use httpmock::{HttpMockRequest, HttpMockResponse, MockServer};
use serde_json::json;
use std::{env, fs, path::PathBuf};
use support::*;

const ACCESS_KEY: &str = "AKIDEXAMPLE00000000A";
const SECRET_KEY: &str = "canary-SKEXAMPLE00000000000000000000";
const PROJECT: &str = "0123456789abcdef0123456789abcdef";

/// A service that starts build 7 for whoever passes, and knows it to be a success.
fn service(passes: impl Fn(&HttpMockRequest) -> bool + Send + Sync + 'static) -> MockServer {
    let server = MockServer::start();
    server.mock(|_, then| {
        then.respond_with(move |request| {
            let (status, body) = match (passes(request), request.method().as_str()) {
                (false, _) => {
                    (401, json!({ "error_code": "APIGW.0301", "error_msg": "who is it?" }))
                }
                (true, "POST") => (200, json!({ "actual_build_number": "7" })),
                (true, _) => (200, json!({ "result": { "status": "SUCCESS" } })),
            };
            HttpMockResponse::builder().status(status).body(body.to_string()).build()
        });
    });
    server
}

fn header(request: &HttpMockRequest, name: &str) -> String {
    let headers = request.headers();
    headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
}

/// Whether the request is signed with the key of these tests, for their project.
fn signed(request: &HttpMockRequest) -> bool {
    let verified = verifier::verify(&raw(request), SECRET_KEY.as_bytes());
    let ours = verified.is_ok_and(|verified| verified.access_key == ACCESS_KEY);
    ours && header(request, "x-project-id") == PROJECT
}

/// A file that is there for the time of a test.
struct Profile(PathBuf);

impl Profile {
    fn new(name: &str, text: &str) -> Self {
        let path = env::temp_dir().join(format!("codearts-build-{}-{name}", std::process::id()));
        fs::write(&path, text).unwrap();
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Profile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[track_caller]
fn succeeds(server: &MockServer, environment: &[(&str, &str)]) {
    let endpoint = server.base_url();
    let mut all = vec![("CODEARTS_BUILD_ENDPOINT", &*endpoint)];
    all.extend(environment);
    let (code, out, err) = run_build(&[JOB], &all);
    assert_eq!((code, &*err), (0, ""), "{out}");
    assert!(out.contains("Build 7 succeeded"), "{out}");
}

#[track_caller]
fn fails(environment: &[(&str, &str)]) -> String {
    let mut all = vec![("CODEARTS_BUILD_ENDPOINT", "http://127.0.0.1:1")];
    all.extend(environment);
    let (code, out, err) = run_build(&[JOB], &all);
    assert_eq!(code, 2, "{out}");
    assert!(!err.contains("canary"), "{err}");
    err
}

#[test]
fn a_token() {
    let server = service(|request| header(request, "x-auth-token") == CANARY);
    succeeds(&server, &[("CODEARTS_BUILD_TOKEN", CANARY)]);
    // It comes before everything else.
    succeeds(&server, &[("CODEARTS_BUILD_TOKEN", CANARY), ("HUAWEICLOUD_SDK_AK", "half a pair")]);
}

#[test]
fn the_access_key_of_the_official_sdks_or_of_the_pages() {
    let server = service(signed);
    let project = ("HUAWEICLOUD_SDK_PROJECT_ID", PROJECT);
    let sdk = [("HUAWEICLOUD_SDK_AK", ACCESS_KEY), ("HUAWEICLOUD_SDK_SK", SECRET_KEY), project];
    succeeds(&server, &sdk);
    succeeds(&server, &[("CLOUD_SDK_AK", ACCESS_KEY), ("CLOUD_SDK_SK", SECRET_KEY), project]);
    // It comes before a user's password.
    let user = ("OS_USERNAME", "half a login");
    succeeds(&server, &[sdk[0], sdk[1], sdk[2], user]);

    let temporary =
        service(|request| signed(request) && header(request, "x-security-token") == CANARY);
    succeeds(&temporary, &[sdk[0], sdk[1], sdk[2], ("HUAWEICLOUD_SDK_SECURITY_TOKEN", CANARY)]);

    let err = fails(&[sdk[0], project]);
    assert!(err.contains("HUAWEICLOUD_SDK_AK is set, but HUAWEICLOUD_SDK_SK is not"), "{err}");
    let err = fails(&[("HUAWEICLOUD_SDK_AK", "a b"), sdk[1], project]);
    assert!(err.contains("HUAWEICLOUD_SDK_AK: the access key has white space"), "{err}");
    let err = fails(&[sdk[0], ("HUAWEICLOUD_SDK_SK", "canary\n"), project]);
    assert!(err.contains("the secret key has a line break"), "{err}");
    // Without a project, and without a region to look it up in.
    let err = fails(&[sdk[0], sdk[1]]);
    assert!(err.contains("project id: neither it nor the region is set"), "{err}");
}

#[test]
fn a_users_password() {
    let iam = MockServer::start();
    let login = iam.mock(|when, then| {
        when.path("/v3/auth/tokens").json_body_includes(
            json!({ "auth": {
                "identity": { "password": { "user": {
                    "name": "me", "password": "canary-password", "domain": { "name": "us" },
                }}},
                "scope": { "project": { "name": "cn-north-4" } },
            }})
            .to_string(),
        );
        then.status(201)
            .header("x-subject-token", "canary-token")
            .json_body(json!({ "token": {} }));
    });
    let server = service(|request| header(request, "x-auth-token") == "canary-token");
    let url = format!("{}/v3/", iam.base_url());
    let user = [
        ("OS_AUTH_URL", &*url),
        ("OS_USERNAME", "me"),
        ("OS_PASSWORD", "canary-password"),
        ("OS_USER_DOMAIN_NAME", "us"),
    ];
    let with = |more: (&'static str, &'static str)| [&user[..], &[more]].concat();
    succeeds(&server, &with(("OS_PROJECT_NAME", "cn-north-4")));
    // The region's own project has its name.
    succeeds(&server, &with(("CODEARTS_BUILD_REGION", "cn-north-4")));
    login.assert_calls(2);

    let err = fails(&user[..3]);
    assert!(err.contains("OS_PASSWORD is set, but OS_USER_DOMAIN_NAME is not"), "{err}");
    let err = fails(&user[..2]);
    assert!(err.contains("OS_USERNAME is set, but OS_PASSWORD is not"), "{err}");
    let err = fails(&user);
    assert!(err.contains("project of the login: neither it nor the region is set"), "{err}");
    let mut wrong = with(("OS_PROJECT_NAME", "cn-north-4"));
    wrong[2].1 = "canary-wrong";
    let err = fails(&wrong);
    assert!(err.contains("no usable credential, status 404: logging in at IAM: "), "{err}");
}

#[test]
fn a_profile() {
    let server = service(signed);
    let profile = Profile::new(
        "good",
        &format!(
            "# a comment\n[other]\nak = no\n\n[basic]\r\nak = {ACCESS_KEY}\r\n; another\n\
             sk={SECRET_KEY}\nproject_id = {PROJECT}\nunknown = 1\n[more]\nsk = no\n"
        ),
    );
    succeeds(&server, &[("HUAWEICLOUD_SDK_CREDENTIALS_FILE", profile.path())]);

    for (name, text, message) in [
        ("half", "[basic]\nak = AK\n", "[basic] has no sk"),
        ("odd", "[basic]\nak = A K\nsk = canary\n", "the access key has white space at position 2"),
        ("none", "[other]\nak = AK\n", "looked at CODEARTS_BUILD_TOKEN"),
    ] {
        let profile = Profile::new(name, text);
        let err = fails(&[("HUAWEICLOUD_SDK_CREDENTIALS_FILE", profile.path())]);
        assert!(err.contains(message) && err.contains(profile.path()), "{err}");
    }
    let err = fails(&[("HUAWEICLOUD_SDK_CREDENTIALS_FILE", "/nowhere/at/all")]);
    assert!(err.contains("profile /nowhere/at/all: cannot be read"), "{err}");

    // The usual place, below the home directory.
    let home = env::temp_dir().join(format!("codearts-build-{}-home", std::process::id()));
    fs::create_dir_all(home.join(".huaweicloud")).unwrap();
    fs::copy(profile.path(), home.join(".huaweicloud/credentials")).unwrap();
    succeeds(&server, &[("HOME", home.to_str().unwrap())]);
    fs::remove_dir_all(home).unwrap();
}

#[test]
fn the_cloud_server_it_runs_on() {
    let keys = json!({ "credential": {
        "access": ACCESS_KEY,
        "secret": SECRET_KEY,
        "securitytoken": CANARY,
        "expires_at": "2999-01-01T00:00:00.000000Z",
    }});
    let server = service(|request| {
        verifier::verify(&raw(request), SECRET_KEY.as_bytes()).is_ok()
            && header(request, "x-security-token") == CANARY
    });
    // With the token of the metadata service, and on an older server without it.
    for (token_status, token) in [(200, "canary-metadata"), (404, ""), (405, "")] {
        let metadata = MockServer::start();
        metadata.mock(|when, then| {
            when.method("PUT")
                .path("/meta-data/latest/api/token")
                .header_exists("x-metadata-token-ttl-seconds");
            then.status(token_status).body(token);
        });
        let asked = metadata.mock(|when, then| {
            let when = when.method("GET").path("/openstack/latest/securitykey");
            match token {
                "" => when.header_missing("x-metadata-token"),
                token => when.header("x-metadata-token", token),
            };
            then.status(200).json_body(keys.clone());
        });
        succeeds(&server, &[("CODEARTS_BUILD_METADATA_ENDPOINT", &metadata.base_url())]);
        asked.assert_calls(1);
    }
    // One that answers with something else.
    let metadata = MockServer::start();
    metadata.mock(|_, then| {
        then.status(200).body("<html>canary</html>");
    });
    let err = fails(&[("CODEARTS_BUILD_METADATA_ENDPOINT", &metadata.base_url())]);
    assert!(err.contains("gives no keys: is an agency assigned to this server?"), "{err}");
}

#[test]
fn nothing_at_all_lists_what_was_looked_at() {
    let err = fails(&[]);
    for name in [
        "CODEARTS_BUILD_TOKEN",
        "HUAWEICLOUD_SDK_AK",
        "CLOUD_SDK_AK",
        "OS_USERNAME",
        "~/.huaweicloud/credentials",
        "the metadata service of the cloud server cannot be reached",
    ] {
        assert!(err.contains(name), "{name}: {err}");
    }
}

/// A proxy that the environment names would see what goes to this machine in plain text.
#[test]
fn plain_http_to_this_machine_does_not_pass_through_a_proxy() {
    let server = service(|request| header(request, "x-auth-token") == CANARY);
    let proxy = MockServer::start();
    let seen = proxy.mock(|_, then| {
        then.status(200);
    });
    let proxy = proxy.base_url();
    succeeds(
        &server,
        &[
            ("CODEARTS_BUILD_TOKEN", CANARY),
            ("http_proxy", &proxy),
            ("HTTP_PROXY", &proxy),
            ("ALL_PROXY", &proxy),
        ],
    );
    seen.assert_calls(0);
}
