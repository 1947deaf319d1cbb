//! Promise: the webhook of each platform is read as a push with its commit to build, or as the reason why
//! there is nothing to build.

use super::{deliveries::*, printed_without_secrets};
use http::HeaderMap;
use push_webhook::{ErrorKind, NothingToBuild, Platform, Push, PushEvent, WebhookSecret};
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

/// The commits of a push, as the platforms write them.
fn commits_of(push: &Push) -> Value {
    let commits = push.commits().iter();
    commits.map(|it| json!({ "id": it.id().unwrap(), "message": it.message().unwrap() })).collect()
}

#[track_caller]
fn reason(delivery: &Delivery) -> NothingToBuild {
    delivery.event().unwrap().with_tags(true).to_build().unwrap_err()
}

#[test]
fn a_push_to_a_branch_is_built() {
    for platform in PLATFORMS {
        let event = Delivery::push(platform).event().unwrap();
        assert_eq!(event.platform(), platform);
        assert_eq!((event.branch(), event.tag()), (Some("master"), None));
        assert_eq!(event.ref_name(), Some("refs/heads/master"));
        assert_eq!((event.before(), event.after()), (Some(BEFORE), Some(COMMIT)));
        assert_eq!(event.repository_name(), Some("Python2"));
        assert_eq!(event.repository_url(), Some(address(platform)));
        let push = event.to_build().unwrap();
        assert_eq!(push.ref_name(), "refs/heads/master");
        assert_eq!((push.before(), push.after()), (Some(BEFORE), COMMIT));
        assert_eq!(push.commit(), COMMIT);
        assert_eq!(commits_of(push), commits(), "{platform}");
        assert_eq!(push.repository_name(), Some("Python2"));
        assert_eq!(push.repository_url(), Some(address(platform)));
    }
}

#[test]
fn a_tag_is_built_if_tags_are_wanted() {
    for platform in PLATFORMS {
        let event = Delivery::tag(platform).event().unwrap();
        assert_eq!((event.branch(), event.tag()), (None, Some("v1.0.0")));
        assert_eq!(event.after(), Some(TAG_OBJECT));
        assert_eq!(event.to_build(), Err(NothingToBuild::Tag), "{platform}");
        let event = event.with_tags(true);
        let push = event.to_build().unwrap();
        assert_eq!((push.ref_name(), push.after()), ("refs/tags/v1.0.0", TAG_OBJECT));
        assert_eq!(push.commit(), COMMIT, "{platform}: the commit, not the object of the tag");
    }
}

