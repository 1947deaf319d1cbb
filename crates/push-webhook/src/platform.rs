//! The code platforms, and how their webhooks are told apart.

use crate::error::{Error, Reason};
use http::HeaderMap;
use std::fmt;

/// The headers that name the kind of an event. The old name of CodeArts Repo is CodeHub.
const EVENT_HEADERS: [(&str, Platform); 5] = [
    ("x-devcloud-event", Platform::CodeArtsRepo),
    ("x-codehub-event", Platform::CodeArtsRepo),
    ("x-gitee-event", Platform::Gitee),
    ("x-gitlab-event", Platform::GitLab),
    ("x-github-event", Platform::GitHub),
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
    /// The platform that sent a webhook, and the kind of event as it calls it.
    pub(crate) fn of(headers: &HeaderMap) -> Result<(Self, &[u8]), Error> {
        let mut found = EVENT_HEADERS
            .iter()
            .filter_map(|(name, platform)| Some((*platform, headers.get(*name)?.as_bytes())));
        found.next().ok_or(Reason::UnknownPlatform.into())
    }

    /// Whether this is the kind of a push to branches or tags.
    pub(crate) fn is_push(self, kind: &[u8]) -> bool {
        let kinds: &[&str] = match self {
            Self::GitHub => &["push"],
            Self::CodeArtsRepo | Self::GitLab | Self::Gitee => &["Push Hook", "Tag Push Hook"],
        };
        kinds.iter().any(|push| kind.eq_ignore_ascii_case(push.as_bytes()))
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
