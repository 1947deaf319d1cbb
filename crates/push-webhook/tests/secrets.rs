//! Promise: only a webhook of a sender who knows the secret is authentic, and the secret is shown nowhere.

use super::{deliveries::*, printed_without_secrets};
use http::HeaderMap;
use push_webhook::{ErrorKind, Platform, WebhookSecret};
#[cfg(feature = "mock")]
use push_webhook::{NothingToBuild, PushEvent};
use std::time::{Duration, SystemTime};

fn secret() -> WebhookSecret {
    WebhookSecret::new(SECRET).unwrap()
}

#[track_caller]
fn accepts(delivery: &Delivery) {
    secret().verify(&delivery.headers, &delivery.body).unwrap();
}

#[track_caller]
fn rejects(delivery: &Delivery) {
    let error = secret().verify(&delivery.headers, &delivery.body).unwrap_err();
    assert!(error.is_not_authentic(), "{error}");
    assert_eq!(error.kind(), ErrorKind::NotAuthentic);
    printed_without_secrets(&error);
}

#[test]
fn the_secret_of_each_platform_is_checked() {
    for platform in PLATFORMS {
        let push = Delivery::push(platform);
        accepts(&push.clone().signed(SECRET));
        rejects(&push);
        for wrong in ["canary", "x", &SECRET[1..], &SECRET[..25], &format!("{SECRET}x")] {
            rejects(&push.clone().signed(wrong));
        }
    }
}

#[test]
fn a_secret_or_a_signature_in_the_header_of_another_platform_does_not_count() {
    for platform in PLATFORMS {
        for other in PLATFORMS.into_iter().filter(|other| *other != platform) {
            let mut delivery = Delivery::push(other).signed(SECRET);
            delivery.headers.remove(kind_header(other)).unwrap();
            let kind = if platform == Platform::GitHub { "push" } else { "Push Hook" };
            let delivery = delivery.with_header(kind_header(platform), kind);
            // The two platforms have this header in common.
            if (platform, other) == (Platform::CodeArtsRepo, Platform::GitLab) {
                accepts(&delivery);
            } else {
                rejects(&delivery);
            }
        }
    }
}

#[test]
fn the_token_of_codearts_repo_may_be_in_any_of_its_headers() {
    let push = Delivery::push(Platform::CodeArtsRepo);
    let names =
        ["x-repo-token", "x-gitlab-token", "x-auth-token", "x-devcloud-token", "x-codehub-token"];
    for name in names {
        accepts(&push.clone().with_header(name, SECRET));
        rejects(&push.clone().with_header(name, "wrong"));
        let beside = push.clone().with_header("x-auth-token", "a token of somebody else");
        accepts(&beside.with_header(name, SECRET));
    }
}

#[test]
fn the_signature_of_github_is_the_documented_one_of_the_very_bytes() {
    let secret = WebhookSecret::new("It's a Secret to Everybody").unwrap();
    let hex = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    let verify = |signature: String, body: &[u8]| {
        let push = Delivery::push(Platform::GitHub).with_header("x-hub-signature-256", &signature);
        secret.verify(&push.headers, body).is_ok()
    };
    assert!(verify(format!("sha256={hex}"), b"Hello, World!"));
    assert!(!verify(format!("sha256={hex}"), b"Hello, World"));
    for wrong in [
        hex.to_owned(),
        format!("sha1={hex}"),
        format!("sha256={}", &hex[..62]),
        format!("sha256={}", &hex[1..]),
        format!("sha256={hex}00"),
        "sha256=".to_owned(),
        "sha256=It's a Secret to Everybody".to_owned(),
        "It's a Secret to Everybody".to_owned(),
    ] {
        assert!(!verify(wrong.clone(), b"Hello, World!"), "{wrong}");
    }
}

