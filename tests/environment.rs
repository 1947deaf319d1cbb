//! Promise: the environment alone configures a client, in a documented order, and an error names
//! the variable that is wrong. Each test runs the example in an environment of its own.

use crate::support::*;
use codearts_build::{mock::MockServerExt, types::*};
use httpmock::{HttpMockRequest, MockServer};
use serde_json::json;
use std::{env, fs, path::PathBuf};

/// A service that starts build 7 for every request that passes the check, and reports its success.
fn service(passes: impl Fn(&HttpMockRequest) -> bool + Send + Sync + 'static) -> MockServer {
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

/// A file that exists during a test.
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
    // It has precedence over everything else.
    succeeds(&server, &[("CODEARTS_BUILD_TOKEN", CANARY), ("HUAWEICLOUD_SDK_AK", "half a pair")]);
}

#[test]
fn the_access_key_of_the_official_sdks_or_of_the_pages() {
    let server = service(signed);
    let project = ("HUAWEICLOUD_SDK_PROJECT_ID", PROJECT);
    let sdk = [("HUAWEICLOUD_SDK_AK", ACCESS_KEY), ("HUAWEICLOUD_SDK_SK", SECRET_KEY), project];
    succeeds(&server, &sdk);
    succeeds(&server, &[("CLOUD_SDK_AK", ACCESS_KEY), ("CLOUD_SDK_SK", SECRET_KEY), project]);
    // It has precedence over a user's password.
    let user = ("OS_USERNAME", "half a login");
    succeeds(&server, &[sdk[0], sdk[1], sdk[2], user]);

    let temporary =
        service(|request| signed(request) && header(request, "x-security-token") == CANARY);
    succeeds(&temporary, &[sdk[0], sdk[1], sdk[2], ("HUAWEICLOUD_SDK_SECURITY_TOKEN", CANARY)]);

    let err = fails(&[sdk[0], project]);
    assert!(err.contains("HUAWEICLOUD_SDK_AK is set, but HUAWEICLOUD_SDK_SK is not"), "{err}");
    let err = fails(&[("HUAWEICLOUD_SDK_AK", "a b"), sdk[1], project]);
    assert!(err.contains("HUAWEICLOUD_SDK_AK has white space"), "{err}");
    let err = fails(&[sdk[0], ("HUAWEICLOUD_SDK_SK", "canary\n"), project]);
    assert!(err.contains("HUAWEICLOUD_SDK_SK has a line break"), "{err}");
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
        ("odd", "[basic]\nak = A K\nsk = canary\n", ": ak has white space at position 2"),
        ("none", "[other]\nak = AK\n", "tried CODEARTS_BUILD_TOKEN"),
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
        let read = metadata.mock(|when, then| {
            let when = when.method("GET").path("/openstack/latest/securitykey");
            match token {
                "" => when.header_missing("x-metadata-token"),
                token => when.header("x-metadata-token", token),
            };
            then.status(200).json_body(keys.clone());
        });
        succeeds(&server, &[("CODEARTS_BUILD_METADATA_ENDPOINT", &metadata.base_url())]);
        read.assert_calls(1);
    }
    // A response that is something else.
    let metadata = MockServer::start();
    metadata.mock(|_, then| {
        then.status(200).body("<html>canary</html>");
    });
    let err = fails(&[("CODEARTS_BUILD_METADATA_ENDPOINT", &metadata.base_url())]);
    assert!(err.contains("gives no keys: is an agency assigned to this server?"), "{err}");
}

