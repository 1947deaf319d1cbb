//! Pushes as code platforms post them, for tests of a receiver.

use http::HeaderMap;
use push_webhook::{Platform, WebhookSecret};
use serde_json::{Map, Value, json};
use std::time::SystemTime;

/// The id of no commit.
const ZEROS: &str = "0000000000000000000000000000000000000000";

/// A push, as a code platform posts it (features `mock` and `webhooks`).
///
/// By default, one commit was pushed to the branch `master` of the repository `team/app`. The body has the
/// fields that [`PushEvent`](crate::PushEvent) reads; [`with_field`](Self::with_field) adds others.
///
/// ```
/// use codearts_build::{Platform, PushEvent, WebhookSecret, mock::PushWebhook};
/// use codearts_build::types::AutoExecuteRequest;
///
/// // What your server does with a request.
/// let receive = |secret: &WebhookSecret, headers, body: &[u8]| {
///     secret.verify(headers, body)?;
///     PushEvent::from_webhook(headers, body)
/// };
///
/// let secret = WebhookSecret::new("a long random text")?;
/// let (headers, body) = PushWebhook::new(Platform::GitHub).with_branch("main").signed(&secret);
/// let event = receive(&secret, &headers, &body)?;
/// let request = AutoExecuteRequest::try_from(&event)?;
/// assert_eq!(request.ref_.as_deref(), Some("refs/heads/main"));
///
/// // A webhook that is not authentic.
/// let another = WebhookSecret::new("another text")?;
/// assert!(receive(&another, &headers, &body).unwrap_err().is_not_authentic());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct PushWebhook {
    platform: Platform,
    body: Map<String, Value>,
}

impl PushWebhook {
    /// A push of one commit to a branch.
    pub fn new(platform: Platform) -> Self {
        let name = match platform {
            Platform::CodeArtsRepo | Platform::GitLab => "project",
            _ => "repository",
        };
        let url = "git@example.com:team/app.git";
        let repository = json!({
            "name": "app",
            "full_name": "team/app",
            "path_with_namespace": "team/app",
            "git_ssh_url": url,
            "ssh_url": url,
        });
        Self { platform, body: Map::new() }
            .with_field(name, repository)
            .with_branch("master")
            .with_before("5c749465b14af7368b09945ed56942d54bc0b40d")
            .with_commits(&[("2fdc0170f0d540ae952c03ee6cabae3a8943d16a", "Update README.md")])
    }

    /// Pushes to this branch.
    pub fn with_branch(self, name: &str) -> Self {
        self.with_field("ref", format!("refs/heads/{name}"))
    }

    /// Pushes this new tag of the commit instead. A tag has no commits of its own.
    pub fn with_tag(self, name: &str) -> Self {
        let push = self.with_field("ref", format!("refs/tags/{name}")).with_before(ZEROS);
        push.with_commits(&[])
    }

    /// Pushes these commits, each an id and a message, the newest last. The branch is at the newest one
    /// afterwards. Without any, it is a push without new commits.
    pub fn with_commits(self, commits: &[(&str, &str)]) -> Self {
        let list = commits.iter().map(|(id, message)| json!({ "id": id, "message": message }));
        let push = self.with_field("commits", list.collect::<Value>());
        match commits.last() {
            Some((newest, _)) => push.with_after(newest),
            None => push,
        }
    }

    /// The branch or the tag was at this commit before.
    pub fn with_before(self, id: &str) -> Self {
        self.with_field("before", id)
    }

    /// The branch or the tag is at this commit afterwards.
    pub fn with_after(self, id: &str) -> Self {
        self.with_field("after", id)
    }

    /// Deletes the branch or the tag instead.
    pub fn deleted(self) -> Self {
        self.with_commits(&[]).with_after(ZEROS)
    }

    /// Sets a field of the body.
    pub fn with_field(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.body.insert(name.to_owned(), value.into());
        self
    }

    /// Returns headers and body with the token or the signature of this secret, posted now. For Gitee, it
    /// is the signature.
    pub fn signed(&self, secret: &WebhookSecret) -> (HeaderMap, Vec<u8>) {
        self.signed_at(secret, SystemTime::now())
    }

    /// Does what [`signed`](Self::signed) does, at another time than now. Only webhooks of Gitee tell the
    /// time.
    pub fn signed_at(&self, secret: &WebhookSecret, now: SystemTime) -> (HeaderMap, Vec<u8>) {
        let body = serde_json::to_vec(&self.body).unwrap_or_default();
        let ref_name = self.body.get("ref").and_then(Value::as_str).unwrap_or_default();
        let kind = match self.platform {
            Platform::GitHub => "push",
            _ if ref_name.starts_with("refs/tags/") => "Tag Push Hook",
            _ => "Push Hook",
        };
        (secret.sign_at(self.platform, kind, &body, now), body)
    }
}
