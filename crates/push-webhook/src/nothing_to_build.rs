//! The reasons to build nothing.

/// The reason why an event starts no build. It is no error: respond to the webhook with a good status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum NothingToBuild {
    /// The event is no push. It may be a comment, or a test of the webhook.
    #[error("the event is not a push")]
    NotAPush,
    /// The branch or the tag was deleted.
    #[error("the branch or the tag was deleted")]
    Deleted,
    /// The push has no new commits, for example because it created a branch of existing ones. See
    /// [`with_empty_pushes`](crate::PushEvent::with_empty_pushes).
    #[error("the push has no commits")]
    NoCommits,
    /// A tag was pushed. See [`with_tags`](crate::PushEvent::with_tags).
    #[error("a tag was pushed, and tags are not built")]
    Tag,
    /// Another ref than a branch or a tag was pushed.
    #[error("neither a branch nor a tag was pushed")]
    OtherRef,
    /// The build service does not accept the id of the commit, because it is not 40 letters and digits. Ids
    /// of repositories with SHA-256 are longer. This crate accepts any id and never returns this reason. It
    /// is for crates that pass the push to a build service.
    #[error("the id of the commit is not 40 letters and digits")]
    CommitId,
}
