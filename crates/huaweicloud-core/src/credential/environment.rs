//! A credential from the environment: the first of a chain of providers that it names.

use crate::auth::{AccessKey, project_id};
use crate::credential::chain::CredentialChain;
use crate::credential::ecs::EcsAgency;
use crate::credential::iam::{GivenProject, Project};
use crate::credential::login::{FederatedLogin, PasswordLogin};
use crate::credential::oidc::{IdToken, OidcAgency};
use crate::credential::pod_identity::PodIdentity;
use crate::credential::profile::Profile;
use crate::credential::provider::Credential;
use crate::error::{Error, ErrorKind, text::quoted};
use crate::region;
use crate::service::ServiceInfo;
use std::{env, time::Duration};

// The variables that make a credential, all of them together.
const SDK_KEY: [&str; 2] = ["HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK"];
const SAMPLE_KEY: [&str; 2] = ["CLOUD_SDK_AK", "CLOUD_SDK_SK"];
/// It makes one of these keys a temporary one.
const SECURITY_TOKEN: &str = "HUAWEICLOUD_SDK_SECURITY_TOKEN";
const USER: [&str; 3] = ["OS_USERNAME", "OS_PASSWORD", "OS_USER_DOMAIN_NAME"];
const OIDC: [&str; 3] = [
    "HUAWEICLOUD_OIDC_PROVIDER_URN",
    "HUAWEICLOUD_OIDC_AGENCY_URN",
    "HUAWEICLOUD_OIDC_ID_TOKEN or HUAWEICLOUD_OIDC_TOKEN_FILE",
];
const FEDERATION: [&str; 2] = ["HUAWEICLOUD_SDK_IDP_ID", "HUAWEICLOUD_SDK_ID_TOKEN_FILE"];
const POD: [&str; 2] =
    ["HC_CONTAINER_CREDENTIALS_FULL_URI", "HC_CONTAINER_AUTHORIZATION_TOKEN_FILE"];

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

