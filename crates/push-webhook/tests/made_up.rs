//! Promise: reading any webhook never panics, and a push to build is complete.

use super::{deliveries::*, made_up_deliveries::check_all};
use push_webhook::{NothingToBuild, PushEvent, WebhookSecret};

/// Reads a delivery as a receiver does, and checks the result. Returns its name.
fn check(delivery: &Delivery) -> &'static str {
    let secret = WebhookSecret::new(SECRET).unwrap();
    let is_authentic = secret.verify(&delivery.headers, &delivery.body).is_ok();
    let Ok(event) = delivery.event() else {
        return if is_authentic { "authentic, malformed" } else { "malformed" };
    };
    let event = event.with_tags(true);
    assert_eq!(event.idempotency_key(), delivery.event().unwrap().idempotency_key());
    match event.to_build() {
        Ok(_) => {
            build(&event);
            if is_authentic { "authentic, built" } else { "built" }
        }
        Err(NothingToBuild::NotAPush) => "not a push",
        Err(NothingToBuild::Deleted) => "deleted",
        Err(NothingToBuild::NoCommits) => "no commits",
        Err(NothingToBuild::OtherRef) => "other ref",
        Err(other) => panic!("{other:?}"),
    }
}

/// Checks the push of an event.
fn build(event: &PushEvent) {
    let push = event.to_build().unwrap();
    assert!(!push.commit().is_empty() && event.after() != Some(ZEROS), "{push:?}");
    assert_eq!((Some(push.ref_name()), Some(push.after())), (event.ref_name(), event.after()));
    let name = event.branch().or(event.tag()).unwrap();
    assert!(!name.is_empty());
    assert!(push.commits().len() <= 20);
    assert!(event.tag().is_some() || push.after() == push.commit());
    for commit in push.commits() {
        assert!(commit.id().is_none_or(|id| !id.is_empty()));
        assert!(commit.message().is_none_or(|text| text.chars().count() <= 4096));
    }
    assert!(push.repository_name().is_some() || push.repository_url().is_some());
}

#[test]
fn reading_never_panics_and_what_is_built_is_complete() {
    check_all(check, 8);
}
