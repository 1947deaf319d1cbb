//! The body of a push webhook. Only the fields that are needed are kept, so that a large body takes little
//! memory.
//!
//! A malformed value is ignored here. [`Push`](crate::Push) knows which values are required.

use serde::{
    Deserialize, Deserializer,
    de::{SeqAccess, Visitor},
};
use serde_json::value::RawValue;
use std::{borrow::Cow, collections::VecDeque, fmt};

/// How many commits are kept, the newest ones. GitLab sends no more.
const MAX_COMMITS: usize = 20;
/// How much of the message of a commit is kept, in characters.
const MAX_MESSAGE: usize = 4096;

/// A push. The platforms have the same names for most fields. `null` means that a field is missing.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Payload {
    /// The kind of the event of a system hook of GitLab, which no header has.
    pub(crate) event_name: Lenient<String>,
    #[serde(rename = "ref")]
    pub(crate) ref_: Lenient<String>,
    pub(crate) before: Lenient<String>,
    pub(crate) after: Lenient<String>,
    pub(crate) deleted: Lenient<bool>,
    /// The commit of a tag, at CodeArts Repo and GitLab.
    pub(crate) checkout_sha: Lenient<String>,
    /// The commit of a tag, at GitHub and Gitee.
    pub(crate) head_commit: Lenient<RawCommit>,
    pub(crate) commits: Option<Commits>,
    pub(crate) repository: Lenient<Project>,
    pub(crate) project: Lenient<Project>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct RawCommit {
    pub(crate) id: Lenient<String>,
    pub(crate) message: Lenient<Message>,
}

/// A repository. GitLab and CodeArts Repo describe it twice, the second time as a project.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Project {
    pub(crate) name: Lenient<String>,
    /// The full name, at GitHub and Gitee.
    pub(crate) full_name: Lenient<String>,
    /// The full name, at GitLab, CodeArts Repo and Gitee.
    pub(crate) path_with_namespace: Lenient<String>,
    pub(crate) git_ssh_url: Lenient<String>,
    pub(crate) ssh_url: Lenient<String>,
    pub(crate) url: Lenient<String>,
}

/// A value, or `None` if it is of another type.
#[derive(Default)]
pub(crate) struct Lenient<T>(pub(crate) Option<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Reading the raw text first lets the parser continue after a value that cannot be converted.
        let value = <&RawValue>::deserialize(deserializer)?.get();
        // serde would accept a list as the fields of an object, in order.
        let value = Some(value).filter(|value| !value.starts_with('['));
        Ok(Self(value.and_then(|value| serde_json::from_str(value).ok())))
    }
}

/// The beginning of a message. U+FFFD replaces what is not valid text, such as half a surrogate pair.
#[derive(Default)]
pub(crate) struct Message(pub(crate) String);

impl<'de> Deserialize<'de> for Message {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // A text that is read as bytes may have half a surrogate pair.
        #[derive(Deserialize)]
        struct Bytes<'a>(#[serde(borrow)] Cow<'a, [u8]>);
        let Bytes(bytes) = Bytes::deserialize(deserializer)?;
        Ok(Self(String::from_utf8_lossy(&bytes).chars().take(MAX_MESSAGE).collect()))
    }
}

/// The newest commits, the newest last. `None` if they are no list.
pub(crate) struct Commits(pub(crate) Option<VecDeque<Lenient<RawCommit>>>);

impl<'de> Deserialize<'de> for Commits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = <&RawValue>::deserialize(deserializer)?;
        Ok(Self(serde_json::Deserializer::from_str(value.get()).deserialize_seq(Newest).ok()))
    }
}

struct Newest;

impl<'de> Visitor<'de> for Newest {
    type Value = VecDeque<Lenient<RawCommit>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of commits")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Self::Value, A::Error> {
        let mut newest = VecDeque::new();
        while let Some(commit) = all.next_element()? {
            newest.push_front(commit);
            newest.truncate(MAX_COMMITS);
        }
        newest.make_contiguous().reverse();
        Ok(newest)
    }
}
