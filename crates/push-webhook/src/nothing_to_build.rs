//! Why there is nothing to build.

/// Why an event of a code platform starts no build. It is no fault: the platform need not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum NothingToBuild {
    /// The event is no push, but for example a comment or a test of the webhook.
    #[error("the event is not a push")]
    NotAPush,
    /// The branch or the tag was deleted.
    #[error("the branch or the tag was deleted")]
    Deleted,
    /// The push brought no commits, for example because it only made a branch of existing ones, and
    /// empty pushes are not wanted. See [`with_empty_pushes`](crate::PushEvent::with_empty_pushes).
    #[error("the push has no commits")]
    NoCommits,
    /// A tag was pushed, and tags are not wanted. See
    /// [`with_tags`](crate::PushEvent::with_tags).
    #[error("a tag was pushed, and tags are not built")]
    Tag,
    /// What was pushed is neither a branch nor a tag.
    #[error("neither a branch nor a tag was pushed")]
    OtherRef,
    /// The build service does not take the id of the commit: it is not 40 letters and digits. Ids of
    /// repositories with SHA-256 are longer. This crate takes any id and never gives this reason. It is
    /// for crates that hand the push to a build service.
    #[error("the id of the commit is not 40 letters and digits")]
    CommitId,
}
