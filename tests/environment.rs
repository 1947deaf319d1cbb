//! Promise: the environment alone configures a client, in a documented order, and an error names
//! the variable that is wrong. Each test runs the example in an environment of its own.

use crate::support::{environment::*, *};
use codearts_build::{mock::MockServerExt, types::*};
use httpmock::{HttpMockResponse, MockServer};
use serde_json::json;
#[cfg(unix)]
use std::process::Command;
use std::{
    env, fs,
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
};

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
    succeeds(&server, &with(("OS_TENANT_NAME", "cn-north-4")));
    login.assert_calls(3);
    let by_id = iam.mock(|when, then| {
        when.path("/v3/auth/tokens").json_body_includes(
            json!({ "auth": { "scope": { "project": { "id": "the-id" } } } }).to_string(),
        );
        then.status(201)
            .header("x-subject-token", "canary-token")
            .json_body(json!({ "token": {} }));
    });
    for variable in ["OS_PROJECT_ID", "OS_TENANT_ID", "HUAWEICLOUD_SDK_PROJECT_ID"] {
        succeeds(&server, &with((variable, "the-id")));
        let err = fails(&with((variable, "the id")));
        assert!(err.contains(variable) && err.contains("must be 1 to 64"), "{err}");
    }
    // An id takes precedence over a name, and a variable of the same tools over one of others.
    let both = with(("OS_PROJECT_NAME", "another"));
    succeeds(&server, &[&both[..], &[("OS_PROJECT_ID", "the-id")]].concat());
    by_id.assert_calls(4);
    let both = with(("OS_PROJECT_NAME", "cn-north-4"));
    succeeds(&server, &[&both[..], &[("HUAWEICLOUD_SDK_PROJECT_ID", "another")]].concat());
    login.assert_calls(4);

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
    let profile = File::new(
        "good",
        &format!(
            "# a comment\n[other]\nak = no\n\n[basic]\r\nak = {ACCESS_KEY}\r\n; another\n\
             sk={SECRET_KEY}\nproject_id = {PROJECT}\nunknown = 1\n[more]\nsk = no\n"
        ),
    );
    succeeds(&server, &[("HUAWEICLOUD_SDK_CREDENTIALS_FILE", profile.path())]);

    // As an editor of Windows writes it, and with a comment behind the section.
    let marked = format!(
        "\u{feff}[basic] # the usual one\r\nak={ACCESS_KEY}\r\nsk={SECRET_KEY}\r\nproject_id={PROJECT}"
    );
    let marked = File::new("marked", &marked);
    succeeds(&server, &[("HUAWEICLOUD_SDK_CREDENTIALS_FILE", marked.path())]);
    // As the vendor's reader takes it too, and with quotes.
    let other = File::new(
        "other",
        &format!("[basic]\nAK: {ACCESS_KEY}\nSk = \"{SECRET_KEY}\"\nproject_id: '{PROJECT}'\n"),
    );
    succeeds(&server, &[("HUAWEICLOUD_SDK_CREDENTIALS_FILE", other.path())]);
    // The project may be that of the environment.
    let no_project = format!("[basic]\nak={ACCESS_KEY}\nsk={SECRET_KEY}\n");
    let no_project = File::new("no-project", &no_project);
    let of_profile = ("HUAWEICLOUD_SDK_CREDENTIALS_FILE", no_project.path());
    succeeds(&server, &[of_profile, ("HUAWEICLOUD_SDK_PROJECT_ID", PROJECT)]);
    let err = fails(&[of_profile, ("HUAWEICLOUD_SDK_PROJECT_ID", "a b")]);
    assert!(err.contains("HUAWEICLOUD_SDK_PROJECT_ID: project id \"a b\": must be"), "{err}");
    // The project is looked up where the file says, or else where the environment does.
    let iam = projects();
    let url = iam.base_url();
    let plain = format!("[basic]\nak={ACCESS_KEY}\nsk={SECRET_KEY}\n");
    let named = File::new("named", &format!("{plain}iam_endpoint={url}\n"));
    let plain = File::new("plain", &plain);
    let region = ("CODEARTS_BUILD_REGION", "cn-north-4");
    let elsewhere = ("HUAWEICLOUD_SDK_IAM_ENDPOINT", "http://127.0.0.1:1");
    succeeds(&server, &[("HUAWEICLOUD_SDK_CREDENTIALS_FILE", named.path()), region, elsewhere]);
    let there = ("HUAWEICLOUD_SDK_IAM_ENDPOINT", &*url);
    succeeds(&server, &[("HUAWEICLOUD_SDK_CREDENTIALS_FILE", plain.path()), region, there]);

    let long = "x".repeat(300 << 10);
    for (name, text, message) in [
        ("half", "[basic]\nak = AK\n", "[basic] has no sk"),
        ("federated", "[basic]\nidp_id = idp\n", "[basic] has no id_token_file"),
        ("long", &*long, "has more than the 262144 bytes that are read at most"),
        ("odd", "[basic]\nak = A K\nsk = canary\n", ": ak has white space at position 2"),
        ("none", "[other]\nak = AK\n", "tried CODEARTS_BUILD_TOKEN"),
    ] {
        let profile = File::new(name, text);
        let err = fails(&[("HUAWEICLOUD_SDK_CREDENTIALS_FILE", profile.path())]);
        assert!(err.contains(message) && err.contains(profile.path()), "{err}");
    }
    let err = fails(&[("HUAWEICLOUD_SDK_CREDENTIALS_FILE", "/nowhere/at/all")]);
    assert!(err.contains("profile /nowhere/at/all: cannot be read"), "{err}");
    let folder = env::temp_dir();
    let err = fails(&[("HUAWEICLOUD_SDK_CREDENTIALS_FILE", folder.to_str().unwrap())]);
    assert!(err.contains("is not a file"), "{err}");

    // The usual place, below the home directory.
    let home = env::temp_dir().join(format!("codearts-build-{}-home", std::process::id()));
    fs::create_dir_all(home.join(".huaweicloud")).unwrap();
    fs::copy(profile.path(), home.join(".huaweicloud/credentials")).unwrap();
    succeeds(&server, &[("HOME", home.to_str().unwrap())]);
    // Without a name it is not the current folder.
    let (code, _, err) = run_build_in(
        &home.join(".huaweicloud/.."),
        &[JOB],
        &[("HOME", ""), ("CODEARTS_BUILD_ENDPOINT", "http://127.0.0.1:1")],
    );
    assert!(code == 2 && err.contains("none found"), "{err}");
    fs::remove_dir_all(home).unwrap();
}

