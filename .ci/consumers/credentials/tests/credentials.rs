//! What somebody outside writes on the packages.

mod verifier;

use credentials::{Images, Logged, Vault};
use huaweicloud_core::{
    AccessKey, Credential, CredentialChain, CredentialProvider, EcsAgency, Error, ErrorKind,
    Signer, http,
    httpmock::{HttpMockRequest, MockServer},
};
use std::sync::{Arc, Mutex};

/// A request as it goes over the wire.
fn raw(method: &str, target: &str, headers: &http::HeaderMap, body: &[u8]) -> Vec<u8> {
    let mut raw = format!("{method} {target} HTTP/1.1\r\n").into_bytes();
    for (name, value) in headers {
        raw.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    raw.extend(b"\r\n");
    raw.extend(body);
    raw
}

fn is_signed(request: &HttpMockRequest) -> bool {
    let target = request.uri().path_and_query().unwrap().to_string();
    let raw = raw(request.method().as_str(), &target, &request.headers(), request.body_ref());
    verifier::verify(&raw, b"SKEXAMPLE-of-the-vault").is_ok()
}

fn images() -> MockServer {
    let server = MockServer::start();
    server.mock(|when, then| {
        when.path("/v2/cloudimages").header("x-security-token", "canary").is_true(is_signed);
        then.status(200).body(r#"{"images":[]}"#);
    });
    server
}

fn client(server: &MockServer, credential: impl Into<Credential>) -> Images {
    Images::builder().endpoint(server.base_url()).credential(credential).build().unwrap()
}

#[tokio::test]
async fn a_vault_behind_a_wrapper_in_a_chain_signs_the_calls_of_another_service() {
    let (server, log) = (images(), Arc::new(Mutex::new(Vec::new())));
    let logged = |password| Logged { inner: Vault { password }.into(), log: log.clone() };
    let chain = CredentialChain::new().with(logged(None)).with(logged(Some("right")));
    let images = client(&server, chain);
    for _ in 0..2 {
        assert_eq!(images.list().await.unwrap().to_string(), r#"{"images":[]}"#);
    }
    let log = log.lock().unwrap();
    assert_eq!(log.len(), 2, "one question to each: {log:?}");
    assert!(log[0].ends_with("no usable credential: this machine has no vault"), "{log:?}");
    assert!(log[1].contains("Identity") && !log[1].contains("canary"), "{log:?}");
}

#[tokio::test]
async fn a_wrong_password_ends_the_chain_and_stands() {
    let (server, log) = (images(), Arc::new(Mutex::new(Vec::new())));
    let vault = Logged { inner: Vault { password: Some("wrong") }.into(), log: log.clone() };
    let images = client(&server, CredentialChain::new().with(vault).with(EcsAgency::new()));
    for _ in 0..3 {
        let error = images.list().await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::Credential, Some(401)));
        assert!(error.is_unauthorized() && !error.may_have_taken_effect());
        assert_eq!(error.message(), "the vault: wrong password");
    }
    assert_eq!(log.lock().unwrap().len(), 1);
}

#[test]
fn a_request_of_another_http_client_is_signed() -> Result<(), Error> {
    let key = AccessKey::new("AKIDEXAMPLE00000000A", "SKEXAMPLE-of-the-vault")?;
    let request = http::Request::post("https://ims.example.com/v2/images?name=a%20b&limit=1")
        .header("content-type", "application/json")
        .header("content-length", "2")
        .body(b"{}".to_vec())
        .unwrap();
    let (mut head, body) = request.into_parts();
    Signer::new(key).sign(&head.method, &head.uri, &mut head.headers, &body)?;
    let target = head.uri.path_and_query().unwrap().as_str();
    let raw = raw(head.method.as_str(), target, &head.headers, &body);
    let verified = verifier::verify(&raw, b"SKEXAMPLE-of-the-vault").unwrap();
    assert_eq!(verified.access_key, "AKIDEXAMPLE00000000A");
    assert!(verifier::verify(&raw, b"another key").is_err());
    Ok(())
}

/// A provider of one's own is one like those of the library.
fn _is_a_provider(provider: impl CredentialProvider) -> Credential {
    provider.into()
}
