//! A push, as a code platform reports it.

use crate::error::Error;
use crate::generated::types::{AutoExecuteRequest, CommitId, CommitsItem, Repository};
use crate::types::webhook::{
    nothing_to_build::NothingToBuild,
    payload::{Commit, Payload, Project},
    platform::Platform,
};
use http::{HeaderMap, header::CONTENT_TYPE};
use sha2::{Digest, Sha256};

const BRANCH: &str = "refs/heads/";
const TAG: &str = "refs/tags/";
/// How much of the message of a commit is kept, in characters.
const MAX_MESSAGE: usize = 4096;

/// What a code platform posted: a push to a branch or a tag, or another event, which starts no build.
///
/// ```
/// use codearts_build::{Platform, PushEvent};
/// use http::HeaderMap;
///
/// let mut headers = HeaderMap::new();
/// headers.insert("x-github-event", "push".parse().unwrap());
/// let body = br#"{
///     "ref": "refs/heads/master",
///     "before": "5c749465b14af7368b09945ed56942d54bc0b40d",
///     "after": "2fdc0170f0d540ae952c03ee6cabae3a8943d16a",
///     "deleted": false,
///     "commits": [
///         { "id": "2fdc0170f0d540ae952c03ee6cabae3a8943d16a", "message": "Update README.md" }
///     ],
///     "repository": { "name": "Python2", "ssh_url": "git@github.com:team/Python2.git" }
/// }"#;
/// let event = PushEvent::from_webhook(&headers, body)?;
/// assert_eq!((event.platform(), event.branch()), (Platform::GitHub, Some("master")));
/// let request = event.request()?;
/// assert_eq!(request.after.as_deref(), Some("2fdc0170f0d540ae952c03ee6cabae3a8943d16a"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct PushEvent {
    platform: Platform,
    builds_tags: bool,
    /// Nothing, if the event is no push.
    push: Option<Push>,
}

#[derive(Clone, Debug, PartialEq)]
struct Push {
    ref_: String,
    before: Option<String>,
    after: String,
    /// The commit to build. A tag may be an object of its own, with an id of its own.
    commit: String,
    is_deletion: bool,
    commits: Vec<CommitsItem>,
    repository: Repository,
}

impl PushEvent {
    /// The largest body of a webhook that is read: 25 MiB. The largest that is documented has 25 MB
    /// (GitHub).
    pub const MAX_BODY_BYTES: usize = 25 * 1024 * 1024;

    /// Reads a webhook. Check its secret first, with [`WebhookSecret::verify`].
    ///
    /// Of a large push, the 20 newest commits are kept, with the first 4096 characters of their
    /// messages.
    ///
    /// [`WebhookSecret::verify`]: crate::WebhookSecret::verify
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the request is no webhook of a known platform,
    /// or if the body is too large, is no JSON, or says not what was pushed to where.
    pub fn from_webhook(headers: &HeaderMap, body: &[u8]) -> Result<Self, Error> {
        let (platform, kind) = Platform::of(headers)?;
        if body.len() > Self::MAX_BODY_BYTES {
            return Err(Error::invalid_argument(format!(
                "the webhook has {} bytes; at most {} are read",
                body.len(),
                Self::MAX_BODY_BYTES
            )));
        }
        let push = platform.is_push(kind).then(|| Push::read(headers, body)).transpose()?;
        Ok(Self { platform, builds_tags: false, push })
    }

    /// Builds tags too, if true. By default, only branches are built.
    #[must_use]
    pub fn with_tags(mut self, builds_tags: bool) -> Self {
        self.builds_tags = builds_tags;
        self
    }

    /// The platform that sent the event.
    pub fn platform(&self) -> Platform {
        self.platform
    }

    /// Full name of the branch or the tag, as `refs/heads/master`. `None` if the event is no push.
    pub fn ref_name(&self) -> Option<&str> {
        Some(&self.push.as_ref()?.ref_)
    }

    /// Name of the branch, as `master`, if a branch was pushed to.
    pub fn branch(&self) -> Option<&str> {
        self.ref_name()?.strip_prefix(BRANCH)
    }

    /// Name of the tag, as `v1.0.0`, if a tag was pushed.
    pub fn tag(&self) -> Option<&str> {
        self.ref_name()?.strip_prefix(TAG)
    }

    /// What the branch or the tag pointed to before the push: zeros if it was created.
    pub fn before(&self) -> Option<&str> {
        self.push.as_ref()?.before.as_deref()
    }

    /// What the branch or the tag points to after the push: zeros if it was deleted.
    pub fn after(&self) -> Option<&str> {
        Some(&self.push.as_ref()?.after)
    }

    /// Name of the repository.
    pub fn repository_name(&self) -> Option<&str> {
        self.push.as_ref()?.repository.name.as_deref()
    }

