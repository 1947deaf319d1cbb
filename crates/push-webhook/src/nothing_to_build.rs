//! Why there is nothing to build.

use std::{error::Error, fmt};

/// Why an event of a code platform starts no build. It is no fault: the platform need not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NothingToBuild {
    /// The event is no push, but for example a comment or a test of the webhook.
    NotAPush,
    /// The branch or the tag was deleted.
    Deleted,
    /// The push brought no commits, for example because it only made a branch of existing ones, and
    /// empty pushes are not wanted. See [`with_empty_pushes`](crate::PushEvent::with_empty_pushes).
    NoCommits,
    /// A tag was pushed, and tags are not wanted. See
    /// [`with_tags`](crate::PushEvent::with_tags).
    Tag,
    /// What was pushed is neither a branch nor a tag.
    OtherRef,
    /// The build service does not take the id of the commit: it is not 40 letters and digits. Ids of
    /// repositories with SHA-256 are longer. This crate takes any id and never gives this reason. It is
    /// for crates that hand the push to a build service.
    CommitId,
}

impl fmt::Display for NothingToBuild {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAPush => "the event is not a push",
            Self::Deleted => "the branch or the tag was deleted",
            Self::NoCommits => "the push has no commits",
            Self::Tag => "a tag was pushed, and tags are not built",
            Self::OtherRef => "neither a branch nor a tag was pushed",
            Self::CommitId => "the id of the commit is not 40 letters and digits",
        })
    }
}

impl Error for NothingToBuild {}
