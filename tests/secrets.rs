//! Promise: a secret is sent to the service and shown nowhere else.

use crate::support::{environment::File, *};
use codearts_build::{
    Client, Credential, EcsAgency, FederatedLogin, IdToken, Identity, OidcAgency, PasswordLogin,
    PodIdentity, Profile, RetryPolicy, Signer, types::*,
};
use httpmock::MockServer;
use serde_json::json;

#[test]
fn nothing_shows_the_token() {
    let credential = Credential::token(CANARY).unwrap();
    let builder = Client::builder().endpoint("http://127.0.0.1:1").credential(credential.clone());
    let mut shown = format!("{credential:?} {credential:#?} {builder:?} {builder:#?}");
    let client = builder.build().unwrap();
    shown += &format!("{client:?} {client:#?} {:?} {:#?}", client.api(), client.api());
    shown += &format!("{:?}", client.api().run_job());
    assert!(shown.contains("Credential(Identity)"), "{shown}");
    let identity = Identity::token(CANARY).unwrap();
    shown += &format!("{identity:?} {identity:#?}");
    assert!(shown.contains("[redacted]"), "{shown}");
    assert!(!shown.contains("canary"), "{shown}");
}

#[test]
fn no_credential_shows_its_secrets() {
    let file = File::new("secrets", "[basic]\nak = AK\nsk = canary\n");
    let key = key().with_security_token(SECURITY_TOKEN).unwrap();
    let login = PasswordLogin::new("IAMDomain", "IAMUser", PASSWORD).unwrap();
    let identity = Identity::access_key(key.clone());
    let mut shown =
        format!("{key:?} {login:?} {identity:?} {:?}", Identity::token(CANARY).unwrap());
    let token = || IdToken::new(CANARY).unwrap();
    let agency = OidcAgency::new("provider", "agency", token()).unwrap();
    let federated = FederatedLogin::new("provider", token()).unwrap();
    let pod = PodIdentity::new("http://169.254.1.1/keys", "/token").unwrap();
    shown += &format!("{:?} {:?} {agency:?} {federated:?}", Signer::new(key.clone()), token());
    for credential in [
        Credential::from(key),
        login.into(),
        agency.into(),
        federated.into(),
        pod.into(),
        EcsAgency::new().into(),
        Profile::new(file.path()).into(),
    ] {
        shown += &format!("{credential:?} {credential:#?}");
        let builder = Client::builder().region("cn-north-4").credential(credential);
        shown += &format!("{builder:?}");
        shown += &format!("{:?}", builder.build().unwrap());
    }
    assert!(!shown.contains(ACCESS_KEY) && shown.contains("IAMUser"), "{shown}");
    assert!(!shown.contains("canary"), "{shown}");
}

#[test]
fn an_invalid_token_is_not_shown() {
    for token in [format!("{CANARY}\n"), CANARY.repeat(2000)] {
        let error = Credential::token(token).unwrap_err();
        assert!(!printed(&error).contains("canary"), "{error:?}");
    }
}

#[test]
fn an_endpoint_with_a_password_is_an_error_that_does_not_show_it() {
    for url in [
        "https://user:canary@example.com",
        "user:canary@example.com",
        "canary:password@example.com:443/path",
        "https://example.com/?token=canary",
    ] {
        let builder = Client::builder().endpoint(url).credential(Credential::token("x").unwrap());
        assert!(!format!("{builder:?}").contains("canary"));
        let error = builder.build().unwrap_err();
        assert!(!printed(&error).contains("canary"), "{error:?}");
    }
}

#[tokio::test]
async fn a_service_that_echoes_the_token_does_not_make_an_error_show_it() {
    let echo = format!("verify aksk signature fail, canonicalRequest:POST x-auth-token:{CANARY}");
    for (status, body) in [
        (401, json!({ "error_code": CANARY, "error_msg": echo }).to_string()),
        (401, echo.clone()),
        (200, json!({ "error_code": "APIGW.0301", "error_msg": echo }).to_string()),
        (200, echo.clone()),
        (302, echo.clone()),
        // The shown part ends within the token.
        (502, format!("{}{CANARY}", "x".repeat(190))),
        // The echo of a proxy that shortens long headers.
        (400, format!("[redacted] x-auth-token:{}...", &CANARY[..16])),
    ] {
        let server = MockServer::start_async().await;
        server.mock(|_, then| {
            then.status(status)
                .header("x-request-id", CANARY)
                .header("location", CANARY)
                .body(body);
        });
        let client = client(&server);
        let error = client.run_job(RunJobRequest::new(JOB).unwrap()).await.unwrap_err();
        assert!(printed(&error).contains("[redacted]"), "{error:?}");
        assert!(!printed(&error).contains("canary"), "{error:?}");
        let call = client.api().show_record_detail().job_id(JOB).build_no("1");
        let error = call.send().await.unwrap_err();
        assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
    }
}

/// Whatever a service makes of the value of a build parameter, the name of the parameter stands in its place.
#[tokio::test]
async fn a_service_that_echoes_a_parameter_does_not_make_an_error_show_it() {
    let plain = r#"canary "of" a/parameter & <more>"#;
    let json = serde_json::to_string(plain).unwrap();
    let html = "canary &quot;of&quot; a/parameter &amp; &lt;more&gt;";
    let percent = "canary%20%22of%22%20a%2Fparameter%20%26%20%3Cmore%3E";
    for (status, body) in [
        (
            400,
            json!({ "error_code": "CB.00060200", "error_msg": format!("bad {plain}") }).to_string(),
        ),
        (400, json!({ "error_code": plain, "error_msg": "bad" }).to_string()),
        (400, json!({ "error": { "code": "1", "reason": format!("{plain}{plain}") } }).to_string()),
        (400, json!({ "error_code": "1", "error_msg": { "value": plain } }).to_string()),
        (429, json!({ "error_code": "APIGW.0308", "error_msg": plain }).to_string()),
        (200, json!({ "error_code": "CB.00060200", "error_msg": plain }).to_string()),
        (200, json!({ "detail": [plain] }).to_string()),
        (200, format!("a page with {plain}")),
        (302, plain.to_owned()),
        (500, format!("<html><p>{html}</p></html>")),
        (502, format!("GET /?codeBranch={percent}")),
        (503, format!("{{\"value\":{json}")),
    ] {
        let server = MockServer::start_async().await;
        server.mock(|_, then| {
            then.status(status)
                .header("x-request-id", plain)
                .header("location", format!("https://elsewhere.example/{percent}"))
                .body(body.clone());
        });
        let request = RunJobRequest::new(JOB).unwrap().with_parameter("codeBranch", plain).unwrap();
        let request = request.with_parameter("version", "1.2.3").unwrap();
        let client = builder(&server).credential(Credential::token(CANARY).unwrap());
        let client = client.retry(RetryPolicy::never()).build().unwrap();
        let error = client.run_job(request).await.unwrap_err();
        let shown = printed(&error);
        assert!(shown.contains("[codeBranch]"), "{body}: {shown}");
        assert!(!shown.contains("canary") && !shown.contains("parameter"), "{body}: {shown}");
    }
    // A short value stands in many words.
    let server = MockServer::start_async().await;
    server.mock(|_, then| {
        then.status(400).json_body(json!({ "error_code": "CB.1", "error_msg": "no 1.2.3 here" }));
    });
    let request = RunJobRequest::new(JOB).unwrap().with_parameter("version", "1.2.3").unwrap();
    let error = client(&server).run_job(request).await.unwrap_err();
    assert_eq!(error.message(), "no 1.2.3 here");
}
