//! The project that requests are for.

use crate::error::{Error, ErrorKind, text::quoted};
use std::sync::OnceLock;

/// A URL, and what errors call it.
pub(crate) type NamedUrl = (&'static str, String);

/// The project that requests are for, and where IAM is, which knows the projects.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Project {
    pub(crate) given: GivenProject,
    pub(crate) iam_endpoint: Option<NamedUrl>,
    /// The id that was looked up.
    pub(crate) found: OnceLock<String>,
}

/// What is known of a project beforehand.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum GivenProject {
    /// It is the region's own, which has the name of the region.
    #[default]
    OfRegion,
    Name(String),
    Id(String),
    /// There is none.
    None,
}

impl Project {
    pub(crate) fn with_id(self, id: impl Into<String>) -> Result<Self, Error> {
        Ok(Self { given: GivenProject::Id(project_id(id.into())?), ..self })
    }

    pub(crate) fn with_iam_endpoint(self, url: impl Into<String>) -> Self {
        Self { iam_endpoint: Some(("IAM endpoint", url.into())), ..self }
    }

    /// The id, if it was given or found.
    pub(crate) fn id(&self) -> Option<&str> {
        match &self.given {
            GivenProject::Id(id) => Some(id),
            _ => self.found.get().map(String::as_str),
        }
    }
}

/// Checks a project id. It goes into a header.
pub(crate) fn project_id(id: String) -> Result<String, Error> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if id.is_empty() || id.len() > 64 || !id.chars().all(allowed) {
        let rule = "must be 1 to 64 letters, digits, hyphens and underscores";
        let message = format!("project id {}: {rule}", quoted(&id));
        return Err(Error::new(ErrorKind::Credential, message));
    }
    Ok(id)
}
