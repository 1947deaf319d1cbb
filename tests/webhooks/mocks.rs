//! Promise: users test their receivers with signed pushes of each platform. The pushes are authentic, and are
//! read as they were made.

use super::deliveries::{BEFORE, COMMIT, PLATFORMS, SECRET, ZEROS, kind_header};
use codearts_build::{
    NothingToBuild, Platform, PushEvent, WebhookSecret, mock::PushWebhook, push_webhook::Error,
    types::AutoExecuteRequest,
};
use http::HeaderMap;
use std::time::{Duration, SystemTime};

const OTHER: &str = "b6568db1bc1dcd7f8b4d5a946b0b91f9dacd7327";

fn secret() -> WebhookSecret {
    WebhookSecret::new(SECRET).unwrap()
}

fn receive(headers: &HeaderMap, body: &[u8]) -> Result<PushEvent, Error> {
    secret().verify(headers, body)?;
    PushEvent::from_webhook(headers, body)
}

fn event(push: &PushWebhook) -> PushEvent {
    let (headers, body) = push.signed(&secret());
    receive(&headers, &body).unwrap()
}

#[test]
fn a_push_is_authentic_and_complete() {
    for platform in PLATFORMS {
        let push = PushWebhook::new(platform);
        let (headers, _) = push.signed(&secret());
        assert_eq!(Platform::of(&headers), Ok(platform));
        assert_eq!(headers["content-type"], "application/json");
        let event = event(&push);
        assert_eq!((event.platform(), event.branch()), (platform, Some("master")));
        assert_eq!(event.repository_name(), Some("app"));
        assert_eq!(event.repository_full_name(), Some("team/app"));
        assert_eq!(event.repository_url(), Some("git@example.com:team/app.git"));
        let build = event.to_build().unwrap();
        assert_eq!((build.before(), build.commit()), (Some(BEFORE), COMMIT));
        let commits: Vec<_> = build.commits().iter().map(|it| (it.id(), it.message())).collect();
        assert_eq!(commits, [(Some(COMMIT), Some("Update README.md"))]);
        let request = AutoExecuteRequest::try_from(&event).unwrap();
        assert_eq!(request.after.as_deref(), Some(COMMIT));
    }
}

#[test]
fn each_setter_changes_what_it_names() {
    for platform in PLATFORMS {
        let push = || PushWebhook::new(platform);
        assert_eq!(event(&push().with_branch("a/b")).branch(), Some("a/b"));
        let moved = event(&push().with_before(OTHER).with_after(OTHER));
        assert_eq!((moved.before(), moved.after()), (Some(OTHER), Some(OTHER)));
        let two = event(&push().with_commits(&[(COMMIT, "One"), (OTHER, "Two")]));
        let build = two.to_build().unwrap();
        assert_eq!((build.commit(), build.commits().len()), (OTHER, 2));
        assert_eq!(build.commits()[0].message(), Some("One"));
        let empty = event(&push().with_commits(&[]));
        assert_eq!(empty.to_build(), Err(NothingToBuild::NoCommits));
        for deleted in [push().deleted(), push().with_tag("v1.0.0").deleted()] {
            let event = event(&deleted).with_tags(true);
            assert_eq!(event.after(), Some(ZEROS));
            assert_eq!(event.to_build(), Err(NothingToBuild::Deleted));
        }
        let notes = event(&push().with_field("ref", "refs/notes/commits"));
        assert_eq!(notes.to_build(), Err(NothingToBuild::OtherRef));
    }
}

#[test]
fn a_tag_is_one_of_the_platform() {
    for platform in PLATFORMS {
        let push = PushWebhook::new(platform).with_tag("v1.0.0");
        let (headers, _) = push.signed(&secret());
        let kind = if platform == Platform::GitHub { "push" } else { "Tag Push Hook" };
        assert_eq!(headers[kind_header(platform)], kind);
        let event = event(&push);
        assert_eq!((event.tag(), event.before()), (Some("v1.0.0"), Some(ZEROS)));
        assert_eq!(event.to_build(), Err(NothingToBuild::Tag));
        assert_eq!(event.with_tags(true).to_build().unwrap().commit(), COMMIT);
    }
}

#[test]
fn a_push_with_another_secret_or_another_body_is_not_authentic() {
    for platform in PLATFORMS {
        let (headers, body) =
            PushWebhook::new(platform).signed(&WebhookSecret::new("another").unwrap());
        assert!(receive(&headers, &body).unwrap_err().is_not_authentic(), "{platform}");
    }
    let push = PushWebhook::new(Platform::GitHub);
    let ((headers, _), (_, body)) =
        (push.signed(&secret()), push.with_branch("main").signed(&secret()));
    assert!(receive(&headers, &body).unwrap_err().is_not_authentic());
}

#[test]
fn only_gitee_tells_the_time() {
    const MINUTE: Duration = Duration::from_secs(60);
    let now = SystemTime::now();
    for platform in PLATFORMS {
        for (age, is_late) in [(Duration::ZERO, false), (59 * MINUTE, false), (61 * MINUTE, true)] {
            let (headers, body) = PushWebhook::new(platform).signed_at(&secret(), now - age);
            let is_gitee = platform == Platform::Gitee;
            assert_eq!(headers.contains_key("x-gitee-timestamp"), is_gitee);
            let verified = secret().verify_at(&headers, &body, now);
            assert_eq!(verified.is_err(), is_gitee && is_late, "{platform} {age:?}");
        }
    }
}