#[test]
fn a_deleted_branch_or_tag_is_not_built() {
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
fn a_branch_without_new_commits_is_built_if_empty_pushes_are_wanted() {
    for platform in PLATFORMS {
        for commits in [json!([]), json!(null)] {
            let new = Delivery::push(platform).with("before", ZEROS);
            // The commit is older than the one before.
            let back = Delivery::push(platform).with("after", BEFORE).with("before", COMMIT);
            for (push, commit) in [(new, COMMIT), (back, BEFORE)] {
                let event = push.with("commits", commits.clone()).event().unwrap();
                let key = event.idempotency_key();
                assert_eq!(event.to_build(), Err(NothingToBuild::NoCommits));
                let event = event.with_empty_pushes(true);
                let push = event.to_build().unwrap();
                assert_eq!((push.commit(), push.commits()), (commit, &[][..]), "{platform}");
                assert_eq!(event.idempotency_key(), key);
                let event = event.with_empty_pushes(false);
                assert_eq!(event.to_build(), Err(NothingToBuild::NoCommits));
            }
        }
        // Nothing else changes.
        let wanted = |push: Delivery| push.event().unwrap().with_empty_pushes(true);
        let deleted = wanted(Delivery::push(platform).deleted());
        assert_eq!(deleted.to_build(), Err(NothingToBuild::Deleted), "{platform}");
        assert_eq!(wanted(Delivery::tag(platform)).to_build(), Err(NothingToBuild::Tag));
        let other = wanted(Delivery::push(platform).with_kind("ping"));
        assert_eq!(other.to_build(), Err(NothingToBuild::NotAPush));
        assert_eq!(wanted(Delivery::push(platform)).to_build().unwrap().commits().len(), 2);
    }
}

#[test]
fn an_event_of_another_kind_is_not_built() {
    for (platform, kind) in [
        (Platform::CodeArtsRepo, "Merge Request Hook"),
        (Platform::GitLab, "Merge Request Hook"),
        (Platform::CodeArtsRepo, "System Hook"),
        (Platform::GitHub, "System Hook"),
        (Platform::Gitee, "System Hook"),
        (Platform::GitHub, "ping"),
        (Platform::GitHub, "pull_request"),
        (Platform::Gitee, "Note Hook"),
    ] {
        let delivery = Delivery::push(platform).with_kind(kind).with_body("anything");
        let event = delivery.event().unwrap();
        assert_eq!(event.to_build(), Err(NothingToBuild::NotAPush), "{kind}");
        assert_eq!((event.platform(), event.ref_name(), event.after()), (platform, None, None));
    }
}

#[test]
fn a_push_by_a_system_hook_is_read_like_another_push() {
    for kind in ["System Hook", "system hook"] {
        let push = Delivery::push(Platform::GitLab);
        let hook = push.clone().with_kind(kind);
        assert_eq!(hook.event(), push.event());
        let tag = Delivery::tag(Platform::GitLab);
        let event = tag.clone().with_kind(kind).event().unwrap();
        assert_eq!(event.to_build(), Err(NothingToBuild::Tag));
        let event = event.with_tags(true);
        assert_eq!(event.to_build().unwrap().commit(), COMMIT);
        assert_eq!(event.idempotency_key(), tag.event().unwrap().idempotency_key());
        assert_eq!(reason(&hook.clone().deleted()), NothingToBuild::Deleted);
        assert_eq!(reason(&tag.with_kind(kind).deleted()), NothingToBuild::Deleted);
        let error = hook.clone().without("after").event().unwrap_err();
        assert_eq!(error.to_string(), "the webhook has no readable after");
        // GitLab documents that these hooks never show commits.
        for commits in [json!([]), json!(null)] {
            let event = hook.clone().with("commits", commits).event().unwrap();
            let push = event.to_build().unwrap();
            assert_eq!((push.commit(), push.commits()), (COMMIT, &[][..]));
        }
    }
    let signed = Delivery::push(Platform::GitLab).with_kind("System Hook").signed(SECRET);
    WebhookSecret::new(SECRET).unwrap().verify(&signed.headers, &signed.body).unwrap();
}

#[test]
fn a_system_hook_of_another_kind_is_not_built() {
    let hook = Delivery::push(Platform::GitLab).with_kind("System Hook");
    let update = json!({
        "event_name": "repository_update",
        "user_id": 1,
        "project_id": 1,
        "project": { "name": "Python2", "path_with_namespace": "team/Python2" },
        "changes": [{ "before": BEFORE, "after": COMMIT, "ref": "refs/heads/master" }],
        "refs": ["refs/heads/master"],
    });
    let merge_request = json!({ "object_kind": "merge_request", "event_type": "merge_request" });
    let created = json!({ "event_name": "project_create", "name": "Python2", "project_id": 74 });
    for body in [update, merge_request, created, json!({}), json!({ "event_name": ["push"] })] {
        assert_eq!(reason(&hook.clone().with_body(body.to_string())), NothingToBuild::NotAPush);
    }
    for name in ["repository_update", "Push", "", "\u{fffd}"] {
        let push = hook.clone().with("event_name", name);
        assert_eq!(reason(&push), NothingToBuild::NotAPush, "{name}");
    }
    // This is not JSON.
    let error = hook.with_body("anything").event().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotUnderstood);
}

