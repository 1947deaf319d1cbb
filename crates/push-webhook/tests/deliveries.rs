//! Webhooks as the code platforms document them. The tests of codearts-build use them too, through a
//! symbolic link.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderName};
use push_webhook::{Error, Platform, PushEvent};
use serde_json::{Value, json};
use sha2::Sha256;
use std::time::SystemTime;

pub const PLATFORMS: [Platform; 4] =
    [Platform::CodeArtsRepo, Platform::GitLab, Platform::GitHub, Platform::Gitee];
/// The newest commit of each fixture.
pub const COMMIT: &str = "2fdc0170f0d540ae952c03ee6cabae3a8943d16a";
pub const BEFORE: &str = "5c749465b14af7368b09945ed56942d54bc0b40d";
pub const ZEROS: &str = "0000000000000000000000000000000000000000";
/// The object of an annotated tag, which is not the commit.
pub const TAG_OBJECT: &str = "82b3d5ae55f7080f1e6022629cdb57bfae7cccc7";
pub const SECRET: &str = "canary-secret of a webhook";

/// A webhook as it is posted.
#[derive(Clone)]
pub struct Delivery {
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Delivery {
    /// A push of two commits to `refs/heads/master`.
    pub fn push(platform: Platform) -> Self {
        Self::new(platform, branch(platform))
    }

    /// A new annotated tag `refs/tags/v1.0.0`.
    pub fn tag(platform: Platform) -> Self {
        let mut body = branch(platform);
        body["ref"] = json!("refs/tags/v1.0.0");
        body["before"] = json!(ZEROS);
        body["after"] = json!(TAG_OBJECT);
        body["commits"] = json!([]);
        let delivery = Self::new(platform, body);
        match platform {
            Platform::GitHub => delivery,
            Platform::Gitee => {
                delivery.with_kind("Tag Push Hook").with("hook_name", "tag_push_hooks")
            }
            _ => delivery
                .with_kind("Tag Push Hook")
                .with("object_kind", "tag_push")
                .with("event_name", "tag_push"),
        }
    }

    /// The same with the branch or the tag deleted.
    pub fn deleted(self) -> Self {
        let body: Value = serde_json::from_slice(&self.body).unwrap();
        let delivery = self.with("after", ZEROS).with("commits", json!([]));
        if body.get("deleted").is_some() {
            delivery.with("deleted", true).with("head_commit", json!(null))
        } else {
            delivery.with("checkout_sha", json!(null))
        }
    }

    fn new(platform: Platform, body: Value) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", "application/json".parse().unwrap());
        headers.insert(kind_header(platform), kind(platform).parse().unwrap());
        Self { headers, body: body.to_string().into_bytes() }
    }

    /// The same with another field at the top.
    pub fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        let mut body: Value = serde_json::from_slice(&self.body).unwrap();
        body[field] = value.into();
        self.body = body.to_string().into_bytes();
        self
    }

    /// The same without a field at the top.
    pub fn without(mut self, field: &str) -> Self {
        let mut body: Value = serde_json::from_slice(&self.body).unwrap();
        body.as_object_mut().unwrap().remove(field).unwrap();
        self.body = body.to_string().into_bytes();
        self
    }

    pub fn with_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// The same with another kind of event.
    pub fn with_kind(self, kind: &str) -> Self {
        let mut names = PLATFORMS.map(kind_header).into_iter();
        let name = names.find(|name| self.headers.contains_key(*name)).unwrap();
        self.with_header(name, kind)
    }

    pub fn with_header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.insert(HeaderName::from_static(name), value.parse().unwrap());
        self
    }

    /// The same with the secret or the signature of the platform.
    pub fn signed(self, secret: &str) -> Self {
        let signature = |text: &[u8]| {
            let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
            mac.update(text);
            mac.finalize().into_bytes()
        };
        if self.headers.contains_key("x-github-event") {
            let hex = base16ct::lower::encode_string(&signature(&self.body));
            self.with_header("x-hub-signature-256", &format!("sha256={hex}"))
        } else if self.headers.contains_key("x-gitee-event") {
            let time = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_millis().to_string();
            let token = STANDARD.encode(signature(format!("{time}\n{secret}").as_bytes()));
            self.with_header("x-gitee-timestamp", &time).with_header("x-gitee-token", &token)
        } else if self.headers.contains_key("x-gitlab-event") {
            self.with_header("x-gitlab-token", secret)
        } else {
            self.with_header("x-repo-token", secret)
        }
    }

    pub fn event(&self) -> Result<PushEvent, Error> {
        PushEvent::from_webhook(&self.headers, &self.body)
    }
}

pub fn kind_header(platform: Platform) -> &'static str {
    match platform {
        Platform::GitLab => "x-gitlab-event",
        Platform::GitHub => "x-github-event",
        Platform::Gitee => "x-gitee-event",
        _ => "x-devcloud-event",
    }
}

fn kind(platform: Platform) -> &'static str {
    if platform == Platform::GitHub { "push" } else { "Push Hook" }
}

fn branch(platform: Platform) -> Value {
    match platform {
        Platform::GitLab => gitlab("gitlab.example.com"),
        Platform::GitHub => github(),
        Platform::Gitee => gitee(),
        _ => codearts_repo(),
    }
}

/// The commits of each fixture, the newest last.
pub fn commits() -> Value {
    json!([
        { "id": "b6568db1bc1dcd7f8b4d5a946b0b91f9dacd7327", "message": "Add a README" },
        { "id": COMMIT, "message": "Update README.md" },
    ])
}

