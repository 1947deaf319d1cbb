//! Users of an identity provider that IAM trusts, who log in with its ID token.

use crate::auth::Identity;
use crate::codec::operation::Operation;
use crate::credential::{
    iam::{self, Login, not_empty, object, quoted},
    oidc::IdToken,
    provider::{CredentialContext, CredentialFuture, CredentialProvider},
};
use crate::error::{Error, ErrorKind};
use http::{HeaderName, HeaderValue};

const IDENTITY_PROVIDER: HeaderName = HeaderName::from_static("x-idp-id");

/// A user of an identity provider that IAM trusts, who logs in with an ID token of that provider.
#[derive(Clone, Debug)]
pub struct FederatedLogin {
    identity_provider: HeaderValue,
    token: IdToken,
    pub(super) login: Login,
}

static LOGIN: Operation =
    iam::operation("iam_federated_login", "POST", "/v3.0/OS-AUTH/id-token/tokens");

impl FederatedLogin {
    /// The id of the identity provider at IAM, and the token that it issued.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credential`] if the id is empty or cannot be sent as a header.
    pub fn new(identity_provider: impl Into<String>, token: IdToken) -> Result<Self, Error> {
        const ID: &str = "id of the identity provider";
        let unusable = |_| Error::new(ErrorKind::Credential, format!("the {ID} is no header"));
        let identity_provider = not_empty(ID, identity_provider.into())?;
        let identity_provider = HeaderValue::from_str(&identity_provider).map_err(unusable)?;
        Ok(Self { identity_provider, token, login: Login::default() })
    }

    /// The project of the requests, by name. Default: the region's own project, whose name
    /// is the region's id.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credential`] if it is empty.
    pub fn with_project(mut self, name: impl Into<String>) -> Result<Self, Error> {
        self.login.set_project(name.into())?;
        Ok(self)
    }

    /// The project of the requests, by id.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credential`] if it is not 1 to 64 letters, digits, hyphens and underscores.
    pub fn with_project_id(mut self, id: impl Into<String>) -> Result<Self, Error> {
        self.login.set_project_id(id.into())?;
        Ok(self)
    }

    /// Where IAM is. Default: IAM's public endpoint of the region.
    #[must_use]
    pub fn with_iam_endpoint(mut self, url: impl Into<String>) -> Self {
        self.login.iam_endpoint = Some(("IAM endpoint", url.into()));
        self
    }

    /// Logs in for a token that is scoped to a project, with which no temporary key is needed.
    async fn token(&self, context: &CredentialContext) -> Result<Identity, Error> {
        let token = self.token.read()?;
        let id_token = object(&[("id", &quoted(token.text()))]);
        let mut request = self.login.request(context, &LOGIN, ("id_token", &id_token))?;
        request.headers_mut().insert(IDENTITY_PROVIDER, self.identity_provider.clone());
        iam::login(context, request, &LOGIN, vec![token]).await
    }
}

impl CredentialProvider for FederatedLogin {
    fn provide<'a>(&'a self, context: &'a CredentialContext) -> CredentialFuture<'a> {
        Box::pin(async {
            let token = self.token(context).await;
            Ok(token.map_err(|error| error.of_credential("logging in at IAM with an ID token"))?)
        })
    }

    fn check(&self, context: &CredentialContext) -> Result<(), Error> {
        self.login.check(context)
    }
}