/// The name of a variable that is set, and its value.
type Set = (&'static str, String);

/// The first that is set of one or more variables, as `A or B`.
fn first(names: &'static str) -> Result<Option<Set>, Error> {
    let set = names.split(" or ").find_map(|name| Some((name, text(name).transpose()?)));
    set.map(|(name, value)| Ok((name, value?))).transpose()
}

fn half(given: &str, missing: &str) -> Error {
    Error::credential(format!("{given} is set, but {missing} is not"))
}

/// What was made of a variable, which an error names.
fn of<T>(name: &str, outcome: Result<T, Error>) -> Result<T, Error> {
    outcome.map_err(|error| error.prefixed(name))
}

/// What is made of a variable, if it is set.
fn made<T>(name: &str, make: impl Fn(String) -> Result<T, Error>) -> Result<Option<T>, Error> {
    of(name, text(name)?.map(make).transpose())
}

type Made = Result<Credential, Error>;
type Found = Result<Option<Credential>, Error>;

/// What is made of variables that are set together or not at all.
fn together<const N: usize>(names: [&'static str; N], make: fn([Set; N]) -> Made) -> Found {
    let (mut given, mut missing) = (Vec::new(), None);
    for name in names {
        match first(name)? {
            Some(set) => given.push(set),
            None => missing = missing.or(Some((name, given.len()))),
        }
    }
    // The one that is given before the missing one, or else the next.
    if let Some((missing, before)) = missing
        && let Some((given, _)) = given.get(before.saturating_sub(1))
    {
        return Err(half(given, missing));
    }
    let all = given.try_into().ok();
    all.map(|all| Ok(make(all)?.found_in(names.join(" and ")))).transpose()
}

/// The first credential that the environment names.
pub(super) fn credential(service: &ServiceInfo) -> Made {
    let token = service.variable("TOKEN");
    if let Some(found) = made(&token, Credential::token)? {
        return Ok(found.found_in(token));
    }
    let chain: [fn() -> Found; 7] = [
        || together(SDK_KEY, access_key),
        || together(SAMPLE_KEY, access_key),
        || text(SECURITY_TOKEN)?.map_or(Ok(None), |_| Err(half(SECURITY_TOKEN, SDK_KEY[0]))),
        || together(USER, password),
        || together(OIDC, oidc),
        || together(FEDERATION, federation),
        || together(POD, pod),
    ];
    let named = chain.iter().find_map(|find| find().transpose());
    let mut found = named.unwrap_or_else(|| unnamed(service))?;
    let id = made("HUAWEICLOUD_SDK_PROJECT_ID", project_id)?;
    let iam_endpoint = first("HUAWEICLOUD_SDK_IAM_ENDPOINT")?;
    // What the credential's own variables say comes first.
    let others = Project { given: id.map(GivenProject::Id), iam_endpoint, ..Project::default() };
    found.project = found.project.or(others);
    Ok(found)
}

fn access_key(parts: [Set; 2]) -> Made {
    let key = AccessKey::named(parts)?;
    let with_token = |token| key.clone().with_security_token(token);
    let temporary = made(SECURITY_TOKEN, with_token)?;
    Ok(temporary.unwrap_or(key).into())
}

fn password([(_, user), (_, password), (_, domain)]: [Set; 3]) -> Made {
    let mut login = Credential::from(PasswordLogin::new(domain, user, password)?);
    if let Some((name, url)) = first("OS_AUTH_URL")? {
        // Keystone's tools name it with the version.
        let url = url.trim_end_matches('/');
        login.project.iam_endpoint = Some((name, url.strip_suffix("/v3").unwrap_or(url).into()));
    }
    // By its name of today and its older one.
    if let Some((name, id)) = first("OS_PROJECT_ID or OS_TENANT_ID")? {
        of(name, login.with_project_id(id))
    } else if let Some((_, name)) = first("OS_PROJECT_NAME or OS_TENANT_NAME")? {
        login.with_project(name)
    } else {
        Ok(login)
    }
}

fn oidc([(_, provider_urn), (_, agency_urn), (name, token)]: [Set; 3]) -> Made {
    const DURATION: &str = "HUAWEICLOUD_OIDC_DURATION_SECONDS";
    let token = match name {
        "HUAWEICLOUD_OIDC_ID_TOKEN" => of(name, IdToken::new(token))?,
        _ => IdToken::file(token),
    };
    let mut agency = OidcAgency::new(provider_urn, agency_urn, token)?;
    agency.session_name = text("HUAWEICLOUD_OIDC_SESSION_NAME")?.unwrap_or(agency.session_name);
    if let Some(duration) = text(DURATION)? {
        let message = format!("{DURATION} {}: must be a number of seconds", quoted(&duration));
        let seconds: u32 = duration.parse().map_err(|_| Error::credential(message))?;
        agency = agency.with_duration(Duration::from_secs(seconds.into()));
    }
    agency.policy = text("HUAWEICLOUD_OIDC_POLICY")?;
    agency.sts_endpoint = first("HUAWEICLOUD_SDK_STS_ENDPOINT")?;
    let ids = text("HUAWEICLOUD_OIDC_POLICY_IDS")?.unwrap_or_default();
    let ids = ids.split(',').map(str::trim).filter(|id| !id.is_empty());
    Ok(agency.with_policy_ids(ids).into())
}

fn federation([(name, identity_provider), (_, file)]: [Set; 2]) -> Made {
    let login = FederatedLogin::new(identity_provider, IdToken::file(file));
    Ok(of(name, login)?.into())
}

fn pod([(name, url), (_, file)]: [Set; 2]) -> Made {
    let url = region::link_local_endpoint(name, &url)?;
    Ok(PodIdentity { url, token_file: file.into() }.into())
}

/// What is left where the environment names nothing: a profile, and the cloud server that this may run on.
fn unnamed(service: &ServiceInfo) -> Made {
    let file = text("HUAWEICLOUD_SDK_CREDENTIALS_FILE")?;
    let profile = file.map_or_else(Profile::home, Profile::new);
    if let Some(found) = profile.read()? {
        return Ok(found.found_in(profile.path.display().to_string()));
    }
    let name = service.variable("METADATA_ENDPOINT");
    let endpoint = text(&name)?.map(|url| region::link_local_endpoint(&name, &url)).transpose()?;
    let names = [SDK_KEY[0], SAMPLE_KEY[0], USER[0], OIDC[0], FEDERATION[0], POD[0]].join(", ");
    let mut chain = CredentialChain::new();
    chain.tried.push(format!("tried {}, {names}", service.variable("TOKEN")));
    let chain = chain.with(profile).with(EcsAgency { endpoint });
    Ok(Credential::from(chain).found_in("the metadata service of the cloud server"))
}
