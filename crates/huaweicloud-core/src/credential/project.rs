//! The project of access keys: given, or looked up at IAM once.

use crate::auth::{AccessKey, Identity, project_id};
use crate::codec::operation::Operation;
use crate::credential::iam::{self, GivenProject};
use crate::credential::provider::{
    CredentialContext, CredentialFuture, CredentialProvider, missing,
};
use crate::error::{Error, text::printable};
use serde_json::Value;
use std::sync::PoisonError;

/// How much of a list of projects an error shows, in characters.
const MAX_LIST: usize = 200;

static PROJECTS: Operation = iam::get("iam_projects", "/v3/projects");

/// A key without a project id gets that of the credential's project.
impl CredentialProvider for AccessKey {
    fn provide<'a>(&'a self, context: &'a CredentialContext) -> CredentialFuture<'a> {
        Box::pin(async { Ok(Identity::access_key(context.with_project(self.clone()).await?)) })
    }

    fn check(&self, context: &CredentialContext) -> Result<(), Error> {
        if self.needs_project { context.check_project() } else { Ok(()) }
    }
}

impl CredentialContext {
    /// The name of a project without an id: the one given, or that of the region.
    pub(super) fn project_name(&self, what: &str) -> Result<&str, Error> {
        match (&self.project.given, self.region()) {
            (Some(GivenProject::Name(name)), _) => Ok(name),
            (_, Some(region)) => Ok(region.as_str()),
            (_, None) => Err(missing(what)),
        }
    }

    pub(super) fn iam(&self) -> Result<String, Error> {
        self.endpoint(&iam::IAM, self.project.iam_endpoint.as_ref())
    }

    /// Checks what a key needs, so that its project can be looked up.
    pub(super) fn check_project(&self) -> Result<(), Error> {
        if matches!(self.project.given, Some(GivenProject::Id(_))) {
            return Ok(());
        }
        self.project_name("project id")?;
        self.iam().map(drop)
    }

    /// Adds the project to a key, if it needs one: the one given, or what is looked up and kept.
    pub(super) async fn with_project(&self, key: AccessKey) -> Result<AccessKey, Error> {
        let id = match &self.project.given {
            _ if !key.needs_project => return Ok(key),
            Some(GivenProject::Id(id)) => id.clone(),
            _ => self.find_project(&key).await?,
        };
        key.with_project_id(id)
    }

    async fn find_project(&self, key: &AccessKey) -> Result<String, Error> {
        let name = self.project_name("project id")?;
        let mut request = iam::request(&self.iam()?, &PROJECTS, None)?;
        request.url_mut().query_pairs_mut().append_pair("name", name);
        let found = || self.project.found.lock().unwrap_or_else(PoisonError::into_inner);
        let url = request.url().clone();
        if let Some(id) = found().get(&url) {
            return Ok(id.clone());
        }
        let identity = Identity::access_key(key.clone());
        let response = self.call(request, &iam::IAM, &PROJECTS, identity).await;
        let id = response.and_then(|response| only_id(response.body(), name));
        let id = id.map_err(|error| error.of_credential("looking up the project at IAM"))?;
        // A response that quotes its request may have a secret there.
        let malformed = |_| Error::credential("the project id that IAM gave is malformed");
        let id = project_id(id).map_err(malformed)?;
        found().insert(url, id.clone());
        Ok(id)
    }
}

/// The id of the one project that a response of IAM lists.
fn only_id(body: &[u8], name: &str) -> Result<String, Error> {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
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
