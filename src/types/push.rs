//! The request for the build of a push (feature `webhooks`).

use crate::types::{AutoExecuteRequest, CommitId, CommitsItem, Repository};
use push_webhook::{NothingToBuild, PushEvent};

/// The request for [`Client::auto_execute`](crate::Client::auto_execute).
///
/// ```
/// use codearts_build::{NothingToBuild, PushEvent, types::AutoExecuteRequest};
/// use http::HeaderMap;
///
/// let mut headers = HeaderMap::new();
/// headers.insert("x-github-event", "push".parse().unwrap());
/// let body = br#"{
///     "ref": "refs/heads/master",
///     "after": "2fdc0170f0d540ae952c03ee6cabae3a8943d16a",
///     "commits": [{ "id": "2fdc0170f0d540ae952c03ee6cabae3a8943d16a" }],
///     "repository": { "name": "Python2" }
/// }"#;
/// let event = PushEvent::from_webhook(&headers, body)?;
/// let request = AutoExecuteRequest::try_from(&event)?;
/// assert_eq!(request.after.as_deref(), Some("2fdc0170f0d540ae952c03ee6cabae3a8943d16a"));
///
/// headers.insert("x-github-event", "ping".parse().unwrap());
/// let event = PushEvent::from_webhook(&headers, b"{}")?;
/// assert_eq!(AutoExecuteRequest::try_from(&event), Err(NothingToBuild::NotAPush));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// The reason if there is nothing to build: that of [`PushEvent::to_build`], or
/// [`NothingToBuild::CommitId`] if the service cannot take the id of the commit.
impl TryFrom<&PushEvent> for AutoExecuteRequest {
    type Error = NothingToBuild;

    fn try_from(event: &PushEvent) -> Result<Self, NothingToBuild> {
        let push = event.to_build()?;
        if push.commit().parse::<CommitId>().is_err() {
            return Err(NothingToBuild::CommitId);
        }
        let commits = push.commits().iter().map(|commit| CommitsItem {
            // Only the id of the commit to build must be one that the service can take.
            id: commit.id().and_then(|id| id.parse().ok()),
            message: commit.message().map(str::to_owned),
        });
        let mut request = Self::push(push.ref_name()).with_after(push.commit());
        request.before = push.before().map(str::to_owned);
        request.commits = commits.collect();
        request.repository = Some(Repository {
            name: push.repository_name().map(str::to_owned),
            url: push.repository_url().map(str::to_owned),
        });
        Ok(request)
    }
}
