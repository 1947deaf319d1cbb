//! The project of access keys: given, or looked up at IAM once.

use crate::auth::{AccessKey, Identity, NamedUrl, project_id};
use crate::codec::operation::Operation;
use crate::credential::{
    iam,
    provider::{CredentialContext, CredentialFuture, CredentialProvider, missing},
};
use crate::error::{Error, ErrorKind, text::printable};
use crate::pipeline::Target;
use crate::region::Region;
use serde_json::Value;
use std::sync::OnceLock;

/// How much of a list of projects an error shows, in characters.
const MAX_LIST: usize = 200;

static PROJECTS: Operation = iam::operation("iam_projects", "GET", "/v3/projects");

/// A key without a project id gets that of the region's own project.
impl CredentialProvider for AccessKey {
    fn provide<'a>(&'a self, context: &'a CredentialContext) -> CredentialFuture<'a> {
        Box::pin(async {
            let key = Project::of(self).add_to(self.clone(), context).await?;
            Ok(Identity::access_key(key))
        })
    }

    fn check(&self, context: &CredentialContext) -> Result<(), Error> {
        Project::of(self).check(context)
    }
}

/// The id of a project, or where the id of the region's own project is looked up.
#[derive(Default)]
pub(super) struct Project {
    id: OnceLock<String>,
    iam_endpoint: Option<NamedUrl>,
}

impl Project {
    pub(super) fn new(id: Option<String>, iam_endpoint: Option<NamedUrl>) -> Self {
        Self { id: id.map_or_else(OnceLock::new, OnceLock::from), iam_endpoint }
    }

    fn of(key: &AccessKey) -> Self {
        Self::new(key.project_id.clone(), key.iam_endpoint.clone())
    }

    pub(super) fn check(&self, context: &CredentialContext) -> Result<(), Error> {
        match self.id.get() {
            Some(_) => Ok(()),
            None => self.place(context).map(drop),
        }
    }

    /// The region whose own project is looked up, and the endpoint of IAM.
    fn place<'a>(&self, context: &'a CredentialContext) -> Result<(&'a Region, String), Error> {
        let region = context.region().ok_or_else(|| missing("project id"))?;
        Ok((region, context.endpoint(&iam::IAM, self.iam_endpoint.as_ref())?))
    }

    /// Adds the project to a key.
    pub(super) async fn add_to(
        &self,
        key: AccessKey,
        context: &CredentialContext,
    ) -> Result<AccessKey, Error> {
        let id = match self.id.get() {
            Some(id) => id,
            None => {
                self.check(context)?;
                let id = self.find(context, &key).await;
                let id =
                    id.map_err(|error| error.of_credential("looking up the project at IAM"))?;
                let id = project_id(id).map_err(|_| {
                    // A response that quotes its request may have a secret there.
                    Error::new(ErrorKind::Credential, "the project id that IAM gave is malformed")
                })?;
                self.id.get_or_init(|| id)
            }
        };
        Ok(AccessKey { project_id: Some(id.clone()), ..key })
    }

    async fn find(&self, context: &CredentialContext, key: &AccessKey) -> Result<String, Error> {
        let (region, iam) = self.place(context)?;
        let mut request = iam::request(&iam, &PROJECTS)?;
        request.url_mut().query_pairs_mut().append_pair("name", region.as_str());
        let target = Target { service: &iam::IAM, operation: &PROJECTS };
        let response = context.call(request, target, Identity::access_key(key.clone())).await?;
        let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
        let projects = body.get("projects").and_then(Value::as_array).into_iter().flatten();
        let ids: Vec<_> = projects.filter_map(|project| project.get("id")?.as_str()).collect();
        let wrong = match ids.as_slice() {
            [id] => return Ok((*id).to_owned()),
            [] => format!("there is none of the name {region}; set its id"),
            several => {
                // Ids have 32 hexadecimal digits. What else a response quotes may be a secret.
                let is_id = |id: &str| id.len() <= 32 && id.bytes().all(|c| c.is_ascii_hexdigit());
                let shown = several.iter().map(|id| if is_id(id) { id } else { "[not shown]" });
                let listed = printable(&shown.collect::<Vec<_>>().join(", "), MAX_LIST);
                format!("several have the name {region}: {listed}; set the id")
            }
        };
        Err(Error::invalid_argument(wrong))
    }
}
