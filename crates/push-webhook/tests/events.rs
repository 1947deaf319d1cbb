//! Promise: the webhook of each platform says what was pushed, and gives the request for its build or the
//! reason why there is nothing to build.

use super::deliveries::*;
use crate::support::{COMMIT, printed};
use codearts_build::{ErrorKind, NothingToBuild, Platform, PushEvent};
use http::HeaderMap;
use serde_json::{Value, json};
use std::collections::HashSet;

fn address(platform: Platform) -> &'static str {
    match platform {
        Platform::GitLab => "git@gitlab.example.com:team/Python2.git",
        Platform::GitHub => "git@github.com:team/Python2.git",
        Platform::Gitee => "git@gitee.com:team/Python2.git",
        _ => "git@codehub.devcloud.cn-north-4.huaweicloud.com:team/Python2.git",
    }
}

#[track_caller]
fn request(event: &PushEvent) -> Value {
    serde_json::to_value(event.request().unwrap()).unwrap()
}

#[track_caller]
fn reason(delivery: &Delivery) -> NothingToBuild {
    delivery.event().unwrap().with_tags(true).request().unwrap_err()
}

#[test]
fn a_push_to_a_branch_gives_the_request_for_its_build() {
    for platform in PLATFORMS {
        let event = Delivery::push(platform).event().unwrap();
        assert_eq!(event.platform(), platform);
        assert_eq!((event.branch(), event.tag()), (Some("master"), None));
        assert_eq!(event.ref_name(), Some("refs/heads/master"));
        assert_eq!((event.before(), event.after()), (Some(BEFORE), Some(COMMIT)));
        assert_eq!(event.repository_name(), Some("Python2"));
        assert_eq!(event.repository_url(), Some(address(platform)));
        let expected = json!({
            "event_type": "push",
            "ref": "refs/heads/master",
            "before": BEFORE,
            "after": COMMIT,
            "commits": commits(),
            "repository": { "name": "Python2", "url": address(platform) },
        });
        assert_eq!(request(&event), expected, "{platform}");
    }
}

#[test]
fn a_tag_is_built_if_tags_are_wanted() {
    for platform in PLATFORMS {
        let event = Delivery::tag(platform).event().unwrap();
        assert_eq!((event.branch(), event.tag()), (None, Some("v1.0.0")));
        assert_eq!(event.after(), Some(TAG_OBJECT));
        assert_eq!(event.request(), Err(NothingToBuild::Tag), "{platform}");
        let request = request(&event.with_tags(true));
        assert_eq!(request["ref"], "refs/tags/v1.0.0");
        assert_eq!(request["after"], COMMIT, "{platform}: the commit, not the object of the tag");
    }
}

#[test]
fn what_was_deleted_is_not_built() {
    for platform in PLATFORMS {
        for delivery in [Delivery::push(platform), Delivery::tag(platform)] {
            assert_eq!(reason(&delivery.deleted()), NothingToBuild::Deleted, "{platform}");
        }
        let zeros = Delivery::push(platform).with("after", "0".repeat(64));
        assert_eq!(reason(&zeros), NothingToBuild::Deleted, "{platform}");
    }
    let marked = Delivery::push(Platform::GitHub).with("deleted", true);
    assert_eq!(reason(&marked), NothingToBuild::Deleted);
}

#[test]
fn a_push_without_commits_is_not_built() {
    for platform in PLATFORMS {
        for commits in [json!([]), json!(null)] {
            let push = Delivery::push(platform).with("before", ZEROS).with("commits", commits);
            assert_eq!(reason(&push), NothingToBuild::NoCommits, "{platform}");
        }
    }
}

#[test]
fn an_event_of_another_kind_is_not_built() {
    for (platform, kind) in [
        (Platform::CodeArtsRepo, "Merge Request Hook"),
        (Platform::GitLab, "System Hook"),
        (Platform::GitHub, "ping"),
        (Platform::GitHub, "pull_request"),
        (Platform::Gitee, "Note Hook"),
    ] {
        let delivery = Delivery::push(platform).with_kind(kind).with_body("anything");
        let event = delivery.event().unwrap();
        assert_eq!(event.request(), Err(NothingToBuild::NotAPush), "{kind}");
        assert_eq!((event.platform(), event.ref_name(), event.after()), (platform, None, None));
    }
}

#[test]
fn a_commit_that_the_service_cannot_take_is_not_built() {
    for platform in PLATFORMS {
        for id in [&"a".repeat(64), "2fdc017", "é", "2fdc0170f0d540ae952c03ee6cabae3a8943d16-"] {
            let push = Delivery::push(platform).with("after", id);
            assert_eq!(reason(&push), NothingToBuild::CommitId, "{platform} {id}");
        }
    }
}

#[test]
fn what_is_neither_a_branch_nor_a_tag_is_not_built() {
    for name in ["refs/notes/commits", "refs/heads/", "refs/tags/", "master", "refs/headsmaster"] {
        let push = Delivery::push(Platform::GitHub).with("ref", name);
        assert_eq!(reason(&push), NothingToBuild::OtherRef, "{name}");
    }
}

#[test]
fn a_reason_can_be_read() {
    let reason: Box<dyn std::error::Error> = NothingToBuild::Deleted.into();
    assert_eq!(reason.to_string(), "the branch or the tag was deleted");
}

