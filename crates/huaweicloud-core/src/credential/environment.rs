//! A credential from the environment: the first of a chain of providers that it names.

use crate::auth::{AccessKey, Identity, NamedUrl, Secret, project_id};
use crate::credential::{
    ecs::Ecs,
    federation::FederatedLogin,
    iam::Scope,
    oidc::{IdToken, Oidc},
    password::PasswordLogin,
    pod_identity::PodIdentity,
    profile,
    provider::Credential,
    temporary::Project,
};
use crate::error::{Error, ErrorKind, text::quoted};
use crate::region::Endpoint;
use crate::service::ServiceInfo;
use std::{ffi::OsString, path::PathBuf, sync::OnceLock};

const SDK_KEY: (&str, &str) = ("HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK");
const SAMPLE_KEY: (&str, &str) = ("CLOUD_SDK_AK", "CLOUD_SDK_SK");
const SECURITY_TOKEN: &str = "HUAWEICLOUD_SDK_SECURITY_TOKEN";
const PROJECT_ID: &str = "HUAWEICLOUD_SDK_PROJECT_ID";
const DOMAIN: &str = "OS_USER_DOMAIN_NAME";
const USER: &str = "OS_USERNAME";
const PASSWORD: &str = "OS_PASSWORD";
const IAM: &str = "HUAWEICLOUD_SDK_IAM_ENDPOINT";
const OIDC: (&str, &str) = ("HUAWEICLOUD_OIDC_PROVIDER_URN", "HUAWEICLOUD_OIDC_AGENCY_URN");
const ID_TOKEN: &str = "HUAWEICLOUD_OIDC_ID_TOKEN";
const TOKEN_FILE: &str = "HUAWEICLOUD_OIDC_TOKEN_FILE";
const DURATION: &str = "HUAWEICLOUD_OIDC_DURATION_SECONDS";
const FEDERATION: (&str, &str) = ("HUAWEICLOUD_SDK_IDP_ID", "HUAWEICLOUD_SDK_ID_TOKEN_FILE");
const POD: (&str, &str) =
    ("HC_CONTAINER_CREDENTIALS_FULL_URI", "HC_CONTAINER_AUTHORIZATION_TOKEN_FILE");

/// The variables of a process, and the service whose own ones come first.
pub(crate) struct Environment<'a> {
    get: &'a dyn Fn(&str) -> Option<OsString>,
    pub(crate) service: &'static ServiceInfo,
}

impl Environment<'static> {
    pub(crate) fn of_process(service: &'static ServiceInfo) -> Self {
        Self { get: &|name| std::env::var_os(name), service }
    }
}

impl Environment<'_> {
    /// The name of a variable of the service's own.
    pub(crate) fn own(&self, name: &str) -> String {
        format!("{}_{name}", self.service.variables)
    }

    /// The value of a variable. An empty one is an error, and most likely a mistake.
    pub(crate) fn get(&self, name: &str, kind: ErrorKind) -> Result<Option<String>, Error> {
        let malformed = |what: &str| Err(Error::new(kind, format!("{name} is {what}")));
        match (self.get)(name) {
            None => Ok(None),
            Some(value) if value.is_empty() => malformed("set, but empty"),
            Some(value) => value.into_string().map(Some).or_else(|_| malformed("not UTF-8")),
        }
    }

    fn text(&self, name: &str) -> Result<Option<String>, Error> {
        self.get(name, ErrorKind::Credential)
    }

    /// A URL, and the name of its variable.
    fn url(&self, name: &'static str) -> Result<Option<NamedUrl>, Error> {
        Ok(self.text(name)?.map(|url| (name, url)))
    }

    fn project_id(&self) -> Result<Option<String>, Error> {
        let id = self.text(PROJECT_ID)?.map(project_id).transpose();
        id.map_err(|error| error.prefixed(PROJECT_ID))
    }

    /// The project of temporary keys.
    fn project(&self) -> Result<Project, Error> {
        let id = self.project_id()?.map_or_else(OnceLock::new, OnceLock::from);
        Ok(Project { id, iam_endpoint: self.url(IAM)? })
    }

    /// Two variables that are set together or not at all.
    fn pair(&self, (first, second): (&str, &str)) -> Result<Option<(String, String)>, Error> {
        match (self.text(first)?, self.text(second)?) {
            (Some(one), Some(other)) => Ok(Some((one, other))),
            (None, None) => Ok(None),
            (Some(_), None) => Err(half(first, second)),
            (None, Some(_)) => Err(half(second, first)),
        }
    }

    /// The profile that is named, which must be there; else the usual one, which need not.
    fn profile(&self) -> Result<Option<PathBuf>, Error> {
        let named = self.text("HUAWEICLOUD_SDK_CREDENTIALS_FILE")?.map(PathBuf::from);
        let mut homes = ["HOME", "USERPROFILE"].iter().filter_map(|name| (self.get)(name));
        // Without a name it would be the current folder.
        let home = homes.find(|home| !home.is_empty());
        let usual = home.map(|home| PathBuf::from(home).join(".huaweicloud/credentials"));
        Ok(named.or(usual.filter(|path| path.exists())))
    }
}

