//! A credential from the environment: the first of a chain of providers that it names.

use crate::auth::{self, AccessKey, NamedUrl, Secret};
use crate::credential::{
    ecs::Ecs,
    federation::FederatedLogin,
    iam::Login,
    oidc::{IdToken, Oidc},
    password::PasswordLogin,
    pod_identity::PodIdentity,
    profile,
    project::Project,
    provider::Credential,
};
use crate::error::{Error, ErrorKind, text::quoted};
use crate::region;
use crate::service::ServiceInfo;
use std::{env, fs, io, path::PathBuf};

const SDK_KEY: (&str, &str) = ("HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK");
const SAMPLE_KEY: (&str, &str) = ("CLOUD_SDK_AK", "CLOUD_SDK_SK");
const SECURITY_TOKEN: &str = "HUAWEICLOUD_SDK_SECURITY_TOKEN";
const PROJECT_ID: &str = "HUAWEICLOUD_SDK_PROJECT_ID";
const DOMAIN: &str = "OS_USER_DOMAIN_NAME";
const USER: &str = "OS_USERNAME";
const PASSWORD: &str = "OS_PASSWORD";
/// The project of a login, by its name of today and its older one.
const OS_PROJECT_IDS: [&str; 2] = ["OS_PROJECT_ID", "OS_TENANT_ID"];
const OS_PROJECT_NAMES: [&str; 2] = ["OS_PROJECT_NAME", "OS_TENANT_NAME"];
const IAM: &str = "HUAWEICLOUD_SDK_IAM_ENDPOINT";
const OIDC: (&str, &str) = ("HUAWEICLOUD_OIDC_PROVIDER_URN", "HUAWEICLOUD_OIDC_AGENCY_URN");
const ID_TOKEN: &str = "HUAWEICLOUD_OIDC_ID_TOKEN";
const TOKEN_FILE: &str = "HUAWEICLOUD_OIDC_TOKEN_FILE";
const DURATION: &str = "HUAWEICLOUD_OIDC_DURATION_SECONDS";
const FEDERATION: (&str, &str) = ("HUAWEICLOUD_SDK_IDP_ID", "HUAWEICLOUD_SDK_ID_TOKEN_FILE");
const POD: (&str, &str) =
    ("HC_CONTAINER_CREDENTIALS_FULL_URI", "HC_CONTAINER_AUTHORIZATION_TOKEN_FILE");

/// The value of a variable. An empty one is an error, and most likely a mistake.
pub(crate) fn variable(name: &str, kind: ErrorKind) -> Result<Option<String>, Error> {
    let malformed = |what: &str| Err(Error::new(kind, format!("{name} is {what}")));
    match env::var_os(name) {
        None => Ok(None),
        Some(value) if value.is_empty() => malformed("set, but empty"),
        Some(value) => value.into_string().map(Some).or_else(|_| malformed("not UTF-8")),
    }
}

fn text(name: &str) -> Result<Option<String>, Error> {
    variable(name, ErrorKind::Credential)
}

/// A URL, and the name of its variable.
fn url(name: &'static str) -> Result<Option<NamedUrl>, Error> {
    Ok(text(name)?.map(|url| (name, url)))
}

fn project_id() -> Result<Option<String>, Error> {
    let id = text(PROJECT_ID)?.map(auth::project_id).transpose();
    id.map_err(|error| error.prefixed(PROJECT_ID))
}

/// The project of temporary keys.
fn project() -> Result<Project, Error> {
    Ok(Project::new(project_id()?, url(IAM)?))
}