#[test]
fn an_empty_environment_lists_every_place_of_a_credential() {
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

#[test]
fn a_half_set_environment_is_an_error_that_says_what_to_do() {
    let missing = env::temp_dir().join("codearts-build-no-such-profile");
    let missing = missing.to_str().unwrap();
    for (environment, message) in [
        (
            vec![("CODEARTS_BUILD_TOKEN", CANARY)],
            "sets neither CODEARTS_BUILD_REGION nor CODEARTS_BUILD_ENDPOINT",
        ),
        (vec![("CODEARTS_BUILD_REGION", "cn-north-4")], "none found: tried CODEARTS_BUILD_TOKEN"),
        (
            vec![("CODEARTS_BUILD_REGION", "CN 4"), ("CODEARTS_BUILD_TOKEN", CANARY)],
            "CODEARTS_BUILD_REGION: region \"CN 4\"",
        ),
        (
            vec![("CODEARTS_BUILD_ENDPOINT", ""), ("CODEARTS_BUILD_TOKEN", CANARY)],
            "CODEARTS_BUILD_ENDPOINT is set, but empty",
        ),
        (
            vec![("CODEARTS_BUILD_TOKEN", "canary b")],
            "CODEARTS_BUILD_TOKEN: the token has white space",
        ),
        (
            vec![("HUAWEICLOUD_SDK_AK", "AK")],
            "HUAWEICLOUD_SDK_AK is set, but HUAWEICLOUD_SDK_SK is not",
        ),
        (vec![("CLOUD_SDK_SK", CANARY)], "CLOUD_SDK_SK is set, but CLOUD_SDK_AK is not"),
        (
            vec![("CODEARTS_BUILD_ENDPOINT", "builds"), ("CODEARTS_BUILD_TOKEN", CANARY)],
            "CODEARTS_BUILD_ENDPOINT is not a URL",
        ),
        (
            vec![
                ("CODEARTS_BUILD_REGION", "cn-north-4"),
                ("HUAWEICLOUD_SDK_REGION_CODEARTSBUILD_CN_NORTH_4", "http://builds.example"),
                ("CODEARTS_BUILD_TOKEN", CANARY),
            ],
            "HUAWEICLOUD_SDK_REGION_CODEARTSBUILD_CN_NORTH_4 http://builds.example: plain http",
        ),
        (
            vec![
                ("CODEARTS_BUILD_REGION", "cn-north-4"),
                ("OS_USERNAME", "IAMUser"),
                ("OS_PASSWORD", CANARY),
                ("OS_USER_DOMAIN_NAME", "IAMDomain"),
                ("OS_AUTH_URL", "nowhere"),
            ],
            "OS_AUTH_URL is not a URL",
        ),
        (
            vec![
                ("CODEARTS_BUILD_REGION", "cn-north-4"),
                ("CODEARTS_BUILD_METADATA_ENDPOINT", "nowhere"),
            ],
            "CODEARTS_BUILD_METADATA_ENDPOINT is not a URL",
        ),
        (vec![("OS_PASSWORD", CANARY)], "OS_PASSWORD is set, but OS_USERNAME is not"),
        (vec![("HUAWEICLOUD_SDK_CREDENTIALS_FILE", missing)], "cannot be read"),
    ] {
        let (code, _, err) = run_build(&[JOB], &environment);
        assert_eq!(code, 2, "{err}");
        assert!(err.contains(message), "{err}");
        assert!(!err.contains("canary"), "{err}");
    }
}

#[test]
fn the_official_sdks_override_of_an_endpoint_is_used() {
    let server = MockServer::start();
    let started = server.run_job(|_, then| {
        then.ok(&serde_json::from_value(json!({ "actual_build_number": "7" })).unwrap());
    });
    server.show_record_detail(|_, then| {
        let record =
            BuildRecord { build_no: Some(1), status: Some("SUCCESS".into()), ..Default::default() };
        then.ok(&RecordInfoResponse { result: Some(record), ..Default::default() });
    });
    let (code, _, err) = run_build(
        &[JOB],
        &[
            ("CODEARTS_BUILD_TOKEN", CANARY),
            ("CODEARTS_BUILD_REGION", "cn-north-4"),
            ("HUAWEICLOUD_SDK_REGION_CODEARTSBUILD_CN_NORTH_4", &server.base_url()),
        ],
    );
    assert_eq!((code, &*err), (0, ""));
    started.assert();
}
