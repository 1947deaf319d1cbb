//! Access keys as credentials.

use crate::auth::{AccessKey, Identity};
use crate::credential::{
    iam,
    provider::{CredentialContext, CredentialFuture, CredentialProvider, missing},
};
use crate::error::Error;

/// A key without a project id gets that of the region's own project, looked up at IAM once.
impl CredentialProvider for AccessKey {
    fn provide<'a>(&'a self, context: &'a CredentialContext) -> CredentialFuture<'a> {
        Box::pin(async {
            match self.project_id {
                Some(_) => Ok(Identity::access_key(self.clone())),
                None => Ok(iam::find_project(context, self).await?),
            }
        })
    }

    fn check(&self, context: &CredentialContext) -> Result<(), Error> {
        if self.project_id.is_none() {
            context.region().ok_or_else(|| missing("project id"))?;
            context.iam(self.iam_endpoint.as_ref())?;
        }
        Ok(())
    }
}
