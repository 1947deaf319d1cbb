//! The project of access keys: given, or looked up at IAM once.

use crate::auth::{AccessKey, Identity, KeyProject, NamedUrl, project_id};
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

/// The project of keys: given, none, or the region's own, which is looked up.
#[derive(Clone, Debug, Default)]
pub(super) struct Project {
    given: KeyProject,
    pub(super) iam_endpoint: Option<NamedUrl>,
    found: OnceLock<String>,
}

impl Project {
    pub(super) fn new(given: KeyProject, iam_endpoint: Option<NamedUrl>) -> Self {
        Self { given, iam_endpoint, found: OnceLock::new() }
    }

    fn of(key: &AccessKey) -> Self {
        Self::new(key.project.clone(), key.iam_endpoint.clone())
    }

    pub(super) fn set_id(&mut self, id: String) -> Result<(), Error> {
        self.given = KeyProject::Id(project_id(id)?);
        Ok(())
    }

    pub(super) fn check(&self, context: &CredentialContext) -> Result<(), Error> {
        match self.given {
            KeyProject::OfRegion => self.place(context).map(drop),
            KeyProject::Id(_) | KeyProject::None => Ok(()),
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
        let project = match (&self.given, self.found.get()) {
            (KeyProject::OfRegion, Some(found)) => KeyProject::Id(found.clone()),
            (KeyProject::OfRegion, None) => {
                self.check(context)?;
                let id = self.find(context, &key).await;
                let id =
                    id.map_err(|error| error.of_credential("looking up the project at IAM"))?;
                let id = project_id(id).map_err(|_| {
                    // A response that quotes its request may have a secret there.
                    Error::new(ErrorKind::Credential, "the project id that IAM gave is malformed")
                })?;
                KeyProject::Id(self.found.get_or_init(|| id).clone())
            }
            (given, _) => given.clone(),
        };
        Ok(AccessKey { project, ..key })
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
