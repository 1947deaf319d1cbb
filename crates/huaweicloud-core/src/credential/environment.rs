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

const SDK_KEY: (&str, &str) = ("HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK");
const SAMPLE_KEY: (&str, &str) = ("CLOUD_SDK_AK", "CLOUD_SDK_SK");
const SECURITY_TOKEN: &str = "HUAWEICLOUD_SDK_SECURITY_TOKEN";
const DOMAIN: &str = "OS_USER_DOMAIN_NAME";
const USER: (&str, &str) = ("OS_USERNAME", "OS_PASSWORD");
const OIDC: (&str, &str) = ("HUAWEICLOUD_OIDC_PROVIDER_URN", "HUAWEICLOUD_OIDC_AGENCY_URN");
const ID_TOKEN: &str = "HUAWEICLOUD_OIDC_ID_TOKEN";
const TOKEN_FILE: &str = "HUAWEICLOUD_OIDC_TOKEN_FILE";
const TOKEN_OR_FILE: &str = "HUAWEICLOUD_OIDC_ID_TOKEN or HUAWEICLOUD_OIDC_TOKEN_FILE";
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

/// The first of these variables that is set, and its value.
fn first<const N: usize>(
    names: [&'static str; N],
) -> Result<Option<(&'static str, String)>, Error> {
    let set = names.into_iter().find_map(|name| Some((name, text(name).transpose()?)));
    set.map(|(name, value)| Ok((name, value?))).transpose()
}

/// Two variables that are set together or not at all.
fn pair((first, second): (&str, &str)) -> Result<Option<(String, String)>, Error> {
    together((first, text(first)?), (second, text(second)?))
}

fn together<A, B>(a: (&str, Option<A>), b: (&str, Option<B>)) -> Result<Option<(A, B)>, Error> {
    match (a, b) {
        ((_, Some(a)), (_, Some(b))) => Ok(Some((a, b))),
        ((_, None), (_, None)) => Ok(None),
        ((given, Some(_)), (missing, None)) | ((missing, None), (given, Some(_))) => {
            Err(half(given, missing))
        }
    }
}

fn half(given: &str, missing: &str) -> Error {
    Error::new(ErrorKind::Credential, format!("{given} is set, but {missing} is not"))
}

/// What was made of a variable, which an error names.
fn of<T>(name: &str, outcome: Result<T, Error>) -> Result<T, Error> {
    outcome.map_err(|error| error.prefixed(name))
}

/// What is made of a variable, if it is set.
fn made<T>(name: &str, make: impl Fn(String) -> Result<T, Error>) -> Result<Option<T>, Error> {
    of(name, text(name)?.map(make).transpose())
}

type Found = Result<Option<Credential>, Error>;
/// The names of two variables.
type Pair<'a> = (&'a str, &'a str);

/// The first credential that the environment names.
pub(super) fn credential(service: &ServiceInfo) -> Result<Credential, Error> {
    let token = service.variable("TOKEN");
    if let Some(found) = made(&token, Credential::token)? {
        return Ok(found.found_in(token));
    }
    let chain: [(Pair<'_>, &dyn Fn() -> Found); 6] = [
        (SDK_KEY, &|| access_key(SDK_KEY)),
        (SAMPLE_KEY, &|| access_key(SAMPLE_KEY)),
        (USER, &password),
        ((OIDC.1, TOKEN_OR_FILE), &oidc),
        (FEDERATION, &federation),
        (POD, &pod),
    ];
    let named = chain.iter().find_map(|((first, second), find)| {
        let found_in = |found: Credential| found.found_in(format!("{first} and {second}"));
        find().transpose().map(|found| found.map(found_in))
    });
    let mut found = named.unwrap_or_else(|| unnamed(service))?;
    let id = made("HUAWEICLOUD_SDK_PROJECT_ID", project_id)?;
    let iam_endpoint = first(["HUAWEICLOUD_SDK_IAM_ENDPOINT"])?;
    // What the credential's own variables say comes first.
    found.project = found.project.or(Project { given: id.map(GivenProject::Id), iam_endpoint });
    Ok(found)
}

fn access_key(names: (&str, &str)) -> Found {
    let Some((ak, sk)) = pair(names)? else { return Ok(None) };
    let key = AccessKey::named(names, ak, sk)?;
    let temporary = made(SECURITY_TOKEN, |token| key.clone().with_security_token(token))?;
    Ok(Some(temporary.unwrap_or(key).into()))
}

fn password() -> Found {
    let Some((user, password)) = pair(USER)? else { return Ok(None) };
    let domain = text(DOMAIN)?.ok_or_else(|| half(USER.1, DOMAIN))?;
    let mut login = Credential::from(PasswordLogin::new(domain, user, password)?);
    if let Some((name, url)) = first(["OS_AUTH_URL"])? {
        // Keystone's tools name it with the version.
        let url = url.trim_end_matches('/');
        login.project.iam_endpoint = Some((name, url.strip_suffix("/v3").unwrap_or(url).into()));
    }
    // By its name of today and its older one.
    let (id, name) = (["OS_PROJECT_ID", "OS_TENANT_ID"], ["OS_PROJECT_NAME", "OS_TENANT_NAME"]);
    if let Some((variable, id)) = first(id)? {
        login = of(variable, login.with_project_id(id))?;
    } else if let Some((_, name)) = first(name)? {
        login = login.with_project(name)?;
    }
    Ok(Some(login))
}

fn oidc() -> Found {
    let token = match first([ID_TOKEN, TOKEN_FILE])? {
        Some((ID_TOKEN, token)) => (ID_TOKEN, Some(of(ID_TOKEN, IdToken::new(token))?)),
        Some((name, path)) => (name, Some(IdToken::file(path))),
        None => (TOKEN_OR_FILE, None),
    };
    let given = together((OIDC.0, pair(OIDC)?), token)?;
    let Some(((provider_urn, agency_urn), token)) = given else { return Ok(None) };
    let mut agency = OidcAgency::new(provider_urn, agency_urn, token)?;
    agency.session_name = text("HUAWEICLOUD_OIDC_SESSION_NAME")?.unwrap_or(agency.session_name);
    if let Some(duration) = text(DURATION)? {
        let no_number = |_| {
            let message = format!("{DURATION} {}: must be a number of seconds", quoted(&duration));
            Error::new(ErrorKind::Credential, message)
        };
        let seconds: u32 = duration.parse().map_err(no_number)?;
        agency = agency.with_duration(Duration::from_secs(seconds.into()));
    }
    agency.policy = text("HUAWEICLOUD_OIDC_POLICY")?;
    agency.sts_endpoint = first(["HUAWEICLOUD_SDK_STS_ENDPOINT"])?;
    let ids = text("HUAWEICLOUD_OIDC_POLICY_IDS")?.unwrap_or_default();
    let ids = ids.split(',').map(str::trim).filter(|id| !id.is_empty());
    Ok(Some(agency.with_policy_ids(ids).into()))
}

fn federation() -> Found {
    let Some((identity_provider, file)) = pair(FEDERATION)? else { return Ok(None) };
    Ok(Some(FederatedLogin::new(identity_provider, IdToken::file(file))?.into()))
}

fn pod() -> Found {
    let Some((url, file)) = pair(POD)? else { return Ok(None) };
    let url = region::link_local_endpoint(POD.0, &url)?;
    Ok(Some(PodIdentity::new(url, file)?.into()))
}

/// What is left where the environment names nothing: a profile, and the cloud server that this may run on.
fn unnamed(service: &ServiceInfo) -> Result<Credential, Error> {
    let file = text("HUAWEICLOUD_SDK_CREDENTIALS_FILE")?;
    let profile = file.map_or_else(Profile::home, Profile::new);
    if let Some(found) = profile.read()? {
        let path = profile.path.unwrap_or_default();
        return Ok(found.found_in(path.display().to_string()));
    }
    let name = service.variable("METADATA_ENDPOINT");
    let endpoint = text(&name)?.map(|url| region::link_local_endpoint(&name, &url)).transpose()?;
    let names = [SDK_KEY.0, SAMPLE_KEY.0, USER.0, OIDC.0, FEDERATION.0, POD.0].join(", ");
    let mut chain = CredentialChain::new();
    chain.tried.push(format!("tried {}, {names}", service.variable("TOKEN")));
    let chain = chain.with(profile).with(EcsAgency { endpoint, ..EcsAgency::new() });
    Ok(Credential::from(chain).found_in("the metadata service of the cloud server"))
}
