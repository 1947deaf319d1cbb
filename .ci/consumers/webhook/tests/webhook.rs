//! A webhook with its secret, and without.

#![deny(warnings)]

use http::HeaderMap;
use push_webhook::WebhookSecret;
use webhook::commit;

const COMMIT: &str = "2fdc0170f0d540ae952c03ee6cabae3a8943d16a";

#[test]
fn only_an_authentic_webhook_is_read() {
    let secret = WebhookSecret::new("a long random text").unwrap();
    let body = format!(
        r#"{{ "ref": "refs/heads/master", "after": "{COMMIT}",
            "commits": [{{ "id": "{COMMIT}" }}], "repository": {{ "name": "things" }} }}"#
    );
    let mut headers = HeaderMap::new();
    headers.insert("x-gitlab-event", "Push Hook".parse().unwrap());
    let error = commit(&secret, &headers, body.as_bytes()).unwrap_err();
    assert!(error.is_not_authentic(), "{error}");
    headers.insert("x-gitlab-token", "a long random text".parse().unwrap());
    let commit = commit(&secret, &headers, body.as_bytes()).unwrap();
    assert_eq!(commit.as_deref(), Some(COMMIT));
}