/// The first of these variables that is set, and its value.
fn first(names: [&'static str; 2]) -> Result<Option<(&'static str, String)>, Error> {
    for name in names {
        if let Some(value) = text(name)? {
            return Ok(Some((name, value)));
        }
    }
    Ok(None)
}

/// Two variables that are set together or not at all.
fn pair((first, second): (&str, &str)) -> Result<Option<(String, String)>, Error> {
    match (text(first)?, text(second)?) {
        (Some(one), Some(other)) => Ok(Some((one, other))),
        (None, None) => Ok(None),
        (Some(_), None) => Err(half(first, second)),
        (None, Some(_)) => Err(half(second, first)),
    }
}

fn half(given: &str, missing: &str) -> Error {
    Error::new(ErrorKind::Credential, format!("{given} is set, but {missing} is not"))
}

/// The profile that is named, which must be there; else the usual one, which need not.
fn profile() -> Result<Option<PathBuf>, Error> {
    let named = text("HUAWEICLOUD_SDK_CREDENTIALS_FILE")?.map(PathBuf::from);
    let mut homes = ["HOME", "USERPROFILE"].iter().filter_map(env::var_os);
    // Without a name it would be the current folder.
    let home = homes.find(|home| !home.is_empty());
    let usual = home.map(|home| PathBuf::from(home).join(".huaweicloud/credentials"));
    // What is there and cannot be read is an error: the next provider would be another identity.
    let is_there = |path: &PathBuf| match fs::symlink_metadata(path) {
        Ok(_) => true,
        Err(cause) => cause.kind() != io::ErrorKind::NotFound,
    };
    Ok(named.or(usual.filter(is_there)))
}

type Found = Result<Option<Credential>, Error>;

/// The first credential that the environment names.
pub(super) fn credential(service: &ServiceInfo) -> Result<Credential, Error> {
    let chain: [&dyn Fn() -> Found; 8] = [
        &|| token(service),
        &|| access_key(SDK_KEY),
        &|| access_key(SAMPLE_KEY),
        &password,
        &oidc,
        &federation,
        &pod,
        &profile_file,
    ];
    let named = chain.iter().find_map(|find| find().transpose());
    named.unwrap_or_else(|| metadata_service(service))
}

fn token(service: &ServiceInfo) -> Found {
    let name = service.variable("TOKEN");
    let token = text(&name)?.map(Credential::token).transpose();
    token.map_err(|error| error.prefixed(&name))
}

fn access_key(names: (&str, &str)) -> Found {
    let Some((ak, sk)) = pair(names)? else { return Ok(None) };
    let mut key = AccessKey::named([names.0, names.1], ak, sk)?;
    if let Some(token) = text(SECURITY_TOKEN)? {
        key = key.with_security_token(token).map_err(|e| e.prefixed(SECURITY_TOKEN))?;
    }
    Ok(Some(AccessKey { project_id: project_id()?, iam_endpoint: url(IAM)?, ..key }.into()))
}

fn password() -> Found {
    let Some((user, password)) = pair((USER, PASSWORD))? else { return Ok(None) };
    let domain = text(DOMAIN)?.ok_or_else(|| half(PASSWORD, DOMAIN))?;
    let mut login = PasswordLogin::new(domain, user, password)?;
    let named = url("OS_AUTH_URL")?.map(|(name, url)| {
        // Keystone's tools name it with the version.
        let url = url.trim_end_matches('/');
        (name, url.strip_suffix("/v3").unwrap_or(url).to_owned())
    });
    login.login.iam_endpoint = named.or(url(IAM)?);
    login.login.project = match (first(OS_PROJECT_IDS)?, first(OS_PROJECT_NAMES)?) {
        (Some((variable, id)), _) => {
            Some(("id", auth::project_id(id).map_err(|error| error.prefixed(variable))?))
        }
        (None, Some((_, name))) => Some(("name", name)),
        (None, None) => project_id()?.map(|id| ("id", id)),
    };
    Ok(Some(login.into()))
}

fn oidc() -> Found {
    let fixed = text(ID_TOKEN)?.map(|token| Secret::checked(ID_TOKEN, token));
    let file = text(TOKEN_FILE)?.map(|path| IdToken::File(path.into()));
    let ((provider_urn, agency_urn), token) = match (pair(OIDC)?, fixed, file) {
        (None, None, None) => return Ok(None),
        (None, Some(_), _) => return Err(half(ID_TOKEN, OIDC.0)),
        (None, None, Some(_)) => return Err(half(TOKEN_FILE, OIDC.0)),
        (Some(_), None, None) => return Err(half(OIDC.0, &format!("{ID_TOKEN} or {TOKEN_FILE}"))),
        (Some(urns), Some(token), _) => (urns, IdToken::Fixed(token?)),
        (Some(urns), None, Some(file)) => (urns, file),
    };
    let duration = text(DURATION)?.unwrap_or("3600".into());
    let no_number = |_| {
        let message = format!("{DURATION} {}: must be a number of seconds", quoted(&duration));
        Error::new(ErrorKind::Credential, message)
    };
    let policy_ids = text("HUAWEICLOUD_OIDC_POLICY_IDS")?.unwrap_or_default();
    let policy_ids = policy_ids.split(',').map(str::trim).filter(|id| !id.is_empty());
    let session_name = text("HUAWEICLOUD_OIDC_SESSION_NAME")?;
    let oidc = Oidc {
        provider_urn,
        agency_urn,
        session_name: session_name.unwrap_or("oidc-sts-session".into()),
        duration_seconds: duration.parse().map_err(no_number)?,
        policy: text("HUAWEICLOUD_OIDC_POLICY")?,
        policy_ids: policy_ids.map(str::to_owned).collect(),
        token,
        sts_endpoint: url("HUAWEICLOUD_SDK_STS_ENDPOINT")?,
        project: project()?,
    };
    Ok(Some(oidc.into()))
}

fn federation() -> Found {
    let Some((identity_provider, file)) = pair(FEDERATION)? else { return Ok(None) };
    let login = Login { project: project_id()?.map(|id| ("id", id)), iam_endpoint: url(IAM)? };
    Ok(Some(FederatedLogin { identity_provider, token_file: file.into(), login }.into()))
}

fn pod() -> Found {
    let Some((url, file)) = pair(POD)? else { return Ok(None) };
    let url = region::link_local_endpoint(POD.0, &url)?;
    Ok(Some(PodIdentity { url, token_file: file.into(), project: project()? }.into()))
}

fn profile_file() -> Found {
    let Some(path) = profile()? else { return Ok(None) };
    profile::read(&path, url(IAM)?)
}

/// What is left where the environment names nothing.
fn metadata_service(service: &ServiceInfo) -> Result<Credential, Error> {
    let profile = match profile()? {
        Some(path) => format!("[basic] of the profile {}", path.display()),
        None => "the profile ~/.huaweicloud/credentials".to_owned(),
    };
    let tried = format!(
        "{}, {}, {}, {USER}, {}, {}, {}, {profile} and the metadata service",
        service.variable("TOKEN"),
        SDK_KEY.0,
        SAMPLE_KEY.0,
        OIDC.0,
        FEDERATION.0,
        POD.0
    );
    let project = project()?;
    let name = service.variable("METADATA_ENDPOINT");
    let endpoint = text(&name)?.map(|url| region::link_local_endpoint(&name, &url)).transpose()?;
    Ok(Ecs { endpoint, project, tried: Some(tried), ..Ecs::default() }.into())
}
