//! Stopping a build.

use crate::client::Client;
use crate::types::{StopRequest, build_id::BuildId};
use huaweicloud_core::Error;

/// The code of an error that says that the build has ended. Its prefix differs between the versions of the
/// API.
const HAS_ENDED: &str = ".032302";

/// What [`Client::stop`] has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopOutcome {
    /// The service has accepted the request. The build ends later: [`Client::wait`] tells how.
    Accepted,
    /// The build had ended before.
    HadEnded,
}

impl Client {
    /// Asks the service to stop a build. It may be called twice: a second request does nothing more.
    ///
    /// ```no_run
    /// use codearts_build::{BuildId, Client, Error};
    ///
    /// # async fn run(client: Client, build: BuildId) -> Result<(), Error> {
    /// client.stop(&build).await?;
    /// let record = client.wait(&build).await?;
    /// println!("{:?}", record.conclusion());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// A build that ends on its own meanwhile keeps its own status.
    ///
    /// API reference: "Stopping a Build Task (Version 1)", `POST /v1/job/{job_id}/stop`.
    ///
    /// # Errors
    ///
    /// Every [`ErrorKind`](crate::ErrorKind) but `InvalidArgument`. If it [may have taken
    /// effect](Error::may_have_taken_effect), call it again.
    pub async fn stop(&self, build: impl AsRef<BuildId>) -> Result<StopOutcome, Error> {
        let BuildId { job_id, build_no } = build.as_ref().clone();
        let call = self.api.stop_the_job().job_id(job_id).body(StopRequest { build_no });
        match call.send().await {
            Ok(_) => Ok(StopOutcome::Accepted),
            Err(error) if error.code().is_some_and(|code| code.ends_with(HAS_ENDED)) => {
                Ok(StopOutcome::HadEnded)
            }
            Err(error) => Err(error),
        }
    }
}
