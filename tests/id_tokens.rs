//! Promise: an ID token, or the identity of a pod, is enough of a credential; it is read anew each
//! time, and an error says what to do.

use crate::support::{environment::*, *};
use httpmock::{HttpMockRequest, HttpMockResponse, MockServer};
use serde_json::{Value, json};
use std::{
    fs,
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
};

const PROJECT_ID: (&str, &str) = ("HUAWEICLOUD_SDK_PROJECT_ID", PROJECT);
const PROVIDER: (&str, &str) = ("HUAWEICLOUD_OIDC_PROVIDER_URN", "iam::123:oidcProvider:\"ci\"");
const AGENCY: (&str, &str) = ("HUAWEICLOUD_OIDC_AGENCY_URN", "iam::123:agency:builds");

/// A key in the spelling of STS.
fn key_of_sts(token: &str) -> Value {
    json!({ "assumed_agency": { "id": "1" }, "credentials": {
        "access_key_id": ACCESS_KEY,
        "secret_access_key": SECRET_KEY,
        "security_token": token,
        "expiration": "2999-01-01T00:00:00.123Z",
    }})
}

/// A key in the spelling of pod identity.
fn key_of_pod(token: &str) -> Value {
    json!({ "audience": "", "credentials": {
        "accessKeyId": ACCESS_KEY,
        "secretAccessKey": SECRET_KEY,
        "securityToken": token,
        "expiration": "2999-01-01T00:00:00.123000Z",
    }})
}

/// A server that gives the secret `canary-1` for the token `canary-id-1`, and so on.
fn issuer(
    token: impl Fn(&HttpMockRequest) -> String + Send + Sync + 'static,
    response: impl Fn(&str) -> HttpMockResponse + Send + Sync + 'static,
) -> MockServer {
    let server = MockServer::start();
    server.mock(|_, then| {
        then.respond_with(move |request| match token(request).strip_prefix("canary-id-") {
            Some(number) => response(&format!("canary-{number}")),
            None => respond(400, json!({ "error_code": "IAM.1", "error_msg": "invalid id_token" })),
        });
    });
    server
}

fn body(request: &HttpMockRequest) -> Value {
    serde_json::from_slice(request.body_ref()).unwrap_or_default()
}

fn sts() -> MockServer {
    issuer(
        |request| {
            assert_eq!(request.method(), "POST");
            assert_eq!(request.uri().path(), "/v5/agencies/assume-with-oidc");
            let body = body(request);
            assert_eq!(
                (&body["provider_urn"], &body["agency_urn"]),
                (&json!(PROVIDER.1), &json!(AGENCY.1))
            );
            body["id_token"].as_str().unwrap_or_default().to_owned()
        },
        |token| respond(200, key_of_sts(token)),
    )
}

