//! A push.

use crate::{
    error::{Error, Reason},
    payload::{self, Lenient, Payload, Project},
};
use http::{HeaderMap, header::CONTENT_TYPE};
use std::collections::VecDeque;

pub(crate) const BRANCH: &str = "refs/heads/";
pub(crate) const TAG: &str = "refs/tags/";

/// A push to a branch or a tag: the ref, the commits, and the commit to build.
///
/// [`PushEvent::to_build`](crate::PushEvent::to_build) returns it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    ref_name: String,
    before: Option<String>,
    after: String,
    /// Differs from `after` for an annotated tag, which is an object with an id of its own.
    commit: String,
    pub(crate) is_deletion: bool,
    /// Whether the platform says that the push has no commits.
    pub(crate) is_empty: bool,
    commits: Vec<Commit>,
    repository: Repository,
}

/// A repository. At least the name or the address is known.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Repository {
    name: Option<String>,
    full_name: Option<String>,
    url: Option<String>,
}

/// A commit that was pushed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    id: Option<String>,
    message: Option<String>,
}

impl Push {
    /// Full name of the branch or the tag, as `refs/heads/master`.
    pub fn ref_name(&self) -> &str {
        &self.ref_name
    }

    /// What the branch or the tag pointed to before the push: zeros if it was created. `None` if the
    /// platform did not send it.
    pub fn before(&self) -> Option<&str> {
        self.before.as_deref()
    }

    /// What the branch or the tag points to after the push. For an annotated tag, that is the object
    /// of the tag. Build [`commit`](Self::commit) instead.
    pub fn after(&self) -> &str {
        &self.after
    }

    /// Id of the commit to build.
    pub fn commit(&self) -> &str {
        &self.commit
    }

    /// The commits that were pushed, the newest last: the 20 newest ones, if there are more. A tag has
    /// none.
    pub fn commits(&self) -> &[Commit] {
        &self.commits
    }

    /// Name of the repository. `None` if the platform sent only its address.
    pub fn repository_name(&self) -> Option<&str> {
        self.repository.name.as_deref()
    }

    /// Full name of the repository, as `team/app`. `None` if the platform did not send it.
    pub fn repository_full_name(&self) -> Option<&str> {
        self.repository.full_name.as_deref()
    }

    /// Address for cloning the repository with SSH, if the platform sent one, else its other address.
    pub fn repository_url(&self) -> Option<&str> {
        self.repository.url.as_deref()
    }

    /// Reads a push, or nothing if it is a system hook of another kind.
    pub(crate) fn read(
        headers: &HeaderMap,
        body: &[u8],
        is_system_hook: bool,
    ) -> Result<Option<Self>, Error> {
        // U+FFFD replaces bytes that are not UTF-8, such as those of a message in GBK.
        let body = String::from_utf8_lossy(body);
        let payload: Payload = serde_json::from_str(&body).map_err(|cause| {
            if is_form(headers) {
                return Reason::Form;
            }
            // The message of the cause may show a password, which Gitee puts into the body.
            Reason::NotAPush { line: cause.line(), column: cause.column() }
        })?;
        let event_name = given(payload.event_name);
        if is_system_hook && !matches!(event_name.as_deref(), Some("push" | "tag_push")) {
            return Ok(None);
        }
        let ref_name = required("ref", payload.ref_)?;
        let after = required("after", payload.after)?;
        let repository = Repository::read(payload.repository, payload.project)?;
        let is_deletion = payload.deleted.0 == Some(true) || after.bytes().all(|byte| byte == b'0');
        let tagged = given(payload.checkout_sha)
            .or_else(|| payload.head_commit.0.and_then(|head| given(head.id)));
        let commit = tagged.filter(|_| ref_name.starts_with(TAG));
        // Commits that cannot be read count as commits. A system hook may have none.
        let commits = payload.commits.map_or(Some(Default::default()), |commits| commits.0);
        Ok(Some(Self {
            before: given(payload.before),
            commit: commit.unwrap_or_else(|| after.clone()),
            is_deletion,
            is_empty: !is_system_hook && commits.as_ref().is_some_and(VecDeque::is_empty),
            commits: commits.into_iter().flatten().map(Commit::kept).collect(),
            repository,
            ref_name,
            after,
        }))
    }
}

impl Commit {
    /// Id of the commit, if the platform sent one.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The first 4096 characters of the message, if the platform sent one. U+FFFD replaces what is not valid
    /// text, such as bytes that are not UTF-8.
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// Keeps the id and the message of a commit.
    fn kept(commit: Lenient<payload::RawCommit>) -> Self {
        let payload::RawCommit { id, message } = commit.0.unwrap_or_default();
        Self { id: given(id), message: message.0.map(|message| message.0) }
    }
}

impl Repository {
    /// Reads the two descriptions of a repository. Its address is the one for cloning with SSH, or else
    /// another one.
    fn read(repository: Lenient<Project>, project: Lenient<Project>) -> Result<Self, Error> {
        let [it, project] = [repository, project].map(|it| it.0.unwrap_or_default());
        let full_names = [it.full_name, it.path_with_namespace, project.path_with_namespace];
        let urls = [it.git_ssh_url, it.ssh_url, project.git_ssh_url, it.url];
        let name = given(it.name).or_else(|| given(project.name));
        let [full_name, url] =
            [full_names.into_iter().find_map(given), urls.into_iter().find_map(given)];
        match (&name, &url) {
            (None, None) => Err(Reason::Missing("repository").into()),
            _ => Ok(Self { name, full_name, url }),
        }
    }
}

/// Whether the content type is that of a form, in any letter case and with any parameters.
fn is_form(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).map_or(&b""[..], |it| it.as_bytes());
    let essence = content_type.split(|byte| *byte == b';').next().unwrap_or_default();
    essence.trim_ascii().eq_ignore_ascii_case(b"application/x-www-form-urlencoded")
}

/// Returns a text if it is complete. A text with U+FFFD has lost a part, here or at the platform.
fn given(text: Lenient<String>) -> Option<String> {
    text.0.filter(|text| !text.is_empty() && !text.contains(char::REPLACEMENT_CHARACTER))
}

fn required(name: &'static str, text: Lenient<String>) -> Result<String, Error> {
    given(text).ok_or(Reason::Missing(name).into())
}
