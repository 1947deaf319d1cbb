//! A credential from the environment: the first of a chain of providers that it names.

use crate::auth::{AccessKey, NamedUrl};
use crate::credential::{
    chain::CredentialChain,
    ecs::EcsAgency,
    federation::FederatedLogin,
    oidc::{IdToken, OidcAgency},
    password::PasswordLogin,
    pod_identity::PodIdentity,
    profile::Profile,
    provider::{Credential, CredentialContext, CredentialFuture, CredentialProvider},
};
use crate::error::{Error, ErrorKind, text::quoted};
use crate::service::ServiceInfo;
use std::{env, time::Duration};

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

/// Adds the project of this variable, if it is set.
fn with_project_id<T>(
    credential: T,
    variable: &str,
    add: impl FnOnce(T, String) -> Result<T, Error>,
) -> Result<T, Error> {
    match text(variable)? {
        Some(id) => add(credential, id).map_err(|error| error.prefixed(variable)),
        None => Ok(credential),
    }
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
fn profile() -> Result<Profile, Error> {
    let named = text("HUAWEICLOUD_SDK_CREDENTIALS_FILE")?;
    let mut profile = named.map_or_else(Profile::home, Profile::new);
    profile.iam_endpoint = url(IAM)?;
    Ok(profile)
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
        &|| profile()?.read(),
    ];
    let named = chain.iter().find_map(|find| find().transpose());
    named.unwrap_or_else(|| cloud_server(service))
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
    key.iam_endpoint = url(IAM)?;
    Ok(Some(with_project_id(key, PROJECT_ID, AccessKey::with_project_id)?.into()))
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
    let (id, name) = (first(OS_PROJECT_IDS)?, first(OS_PROJECT_NAMES)?);
    let login = match (id, name) {
        (Some((variable, _)), _) => {
            with_project_id(login, variable, PasswordLogin::with_project_id)
        }
        (None, Some((_, name))) => login.with_project(name),
        (None, None) => with_project_id(login, PROJECT_ID, PasswordLogin::with_project_id),
    };
    Ok(Some(login?.into()))
}

fn oidc() -> Found {
    let fixed = text(ID_TOKEN)?.map(|token| IdToken::named(ID_TOKEN, token)).transpose();
    let file = text(TOKEN_FILE)?.map(IdToken::file);
    let ((provider_urn, agency_urn), token) = match (pair(OIDC)?, fixed?, file) {
        (None, None, None) => return Ok(None),
        (None, Some(_), _) => return Err(half(ID_TOKEN, OIDC.0)),
        (None, None, Some(_)) => return Err(half(TOKEN_FILE, OIDC.0)),
        (Some(_), None, None) => return Err(half(OIDC.0, &format!("{ID_TOKEN} or {TOKEN_FILE}"))),
        (Some(urns), Some(token), _) | (Some(urns), None, Some(token)) => (urns, token),
    };
    let mut agency = OidcAgency::new(provider_urn, agency_urn, token)?;
    if let Some(name) = text("HUAWEICLOUD_OIDC_SESSION_NAME")? {
        agency = agency.with_session_name(name)?;
    }
    if let Some(duration) = text(DURATION)? {
        let no_number = |_| {
            let message = format!("{DURATION} {}: must be a number of seconds", quoted(&duration));
            Error::new(ErrorKind::Credential, message)
        };
        let seconds: u32 = duration.parse().map_err(no_number)?;
        agency = agency.with_duration(Duration::from_secs(seconds.into()));
    }
    if let Some(policy) = text("HUAWEICLOUD_OIDC_POLICY")? {
        agency = agency.with_policy(policy);
    }
    if let Some(ids) = text("HUAWEICLOUD_OIDC_POLICY_IDS")? {
        let ids = ids.split(',').map(str::trim).filter(|id| !id.is_empty());
        agency = agency.with_policy_ids(ids);
    }
    agency.sts_endpoint = url("HUAWEICLOUD_SDK_STS_ENDPOINT")?;
    agency.project.iam_endpoint = url(IAM)?;
    Ok(Some(with_project_id(agency, PROJECT_ID, OidcAgency::with_project_id)?.into()))
}

fn federation() -> Found {
    let Some((identity_provider, file)) = pair(FEDERATION)? else { return Ok(None) };
    let mut login = FederatedLogin::new(identity_provider, IdToken::file(file))?;
    login.login.iam_endpoint = url(IAM)?;
    Ok(Some(with_project_id(login, PROJECT_ID, FederatedLogin::with_project_id)?.into()))
}

fn pod() -> Found {
    let Some((url_of_keys, file)) = pair(POD)? else { return Ok(None) };
    let mut pod = PodIdentity::at((POD.0, url_of_keys), file.into())?;
    pod.project.iam_endpoint = url(IAM)?;
    Ok(Some(with_project_id(pod, PROJECT_ID, PodIdentity::with_project_id)?.into()))
}

/// What is left where the environment names nothing: the cloud server that this may run on.
fn cloud_server(service: &ServiceInfo) -> Result<Credential, Error> {
    let profile = match profile()?.path {
        Some(path) => format!("[basic] of the profile {}", path.display()),
        None => "the profile ~/.huaweicloud/credentials".to_owned(),
    };
    let tried = format!(
        "tried {}, {}, {}, {USER}, {}, {}, {}, {profile}",
        service.variable("TOKEN"),
        SDK_KEY.0,
        SAMPLE_KEY.0,
        OIDC.0,
        FEDERATION.0,
        POD.0
    );
    let mut server = EcsAgency::new();
    server.project.iam_endpoint = url(IAM)?;
    let mut server = with_project_id(server, PROJECT_ID, EcsAgency::with_project_id)?;
    let name = service.variable("METADATA_ENDPOINT");
    if let Some(url) = text(&name)? {
        server = server.at(&name, &url)?;
    }
    Ok(CredentialChain::new().with(Nothing(tried)).with(server).into())
}

/// An environment that names no credential.
struct Nothing(String);

impl CredentialProvider for Nothing {
    fn provide<'a>(&'a self, _: &'a CredentialContext) -> CredentialFuture<'a> {
        Box::pin(async { Err(Error::no_credential_here(&self.0).into()) })
    }
}
