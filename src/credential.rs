//! Who is calling.

mod access_key;
mod cache;
mod chain;
mod ecs;
mod grant;
mod iam;
mod password;
mod profile;
mod secret;
mod signature;

pub(crate) use chain::text;
pub(crate) use grant::{Authenticator, Authorized, Clock};
pub(crate) use secret::Secret;

pub use access_key::AccessKey;
pub use grant::{CredentialProvider, CredentialFuture, Identity};
pub use password::PasswordLogin;

use crate::{Error, ErrorKind, Region, region::Endpoint, transport::Road};
use cache::Cache;
use ecs::Ecs;
use futures_util::FutureExt;
use std::{ffi::OsString, fmt, sync::Arc};

/// Who is calling. It never shows its secrets, and wipes them when their last user lets go.
///
/// | made by | is | is renewed |
/// | --- | --- | --- |
/// | [`token`](Self::token) | an IAM token, valid for 24 hours | no |
/// | [`access_key`](Self::access_key) | an access key, permanent or temporary, that signs requests | need not be |
/// | [`password`](Self::password) | an IAM user, who logs in | ahead of its end |
/// | [`ecs`](Self::ecs) | the agency of the cloud server this runs on | ahead of its end |
/// | [`source`](Self::source) | a source of your own | ahead of its end |
/// | [`from_env`](Self::from_env) | the first of these that the environment names | |
///
/// ```
/// use codearts_build::Credential;
///
/// let credential = Credential::token("MIIaBwYJKoZIhvcNAQcCoIIZ-DCCGfQCAQExDTAL")?;
/// assert_eq!(format!("{credential:?}"), "Credential::Token([redacted])");
/// # Ok::<(), codearts_build::Error>(())
/// ```
#[derive(Clone)]
pub struct Credential(Kind);

#[derive(Clone)]
enum Kind {
    Token(Secret),
    AccessKey(AccessKey),
    Password(PasswordLogin),
    Ecs(Ecs),
    Source(Arc<dyn CredentialProvider>),
}

impl Credential {
    /// An IAM user token, as the response header `X-Subject-Token` of an IAM login gives it. It must
    /// be a token of the region, scoped to a project; it is valid for 24 hours.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credential`] if the token is empty, longer than the 32 KiB that the gateway
    /// takes, or has a line break or another character that no token has.
    pub fn token(token: impl Into<String>) -> Result<Self, Error> {
        Ok(Self(Kind::Token(Secret::checked("token", token.into())?)))
    }

    /// An access key and its secret key, which sign every request (SDK-HMAC-SHA256). See
    /// [`AccessKey`] for temporary keys and for the project.
    ///
    /// ```
    /// use codearts_build::{Client, Credential, Region};
    ///
    /// let key = Credential::access_key("AKIDEXAMPLE00000000A", "SKEXAMPLE000000000000000000000A")?
    ///     .with_project_id("0123456789abcdef0123456789abcdef")?;
    /// let client = Client::builder().region(Region::CN_NORTH_4).credential(key).build()?;
    /// # Ok::<(), codearts_build::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credential`] if one of them is empty or has white space or another character that
    /// no key has.
    pub fn access_key(
        access_key: impl Into<String>,
        secret_key: impl Into<String>,
    ) -> Result<AccessKey, Error> {
        AccessKey::new(access_key.into(), secret_key.into())
    }

    /// An IAM user of an account (IAM calls it a domain), who logs in with a password. See
    /// [`PasswordLogin`] for the project and for IAM's address.
    ///
    /// ```
    /// use codearts_build::{Client, Credential, Region};
    ///
    /// let login = Credential::password("IAMDomain", "IAMUser", "the password")?;
    /// let client = Client::builder().region(Region::CN_NORTH_4).credential(login).build()?;
    /// # Ok::<(), codearts_build::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credential`] if one of them is empty.
    pub fn password(
        domain: impl Into<String>,
        user: impl Into<String>,
        password: impl Into<String>,
    ) -> Result<PasswordLogin, Error> {
        PasswordLogin::new(domain.into(), user.into(), password.into())
    }

    /// The agency of the cloud server (ECS) that this runs on: temporary keys of its metadata
    /// service at `http://169.254.169.254`, which answers within a second or is not there.
    pub fn ecs() -> Self {
        Self(Kind::Ecs(Ecs::default()))
    }

    /// A source of your own, a vault say.
    pub fn source(source: impl CredentialProvider) -> Self {
        Self(Kind::Source(Arc::new(source)))
    }