fn half(given: &str, missing: &str) -> Error {
    Error::new(ErrorKind::Credential, format!("{given} is set, but {missing} is not"))
}

/// A provider, if the environment names it.
type Link = fn(&Environment<'_>) -> Result<Option<Credential>, Error>;

/// The first that the environment names is taken.
const CHAIN: [Link; 8] = [
    token,
    |environment| access_key(environment, SDK_KEY),
    |environment| access_key(environment, SAMPLE_KEY),
    password,
    oidc,
    federation,
    pod,
    profile_file,
];

pub(super) fn credential(environment: &Environment<'_>) -> Result<Credential, Error> {
    let named = CHAIN.iter().find_map(|link| link(environment).transpose());
    named.unwrap_or_else(|| metadata_service(environment))
}

fn token(environment: &Environment<'_>) -> Result<Option<Credential>, Error> {
    let name = environment.own("TOKEN");
    let token = environment.text(&name)?.map(Identity::token).transpose();
    Ok(token.map_err(|error| error.prefixed(&name))?.map(Credential::from))
}

fn access_key(
    environment: &Environment<'_>,
    names: (&str, &str),
) -> Result<Option<Credential>, Error> {
    let Some((ak, sk)) = environment.pair(names)? else { return Ok(None) };
    let mut key = AccessKey::named([names.0, names.1], ak, sk)?;
    if let Some(token) = environment.text(SECURITY_TOKEN)? {
        key = key.with_security_token(token).map_err(|e| e.prefixed(SECURITY_TOKEN))?;
    }
    let (project_id, iam_endpoint) = (environment.project_id()?, environment.url(IAM)?);
    Ok(Some(AccessKey { project_id, iam_endpoint, ..key }.into()))
}

fn password(environment: &Environment<'_>) -> Result<Option<Credential>, Error> {
    let Some((user, password)) = environment.pair((USER, PASSWORD))? else { return Ok(None) };
    let domain = environment.text(DOMAIN)?.ok_or_else(|| half(PASSWORD, DOMAIN))?;
    let mut login = PasswordLogin::new(domain, user, password)?;
    let named = environment.url("OS_AUTH_URL")?.map(|(name, url)| {
        // Keystone's tools name it with the version.
        let url = url.trim_end_matches('/');
        (name, url.strip_suffix("/v3").unwrap_or(url).to_owned())
    });
    login = login.with_iam(named.or(environment.url(IAM)?));
    if let Some(name) = environment.text("OS_PROJECT_NAME")? {
        login = login.with_project(name);
    }
    Ok(Some(login.into()))
}

fn oidc(environment: &Environment<'_>) -> Result<Option<Credential>, Error> {
    let fixed = environment.text(ID_TOKEN)?.map(|token| Secret::checked(ID_TOKEN, token));
    let file = environment.text(TOKEN_FILE)?.map(|path| IdToken::File(path.into()));
    let ((provider_urn, agency_urn), token) = match (environment.pair(OIDC)?, fixed, file) {
        (None, None, None) => return Ok(None),
        (None, Some(_), _) => return Err(half(ID_TOKEN, OIDC.0)),
        (None, None, Some(_)) => return Err(half(TOKEN_FILE, OIDC.0)),
        (Some(_), None, None) => return Err(half(OIDC.0, &format!("{ID_TOKEN} or {TOKEN_FILE}"))),
        (Some(urns), Some(token), _) => (urns, IdToken::Fixed(token?)),
        (Some(urns), None, Some(file)) => (urns, file),
    };
    let duration = environment.text(DURATION)?.unwrap_or("3600".into());
    let no_number = |_| {
        let message = format!("{DURATION} {}: must be a number of seconds", quoted(&duration));
        Error::new(ErrorKind::Credential, message)
    };
    let policy_ids = environment.text("HUAWEICLOUD_OIDC_POLICY_IDS")?.unwrap_or_default();
    let policy_ids = policy_ids.split(',').map(str::trim).filter(|id| !id.is_empty());
    let oidc = Oidc {
        provider_urn,
        agency_urn,
        session_name: environment
            .text("HUAWEICLOUD_OIDC_SESSION_NAME")?
            .unwrap_or("oidc-sts-session".into()),
        duration_seconds: duration.parse().map_err(no_number)?,
        policy: environment.text("HUAWEICLOUD_OIDC_POLICY")?,
        policy_ids: policy_ids.map(str::to_owned).collect(),
        token,
        sts_endpoint: environment.url("HUAWEICLOUD_SDK_STS_ENDPOINT")?,
        project: environment.project()?,
    };
    Ok(Some(oidc.into()))
}

fn federation(environment: &Environment<'_>) -> Result<Option<Credential>, Error> {
    let Some((identity_provider, file)) = environment.pair(FEDERATION)? else { return Ok(None) };
    let login = FederatedLogin {
        identity_provider,
        token_file: file.into(),
        project: environment.project_id()?.map(Scope::Id),
        iam_endpoint: environment.url(IAM)?,
    };
    Ok(Some(login.into()))
}

fn pod(environment: &Environment<'_>) -> Result<Option<Credential>, Error> {
    let Some((url, file)) = environment.pair(POD)? else { return Ok(None) };
    let pod = PodIdentity {
        url: Endpoint::link_local(POD.0, &url)?.url,
        token_file: file.into(),
        project: environment.project()?,
    };
    Ok(Some(pod.into()))
}

fn profile_file(environment: &Environment<'_>) -> Result<Option<Credential>, Error> {
    let Some(path) = environment.profile()? else { return Ok(None) };
    profile::read(&path, environment.url(IAM)?)
}

/// What is left where the environment names nothing.
fn metadata_service(environment: &Environment<'_>) -> Result<Credential, Error> {
    let profile = match environment.profile()? {
        Some(path) => format!("[basic] of the profile {}", path.display()),
        None => "the profile ~/.huaweicloud/credentials".to_owned(),
    };
    let mut ecs = Ecs {
        project: environment.project()?,
        tried: Some(format!(
            "{}, {}, {}, {USER}, {}, {}, {}, {profile} and the metadata service",
            environment.own("TOKEN"),
            SDK_KEY.0,
            SAMPLE_KEY.0,
            OIDC.0,
            FEDERATION.0,
            POD.0
        )),
        ..Ecs::default()
    };
    let name = environment.own("METADATA_ENDPOINT");
    if let Some(url) = environment.text(&name)? {
        ecs.endpoint = Endpoint::link_local(&name, &url)?.url;
    }
    Ok(ecs.into())
}
