//! IAM users who log in.

use crate::auth::{Identity, Secret};
use crate::codec::operation::Operation;
use crate::credential::{
    iam::{self, Login, not_empty, object, quoted},
    provider::{CredentialContext, CredentialFuture, CredentialProvider},
};
use crate::error::{Error, ErrorKind};
use zeroize::Zeroizing;

static LOGIN: Operation = iam::operation("iam_login", "POST", "/v3/auth/tokens");

/// An IAM user of an account (IAM calls it a domain), who logs in with a password.
///
/// The client logs in when the first call is made, and again ahead of the token's expiry, while
/// other calls go on with the old one. Whatever the number of calls, there is one login at a time.
/// After a wrong password there is none for five minutes, because wrong passwords lock the user.
///
/// ```
/// use huaweicloud_core::{Client, PasswordLogin};
///
/// let login = PasswordLogin::new("IAMDomain", "IAMUser", "the password")?;
/// let endpoint = "https://iam.cn-north-4.myhuaweicloud.com";
/// let builder = Client::builder().region("cn-north-4").endpoint(endpoint);
/// let client = builder.credential(login).build()?;
/// # Ok::<(), huaweicloud_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct PasswordLogin {
    domain: String,
    user: String,
    password: Secret,
    pub(super) login: Login,
}

impl PasswordLogin {
    /// A user, the account it belongs to, and its password.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credential`] if one of them is empty.
    pub fn new(
        domain: impl Into<String>,
        user: impl Into<String>,
        password: impl Into<String>,
    ) -> Result<Self, Error> {
        let password = Zeroizing::new(password.into());
        if password.is_empty() {
            return Err(Error::new(ErrorKind::Credential, "the password is empty"));
        }
        Ok(Self {
            domain: not_empty("domain", domain.into())?,
            user: not_empty("user", user.into())?,
            password: Secret::new(password),
            login: Login::default(),
        })
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

    /// Logs in for a token that is scoped to a project.
    async fn token(&self, context: &CredentialContext) -> Result<Identity, Error> {
        let (name, password) = (quoted(&self.user), quoted(self.password.text()));
        let domain = object(&[("name", &quoted(&self.domain))]);
        let user = object(&[("name", &name), ("password", &password), ("domain", &domain)]);
        let user = object(&[("user", &user)]);
        let identity = object(&[("methods", r#"["password"]"#), ("password", &user)]);
        let mut request = self.login.request(context, &LOGIN, ("identity", &identity))?;
        request.url_mut().query_pairs_mut().append_pair("nocatalog", "true");
        let secrets = vec![self.password.clone(), Secret::new(password)];
        iam::login(context, request, &LOGIN, secrets).await
    }
}

impl CredentialProvider for PasswordLogin {
    fn provide<'a>(&'a self, context: &'a CredentialContext) -> CredentialFuture<'a> {
        Box::pin(async {
            let token = self.token(context).await;
            Ok(token.map_err(|error| error.of_credential("logging in at IAM"))?)
        })
    }

    fn check(&self, context: &CredentialContext) -> Result<(), Error> {
        self.login.check(context)
    }
}