    /// The first of these that the environment names:
    ///
    /// 1. `CODEARTS_BUILD_TOKEN`: a token.
    /// 2. `HUAWEICLOUD_SDK_AK` and `HUAWEICLOUD_SDK_SK`, with `HUAWEICLOUD_SDK_SECURITY_TOKEN` and
    ///    `HUAWEICLOUD_SDK_PROJECT_ID` if they are set; or `CLOUD_SDK_AK` and `CLOUD_SDK_SK`: an access
    ///    key.
    /// 3. `OS_USERNAME`, `OS_PASSWORD` and `OS_USER_DOMAIN_NAME`, with `OS_AUTH_URL` and
    ///    `OS_PROJECT_NAME` if they are set: a user who logs in.
    /// 4. The profile file `~/.huaweicloud/credentials`, or the one that
    ///    `HUAWEICLOUD_SDK_CREDENTIALS_FILE` names: an access key, as `ak`, `sk`, `security_token`,
    ///    `project_id` and `iam_endpoint` of the section `[basic]`.
    /// 5. The metadata service of the cloud server, or what `CODEARTS_BUILD_METADATA_ENDPOINT` names in
    ///    its place. It is asked when the first call is made.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credential`] with the name of what is missing or malformed. Half of a pair is an
    /// error, not a reason to look further.
    pub fn from_env() -> Result<Self, Error> {
        Self::from_lookup(&|name| std::env::var_os(name))
    }

    /// What `lookup`, which is `std::env::var_os` but for tests, knows.
    pub(crate) fn from_lookup(lookup: &dyn Fn(&str) -> Option<OsString>) -> Result<Self, Error> {
        chain::credential(lookup)
    }

    /// What proves to the service who is calling, on every request of a client.
    pub(crate) fn authenticator(
        self,
        road: &Arc<Road>,
        region: Option<&Region>,
        plain_http: bool,
        clock: Clock,
    ) -> Result<Authenticator, Error> {
        let iam = |own: &Option<String>| {
            let public = || region.map(|it| format!("https://iam.{it}.myhuaweicloud.com"));
            let url = own.clone().or_else(public);
            url.map(|url| Endpoint::permitted("IAM endpoint", &url, plain_http)).transpose()
        };
        let missing = |what: &str| {
            let message = format!("{what}: neither it nor the region is set");
            Error::new(ErrorKind::Credential, message)
        };
        let road = road.clone();
        let fetch: cache::Fetch = match self.0 {
            Kind::Token(token) => {
                return Ok(Authenticator::fixed(Identity::of_token(token), clock));
            }
            Kind::AccessKey(key) if key.project_id.is_some() => {
                return Ok(Authenticator::fixed(Identity::access_key(key), clock));
            }
            Kind::AccessKey(key) => {
                let iam = iam(&key.iam_endpoint)?;
                let (iam, region) =
                    iam.zip(region.cloned()).ok_or_else(|| missing("project id"))?;
                let clock = clock.clone();
                Box::new(move || {
                    let (road, key, clock) = (road.clone(), key.clone(), clock.clone());
                    let (iam, region) = (iam.clone(), region.clone());
                    async move { iam::find_project(&road, &iam.url, &region, key, clock).await }
                        .boxed()
                })
            }
            Kind::Password(login) => {
                let iam = iam(&login.iam_endpoint)?.ok_or_else(|| missing("IAM endpoint"))?;
                let project = login.project.clone().or(region.map(iam::Project::of_region));
                let project = project.ok_or_else(|| missing("project of the login"))?;
                Box::new(move || {
                    let (road, login) = (road.clone(), login.clone());
                    let (iam, project) = (iam.clone(), project.clone());
                    async move { iam::login(&road, &iam.url, &login, &project).await }.boxed()
                })
            }
            Kind::Ecs(ecs) => Box::new(move || {
                let ecs = ecs.clone();
                async move { ecs.fetch().await }.boxed()
            }),
            Kind::Source(source) => Box::new(move || {
                let source = source.clone();
                let failed = |cause: Box<dyn std::error::Error + Send + Sync>| {
                    Error::new(ErrorKind::Credential, cause.to_string())
                };
                async move { source.fetch().await.map_err(failed) }.boxed()
            }),
        };
        Ok(Authenticator::renewed(Cache::new(fetch), clock))
    }
}

impl From<AccessKey> for Credential {
    fn from(key: AccessKey) -> Self {
        Self(Kind::AccessKey(key))
    }
}

impl From<PasswordLogin> for Credential {
    fn from(login: PasswordLogin) -> Self {
        Self(Kind::Password(login))
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Token(token) => write!(f, "Credential::Token({token:?})"),
            Kind::AccessKey(key) => key.fmt(f),
            Kind::Password(login) => login.fmt(f),
            Kind::Ecs(_) => f.write_str("Credential::Ecs"),
            Kind::Source(_) => f.write_str("Credential::Source"),
        }
    }
}