/// The next provider of the chain would give another identity.
#[cfg(unix)]
#[test]
fn a_usual_profile_that_cannot_be_read_is_an_error() {
    let home = env::temp_dir().join(format!("codearts-build-{}-unreadable", std::process::id()));
    let folder = home.join(".huaweicloud");
    let fails = || fails(&[("HOME", home.to_str().unwrap())]);
    fs::create_dir_all(&folder).unwrap();
    std::os::unix::fs::symlink("/nowhere/at/all", folder.join("credentials")).unwrap();
    let err = fails();
    assert!(err.contains(".huaweicloud/credentials: cannot be read"), "{err}");
    // A folder without access gives another error, which a test that runs as root does not get.
    fs::remove_dir_all(&folder).unwrap();
    fs::write(&folder, "").unwrap();
    let err = fails();
    assert!(err.contains(".huaweicloud/credentials: cannot be read"), "{err}");
    fs::remove_dir_all(home).unwrap();
}

/// Reading a device may have no end, and reading a pipe may never begin.
#[cfg(unix)]
#[test]
fn a_profile_that_is_no_file_is_an_error() {
    let pipe = File(env::temp_dir().join(format!("codearts-build-{}-pipe", std::process::id())));
    assert!(Command::new("mkfifo").arg(&pipe.0).status().unwrap().success());
    for path in ["/dev/zero", pipe.path()] {
        let err = fails(&[("HUAWEICLOUD_SDK_CREDENTIALS_FILE", path)]);
        assert!(err.contains(&format!("profile {path}: is not a file")), "{err}");
    }
}

#[test]
fn the_cloud_server_it_runs_on() {
    let server =
        service(|request| signed(request) && header(request, "x-security-token") == CANARY);
    let project = ("HUAWEICLOUD_SDK_PROJECT_ID", PROJECT);
    // With the token of the metadata service, and on an older server without it.
    for (token_status, token) in [(200, "canary-metadata"), (404, ""), (405, ""), (503, "")] {
        let metadata = metadata_service(token_status, token);
        let read = metadata.mock(|when, then| {
            let when = when.method("GET").path("/openstack/latest/securitykey");
            match token {
                "" => when.header_missing("x-metadata-token"),
                token => when.header("x-metadata-token", token),
            };
            then.status(200).json_body(temporary_key("2999-01-01T00:00:00.000000Z"));
        });
        let endpoint = ("CODEARTS_BUILD_METADATA_ENDPOINT", &*metadata.base_url());
        succeeds(&server, &[endpoint, project]);
        read.assert_calls(1);
    }
    // Keys that have expired by the clock of this machine are not requested for each of the two calls.
    let metadata = metadata_service(404, "");
    let read = metadata.mock(|when, then| {
        when.method("GET");
        then.status(200).json_body(temporary_key("2020-01-01T00:00:00.000000Z"));
    });
    let endpoint = metadata.base_url();
    let endpoint = ("CODEARTS_BUILD_METADATA_ENDPOINT", &*endpoint);
    succeeds(&server, &[endpoint, project]);
    read.assert_calls(1);
    // The project of the region is looked up once.
    let iam = projects();
    let found = &[
        endpoint,
        ("OS_REGION_NAME", "cn-north-4"),
        ("HUAWEICLOUD_SDK_IAM_ENDPOINT", &*iam.base_url()),
    ];
    succeeds(&server, found);

    let err = fails(&[endpoint]);
    assert!(err.contains("project id: neither it nor the region is set"), "{err}");
    let err = fails(&[endpoint, ("HUAWEICLOUD_SDK_PROJECT_ID", "a b")]);
    assert!(err.contains("HUAWEICLOUD_SDK_PROJECT_ID: project id \"a b\": must be"), "{err}");
    let err = fails(&[("CODEARTS_BUILD_METADATA_ENDPOINT", "http://example.com"), project]);
    assert!(
        err.contains("CODEARTS_BUILD_METADATA_ENDPOINT http://example.com: plain http"),
        "{err}"
    );
    // A response of something else than the metadata service.
    for (status, message) in [
        (200, "gives no keys: is an agency assigned to this server?"),
        (404, "status 404: none found: tried CODEARTS_BUILD_TOKEN"),
    ] {
        let metadata = MockServer::start();
        metadata.mock(|_, then| {
            then.status(status).body("canary");
        });
        let endpoint = metadata.base_url();
        let err = fails(&[("CODEARTS_BUILD_METADATA_ENDPOINT", &endpoint), project]);
        assert!(err.contains(message), "{err}");
    }
}