#[test]
fn a_webhook_of_another_platform_is_not_taken_for_one_of_github_or_gitlab() {
    let github = || Delivery::push(Platform::GitHub);
    let gitlab = || Delivery::push(Platform::GitLab);
    for (delivery, name) in [
        (github().with_header("x-gogs-event", "push"), "Gogs"),
        (
            github().with_header("x-gogs-event", "push").with_header("x-gitea-event", "push"),
            "Gitea",
        ),
        (
            github()
                .with_header("x-gogs-event", "push")
                .with_header("x-gitea-event", "push")
                .with_header("x-forgejo-event", "push"),
            "Forgejo",
        ),
        (github().with_header("x-coding-event", "push"), "CODING"),
        (gitlab().with_header("x-codeup-event", "Push Hook"), "Codeup"),
        (gitlab().with_header("x-event", "Push Hook"), "Tencent TGit"),
        (github().with_header("x-event-key", "repo:push"), "Bitbucket"),
    ] {
        let delivery = delivery.signed(SECRET);
        let secret = WebhookSecret::new(SECRET).unwrap();
        for error in [
            Platform::of(&delivery.headers).unwrap_err(),
            secret.verify(&delivery.headers, &delivery.body).unwrap_err(),
            delivery.event().unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::UnknownPlatform);
            let message = format!("not a known platform: this is a webhook of {name}");
            assert_eq!(error.to_string(), message);
            printed_without_secrets(&error);
        }
    }
    // No other platform sends these headers.
    for platform in [Platform::CodeArtsRepo, Platform::Gitee] {
        let push = Delivery::push(platform).with_header("x-event", "anything");
        assert_eq!(push.event().unwrap().platform(), platform);
    }
}

#[test]
fn the_platform_is_known_before_the_webhook_is_verified() {
    for platform in PLATFORMS {
        for delivery in [Delivery::push(platform), Delivery::push(platform).with_kind("ping")] {
            assert_eq!(Platform::of(&delivery.headers), Ok(platform));
        }
    }
    let error = Platform::of(&HeaderMap::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownPlatform);
}

#[test]
fn the_full_name_of_the_repository_is_read_if_the_platform_sends_it() {
    for platform in PLATFORMS {
        for delivery in [Delivery::push(platform), Delivery::tag(platform)] {
            let event = delivery.event().unwrap().with_tags(true);
            assert_eq!(event.repository_full_name(), Some("team/Python2"), "{platform}");
            let push = event.to_build().unwrap();
            assert_eq!(push.repository_full_name(), Some("team/Python2"), "{platform}");
        }
        let other = Delivery::push(platform).with_kind("ping").event().unwrap();
        assert_eq!(other.repository_full_name(), None);
    }
    let name = |repository: Value, project: Value| {
        let push = Delivery::push(Platform::Gitee).with("repository", repository);
        let event = push.with("project", project).event().unwrap();
        event.repository_full_name().map(str::to_owned)
    };
    let known = || json!({ "name": "app" });
    let team = Some("team/app".to_owned());
    assert_eq!(name(json!({ "name": "app", "full_name": "team/app" }), json!(null)), team);
    assert_eq!(
        name(json!({ "name": "app", "path_with_namespace": "team/app" }), json!(null)),
        team
    );
    assert_eq!(name(known(), json!({ "path_with_namespace": "team/app" })), team);
    for odd in [json!(""), json!(7), json!(null), json!("team/\u{fffd}")] {
        assert_eq!(name(known(), json!({ "path_with_namespace": odd })), None);
    }
    assert_eq!(name(known(), json!({})), None);
}

#[test]
fn a_commit_may_have_any_id() {
    for platform in PLATFORMS {
        for id in [&"a".repeat(64), "2fdc017", "é", "2fdc0170f0d540ae952c03ee6cabae3a8943d16-"] {
            let commits = json!([{ "id": id, "message": "" }, { "id": "" }, {}]);
            let push = Delivery::push(platform).with("after", id).with("commits", commits);
            let event = push.event().unwrap();
            let push = event.to_build().unwrap();
            assert_eq!(push.commit(), id, "{platform}");
            let commits: Vec<_> = push.commits().iter().map(|it| (it.id(), it.message())).collect();
            assert_eq!(commits, [(Some(id), Some("")), (None, None), (None, None)], "{platform}");
        }
    }
}