/// An IAM that gives tokens of a project.
fn iam(project: Value) -> MockServer {
    issuer(
        move |request| {
            assert_eq!(request.uri().path(), "/v3.0/OS-AUTH/id-token/tokens");
            let body = body(request);
            if header(request, "x-idp-id") != "the-idp"
                || body["auth"]["scope"] != json!({ "project": project })
            {
                return String::new();
            }
            body["auth"]["id_token"]["id"].as_str().unwrap_or_default().to_owned()
        },
        |token| {
            HttpMockResponse::builder()
                .status(201)
                .header("X-Subject-Token", token)
                .body(r#"{"token":{"expires_at":"2999-01-01T00:00:00.000000Z"}}"#)
                .build()
        },
    )
}

fn pods() -> MockServer {
    issuer(
        |request| {
            assert_eq!(
                (request.method().as_str(), request.uri().path()),
                ("POST", "/v1/credentials")
            );
            assert_eq!(body(request), json!({}));
            header(request, "authorization")
        },
        |token| respond(200, key_of_pod(token)),
    )
}

/// A service that accepts the secret `canary-1` for the start of a build. Then it reports that the secret has
/// expired, the file gets another ID token, and the service accepts only `canary-2`.
fn service_of_two(file: &File, secret: fn(&HttpMockRequest) -> Option<String>) -> MockServer {
    let (path, requests) = (file.0.clone(), AtomicUsize::new(0));
    let server = MockServer::start();
    server.mock(|_, then| {
        then.respond_with(move |request| {
            let number = requests.fetch_add(1, SeqCst);
            let wanted = if number == 0 { "canary-1" } else { "canary-2" };
            if secret(request).as_deref() != Some(wanted) {
                return respond(403, json!({ "error_code": "1", "error_msg": "not the secret" }));
            }
            if number == 0 {
                fs::write(&path, "canary-id-2\n").unwrap();
                return respond(401, json!({ "error_code": "APIGW.0307", "error_msg": "expired" }));
            }
            respond(
                200,
                json!({
                    "actual_build_number": "7",
                    "result": { "build_no": 7, "status": "SUCCESS" },
                }),
            )
        });
    });
    server
}

fn security_token(request: &HttpMockRequest) -> Option<String> {
    signed(request).then(|| header(request, "x-security-token"))
}

fn token(request: &HttpMockRequest) -> Option<String> {
    Some(header(request, "x-auth-token"))
}

#[test]
fn an_id_token_of_a_ci() {
    let (sts, projects) = (sts(), projects());
    let sts = ("HUAWEICLOUD_SDK_STS_ENDPOINT", &*sts.base_url());
    let file = File::new("oidc", "\n canary-id-1\r\n");
    let token_file = ("HUAWEICLOUD_OIDC_TOKEN_FILE", file.path());
    let service = service_of_two(&file, security_token);
    succeeds(&service, &[PROVIDER, AGENCY, token_file, sts, PROJECT_ID]);

    // The token itself, and the project of the region.
    let service = environment::service(|it| security_token(it).as_deref() == Some("canary-1"));
    let id_token = ("HUAWEICLOUD_OIDC_ID_TOKEN", "canary-id-1");
    let region = ("CODEARTS_BUILD_REGION", "cn-north-4");
    let iam = ("HUAWEICLOUD_SDK_IAM_ENDPOINT", &*projects.base_url());
    succeeds(&service, &[PROVIDER, AGENCY, id_token, sts, region, iam]);

    // What the official SDKs read as well.
    let restricted = MockServer::start();
    let asked = restricted.mock(|when, then| {
        when.json_body(json!({
            "provider_urn": PROVIDER.1,
            "agency_urn": AGENCY.1,
            "agency_session_name": "nightly",
            "id_token": "canary-id-1",
            "duration_seconds": 900,
            "policy": "{\"Version\":\"5.0\"}",
            "policy_ids": ["a", "b"],
        }));
        then.status(200).json_body(key_of_sts("canary-1"));
    });
    let restricted = ("HUAWEICLOUD_SDK_STS_ENDPOINT", &*restricted.base_url());
    let more = [
        ("HUAWEICLOUD_OIDC_SESSION_NAME", "nightly"),
        ("HUAWEICLOUD_OIDC_DURATION_SECONDS", "900"),
        ("HUAWEICLOUD_OIDC_POLICY", "{\"Version\":\"5.0\"}"),
        ("HUAWEICLOUD_OIDC_POLICY_IDS", "a, b,"),
    ];
    succeeds(
        &service,
        &[&[PROVIDER, AGENCY, id_token, restricted, PROJECT_ID], &more[..]].concat(),
    );
    asked.assert_calls(1);

    let wrong = ("HUAWEICLOUD_OIDC_ID_TOKEN", "canary-wrong");
    let nothing = ("HUAWEICLOUD_OIDC_TOKEN_FILE", "/nowhere");
    let duration = ("HUAWEICLOUD_OIDC_DURATION_SECONDS", "an hour");
    for (environment, message) in [
        (&[PROVIDER, id_token][..], "PROVIDER_URN is set, but HUAWEICLOUD_OIDC_AGENCY_URN is not"),
        (
            &[PROVIDER, AGENCY],
            "but HUAWEICLOUD_OIDC_ID_TOKEN or HUAWEICLOUD_OIDC_TOKEN_FILE is not",
        ),
        (&[id_token], "HUAWEICLOUD_OIDC_ID_TOKEN is set, but HUAWEICLOUD_OIDC_PROVIDER_URN is not"),
        (
            &[nothing],
            "HUAWEICLOUD_OIDC_TOKEN_FILE is set, but HUAWEICLOUD_OIDC_PROVIDER_URN is not",
        ),
        (
            &[PROVIDER, AGENCY, id_token, PROJECT_ID],
            "STS endpoint: neither it nor the region is set",
        ),
        (&[PROVIDER, AGENCY, id_token, sts], "project id: neither it nor the region is set"),
        (
            &[PROVIDER, AGENCY, wrong, sts, PROJECT_ID],
            "status 400, code IAM.1: assuming the agency at STS: invalid id_token",
        ),
        (
            &[PROVIDER, AGENCY, nothing, sts, PROJECT_ID],
            "assuming the agency at STS: the ID token /nowhere: cannot be read",
        ),
        (
            &[PROVIDER, AGENCY, id_token, duration, sts, PROJECT_ID],
            "HUAWEICLOUD_OIDC_DURATION_SECONDS \"an hour\": must be a number of seconds",
        ),
    ] {
        let err = fails(environment);
        assert!(err.contains(message), "{err}");
    }
}

#[test]
fn an_id_token_of_an_identity_provider() {
    let provider = ("HUAWEICLOUD_SDK_IDP_ID", "the-idp");
    let file = File::new("federated", "canary-id-1");
    let token_file = ("HUAWEICLOUD_SDK_ID_TOKEN_FILE", file.path());
    let by_name = iam(json!({ "name": "cn-north-4" }));
    let by_name = ("HUAWEICLOUD_SDK_IAM_ENDPOINT", &*by_name.base_url());
    let region = ("OS_REGION_NAME", "cn-north-4");
    succeeds(&service_of_two(&file, token), &[provider, token_file, by_name, region]);

    let by_id = iam(json!({ "id": PROJECT }));
    let by_id = ("HUAWEICLOUD_SDK_IAM_ENDPOINT", &*by_id.base_url());
    let service = environment::service(|request| token(request).as_deref() == Some("canary-2"));
    succeeds(&service, &[provider, token_file, by_id, PROJECT_ID]);
    let profile = format!(
        "[basic]\nidp_id = the-idp\nid_token_file = {}\nproject_id = {PROJECT}\n",
        file.path()
    );
    let profile = File::new("federated-profile", &profile);
    succeeds(&service, &[("HUAWEICLOUD_SDK_CREDENTIALS_FILE", profile.path()), by_id]);

    let empty = File::new("federated-empty", "\n");
    let empty = ("HUAWEICLOUD_SDK_ID_TOKEN_FILE", empty.path());
    let other = ("HUAWEICLOUD_SDK_IDP_ID", "another");
    for (environment, message) in [
        (&[provider][..], "IDP_ID is set, but HUAWEICLOUD_SDK_ID_TOKEN_FILE is not"),
        (&[token_file], "ID_TOKEN_FILE is set, but HUAWEICLOUD_SDK_IDP_ID is not"),
        (&[provider, token_file, by_id], "project of the login: neither it nor the region is set"),
        (&[provider, token_file, PROJECT_ID], "IAM endpoint: neither it nor the region is set"),
        (&[provider, empty, by_id, PROJECT_ID], "-federated-empty is empty"),
        (
            &[("HUAWEICLOUD_SDK_IDP_ID", "a\nb"), token_file, by_id],
            "HUAWEICLOUD_SDK_IDP_ID: the id of the identity provider is no header",
        ),
        (
            &[other, token_file, by_id, PROJECT_ID],
            "status 400, code IAM.1: logging in at IAM with an ID token: invalid id_token",
        ),
    ] {
        let err = fails(environment);
        assert!(err.contains(message), "{err}");
    }
}

#[test]
fn the_identity_of_a_pod() {
    let pods = pods();
    let url = format!("{}/v1/credentials", pods.base_url());
    let uri = ("HC_CONTAINER_CREDENTIALS_FULL_URI", &*url);
    let file = File::new("pod", "canary-id-1\n");
    let token_file = ("HC_CONTAINER_AUTHORIZATION_TOKEN_FILE", file.path());
    succeeds(&service_of_two(&file, security_token), &[uri, token_file, PROJECT_ID]);

    let plain = ("HC_CONTAINER_CREDENTIALS_FULL_URI", "http://example.com/v1/credentials");
    let closed = ("HC_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1");
    let wrong = File::new("pod-wrong", "canary-wrong");
    let wrong = ("HC_CONTAINER_AUTHORIZATION_TOKEN_FILE", wrong.path());
    for (environment, message) in [
        (&[uri][..], "FULL_URI is set, but HC_CONTAINER_AUTHORIZATION_TOKEN_FILE is not"),
        (&[uri, token_file], "project id: neither it nor the region is set"),
        (
            &[plain, token_file, PROJECT_ID],
            "FULL_URI http://example.com/v1/credentials: plain http",
        ),
        (&[closed, token_file, PROJECT_ID], "asking the service of pod identity: 127.0.0.1: "),
        (
            &[uri, wrong, PROJECT_ID],
            "status 400, code IAM.1: asking the service of pod identity: invalid id_token",
        ),
    ] {
        let err = fails(environment);
        assert!(err.contains(message), "{err}");
    }
}

/// The first credential in the documented order is used, even if it is malformed.
#[test]
fn the_order_of_the_chain() {
    let order = [
        (("CODEARTS_BUILD_TOKEN", "a b"), "CODEARTS_BUILD_TOKEN"),
        (("HUAWEICLOUD_SDK_AK", "x"), "HUAWEICLOUD_SDK_SK"),
        (("CLOUD_SDK_AK", "x"), "CLOUD_SDK_SK"),
        (("OS_USERNAME", "x"), "OS_PASSWORD"),
        (("HUAWEICLOUD_OIDC_ID_TOKEN", "x"), "HUAWEICLOUD_OIDC_PROVIDER_URN"),
        (("HUAWEICLOUD_SDK_IDP_ID", "x"), "HUAWEICLOUD_SDK_ID_TOKEN_FILE"),
        (("HC_CONTAINER_CREDENTIALS_FULL_URI", "x"), "HC_CONTAINER_AUTHORIZATION_TOKEN_FILE"),
        (("HUAWEICLOUD_SDK_CREDENTIALS_FILE", "/nowhere"), "profile /nowhere"),
        (("CODEARTS_BUILD_METADATA_ENDPOINT", "x"), "CODEARTS_BUILD_METADATA_ENDPOINT"),
    ];
    for first in 0..order.len() {
        let environment: Vec<_> = order[first..].iter().map(|(variable, _)| *variable).collect();
        let err = fails(&environment);
        assert!(err.contains(order[first].1), "{err}");
    }
}
