//! Users of an identity provider that IAM trusts, who log in with its ID token.

use crate::auth::Identity;
use crate::codec::operation::Operation;
use crate::credential::{
    file,
    iam::{self, Login, object, quoted},
    provider::{CredentialContext, CredentialFuture, CredentialProvider},
};
use crate::error::{Error, ErrorKind};
use http::{HeaderName, HeaderValue};
use std::path::PathBuf;

const IDENTITY_PROVIDER: HeaderName = HeaderName::from_static("x-idp-id");

/// A login with an ID token, which is read from its file each time.
pub(super) struct FederatedLogin {
    pub(super) identity_provider: String,
    pub(super) token_file: PathBuf,
    pub(super) login: Login,
}

static LOGIN: Operation =
    iam::operation("iam_federated_login", "POST", "/v3.0/OS-AUTH/id-token/tokens");

impl FederatedLogin {
    /// Logs in for a token that is scoped to a project, with which no temporary key is needed.
    async fn token(&self, context: &CredentialContext) -> Result<Identity, Error> {
        let token = file::token("the ID token", &self.token_file)?;
        let id_token = object(&[("id", &quoted(token.text()))]);
        let mut request = self.login.request(context, &LOGIN, ("id_token", &id_token))?;
        let unusable = |_| Error::new(ErrorKind::Credential, "the id of the provider is no header");
        let identity_provider = HeaderValue::from_str(&self.identity_provider).map_err(unusable)?;
        request.headers_mut().insert(IDENTITY_PROVIDER, identity_provider);
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
