//! Signed webhooks of each platform, for your own tests (feature `mock`).

use crate::{
    platform::Platform,
    push::{BRANCH, TAG},
    secret::WebhookSecret,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::Mac;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value, json};
use std::time::SystemTime;

/// The id of no commit.
const ZEROS: &str = "0000000000000000000000000000000000000000";

/// A push, as a platform posts it. [`headers`](Self::headers) and [`body`](Self::body) are what your
/// server receives.
///
/// It is a push of one commit to the branch `master` of the repository `team/app`, unless told otherwise.
/// Its body has the fields that this crate reads.
///
/// ```
/// use push_webhook::{Platform, PushEvent, WebhookSecret, mock::Delivery};
///
/// let secret = WebhookSecret::new("a long random text")?;
/// let push = Delivery::push(Platform::GitHub, &secret).with_branch("main");
/// let (headers, body) = (push.headers(), push.body());
/// secret.verify(&headers, &body)?;
/// let event = PushEvent::from_webhook(&headers, &body)?;
/// assert_eq!(event.branch(), Some("main"));
/// assert_eq!(event.repository_full_name(), Some("team/app"));
///
/// // A webhook that nobody should believe.
/// let other = WebhookSecret::new("another text")?;
/// assert!(other.verify(&headers, &body).unwrap_err().is_not_authentic());
/// # Ok::<(), push_webhook::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Delivery {
    platform: Platform,
    secret: WebhookSecret,
    time: SystemTime,
    body: Map<String, Value>,
}

impl Delivery {
    /// A push with the token or the signature of this secret. It is posted now.
    pub fn push(platform: Platform, secret: &WebhookSecret) -> Self {
        let address = "git@example.com:team/app.git";
        let repository = match platform {
            Platform::GitHub | Platform::Gitee => "repository",
            Platform::CodeArtsRepo | Platform::GitLab => "project",
        };
        let described = json!({
            "name": "app", "full_name": "team/app", "path_with_namespace": "team/app",
            "git_ssh_url": address, "ssh_url": address,
        });
        Self { platform, secret: secret.clone(), time: SystemTime::now(), body: Map::new() }
            .with(repository, described)
            .with_branch("master")
            .with_before("5c749465b14af7368b09945ed56942d54bc0b40d")
            .with_commits(&[("2fdc0170f0d540ae952c03ee6cabae3a8943d16a", "Update README.md")])
    }

    /// To another branch.
    pub fn with_branch(self, name: &str) -> Self {
        self.with("ref", format!("{BRANCH}{name}"))
    }

    /// A new tag of the commit instead. A tag has no commits of its own.
    pub fn with_tag(self, name: &str) -> Self {
        self.with("ref", format!("{TAG}{name}")).with_before(ZEROS).with_commits(&[])
    }

    /// With these commits, each an id and a message, the newest last. The newest one is what the branch
    /// points to afterwards. Without any, it is an empty push.
    pub fn with_commits(self, commits: &[(&str, &str)]) -> Self {
        let list = commits.iter().map(|(id, message)| json!({ "id": id, "message": message }));
        let push = self.with("commits", list.collect::<Value>());
        commits.iter().fold(push, |push, (id, _)| push.with_after(id))
    }

    /// What the branch or the tag pointed to before.
    pub fn with_before(self, id: &str) -> Self {
        self.with("before", id)
    }

    /// What the branch or the tag points to afterwards.
    pub fn with_after(self, id: &str) -> Self {
        self.with("after", id)
    }

    /// The branch or the tag was deleted instead.
    pub fn deleted(self) -> Self {
        self.with_commits(&[]).with_after(ZEROS)
    }

    /// Posted at another time. Gitee alone tells and signs it.
    pub fn with_time(self, time: SystemTime) -> Self {
        Self { time, ..self }
    }

    fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.body.insert(field.to_owned(), value.into());
        self
    }

    /// The body.
    pub fn body(&self) -> Vec<u8> {
        serde_json::to_vec(&self.body).unwrap_or_default()
    }

    /// The headers, with the token or the signature among them. For Gitee, it is the signature.
    pub fn headers(&self) -> HeaderMap {
        let secret = self.secret.0.as_str();
        let sign = |parts: &[&[u8]]| {
            self.secret.signer(parts).map(|it| it.finalize().into_bytes()).unwrap_or_default()
        };
        let time = self.time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let time = time.as_millis().to_string();
        let hex = format!("sha256={}", base16ct::lower::encode_string(&sign(&[&self.body()])));
        let signature = STANDARD.encode(sign(&[time.as_bytes(), b"\n", secret.as_bytes()]));
        let (event, token_header, token) = match self.platform {
            Platform::CodeArtsRepo => ("x-devcloud-event", "x-repo-token", secret),
            Platform::GitLab => ("x-gitlab-event", "x-gitlab-token", secret),
            Platform::GitHub => ("x-github-event", "x-hub-signature-256", &*hex),
            Platform::Gitee => ("x-gitee-event", "x-gitee-token", &*signature),
        };
        let name = self.body.get("ref").and_then(Value::as_str).unwrap_or_default();
        let kind = match self.platform {
            Platform::GitHub => "push",
            _ if name.starts_with(TAG) => "Tag Push Hook",
            _ => "Push Hook",
        };
        let mut all =
            vec![("content-type", "application/json"), (event, kind), (token_header, token)];
        if self.platform == Platform::Gitee {
            all.push(("x-gitee-timestamp", &time));
        }
        let all = all.into_iter().filter_map(|(name, value)| {
            // No platform can send a secret that is no value of a header.
            Some((HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).ok()?))
        });
        all.collect()
    }
}
