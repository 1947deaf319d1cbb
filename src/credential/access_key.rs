//! Access keys as credentials.

use crate::auth::{AccessKey, Identity};
use crate::credential::{
    iam,
    provider::{CredentialContext, CredentialFuture, CredentialProvider, missing},
};
use crate::error::Error;
use crate::generated::operation::Operation;
use serde_json::Value;

/// A key without a project id gets that of the region's own project, looked up at IAM once.
impl CredentialProvider for AccessKey {
    fn provide<'a>(&'a self, context: &'a CredentialContext) -> CredentialFuture<'a> {
        Box::pin(async {
            match self.project_id {
                Some(_) => Ok(Identity::access_key(self.clone())),
                None => Ok(find_project(context, self).await?),
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

static PROJECTS: Operation = iam::operation("iam_projects", "GET", "/v3/projects", &[200]);

/// The key with the id of the region's own project.
async fn find_project(context: &CredentialContext, key: &AccessKey) -> Result<Identity, Error> {
    let failed = |error: Error| error.of_credential("looking up the project at IAM");
    let region = context.region().ok_or_else(|| missing("project id"))?;
    let iam = context.iam(key.iam_endpoint.as_ref())?;
    let request = iam::request(&iam, &PROJECTS, &[("name", region.as_str())]).map_err(failed)?;
    let identity = Identity::access_key(key.clone());
    let (_, body) = iam::call(context, request, &PROJECTS, identity).await.map_err(failed)?;
    let projects = body.get("projects").and_then(Value::as_array).into_iter().flatten();
    let ids: Vec<_> = projects.filter_map(|project| project.get("id")?.as_str()).collect();
    match ids.as_slice() {
        [id] => Ok(Identity::access_key(key.clone().with_project_id(*id)?)),
        [] => Err(failed(Error::invalid_argument(format!(
            "there is none of the name {region}; set its id"
        )))),
        several => {
            let listed = several.join(", ");
            Err(failed(Error::invalid_argument(format!(
                "several have the name {region}: {listed}; set the id"
            ))))
        }
    }
}
