//! The project of access keys: given, or looked up at IAM once.

use crate::auth::{AccessKey, GivenProject, Identity, Project, project_id};
use crate::codec::operation::Operation;
use crate::credential::{
    iam,
    provider::{CredentialContext, CredentialFuture, CredentialProvider, missing},
};
use crate::error::{Error, ErrorKind, text::printable};
use serde_json::Value;

/// How much of a list of projects an error shows, in characters.
const MAX_LIST: usize = 200;

static PROJECTS: Operation = iam::operation("iam_projects", "GET", "/v3/projects");

/// A key without a project id gets that of the region's own project.
impl CredentialProvider for AccessKey {
    fn provide<'a>(&'a self, context: &'a CredentialContext) -> CredentialFuture<'a> {
        Box::pin(async {
            let key = self.project.add_to(self.clone(), context).await?;
            Ok(Identity::access_key(key))
        })
    }

    fn check(&self, context: &CredentialContext) -> Result<(), Error> {
        self.project.check(context)
    }
}

impl Project {
    /// The name of a project without an id: the one given, or that of the region.
    pub(super) fn name<'a>(
        &'a self,
        context: &'a CredentialContext,
        what: &str,
    ) -> Result<&'a str, Error> {
        match (&self.given, context.region()) {
            (GivenProject::Name(name), _) => Ok(name),
            (_, Some(region)) => Ok(region.as_str()),
            (_, None) => Err(missing(what)),
        }
    }

    pub(super) fn iam(&self, context: &CredentialContext) -> Result<String, Error> {
        context.endpoint(&iam::IAM, self.iam_endpoint.as_ref())
    }

    /// Checks what a key needs, so that its project can be looked up.
    pub(super) fn check(&self, context: &CredentialContext) -> Result<(), Error> {
        if matches!(self.given, GivenProject::Id(_) | GivenProject::None) {
            return Ok(());
        }
        self.name(context, "project id")?;
        self.iam(context).map(drop)
    }

    /// Adds the project to a key.
    pub(super) async fn add_to(
        &self,
        key: AccessKey,
        context: &CredentialContext,
    ) -> Result<AccessKey, Error> {
        if self.given != GivenProject::None && self.id().is_none() {
            self.check(context)?;
            let id = self.find(context, &key).await;
            let id = id.map_err(|error| error.of_credential("looking up the project at IAM"))?;
            let id = project_id(id).map_err(|_| {
                // A response that quotes its request may have a secret there.
                Error::new(ErrorKind::Credential, "the project id that IAM gave is malformed")
            })?;
            _ = self.found.set(id);
        }
        Ok(AccessKey { project: self.clone(), ..key })
    }

    async fn find(&self, context: &CredentialContext, key: &AccessKey) -> Result<String, Error> {
        let name = self.name(context, "project id")?;
        let mut request = iam::request(&self.iam(context)?, &PROJECTS, None)?;
        request.url_mut().query_pairs_mut().append_pair("name", name);
        let identity = Identity::access_key(key.clone());
        let response = context.call(request, &iam::IAM, &PROJECTS, identity).await?;
        let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
        let projects = body.get("projects").and_then(Value::as_array).into_iter().flatten();
        let ids: Vec<_> = projects.filter_map(|project| project.get("id")?.as_str()).collect();
        let wrong = match ids.as_slice() {
            [id] => return Ok((*id).to_owned()),
            [] => format!("there is none of the name {name}; set its id"),
            several => {
                // Ids have 32 hexadecimal digits. What else a response quotes may be a secret.
                let is_id = |id: &str| id.len() <= 32 && id.bytes().all(|c| c.is_ascii_hexdigit());
                let shown = several.iter().map(|id| if is_id(id) { id } else { "[not shown]" });
                let listed = printable(&shown.collect::<Vec<_>>().join(", "), MAX_LIST);
                format!("several have the name {name}: {listed}; set the id")
            }
        };
        Err(Error::invalid_argument(wrong))
    }
}
