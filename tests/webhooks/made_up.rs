//! Promise: with any webhook, a request for a build has only values that the service accepts.
//!
//! `just made-up-webhooks` tries a million webhooks.

use super::{deliveries::*, made_up_deliveries::check_all};
use codearts_build::{NothingToBuild, PushEvent, WebhookSecret, types::AutoExecuteRequest};

/// Reads a delivery as a receiver does, and checks the result. Returns its name.
fn check(delivery: &Delivery) -> &'static str {
    let secret = WebhookSecret::new(SECRET).unwrap();
    let is_authentic = secret.verify(&delivery.headers, &delivery.body).is_ok();
    let Ok(event) = delivery.event() else {
        return if is_authentic { "authentic, malformed" } else { "malformed" };
    };
    let event = event.with_tags(true);
    assert_eq!(event.idempotency_key(), delivery.event().unwrap().idempotency_key());
    match AutoExecuteRequest::try_from(&event) {
        Ok(_) => {
            build(&event);
            if is_authentic { "authentic, built" } else { "built" }
        }
        Err(NothingToBuild::NotAPush) => "not a push",
        Err(NothingToBuild::Deleted) => "deleted",
        Err(NothingToBuild::NoCommits) => "no commits",
        Err(NothingToBuild::OtherRef) => "other ref",
        Err(NothingToBuild::CommitId) => "commit id",
        Err(other) => panic!("{other:?}"),
    }
}

/// Checks the request of an event.
fn build(event: &PushEvent) {
    let request = AutoExecuteRequest::try_from(event).unwrap();
    let is_id = |id: &str| id.len() == 40 && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let after = request.after.as_deref().unwrap();
    assert!(is_id(after) && event.after() != Some(ZEROS), "{after}");
    assert_eq!(request.ref_.as_deref(), event.ref_name());
    let name = event.branch().or(event.tag()).unwrap();
    assert!(!name.is_empty());
    assert!(request.commits.len() <= 20);
    assert!(event.tag().is_some() || event.after() == Some(after));
    for commit in &request.commits {
        assert!(commit.id.as_ref().is_none_or(|id| is_id(id)));
        assert!(commit.message.as_ref().is_none_or(|text| text.chars().count() <= 4096));
    }
    let repository = request.repository.unwrap();
    assert!(repository.name.is_some() || repository.url.is_some());
}

#[test]
fn what_is_built_is_valid() {
    check_all(check, 9);
}
