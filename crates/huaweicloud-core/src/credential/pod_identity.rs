//! Temporary keys of the pod that this runs in.

use crate::credential::{
    file, link_local,
    project::Project,
    provider::{CredentialContext, CredentialFuture, CredentialProvider},
    temporary::TemporaryKey,
};
use crate::error::Error;
use http::header::AUTHORIZATION;
use serde_json::json;
use std::path::PathBuf;

/// The pod identity of a cluster. The pod's token is read from its file each time.
pub(super) struct PodIdentity {
    pub(super) url: String,
    pub(super) token_file: PathBuf,
    pub(super) project: Project,
}

impl CredentialProvider for PodIdentity {
    fn provide<'a>(&'a self, context: &'a CredentialContext) -> CredentialFuture<'a> {
        Box::pin(async {
            let token = file::token("the pod's token", &self.token_file)?;
            let request = link_local::client()?.post(&self.url).json(&json!({}));
            let request = request.header(AUTHORIZATION, token.header()?);
            let body = link_local::ask("the service of pod identity", request).await?;
            let key = TemporaryKey::read(&body, "the service of pod identity gives no keys")?;
            Ok(key.identity(context, &self.project).await?)
        })
    }

    fn check(&self, context: &CredentialContext) -> Result<(), Error> {
        self.project.check(context)
    }
}