/// A metadata service that responds like this to the request of a token.
fn metadata_service(status: u16, token: &str) -> MockServer {
    let metadata = MockServer::start();
    metadata.mock(|when, then| {
        when.method("PUT")
            .path("/meta-data/latest/api/token")
            .header_exists("x-metadata-token-ttl-seconds");
        then.status(status).body(token);
    });
    metadata
}

#[test]
fn a_metadata_service_that_wants_a_token_after_all_gets_one() {
    let server =
        service(|request| signed(request) && header(request, "x-security-token") == CANARY);
    let metadata = MockServer::start();
    let asked = AtomicUsize::new(0);
    metadata.mock(|_, then| {
        then.respond_with(move |request| {
            let has_token = header(request, "x-metadata-token") == "canary-metadata";
            match (asked.fetch_add(1, SeqCst), request.method().as_str()) {
                (0, "PUT") => respond(503, json!("canary")),
                (_, "PUT") => {
                    HttpMockResponse::builder().status(200).body("canary-metadata").build()
                }
                _ if has_token => respond(200, temporary_key("2999-01-01T00:00:00.000000Z")),
                _ => respond(401, json!("canary")),
            }
        });
    });
    let endpoint = metadata.base_url();
    succeeds(
        &server,
        &[("CODEARTS_BUILD_METADATA_ENDPOINT", &endpoint), ("HUAWEICLOUD_SDK_PROJECT_ID", PROJECT)],
    );
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
        "HUAWEICLOUD_OIDC_PROVIDER_URN",
        "HUAWEICLOUD_SDK_IDP_ID",
        "HC_CONTAINER_CREDENTIALS_FULL_URI",
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
            "sets neither CODEARTS_BUILD_REGION nor CODEARTS_BUILD_ENDPOINT nor OS_REGION_NAME",
        ),
        (
            vec![("OS_REGION_NAME", "CN 4"), ("CODEARTS_BUILD_TOKEN", CANARY)],
            "OS_REGION_NAME: region \"CN 4\"",
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
        (vec![("OS_USER_DOMAIN_NAME", "d")], "OS_USER_DOMAIN_NAME is set, but OS_USERNAME is not"),
        (
            vec![("HUAWEICLOUD_SDK_SECURITY_TOKEN", CANARY)],
            "HUAWEICLOUD_SDK_SECURITY_TOKEN is set, but HUAWEICLOUD_SDK_AK is not",
        ),
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
            BuildRecord { build_no: Some(1), status: "SUCCESS".into(), ..Default::default() };
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
    // The region under the name of Keystone's tools does as well, unless this crate's own is set.
    let endpoint = ("HUAWEICLOUD_SDK_REGION_CODEARTSBUILD_CN_NORTH_4", &*server.base_url());
    let region = ("OS_REGION_NAME", "cn-north-4");
    let token = ("CODEARTS_BUILD_TOKEN", CANARY);
    let (code, _, err) = run_build(&[JOB], &[token, region, endpoint]);
    assert_eq!((code, &*err), (0, ""));
    let own = ("CODEARTS_BUILD_REGION", "cn-north-4");
    let (code, _, err) = run_build(&[JOB], &[token, ("OS_REGION_NAME", "no"), own, endpoint]);
    assert_eq!((code, &*err), (0, ""));
    started.assert_calls(3);
}

/// As in a container without any files.
#[cfg(all(target_os = "linux", feature = "rustls", not(feature = "native-tls")))]
#[test]
fn without_certificates_plain_http_works_and_https_says_what_is_missing() {
    let bare = [
        ("CODEARTS_BUILD_TOKEN", CANARY),
        ("SSL_CERT_FILE", "/nonexistent"),
        ("SSL_CERT_DIR", "/nonexistent"),
    ];
    succeeds(&service(|_| true), &bare);
    let https = [&bare[..], &[("CODEARTS_BUILD_ENDPOINT", "https://builds.example")]].concat();
    let err = fails(&https);
    assert!(err.contains("the HTTP client cannot be set up: "), "{err}");
    assert!(err.contains("No CA certificates"), "{err}");
}
