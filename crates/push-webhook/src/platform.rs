//! The code platforms, and how their webhooks are recognized.

use crate::error::{Error, Reason};
use http::HeaderMap;
use std::fmt;

/// The headers that name the kind of an event, and their senders: a platform that can be read, or the name of
/// another one. CodeHub is the old name of CodeArts Repo.
///
/// The first header that is there decides, because some platforms send the headers of GitHub or GitLab
/// beside their own, and Forgejo also those of Gitea and Gogs.
const EVENT_HEADERS: [(&str, Result<Platform, &str>); 12] = [
    ("x-devcloud-event", Ok(Platform::CodeArtsRepo)),
    ("x-codehub-event", Ok(Platform::CodeArtsRepo)),
    ("x-gitee-event", Ok(Platform::Gitee)),
    ("x-forgejo-event", Err("Forgejo")),
    ("x-gitea-event", Err("Gitea")),
    ("x-gogs-event", Err("Gogs")),
    ("x-coding-event", Err("CODING")),
    ("x-codeup-event", Err("Codeup")),
    ("x-event-key", Err("Bitbucket")),
    ("x-event", Err("Tencent TGit")),
    ("x-gitlab-event", Ok(Platform::GitLab)),
    ("x-github-event", Ok(Platform::GitHub)),
];

/// A code platform whose webhooks can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Platform {
    /// CodeArts Repo of Huawei Cloud, formerly CodeHub.
    CodeArtsRepo,
    /// GitLab.
    GitLab,
    /// GitHub.
    GitHub,
    /// Gitee.
    Gitee,
}

impl Platform {
    /// Returns the platform that the headers of a webhook name. Use it to choose the secret of the platform,
    /// and verify the webhook then. Before that, the platform is not proven.
    ///
    /// ```
    /// use http::HeaderMap;
    /// use push_webhook::Platform;
    ///
    /// let mut headers = HeaderMap::new();
    /// headers.insert("x-gitlab-event", "Push Hook".parse().unwrap());
    /// assert_eq!(Platform::of(&headers)?, Platform::GitLab);
    ///
    /// // Gogs sends the header of GitHub too.
    /// headers.insert("x-gogs-event", "push".parse().unwrap());
    /// let error = Platform::of(&headers).unwrap_err();
    /// assert_eq!(error.to_string(), "not a known platform: this is a webhook of Gogs");
    /// # Ok::<(), push_webhook::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::UnknownPlatform`](crate::ErrorKind::UnknownPlatform) if the request is no webhook of
    /// a known platform. The message names the platform if it is known but cannot be read, such as Gitea.
    pub fn of(headers: &HeaderMap) -> Result<Self, Error> {
        Self::and_kind_of(headers).map(|(platform, _)| platform)
    }

    /// Returns the platform of a webhook, and the kind of its event.
    pub(crate) fn and_kind_of(headers: &HeaderMap) -> Result<(Self, &[u8]), Error> {
        let mut found =
            EVENT_HEADERS.iter().filter_map(|(name, sender)| Some((sender, headers.get(*name)?)));
        let (sender, kind) = found.next().ok_or(Reason::UnknownPlatform)?;
        Ok((sender.map_err(Reason::Foreign)?, kind.as_bytes()))
    }

    /// Whether this is the kind of a push to branches or tags.
    pub(crate) fn is_push(self, kind: &[u8]) -> bool {
        let kinds: &[&str] = match self {
            Self::GitHub => &["push"],
            Self::CodeArtsRepo | Self::GitLab | Self::Gitee => &["Push Hook", "Tag Push Hook"],
        };
        kinds.iter().any(|push| kind.eq_ignore_ascii_case(push.as_bytes()))
    }

    /// Whether this is the kind of a system hook of GitLab. Only the body says which event it reports.
    pub(crate) fn is_system_hook(self, kind: &[u8]) -> bool {
        self == Self::GitLab && kind.eq_ignore_ascii_case(b"System Hook")
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CodeArtsRepo => "CodeArts Repo",
            Self::GitLab => "GitLab",
            Self::GitHub => "GitHub",
            Self::Gitee => "Gitee",
        })
    }
}
