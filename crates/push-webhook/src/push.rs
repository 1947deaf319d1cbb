//! A push that is to be built.

use crate::{
    error::{Error, Reason},
    payload::{self, Payload, Project},
};
use http::{HeaderMap, header::CONTENT_TYPE};

pub(crate) const BRANCH: &str = "refs/heads/";
pub(crate) const TAG: &str = "refs/tags/";
/// How much of the message of a commit is kept, in characters.
const MAX_MESSAGE: usize = 4096;

/// A push to a branch or a tag: where to, which commits, and which commit to build.
///
/// [`PushEvent::to_build`](crate::PushEvent::to_build) gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    ref_name: String,
    before: Option<String>,
    after: String,
    /// Another one than `after` for a tag that is an object of its own, with an id of its own.
    commit: String,
    is_deletion: bool,
    commits: Vec<Commit>,
    repository_name: Option<String>,
    repository_url: Option<String>,
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
        self.repository_name.as_deref()
    }

    /// Address for cloning the repository with SSH, if the platform sent one, else its other address.
    pub fn repository_url(&self) -> Option<&str> {
        self.repository_url.as_deref()
    }

    pub(crate) fn is_deletion(&self) -> bool {
        self.is_deletion
    }

    pub(crate) fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, Error> {
        let payload: Payload = serde_json::from_slice(body).map_err(|cause| {
            if is_form(headers) {
                return Reason::Form;
            }
            // The message of the cause may show a password, which Gitee puts into the body.
            Reason::NotAPush { line: cause.line(), column: cause.column() }
        })?;
        let ref_name = required("ref", payload.ref_)?;
        let after = required("after", payload.after)?;
        let (repository_name, repository_url) = repository(payload.repository, payload.project)?;
        let is_deletion = payload.deleted == Some(true) || after.bytes().all(|byte| byte == b'0');
        let tagged = payload.checkout_sha.or(payload.head_commit.and_then(|head| head.id));
        let commit = given(tagged).filter(|_| ref_name.starts_with(TAG));
        Ok(Self {
            before: given(payload.before),
            commit: commit.unwrap_or_else(|| after.clone()),
            is_deletion,
            commits: payload.commits.into_iter().flat_map(|it| it.0).map(Commit::kept).collect(),
            repository_name,
            repository_url,
            ref_name,
            after,
        })
    }
}

impl Commit {
    /// Id of the commit, if the platform sent one.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The first 4096 characters of the message, if the platform sent one.
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// What is kept of a commit.
    fn kept(commit: payload::Commit) -> Self {
        let message = commit.message.map(|mut message| {
            if let Some((end, _)) = message.char_indices().nth(MAX_MESSAGE) {
                message.truncate(end);
                message.shrink_to_fit();
            }
            message
        });
        Self { id: given(commit.id), message }
    }
}

/// The name of the repository, and its address for cloning with SSH or else another one.
fn repository(
    repository: Option<Project>,
    project: Option<Project>,
) -> Result<(Option<String>, Option<String>), Error> {
    let Project { name, git_ssh_url, ssh_url, url } = repository.unwrap_or_default();
    let project = project.unwrap_or_default();
    let name = given(name).or(given(project.name));
    let url = [git_ssh_url, ssh_url, project.git_ssh_url, url].into_iter().find_map(given);
    if name.is_none() && url.is_none() {
        return Err(Reason::Missing("repository").into());
    }
    Ok((name, url))
}

/// Whether the content type is that of a form, whatever its letter case and its parameters.
fn is_form(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).map_or(&b""[..], |it| it.as_bytes());
    let essence = content_type.split(|byte| *byte == b';').next().unwrap_or_default();
    essence.trim_ascii().eq_ignore_ascii_case(b"application/x-www-form-urlencoded")
}

fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

fn required(name: &'static str, text: Option<String>) -> Result<String, Error> {
    given(text).ok_or(Reason::Missing(name).into())
}
