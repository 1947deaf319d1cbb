//! Constructors of the generated request types. Each checks its arguments at once.

use crate::types::{
    AutoExecuteRequest, BuildNumber, CommitsItem, EventType, ParameterItem, Repository,
    RunJobRequest, Scm,
};
use huaweicloud_core::__runtime::{argument, integer};
use huaweicloud_core::Error;
use std::{fmt::Display, str::FromStr};

/// Converts an argument to a constrained type of the document. The error says which field broke which rule.
pub(crate) fn checked<T: FromStr<Err: Display>>(field: &str, given: &str) -> Result<T, Error> {
    given.parse().map_err(|broken| Error::invalid_argument(argument(field, broken)))
}

pub(crate) fn build_number(given: u32) -> Result<BuildNumber, Error> {
    given.try_into().map_err(|broken| Error::invalid_argument(argument("build_no", broken)))
}

/// The number of a build that a service has given as a text.
pub(crate) fn given_number(text: Option<&str>) -> Option<BuildNumber> {
    build_number(u32::try_from(integer(text?)?).ok()?).ok()
}

impl RunJobRequest {
    /// A request to run the job with this id, which is 32 letters and digits.
    ///
    /// ```
    /// use codearts_build::types::RunJobRequest;
    ///
    /// let request = RunJobRequest::new("f9d6c8466d614a9788e9a0acf6c15f46")?
    ///     .with_parameter("codeBranch", "master")?
    ///     .with_tag("v1.0.0");
    /// assert_eq!(
    ///     serde_json::to_value(&request).unwrap(),
    ///     serde_json::json!({
    ///         "job_id": "f9d6c8466d614a9788e9a0acf6c15f46",
    ///         "parameter": [{ "name": "codeBranch", "value": "master" }],
    ///         "scm": { "build_tag": "v1.0.0" },
    ///     })
    /// );
    ///
    /// let error = RunJobRequest::new("f9d6c846").unwrap_err();
    /// assert!(error.is_invalid_argument());
    /// assert_eq!(error.message(), "job_id \"f9d6c846\": must be 32 letters and digits");
    /// # Ok::<(), codearts_build::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the id breaks the rule.
    pub fn new(job_id: impl AsRef<str>) -> Result<Self, Error> {
        let job_id = checked("job_id", job_id.as_ref())?;
        Ok(Self { job_id, parameter: Vec::new(), scm: None })
    }

    /// Adds a parameter: a name of 1 to 128 letters, digits and underscores that is not one of the
    /// forbidden ones, and a value of at most 8192 characters.
    ///
    /// The API reference has no field for a branch. Set it with the parameter that the job has for it, which
    /// is `codeBranch` in the example of the reference.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the name or the value
    /// breaks its rule, or if there is a parameter of this name already. The error does not show the value,
    /// which may be a secret.
    pub fn with_parameter(
        mut self,
        name: impl AsRef<str>,
        value: impl AsRef<str>,
    ) -> Result<Self, Error> {
        let (name, value) = (name.as_ref(), value.as_ref());
        let item = ParameterItem {
            name: checked("parameter name", name)?,
            value: checked(&format!("value of parameter {name:?}"), value)?,
        };
        if self.parameter.iter().any(|known| known.name == item.name) {
            return Err(Error::invalid_argument(format!("parameter name {name:?}: given twice")));
        }
        self.parameter.push(item);
        Ok(self)
    }

    /// Adds parameters, each as [`with_parameter`](Self::with_parameter) does.
    ///
    /// ```
    /// use codearts_build::types::RunJobRequest;
    ///
    /// let request = RunJobRequest::new("f9d6c8466d614a9788e9a0acf6c15f46")?
    ///     .with_parameters([("codeBranch", "master"), ("version", "1.2.0")])?;
    /// assert!(request.with_parameter("version", "1.3.0").is_err());
    /// # Ok::<(), codearts_build::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`with_parameter`](Self::with_parameter).
    pub fn with_parameters<N: AsRef<str>, V: AsRef<str>>(
        self,
        parameters: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self, Error> {
        let mut parameters = parameters.into_iter();
        parameters.try_fold(self, |request, (name, value)| request.with_parameter(name, value))
    }

    /// Builds this commit.
    #[must_use]
    pub fn with_commit(mut self, id: impl Into<String>) -> Self {
        self.scm.get_or_insert_with(Scm::default).build_commit_id = Some(id.into());
        self
    }

    /// Builds this tag.
    #[must_use]
    pub fn with_tag(mut self, tag: impl Into<String>) -> Self {
        self.scm.get_or_insert_with(Scm::default).build_tag = Some(tag.into());
        self
    }
}

impl AutoExecuteRequest {
    /// A push to a branch. A bare name stands for `refs/heads/` and the name.
    ///
    /// ```
    /// use codearts_build::types::AutoExecuteRequest;
    ///
    /// let event = AutoExecuteRequest::push("master")
    ///     .with_before("5c749465b14af7368b09945ed56942d54bc0b40d")
    ///     .with_after("2fdc0170f0d540ae952c03ee6cabae3a8943d16a")
    ///     .with_commit("2fdc0170f0d540ae952c03ee6cabae3a8943d16a", "Update README.md")?
    ///     .with_repository("Python2", "git@example.com:team/Python2.git");
    /// assert_eq!(event.ref_.as_deref(), Some("refs/heads/master"));
    /// # Ok::<(), codearts_build::Error>(())
    /// ```
    #[must_use]
    pub fn push(branch: impl AsRef<str>) -> Self {
        let branch = branch.as_ref();
        let prefix = if branch.starts_with("refs/") { "" } else { "refs/heads/" };
        Self {
            event_type: Some(EventType::Push),
            ref_: Some(format!("{prefix}{branch}")),
            ..Self::default()
        }
    }

    /// The commit that the branch was at before the push.
    #[must_use]
    pub fn with_before(mut self, id: impl Into<String>) -> Self {
        self.before = Some(id.into());
        self
    }

    /// The commit that triggers the build: the branch's newest after the push.
    #[must_use]
    pub fn with_after(mut self, id: impl Into<String>) -> Self {
        self.after = Some(id.into());
        self
    }

    /// Adds a commit that was pushed. Its id is 40 letters and digits.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the id breaks the rule.
    pub fn with_commit(
        mut self,
        id: impl AsRef<str>,
        message: impl Into<String>,
    ) -> Result<Self, Error> {
        let id = checked("commits.id", id.as_ref())?;
        self.commits.push(CommitsItem { id: Some(id), message: Some(message.into()) });
        Ok(self)
    }

    /// The repository that was pushed to: its name, and its address for cloning with SSH.
    #[must_use]
    pub fn with_repository(mut self, name: impl Into<String>, url: impl Into<String>) -> Self {
        self.repository = Some(Repository { name: Some(name.into()), url: Some(url.into()) });
        self
    }
}
