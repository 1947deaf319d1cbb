//! The project that requests are for.

use crate::error::{Error, ErrorKind, text::quoted};

/// A URL, and what errors call it.
pub(crate) type NamedUrl = (&'static str, String);

/// What is set of the project that requests are for, and of IAM, which knows the projects.
#[derive(Clone, Default)]
pub(crate) struct Project {
    /// Default: the region's own, which has the name of the region.
    pub(crate) given: Option<GivenProject>,
    /// Default: IAM's public endpoint of the region.
    pub(crate) iam_endpoint: Option<NamedUrl>,
}

#[derive(Clone)]
pub(crate) enum GivenProject {
    Name(String),
    Id(String),
}

impl Project {
    /// These settings, and those of another where these say nothing.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            given: self.given.or(other.given),
            iam_endpoint: self.iam_endpoint.or(other.iam_endpoint),
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