    /// Address for cloning the repository with SSH, if the platform sent one, else its other address.
    pub fn repository_url(&self) -> Option<&str> {
        self.push.as_ref()?.repository.url.as_deref()
    }

    /// A key that is the same however often a push is delivered: a hash of repository, ref, before and
    /// after, as 64 hexadecimal digits. Start one build for each.
    ///
    /// A push that does what an earlier one did has the key of that one, for example if a branch goes
    /// forth, back and forth again.
    pub fn idempotency_key(&self) -> String {
        let mut hash = Sha256::new();
        let parts = [
            self.repository_name(),
            self.repository_url(),
            self.ref_name(),
            self.before(),
            self.after(),
        ];
        for part in parts.map(Option::unwrap_or_default) {
            // With its length, so that no two lists of parts make one text.
            hash.update(part.len().to_be_bytes());
            hash.update(part);
        }
        base16ct::lower::encode_string(&hash.finalize())
    }

    /// The request for [`Client::auto_execute`](crate::Client::auto_execute).
    ///
    /// # Errors
    ///
    /// The reason if there is nothing to build.
    pub fn request(&self) -> Result<AutoExecuteRequest, NothingToBuild> {
        let push = self.push.as_ref().ok_or(NothingToBuild::NotAPush)?;
        let is_named = |name: Option<&str>| name.is_some_and(|name| !name.is_empty());
        let is_branch = is_named(self.branch());
        if !is_branch && !is_named(self.tag()) {
            return Err(NothingToBuild::OtherRef);
        }
        if push.is_deletion {
            return Err(NothingToBuild::Deleted);
        }
        if !is_branch && !self.builds_tags {
            return Err(NothingToBuild::Tag);
        }
        // A tag is of a commit that is there already.
        if is_branch && push.commits.is_empty() {
            return Err(NothingToBuild::NoCommits);
        }
        if push.commit.parse::<CommitId>().is_err() {
            return Err(NothingToBuild::CommitId);
        }
        let mut request = AutoExecuteRequest::push(&push.ref_).with_after(&push.commit);
        request.before = push.before.clone();
        request.commits = push.commits.clone();
        request.repository = Some(push.repository.clone());
        Ok(request)
    }
}

impl Push {
    fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, Error> {
        let payload: Payload = serde_json::from_slice(body).map_err(|cause| {
            let form = b"application/x-www-form-urlencoded";
            if headers.get(CONTENT_TYPE).is_some_and(|it| it.as_bytes().starts_with(form)) {
                return Error::invalid_argument(
                    "the webhook is a form; set its content type to application/json",
                );
            }
            // The message of the cause may show a password, which Gitee puts into the body.
            let (line, column) = (cause.line(), cause.column());
            Error::invalid_argument(format!(
                "the body of the webhook is no push: line {line}, column {column}"
            ))
        })?;
        let ref_ = required("ref", payload.ref_)?;
        let after = required("after", payload.after)?;
        let repository = repository(payload.repository, payload.project)?;
        let is_deletion = payload.deleted == Some(true) || after.bytes().all(|byte| byte == b'0');
        let tagged = payload.checkout_sha.or(payload.head_commit.and_then(|head| head.id));
        let commit = given(tagged).filter(|_| ref_.starts_with(TAG));
        Ok(Self {
            before: given(payload.before),
            commit: commit.unwrap_or_else(|| after.clone()),
            is_deletion,
            commits: payload.commits.into_iter().flat_map(|it| it.0).map(kept).collect(),
            repository,
            ref_,
            after,
        })
    }
}

/// The name of the repository, and its address for cloning with SSH or else another one.
fn repository(repository: Option<Project>, project: Option<Project>) -> Result<Repository, Error> {
    let Project { name, git_ssh_url, ssh_url, url } = repository.unwrap_or_default();
    let project = project.unwrap_or_default();
    let name = given(name).or(given(project.name));
    let url = [git_ssh_url, ssh_url, project.git_ssh_url, url].into_iter().find_map(given);
    if name.is_none() && url.is_none() {
        return Err(missing("repository"));
    }
    Ok(Repository { name, url })
}

/// What is kept of a commit.
fn kept(commit: Commit) -> CommitsItem {
    let message = commit.message.map(|mut message| {
        if let Some((end, _)) = message.char_indices().nth(MAX_MESSAGE) {
            message.truncate(end);
            message.shrink_to_fit();
        }
        message
    });
    CommitsItem { id: commit.id.and_then(|id| id.parse().ok()), message }
}

fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

fn required(name: &str, text: Option<String>) -> Result<String, Error> {
    given(text).ok_or_else(|| missing(name))
}

fn missing(name: &str) -> Error {
    Error::invalid_argument(format!("the webhook has no {name}"))
}