#[test]
fn another_ref_than_a_branch_or_a_tag_is_not_built() {
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
    assert_eq!(codehub.event().unwrap().to_build(), old.event().unwrap().to_build());
    let created = old.without("before").event().unwrap();
    assert_eq!(created.to_build().unwrap().before(), None);
    // A lightweight tag has no object of its own.
    let light = Delivery::tag(Platform::GitLab).with("after", COMMIT).without("checkout_sha");
    assert_eq!(light.event().unwrap().with_tags(true).to_build().unwrap().commit(), COMMIT);
}

#[test]
fn a_body_that_is_no_push_is_an_error_that_shows_nothing_of_it() {
    let push = || Delivery::push(Platform::Gitee);
    let form = push()
        .with_header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
        .with_body("payload=canary");
    let unknown = Delivery { headers: HeaderMap::new(), ..push() }.event().unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::UnknownPlatform);
    assert!(unknown.to_string().contains("no header names the kind of event"), "{unknown}");
    printed_without_secrets(&unknown);
    for (delivery, message) in [
        (push().with_body(""), "line 1, column 0"),
        (push().with_body("\n\"canary\""), "line 2, column 8"),
        (push().with_body("{} canary"), "line 1, column 4"),
        (push().with_body([b'{', 0xff]), "the body of the webhook is no push"),
        (push().with_body([b'"', 0xff, b'"']), "the body of the webhook is no push"),
        (form, "set its content type to application/json"),
        (push().without("ref"), "the webhook has no readable ref"),
        (push().with("after", ""), "the webhook has no readable after"),
        (push().without("repository").without("project"), "the webhook has no readable repository"),
    ] {
        let error = delivery.event().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotUnderstood);
        assert!(error.to_string().contains(message), "{error}");
        printed_without_secrets(&error);
    }
}

/// Values of the wrong type for any field. The last two are malformed texts, in JSON and in bytes.
fn odd_values() -> Vec<Vec<u8>> {
    let odd = ["null", "7", "-1e999", "true", "[[]]", "[\"canary\"]", "{}", "{\"canary\": [null]}"];
    let halves = [r#""half of \ud83d, \udc00""#, r#""\ud83d\ud83d\n\ud83d""#];
    // "Build" in Chinese, as GBK. The second byte of the other character is that of a backslash.
    let gbk: [&[u8]; 2] = [b"\"\xb9\xb9\xbd\xa8\"", b"\"\x95\x5c\x5c\""];
    let texts = odd.into_iter().chain(halves).map(|it| it.as_bytes().to_vec());
    texts.chain(gbk.into_iter().map(<[u8]>::to_vec)).collect()
}

/// The same with an odd value instead of the placeholder `"@"`.
fn with_odd(delivery: &Delivery, value: &[u8]) -> Delivery {
    let body = &delivery.body;
    let at = body.windows(3).position(|it| it == b"\"@\"").unwrap();
    delivery.clone().with_body([&body[..at], value, &body[at + 3..]].concat())
}

/// The names of the fields of a value and of all values in it, each as a JSON pointer.
fn pointers(value: &Value, prefix: &str, all: &mut Vec<String>) {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(name, it)| (name.clone(), it)).collect(),
        Value::Array(items) => {
            items.iter().enumerate().map(|(at, it)| (at.to_string(), it)).collect()
        }
        _ => Vec::new(),
    };
    for (name, value) in inner {
        let pointer = format!("{prefix}/{name}");
        pointers(value, &pointer, all);
        all.push(pointer);
    }
}

