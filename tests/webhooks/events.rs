//! Promise: the push of each platform gives the request for its build, or the reason why there is nothing
//! to build.

use super::deliveries::*;
use codearts_build::{NothingToBuild, Platform, PushEvent, types::AutoExecuteRequest};
use serde_json::{Value, json};

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
    serde_json::to_value(AutoExecuteRequest::try_from(event).unwrap()).unwrap()
}

#[track_caller]
fn reason(delivery: &Delivery) -> NothingToBuild {
    AutoExecuteRequest::try_from(&delivery.event().unwrap().with_tags(true)).unwrap_err()
}

#[test]
fn a_push_to_a_branch_gives_the_request_for_its_build() {
    for platform in PLATFORMS {
        let event = Delivery::push(platform).event().unwrap();
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
        assert_eq!(AutoExecuteRequest::try_from(&event), Err(NothingToBuild::Tag), "{platform}");
        let request = request(&event.with_tags(true));
        assert_eq!(request["ref"], "refs/tags/v1.0.0");
        assert_eq!(request["after"], COMMIT, "{platform}: the commit, not the object of the tag");
    }
}

#[test]
fn an_event_that_starts_no_build_gives_the_reason() {
    for platform in PLATFORMS {
        let push = Delivery::push(platform);
        for (delivery, expected) in [
            (push.clone().with_kind("ping"), NothingToBuild::NotAPush),
            (push.clone().with("ref", "refs/notes/commits"), NothingToBuild::OtherRef),
            (push.clone().deleted(), NothingToBuild::Deleted),
            (Delivery::tag(platform).deleted(), NothingToBuild::Deleted),
            (push.with("commits", json!([])), NothingToBuild::NoCommits),
        ] {
            assert_eq!(reason(&delivery), expected, "{platform}");
        }
    }
}

#[test]
fn an_empty_push_is_built_without_commits_if_it_is_wanted() {
    for platform in PLATFORMS {
        let push = Delivery::push(platform).with("before", ZEROS).with("commits", json!([]));
        let request = request(&push.event().unwrap().with_empty_pushes(true));
        assert_eq!((&request["before"], &request["after"]), (&json!(ZEROS), &json!(COMMIT)));
        assert!(request.get("commits").is_none_or(|commits| *commits == json!([])), "{platform}");
    }
}

#[test]
fn a_push_by_a_system_hook_gives_the_request_for_its_build() {
    let hook = Delivery::push(Platform::GitLab).with_kind("System Hook");
    let expected = request(&Delivery::push(Platform::GitLab).event().unwrap());
    assert_eq!(request(&hook.event().unwrap()), expected);
    let update = hook.with("event_name", "repository_update");
    assert_eq!(reason(&update), NothingToBuild::NotAPush);
}

#[test]
fn half_a_surrogate_in_a_message_does_not_cost_the_build() {
    let push = Delivery::push(Platform::GitHub).with("commits", json!([{ "message": "Fix @ it" }]));
    let body = String::from_utf8(push.body.clone()).unwrap().replace('@', r"\ud83d");
    let request = request(&push.with_body(body).event().unwrap());
    let message = request["commits"][0]["message"].as_str().unwrap();
    assert!(message.starts_with("Fix \u{fffd}") && message.ends_with(" it"), "{message}");
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
fn another_commit_that_the_service_cannot_take_is_sent_without_its_id() {
    let commits = json!([
        { "id": "a".repeat(64), "message": "Too long" },
        { "id": "", "message": "" },
        {},
        { "id": COMMIT, "message": "Update README.md" },
    ]);
    let push = Delivery::push(Platform::GitHub).with("commits", commits);
    let expected = json!([
        { "message": "Too long" },
        { "message": "" },
        {},
        { "id": COMMIT, "message": "Update README.md" },
    ]);
    assert_eq!(request(&push.event().unwrap())["commits"], expected);
}

#[test]
fn a_field_that_the_webhook_lacks_is_not_in_the_request() {
    let old = Delivery::push(Platform::CodeArtsRepo);
    let mut codehub = old.clone().with_header("x-codehub-event", "push hook");
    codehub.headers.remove("x-devcloud-event");
    assert_eq!(request(&codehub.event().unwrap()), request(&old.event().unwrap()));
    let created = request(&old.without("before").event().unwrap());
    assert_eq!(created.get("before"), None);
    // A lightweight tag has no object of its own.
    let light = Delivery::tag(Platform::GitLab).with("after", COMMIT).without("checkout_sha");
    assert_eq!(request(&light.event().unwrap().with_tags(true))["after"], COMMIT);
}