/// The commits with fields that only some platforms send.
fn commits_with(more: Value) -> Value {
    let mut commits = commits();
    for commit in commits.as_array_mut().unwrap() {
        commit.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    }
    commits
}

fn codearts_repo() -> Value {
    let mut body = gitlab("codehub.devcloud.cn-north-4.huaweicloud.com");
    for field in ["ref_protected", "user_username", "push_options"] {
        body.as_object_mut().unwrap().remove(field).unwrap();
    }
    body
}

fn gitlab(host: &str) -> Value {
    let ssh = format!("git@{host}:team/Python2.git");
    let http = format!("https://{host}/team/Python2.git");
    let page = format!("https://{host}/team/Python2");
    json!({
        "object_kind": "push",
        "event_name": "push",
        "before": BEFORE,
        "after": COMMIT,
        "ref": "refs/heads/master",
        "ref_protected": true,
        "checkout_sha": COMMIT,
        "message": null,
        "user_id": 4,
        "user_name": "Jo Doe",
        "user_username": "jo",
        "user_email": "",
        "user_avatar": null,
        "project_id": 15,
        "project": {
            "id": 15,
            "name": "Python2",
            "description": "",
            "web_url": page,
            "avatar_url": null,
            "git_ssh_url": ssh,
            "git_http_url": http,
            "namespace": "team",
            "visibility_level": 0,
            "path_with_namespace": "team/Python2",
            "default_branch": "master",
            "ci_config_path": null,
            "homepage": page,
            "url": ssh,
            "ssh_url": ssh,
            "http_url": http,
        },
        "commits": commits_with(json!({
            "title": "Update",
            "timestamp": "2026-03-31T10:00:00+08:00",
            "url": format!("{page}/-/commit/{COMMIT}"),
            "author": { "name": "Jo Doe", "email": "jo@example.com" },
            "added": [],
            "modified": ["README.md"],
            "removed": [],
        })),
        "total_commits_count": 2,
        "push_options": {},
        "repository": {
            "name": "Python2",
            "url": ssh,
            "description": "",
            "homepage": page,
            "git_http_url": http,
            "git_ssh_url": ssh,
            "visibility_level": 0,
        },
    })
}

fn github() -> Value {
    let page = "https://github.com/team/Python2";
    let person = json!({ "name": "Jo Doe", "email": "jo@example.com", "username": "jo" });
    let commits = commits_with(json!({
        "tree_id": "f9d2a07e9488b91af2641b26b9407fe22a451433",
        "distinct": true,
        "timestamp": "2026-03-31T10:00:00+08:00",
        "url": format!("{page}/commit/{COMMIT}"),
        "author": person,
        "committer": person,
        "added": [],
        "removed": [],
        "modified": ["README.md"],
    }));
    json!({
        "ref": "refs/heads/master",
        "before": BEFORE,
        "after": COMMIT,
        "repository": {
            "id": 186853002,
            "node_id": "MDEwOlJlcG9zaXRvcnkxODY4NTMwMDI=",
            "name": "Python2",
            "full_name": "team/Python2",
            "private": false,
            "owner": { "name": "team", "email": null, "login": "team", "id": 21031067 },
            "html_url": page,
            "url": page,
            "git_url": "git://github.com/team/Python2.git",
            "ssh_url": "git@github.com:team/Python2.git",
            "clone_url": format!("{page}.git"),
            "created_at": 1557933565,
            "pushed_at": 1774922400,
            "default_branch": "master",
        },
        "pusher": { "name": "jo", "email": "jo@example.com" },
        "sender": { "login": "jo", "id": 21031067, "type": "User" },
        "created": false,
        "deleted": false,
        "forced": false,
        "base_ref": null,
        "compare": format!("{page}/compare/5c749465b14a...2fdc0170f0d5"),
        "head_commit": commits[1],
        "commits": commits,
    })
}

fn gitee() -> Value {
    let page = "https://gitee.com/team/Python2";
    let person = json!({ "name": "Jo Doe", "email": "jo@example.com", "user_name": "jo" });
    let commits = commits_with(json!({
        "tree_id": "db78f3594ec0683f5d857ef731df0d860f14f2b2",
        "parent_ids": [BEFORE],
        "distinct": true,
        "timestamp": "2026-03-31T10:00:00+08:00",
        "url": format!("{page}/commit/{COMMIT}"),
        "author": person,
        "committer": person,
        "added": null,
        "removed": null,
        "modified": ["README.md"],
    }));
    let repository = json!({
        "id": 120249025,
        "full_name": "team/Python2",
        "name": "Python2",
        "path": "Python2",
        "url": page,
        "git_http_url": format!("{page}.git"),
        "git_ssh_url": "git@gitee.com:team/Python2.git",
        "git_svn_url": "svn://gitee.com/team/Python2",
        "ssh_url": "git@gitee.com:team/Python2.git",
        "clone_url": format!("{page}.git"),
        "homepage": null,
        "private": false,
        "default_branch": "master",
    });
    json!({
        "hook_name": "push_hooks",
        "password": SECRET,
        "hook_id": 1,
        "hook_url": format!("{page}/hooks/1/edit"),
        "timestamp": "1774922400000",
        "sign": "",
        "ref": "refs/heads/master",
        "before": BEFORE,
        "after": COMMIT,
        "created": false,
        "deleted": false,
        "compare": format!("{page}/compare/{BEFORE}...{COMMIT}"),
        "head_commit": commits[1],
        "commits": commits,
        "total_commits_count": 2,
        "commits_more_than_ten": false,
        "repository": repository,
        "project": repository,
        "user_id": 1,
        "user_name": "jo",
        "user": person,
        "pusher": person,
        "sender": person,
        "enterprise": null,
    })
}