#[test]
fn gitee_signs_a_time_that_is_at_most_an_hour_off() {
    let secret = WebhookSecret::new("this is secret").unwrap();
    const SENT: u64 = 1_576_754_827_988;
    let verify = |token: &str, time: &str, now: u64| {
        let push = Delivery::push(Platform::Gitee)
            .with_header("x-gitee-token", token)
            .with_header("x-gitee-timestamp", time);
        let now = SystemTime::UNIX_EPOCH + Duration::from_millis(now);
        secret.verify_at(&push.headers, &push.body, now).is_ok()
    };
    // Computed by the documented algorithm in another language.
    let token = "2D978FIy4DMMTbiN80zQkNH1Eq/kMBt3gL6OnWfGzzY=";
    let sent = SENT.to_string();
    const HOUR: u64 = 3_600_000;
    for now in [SENT, SENT - HOUR, SENT + HOUR] {
        assert!(verify(token, &sent, now));
    }
    for now in [SENT - HOUR - 1, SENT + HOUR + 1, 0] {
        assert!(!verify(token, &sent, now), "{now}");
    }
    assert!(verify("2D978FIy4DMMTbiN80zQkNH1Eq%2FkMBt3gL6OnWfGzzY%3D", &sent, SENT));
    for time in ["1576754827989", "", "now", "-9223372036854775808", "99999999999999999999"] {
        assert!(!verify(token, time, SENT), "{time}");
    }
    for wrong in ["", "=", "2D978FIy4DMMTbiN80zQkNH1Eq/kMBt3gL6OnWfGzzU=", "this is secrets"] {
        assert!(!verify(wrong, &sent, SENT), "{wrong}");
    }
    // A password is not signed, so that its time is not checked.
    assert!(verify("this is secret", "0", SENT));
}

#[test]
fn a_signature_without_its_time_is_not_valid() {
    let mut push = Delivery::push(Platform::Gitee).signed(SECRET);
    accepts(&push);
    push.headers.remove("x-gitee-timestamp").unwrap();
    rejects(&push);
}

#[test]
fn a_request_that_is_no_webhook_has_an_unknown_platform() {
    let error = secret().verify(&HeaderMap::new(), b"{}").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownPlatform);
    assert!(!error.is_not_authentic(), "{error}");
}

#[test]
fn a_secret_that_could_never_match_is_an_error() {
    for (secret, message) in [
        ("", "the secret of the webhook is empty"),
        ("canary\n", "the secret of the webhook begins or ends with white space"),
        (" canary", "the secret of the webhook begins or ends with white space"),
    ] {
        let error = WebhookSecret::new(secret).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidSecret);
        assert_eq!(error.to_string(), message);
        printed_without_secrets(&error);
    }
    assert_eq!(format!("{:?}", secret()), "WebhookSecret([redacted])");
    assert!(!format!("{:#?}", secret()).contains("canary"));
}

/// The signatures are those of the tests, which share no code with the crate.
#[cfg(feature = "mock")]
#[test]
fn a_signed_webhook_has_the_headers_of_its_platform() {
    let now = SystemTime::now();
    for platform in PLATFORMS {
        let push = Delivery::push(platform);
        let kind = push.headers[kind_header(platform)].to_str().unwrap();
        let signed = secret().sign(platform, kind, &push.body);
        let expected = push.clone().signed(SECRET).headers;
        assert_eq!(signed.len(), expected.len());
        for (name, value) in &expected {
            let changes = platform == Platform::Gitee && name.as_str().starts_with("x-gitee-t");
            assert!(changes || signed[name] == value, "{name}");
        }
        secret().verify(&signed, &push.body).unwrap();
        assert_eq!(PushEvent::from_webhook(&signed, &push.body).unwrap(), push.event().unwrap());

        let ping = secret().sign(platform, "ping", b"{}");
        let event = PushEvent::from_webhook(&ping, b"{}").unwrap();
        assert_eq!(event.to_build(), Err(NothingToBuild::NotAPush));
        let early = secret().sign_at(platform, kind, &push.body, SystemTime::UNIX_EPOCH);
        let verified = secret().verify_at(&early, &push.body, now);
        assert_eq!(verified.is_err(), platform == Platform::Gitee);
        let before_1970 = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
        assert_eq!(secret().sign_at(platform, kind, &push.body, before_1970), early);
    }
    // No header can have these values.
    let unusual = WebhookSecret::new("a\nb").unwrap();
    let headers = unusual.sign(Platform::GitLab, "Push\nHook", b"{}");
    assert_eq!(headers.keys().collect::<Vec<_>>(), ["content-type"]);
}
