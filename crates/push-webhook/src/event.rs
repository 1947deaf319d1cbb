//! The event of a webhook.

use crate::{
    error::{Error, Reason},
    nothing_to_build::NothingToBuild,
    platform::Platform,
    push::{BRANCH, Push, TAG},
};
use http::HeaderMap;
use sha2::{Digest, Sha256};

/// The event of a webhook: a push to a branch or a tag, or another event, which starts no build.
///
/// ```
/// use http::HeaderMap;
/// use push_webhook::{Platform, PushEvent};
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
/// let push = event.to_build()?;
/// assert_eq!(push.commit(), "2fdc0170f0d540ae952c03ee6cabae3a8943d16a");
/// assert_eq!(push.commits()[0].message(), Some("Update README.md"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushEvent {
    platform: Platform,
    builds_tags: bool,
    builds_empty: bool,
    /// `None` if the event is no push.
    push: Option<Push>,
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
    /// A system hook of GitLab can report a push too, to any repository of the server. It may have no
    /// commits and is built nevertheless.
    ///
    /// Required are the branch or the tag, the commit after the push, and the name or the address of the
    /// repository. Any other value may be malformed: not UTF-8, half a surrogate pair, or of another type. It
    /// is then ignored, except that the rest of a message is kept. Commits that cannot be read count as
    /// commits, so that the push is built.
    ///
    /// [`WebhookSecret::verify`]: crate::WebhookSecret::verify
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::UnknownPlatform`] if the request is no webhook of a known platform;
    /// - [`ErrorKind::TooLarge`] if the body is larger than [`MAX_BODY_BYTES`](Self::MAX_BODY_BYTES);
    /// - [`ErrorKind::NotUnderstood`] if the body of a push is no JSON, or if the branch or tag, the
    ///   commit after the push, or the repository is missing or malformed.
    ///
    /// [`ErrorKind::UnknownPlatform`]: crate::ErrorKind::UnknownPlatform
    /// [`ErrorKind::TooLarge`]: crate::ErrorKind::TooLarge
    /// [`ErrorKind::NotUnderstood`]: crate::ErrorKind::NotUnderstood
    pub fn from_webhook(headers: &HeaderMap, body: &[u8]) -> Result<Self, Error> {
        let (platform, kind) = Platform::and_kind_of(headers)?;
        if body.len() > Self::MAX_BODY_BYTES {
            return Err(Reason::TooLarge { bytes: body.len() }.into());
        }
        let is_system_hook = platform.is_system_hook(kind);
        let is_push = is_system_hook || platform.is_push(kind);
        let push = if is_push { Push::read(headers, body, is_system_hook)? } else { None };
        Ok(Self { platform, builds_tags: false, builds_empty: false, push })
    }

    /// Sets whether tags are built too. By default, only branches are built.
    #[must_use]
    pub fn with_tags(mut self, builds_tags: bool) -> Self {
        self.builds_tags = builds_tags;
        self
    }

    /// Sets whether pushes without new commits are built too: a new branch of commits that exist already, or
    /// a branch that was moved back to an older commit. By default, such a push is not built, because its
    /// commits were pushed before.
    #[must_use]
    pub fn with_empty_pushes(mut self, builds_empty: bool) -> Self {
        self.builds_empty = builds_empty;
        self
    }

    /// The platform that sent the event.
    pub fn platform(&self) -> Platform {
        self.platform
    }

    /// Full name of the branch or the tag, as `refs/heads/master`. `None` if the event is no push.
    pub fn ref_name(&self) -> Option<&str> {
        Some(self.push.as_ref()?.ref_name())
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
        self.push.as_ref()?.before()
    }

    /// What the branch or the tag points to after the push: zeros if it was deleted.
    pub fn after(&self) -> Option<&str> {
        Some(self.push.as_ref()?.after())
    }

    /// Name of the repository.
    pub fn repository_name(&self) -> Option<&str> {
        self.push.as_ref()?.repository_name()
    }

    /// Full name of the repository, as `team/app`. `None` if the platform did not send it.
    pub fn repository_full_name(&self) -> Option<&str> {
        self.push.as_ref()?.repository_full_name()
    }

    /// Address for cloning the repository with SSH, if the platform sent one, else its other address.
    pub fn repository_url(&self) -> Option<&str> {
        self.push.as_ref()?.repository_url()
    }

    /// A key that is the same however often a push is delivered: a hash of repository, ref, before and
    /// after, as 64 hexadecimal digits. Start one build for each.
    ///
    /// Two pushes that make the same change have the same key, for example if a branch is moved back and
    /// then pushed again.
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
            // The length keeps the parts apart. It has eight bytes on every machine.
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(part);
        }
        base16ct::lower::encode_string(&hash.finalize())
    }

    /// The push, if there is something to build.
    ///
    /// ```
    /// # use push_webhook::{NothingToBuild, PushEvent};
    /// # fn handle(event: &PushEvent) {
    /// match event.to_build() {
    ///     Ok(push) => println!("build {} of {}", push.commit(), push.ref_name()),
    ///     Err(NothingToBuild::Tag) => println!("only branches are built"),
    ///     Err(reason) => println!("nothing to build: {reason}"),
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The reason if there is nothing to build: the event is no push, neither a branch nor a tag was
    /// pushed, it was deleted, tags are not wanted, or a branch got no commits and empty pushes are not
    /// wanted.
    pub fn to_build(&self) -> Result<&Push, NothingToBuild> {
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
        // A tag never has commits of its own.
        if is_branch && push.is_empty && !self.builds_empty {
            return Err(NothingToBuild::NoCommits);
        }
        Ok(push)
    }
}
