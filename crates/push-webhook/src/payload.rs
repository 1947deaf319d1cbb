//! The body of a push webhook. Only what is needed of it is kept, however large it is.

use serde::{
    Deserialize, Deserializer,
    de::{SeqAccess, Visitor},
};
use std::{collections::VecDeque, fmt};

/// How many commits are kept, the newest ones. GitLab sends no more.
const MAX_COMMITS: usize = 20;

/// A push. The platforms agree on the names of most fields, and null means the same as nothing.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Payload {
    #[serde(rename = "ref")]
    pub(crate) ref_: Option<String>,
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
    pub(crate) deleted: Option<bool>,
    /// The commit of a tag, as CodeArts Repo and GitLab name it.
    pub(crate) checkout_sha: Option<String>,
    /// The commit of a tag, as GitHub and Gitee name it.
    pub(crate) head_commit: Option<Commit>,
    pub(crate) commits: Option<Commits>,
    pub(crate) repository: Option<Project>,
    pub(crate) project: Option<Project>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Commit {
    pub(crate) id: Option<String>,
    pub(crate) message: Option<String>,
}

/// A repository. GitLab and CodeArts Repo describe it twice, the second time as a project.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Project {
    pub(crate) name: Option<String>,
    pub(crate) git_ssh_url: Option<String>,
    pub(crate) ssh_url: Option<String>,
    pub(crate) url: Option<String>,
}

/// The newest commits, which come last.
pub(crate) struct Commits(pub(crate) VecDeque<Commit>);

impl<'de> Deserialize<'de> for Commits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Newest;
        impl<'de> Visitor<'de> for Newest {
            type Value = Commits;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of commits")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Commits, A::Error> {
                let mut newest = VecDeque::with_capacity(MAX_COMMITS);
                while let Some(commit) = all.next_element()? {
                    if newest.len() == MAX_COMMITS {
                        newest.pop_front();
                    }
                    newest.push_back(commit);
                }
                Ok(Commits(newest))
            }
        }
        deserializer.deserialize_seq(Newest)
    }
}