#[test]
fn an_odd_value_of_any_field_that_is_not_needed_never_costs_the_push() {
    for platform in PLATFORMS {
        for delivery in [Delivery::push(platform), Delivery::tag(platform)] {
            let expected = delivery.event().unwrap().with_tags(true);
            let expected = expected.to_build().unwrap();
            let body: Value = serde_json::from_slice(&delivery.body).unwrap();
            let mut all = Vec::new();
            pointers(&body, "", &mut all);
            for pointer in all {
                let is_needed = match &*pointer {
                    "/ref" | "/after" | "/deleted" => true,
                    // The only description of the repository.
                    "/repository" => platform == Platform::GitHub,
                    _ => false,
                };
                if is_needed {
                    continue;
                }
                let mut changed = body.clone();
                *changed.pointer_mut(&pointer).unwrap() = json!("@");
                let changed = delivery.clone().with_body(changed.to_string());
                for value in odd_values() {
                    // These two say that there is nothing to build.
                    if pointer == "/commits" && (&value == b"null" || expected.commits().is_empty())
                    {
                        continue;
                    }
                    let odd = with_odd(&changed, &value);
                    let event = odd.event().unwrap_or_else(|error| panic!("{pointer}: {error}"));
                    let event = event.with_tags(true);
                    let push = event.to_build().unwrap_or_else(|it| panic!("{pointer}: {it}"));
                    assert_eq!(
                        (push.ref_name(), push.after()),
                        (expected.ref_name(), expected.after())
                    );
                    assert!([Some("Python2"), None].contains(&push.repository_name()), "{pointer}");
                    let full_name = push.repository_full_name();
                    assert!([Some("team/Python2"), None].contains(&full_name), "{pointer}");
                    for commit in push.commits() {
                        assert!(commit.id().is_none_or(|id| id.len() == 40), "{pointer}");
                    }
                }
            }
        }
    }
}

