//! Access keys as credentials.

use crate::auth::{AccessKey, Identity, NamedUrl};
use crate::codec::operation::Operation;
use crate::credential::{
    iam,
    provider::{CredentialContext, CredentialFuture, CredentialProvider, missing},
};
use crate::error::{Error, text::printable};
use crate::pipeline::Target;
use serde_json::Value;

/// How much of a list of projects an error shows, in characters.
const MAX_LIST: usize = 200;

/// A key without a project id gets that of the region's own project, looked up at IAM once.
impl CredentialProvider for AccessKey {
    fn provide<'a>(&'a self, context: &'a CredentialContext) -> CredentialFuture<'a> {
        Box::pin(async { Ok(Identity::access_key(with_project(context, self.clone()).await?)) })
    }

    fn check(&self, context: &CredentialContext) -> Result<(), Error> {
        match self.project_id {
            Some(_) => Ok(()),
            None => check_lookup(context, self.iam_endpoint.as_ref()),
        }
    }
}

/// Checks what looking up the project needs.
pub(super) fn check_lookup(
    context: &CredentialContext,
    iam_endpoint: Option<&NamedUrl>,
) -> Result<(), Error> {
    context.region().ok_or_else(|| missing("project id"))?;
    context.endpoint(&iam::IAM, iam_endpoint).map(drop)
}

static PROJECTS: Operation = iam::operation("iam_projects", "GET", "/v3/projects");

/// The key with a project id, which is that of the region's own project if it has none.
pub(super) async fn with_project(
    context: &CredentialContext,
    key: AccessKey,
) -> Result<AccessKey, Error> {
    if key.project_id.is_some() {
        return Ok(key);
    }
    check_lookup(context, key.iam_endpoint.as_ref())?;
    let id = find_project(context, &key).await;
    key.with_project_id(id.map_err(|error| error.of_credential("looking up the project at IAM"))?)
}

async fn find_project(context: &CredentialContext, key: &AccessKey) -> Result<String, Error> {
    let region = context.region().ok_or_else(|| missing("project id"))?;
    let iam = context.endpoint(&iam::IAM, key.iam_endpoint.as_ref())?;
    let request = iam::request(&iam, &PROJECTS, &[("name", region.as_str())])?;
    let identity = Identity::access_key(key.clone());
    let target = Target { service: &iam::IAM, operation: &PROJECTS };
    let (_, body) = iam::call(context, request, target, identity).await?;
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let projects = body.get("projects").and_then(Value::as_array).into_iter().flatten();
    let ids: Vec<_> = projects.filter_map(|project| project.get("id")?.as_str()).collect();
    let wrong = match ids.as_slice() {
        [id] => return Ok((*id).to_owned()),
        [] => format!("there is none of the name {region}; set its id"),
        several => {
            let listed = printable(&several.join(", "), MAX_LIST);
            format!("several have the name {region}: {listed}; set the id")
        }
    };
    Err(Error::invalid_argument(wrong))
}