#[test]
fn older_and_shorter_webhooks_are_read_too() {
    let old = Delivery::push(Platform::CodeArtsRepo);
    let url = "git@codehub.example.com:team/Old.git";
    for (repository, project, expected) in [
        (json!({ "name": "Old", "url": url }), json!(null), (Some("Old"), Some(url))),
        (json!(null), json!({ "name": "Old", "git_ssh_url": url }), (Some("Old"), Some(url))),
        (json!({ "url": url }), json!({}), (None, Some(url))),
        (json!({ "name": "Old", "url": "" }), json!({}), (Some("Old"), None)),
    ] {
        let event = old.clone().with("repository", repository).with("project", project);
        let event = event.event().unwrap();
        assert_eq!((event.repository_name(), event.repository_url()), expected);
    }
    let mut codehub = old.clone().with_header("x-codehub-event", "push hook");
    codehub.headers.remove("x-devcloud-event");
    assert_eq!(codehub.event().unwrap().platform(), Platform::CodeArtsRepo);
    assert_eq!(request(&codehub.event().unwrap()), request(&old.event().unwrap()));
    let created = request(&old.without("before").event().unwrap());
    assert_eq!(created.get("before"), None);
    // A light tag has no object of its own.
    let light = Delivery::tag(Platform::GitLab).with("after", COMMIT).without("checkout_sha");
    assert_eq!(request(&light.event().unwrap().with_tags(true))["after"], COMMIT);
}

#[test]
fn what_is_no_push_is_an_invalid_argument_that_shows_nothing_of_it() {
    let push = || Delivery::push(Platform::Gitee);
    let form = push()
        .with_header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
        .with_body("payload=canary");
    for (delivery, message) in [
        (Delivery { headers: HeaderMap::new(), ..push() }, "no header names the kind of event"),
        (push().with_body(""), "line 1, column 0"),
        (push().with_body("\n\"canary\""), "line 2, column 8"),
        (push().with_body("{} canary"), "line 1, column 4"),
        (push().with_body([b'{', 0xff]), "the body of the webhook is no push"),
        (form, "set its content type to application/json"),
        (push().with("after", 1), "the body of the webhook is no push"),
        (push().with("commits", "canary"), "the body of the webhook is no push"),
        (push().without("ref"), "the webhook has no ref"),
        (push().with("after", ""), "the webhook has no after"),
        (push().without("repository").without("project"), "the webhook has no repository"),
    ] {
        let error = delivery.event().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(error.message().contains(message), "{error}");
        assert!(!printed(&error).contains("canary"), "{error:?}");
    }
}

#[test]
fn a_large_push_is_read_and_little_of_it_is_kept() {
    let commit = |number: usize| {
        let message = format!("{number} {}", "é".repeat(5000));
        json!({ "id": format!("{number:040}"), "message": message, "added": ["a".repeat(500)] })
    };
    let all: Vec<_> = (1..=600).map(commit).collect();
    let large = Delivery::push(Platform::GitHub).with("commits", json!(all));
    assert!(large.body.len() > 6_000_000);
    let request = request(&large.event().unwrap());
    let kept = request["commits"].as_array().unwrap();
    assert_eq!(kept.len(), 20);
    for (position, commit) in kept.iter().enumerate() {
        let number = 581 + position;
        assert_eq!(commit["id"], format!("{number:040}"));
        let message = commit["message"].as_str().unwrap();
        assert!(message.starts_with(&format!("{number} é")), "{number}");
        assert_eq!(message.chars().count(), 4096);
    }
}

#[test]
fn a_body_is_read_up_to_its_maximum_size() {
    let mut push = Delivery::push(Platform::GitLab);
    push.body.resize(PushEvent::MAX_BODY_BYTES, b' ');
    push.event().unwrap().request().unwrap();
    push.body.push(b' ');
    let error = push.event().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert_eq!(error.message(), "the webhook has 26214401 bytes; at most 26214400 are read");
}

#[test]
fn the_key_is_the_same_for_a_push_however_often_it_is_delivered() {
    for platform in PLATFORMS {
        let push = Delivery::push(platform);
        let key = push.event().unwrap().idempotency_key();
        let again = push
            .with_header("x-github-delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958")
            .with("timestamp", "1774929999999")
            .with("user_name", "somebody else");
        assert_eq!(again.event().unwrap().with_tags(true).idempotency_key(), key);
        assert!(key.len() == 64 && key.bytes().all(|byte| byte.is_ascii_hexdigit()), "{key}");
    }
}

#[test]
fn the_key_is_another_for_another_push() {
    let push = || Delivery::push(Platform::GitHub);
    let repository =
        |name: &str, url: &str| push().with("repository", json!({ "name": name, "ssh_url": url }));
    let others = [
        push(),
        push().with("ref", "refs/heads/main"),
        push().with("ref", "refs/tags/master"),
        push().with("before", ZEROS),
        push().with("after", BEFORE),
        repository("Python2", "git@github.com:team/Python3.git"),
        repository("Python3", "git@github.com:team/Python2.git"),
        // The same characters, shared out in another way.
        repository("a", "bc"),
        repository("ab", "c"),
        repository("abc", ""),
    ];
    let keys: HashSet<_> = others.iter().map(|it| it.event().unwrap().idempotency_key()).collect();
    assert_eq!(keys.len(), others.len());
}