#[test]
fn an_odd_message_loses_only_its_odd_part_and_any_other_odd_value_is_dropped() {
    let commits = json!([{ "id": "@", "message": "Add" }, { "id": COMMIT, "message": "@" }]);
    let kept = |commits: Value, value: &[u8]| {
        let push = Delivery::push(Platform::GitHub).with("commits", commits);
        let event = with_odd(&push, value).event().unwrap();
        let commits = event.to_build().unwrap().commits().to_vec();
        (commits[0].id().map(str::to_owned), commits[1].message().map(str::to_owned))
    };
    let message_alone =
        json!([{ "id": COMMIT, "message": "Add" }, { "id": COMMIT, "message": "@" }]);
    for (value, message) in [
        (&br#""Fix \ud83d it""#[..], Some("Fix \u{fffd}\u{fffd}\u{fffd} it")),
        (br#""\ud83d\ude00 \ud83d""#, Some("\u{1f600} \u{fffd}\u{fffd}\u{fffd}")),
        (b"\"Fix \xb9\xb9\xbd\xa8 it\"", Some("Fix \u{fffd}\u{fffd}\u{fffd}\u{fffd} it")),
        (b"\"\x95\\\\ it\"", Some("\u{fffd}\\ it")),
        (b"7", None),
        (b"null", None),
        (b"{\"text\": \"Fix\"}", None),
        (b"[]", None),
        (b"true", None),
    ] {
        let (_, given) = kept(message_alone.clone(), value);
        assert_eq!(given.as_deref(), message);
    }
    for value in odd_values() {
        assert_eq!(kept(commits.clone(), &value).0, None);
    }
}

#[test]
fn an_odd_value_of_a_required_field_is_an_error() {
    for platform in PLATFORMS {
        let push = Delivery::push(platform);
        for field in ["ref", "after"] {
            for value in odd_values() {
                let odd = with_odd(&push.clone().with(field, "@"), &value);
                let error = odd.event().unwrap_err();
                assert_eq!(error.kind(), ErrorKind::NotUnderstood);
                let message = format!("the webhook has no readable {field}");
                assert_eq!(error.to_string(), message);
                printed_without_secrets(&error);
            }
        }
        let nameless = |name: &str, url: &str| json!({ "name": name, "url": url });
        for value in odd_values() {
            let of = |repository| {
                let push = push.clone().with("repository", repository).with("project", json!(null));
                with_odd(&push, &value).event()
            };
            let error = of(nameless("@", "")).unwrap_err();
            assert_eq!(error.to_string(), "the webhook has no readable repository");
            let event = of(nameless("@", "git@example.com:a.git")).unwrap();
            assert_eq!(event.repository_name(), None);
            let event = of(nameless("Python2", "@")).unwrap();
            assert_eq!((event.repository_name(), event.repository_url()), (Some("Python2"), None));
        }
    }
}

#[test]
fn commits_that_cannot_be_read_are_commits() {
    for platform in PLATFORMS {
        for (commits, kept) in [(json!("canary"), 0), (json!({}), 0), (json!([null, 7]), 2)] {
            let push = Delivery::push(platform).with("commits", commits);
            let event = push.event().unwrap();
            assert_eq!(event.to_build().unwrap().commits().len(), kept, "{platform}");
        }
    }
}

#[test]
fn only_true_says_that_something_was_deleted() {
    for value in odd_values().iter().filter(|it| *it != b"true") {
        let push = Delivery::push(Platform::GitHub).with("deleted", "@");
        with_odd(&push, value).event().unwrap().to_build().unwrap();
    }
    let text = Delivery::push(Platform::GitHub).with("deleted", "true");
    text.event().unwrap().to_build().unwrap();
}

#[test]
fn a_form_is_named_whatever_the_case_and_the_parameters_of_its_content_type() {
    let message = |content_type: &str, body: &str| {
        let push = Delivery::push(Platform::GitHub).with_header("content-type", content_type);
        push.with_body(body).event().unwrap_err().to_string()
    };
    for form in [
        "application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded;charset=UTF-8",
        "Application/X-WWW-Form-URLEncoded ; charset=\"é\"",
        " APPLICATION/X-WWW-FORM-URLENCODED",
    ] {
        let message = message(form, "payload=%7B%7D");
        assert!(message.contains("set its content type to application/json"), "{form}: {message}");
    }
    for other in ["application/x-www-form-urlencoded2", "text/plain", "", ";"] {
        let message = message(other, "payload=%7B%7D");
        assert_eq!(message, "the body of the webhook is no push: line 1, column 1", "{other}");
    }
    // Some clients send JSON with this content type unless told otherwise.
    let json = Delivery::push(Platform::GitHub)
        .with_header("content-type", "application/x-www-form-urlencoded");
    json.event().unwrap().to_build().unwrap();
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
    let event = large.event().unwrap();
    let kept = event.to_build().unwrap().commits();
    assert_eq!(kept.len(), 20);
    for (position, commit) in kept.iter().enumerate() {
        let number = 581 + position;
        assert_eq!(commit.id().unwrap(), format!("{number:040}"));
        let message = commit.message().unwrap();
        assert!(message.starts_with(&format!("{number} é")), "{number}");
        assert_eq!(message.chars().count(), 4096);
    }
}

#[test]
fn a_body_is_read_up_to_its_maximum_size() {
    let mut push = Delivery::push(Platform::GitLab);
    push.body.resize(PushEvent::MAX_BODY_BYTES, b' ');
    push.event().unwrap().to_build().unwrap();
    push.body.push(b' ');
    let error = push.event().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert_eq!(error.to_string(), "the webhook has 26214401 bytes; at most 26214400 are read");
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

/// Keys are stored. A new version and another machine must compute the same.
#[test]
fn the_key_of_a_push_is_the_same_in_every_version() {
    let key = Delivery::push(Platform::GitHub).event().unwrap().idempotency_key();
    // Computed by the documented algorithm in another language.
    assert_eq!(key, "8e9adfac89e68366cbc964bd4af06712323eb49477b96ddfed020372325d231b");
}

#[test]
fn another_push_has_another_key() {
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
        // The same characters, divided differently.
        repository("a", "bc"),
        repository("ab", "c"),
        repository("abc", ""),
    ];
    let keys: HashSet<_> = others.iter().map(|it| it.event().unwrap().idempotency_key()).collect();
    assert_eq!(keys.len(), others.len());
}
