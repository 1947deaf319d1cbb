//! Promise: a credential that cannot be sent is an error that names the problem but no secret.

use crate::support::*;
use codearts_build::{
    AccessKey, Client, Credential, EcsAgency, Error, ErrorKind, FederatedLogin, IdToken,
    OidcAgency, PasswordLogin, PodIdentity, Region,
};

#[test]
fn a_token_can_be_sent_in_a_header() {
    for (token, rule) in [
        (String::new(), "the token is empty"),
        ("canary\n".into(), "the token has a line break at position 7"),
        ("can\r\nary".into(), "the token has a line break at position 4"),
        (" canary".into(), "the token has white space at position 1"),
        ("canaryé".into(), "the token has a character that none has at position 7"),
        ("canary\0".into(), "the token has a character that none has at position 7"),
        ("c".repeat(32_769), "the token has 32769 bytes; the gateway takes 32768 at most"),
    ] {
        let error = Credential::token(token.clone()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credential);
        assert_eq!(error.message(), rule);
        let error = Client::new(Region::CN_NORTH_4, token).unwrap_err();
        assert_eq!(error.message(), rule);
    }
    Credential::token("c".repeat(32_768)).unwrap();
}

#[test]
fn an_access_key_and_a_login_are_complete_and_can_be_sent() {
    let message = |outcome: Result<(), Error>| {
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credential);
        printed_without_secrets(&error);
        error.message().to_owned()
    };
    let of = |access: &str, secret: &str| message(AccessKey::new(access, secret).map(drop));
    assert_eq!(of("", SECRET_KEY), "the access key is empty");
    assert_eq!(of("A,K", SECRET_KEY), "the access key has a comma");
    assert_eq!(of(ACCESS_KEY, "canary "), "the secret key has white space at position 7");
    assert_eq!(
        message(key().with_security_token("canary\n").map(drop)),
        "the security token has a line break at position 7"
    );
    assert_eq!(
        message(key().with_project_id("a/b").map(drop)),
        "project id \"a/b\": must be 1 to 64 letters, digits, hyphens and underscores"
    );
    let login =
        |user: &str, password: &str| message(PasswordLogin::new("d", user, password).map(drop));
    assert_eq!(login("", PASSWORD), "the user is empty");
    assert_eq!(login("user", ""), "the password is empty");
    let login = || PasswordLogin::new("d", "user", PASSWORD).unwrap();
    assert_eq!(
        message(Credential::from(login()).with_project("").map(drop)),
        "the name of the project is empty"
    );
    let rule = "must be 1 to 64 letters, digits, hyphens and underscores";
    let no_id = format!("project id \"a/b\": {rule}");
    assert_eq!(message(Credential::from(login()).with_project_id("a/b").map(drop)), no_id);
    let token = || IdToken::new(CANARY).unwrap();
    assert_eq!(
        message(IdToken::new("canary ").map(drop)),
        "the ID token has white space at position 7"
    );
    let agency = |provider: &str, agency: &str| OidcAgency::new(provider, agency, token());
    assert_eq!(message(agency("", "a").map(drop)), "the URN of the identity provider is empty");
    assert_eq!(message(agency("p", "").map(drop)), "the URN of the agency is empty");
    let agency = || agency("p", "a").unwrap();
    assert_eq!(message(agency().with_session_name("").map(drop)), "the session name is empty");
    assert_eq!(message(Credential::from(agency()).with_project_id("a/b").map(drop)), no_id);
    let federated = |provider: &str| FederatedLogin::new(provider, token());
    assert_eq!(message(federated("").map(drop)), "the id of the identity provider is empty");
    assert_eq!(message(federated("\n").map(drop)), "the id of the identity provider is no header");
    assert_eq!(
        message(Credential::from(federated("p").unwrap()).with_project("").map(drop)),
        "the name of the project is empty"
    );
    assert_eq!(message(Credential::from(EcsAgency::new()).with_project_id("a/b").map(drop)), no_id);
    let pod = PodIdentity::new("https://pods.example/keys", "/token").unwrap();
    assert_eq!(message(Credential::from(pod).with_project_id("a/b").map(drop)), no_id);
    let plain = "http://pods.example/keys";
    for error in [
        PodIdentity::new(plain, "/token").map(drop).unwrap_err(),
        EcsAgency::new().with_endpoint(plain).map(drop).unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(error.message().contains("http://pods.example/keys: plain http"), "{error}");
    }
    let iam = Credential::from(key()).with_iam_endpoint("http://iam.example.com");
    let error = Client::builder().region("cn-north-4").credential(iam).build().unwrap_err();
    assert!(
        error.message().starts_with("IAM endpoint http://iam.example.com: plain http"),
        "{error}"
    );
}
