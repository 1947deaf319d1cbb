//! Promise: the made-up webhooks for users' tests are authentic, and are read as they were made.

use super::deliveries::{PLATFORMS, SECRET, kind_header};
use http::HeaderMap;
use push_webhook::{Error, NothingToBuild, Platform, PushEvent, WebhookSecret, mock::Delivery};
use std::time::{Duration, SystemTime};

const COMMIT: &str = "2fdc0170f0d540ae952c03ee6cabae3a8943d16a";
const OTHER: &str = "b6568db1bc1dcd7f8b4d5a946b0b91f9dacd7327";
const ZEROS: &str = "0000000000000000000000000000000000000000";

fn secret() -> WebhookSecret {
    WebhookSecret::new(SECRET).unwrap()
}

/// Reads a delivery as a receiver does.
fn received(delivery: &Delivery) -> Result<PushEvent, Error> {
    let (headers, body): (HeaderMap, Vec<u8>) = (delivery.headers(), delivery.body());
    secret().verify(&headers, &body)?;
    PushEvent::from_webhook(&headers, &body)
}

#[test]
fn a_push_is_authentic_and_complete() {
    for platform in PLATFORMS {
        let push = Delivery::push(platform, &secret());
        assert_eq!(Platform::of(&push.headers()), Ok(platform));
        assert_eq!(push.headers()["content-type"], "application/json");
        let event = received(&push).unwrap();
        assert_eq!((event.platform(), event.branch()), (platform, Some("master")));
        assert_eq!(event.repository_name(), Some("app"));
        assert_eq!(event.repository_full_name(), Some("team/app"));
        assert_eq!(event.repository_url(), Some("git@example.com:team/app.git"));
        let build = event.to_build().unwrap();
        assert_eq!((build.commit(), build.commits().len()), (COMMIT, 1));
        assert_eq!(build.commits()[0].id(), Some(COMMIT));
        assert_eq!(build.commits()[0].message(), Some("Update README.md"));
        assert!(build.before().is_some_and(|it| it.len() == 40 && it != ZEROS));
    }
}

#[test]
fn each_setter_changes_what_it_names() {
    for platform in PLATFORMS {
        let push = || Delivery::push(platform, &secret());
        let event = received(&push().with_branch("a/b")).unwrap();
        assert_eq!(event.branch(), Some("a/b"));
        let event = received(&push().with_before(OTHER).with_after(OTHER)).unwrap();
        assert_eq!((event.before(), event.after()), (Some(OTHER), Some(OTHER)));
        let event = received(&push().with_commits(&[(COMMIT, "One"), (OTHER, "Two")])).unwrap();
        let build = event.to_build().unwrap();
        assert_eq!(build.commit(), OTHER);
        assert_eq!(build.commits()[0].message(), Some("One"));
        assert_eq!((build.commits()[1].id(), build.commits().len()), (Some(OTHER), 2));
        let event = received(&push().with_commits(&[])).unwrap();
        assert_eq!(event.to_build(), Err(NothingToBuild::NoCommits));
        for deleted in [push().deleted(), push().with_tag("v1.0.0").deleted()] {
            let event = received(&deleted).unwrap().with_tags(true);
            assert_eq!(
                (event.after(), event.to_build()),
                (Some(ZEROS), Err(NothingToBuild::Deleted))
            );
        }
        let tag = push().with_tag("v1.0.0");
        let kind = &tag.headers()[kind_header(platform)];
        assert_eq!(kind, if platform == Platform::GitHub { "push" } else { "Tag Push Hook" });
        let event = received(&tag).unwrap();
        assert_eq!((event.tag(), event.before()), (Some("v1.0.0"), Some(ZEROS)));
        assert_eq!(event.to_build(), Err(NothingToBuild::Tag));
        let event = event.with_tags(true);
        assert_eq!(event.to_build().unwrap().commit(), COMMIT);
    }
}

#[test]
fn a_webhook_of_another_secret_is_not_authentic() {
    for platform in PLATFORMS {
        let forged = Delivery::push(platform, &WebhookSecret::new("another").unwrap());
        assert!(received(&forged).unwrap_err().is_not_authentic(), "{platform}");
        // What Debug shows can be logged.
        let push = Delivery::push(platform, &secret());
        assert!(!format!("{push:?} {push:#?}").contains("canary"));
    }
    // A changed body has another signature.
    let push = Delivery::push(Platform::GitHub, &secret());
    let changed = push.clone().with_branch("main").body();
    assert!(secret().verify(&push.headers(), &changed).unwrap_err().is_not_authentic());
}

#[test]
fn gitee_alone_tells_the_time() {
    let now = SystemTime::now();
    for platform in PLATFORMS {
        for age in [Duration::ZERO, Duration::from_secs(59 * 60), Duration::from_secs(2 * 60 * 60)]
        {
            let push = Delivery::push(platform, &secret()).with_time(now - age);
            let is_authentic = secret().verify_at(&push.headers(), &push.body(), now).is_ok();
            let is_late = platform == Platform::Gitee && age > Duration::from_secs(60 * 60);
            assert_eq!(is_authentic, !is_late, "{platform} {age:?}");
            let has_time = push.headers().contains_key("x-gitee-timestamp");
            assert_eq!(has_time, platform == Platform::Gitee);
        }
    }
}
