//! A credential from the environment: the first of a chain of providers that it names.

use crate::auth::{AccessKey, Identity};
use crate::credential::{metadata::Ecs, password::PasswordLogin, profile, provider::Credential};
use crate::error::{Error, ErrorKind};
use crate::region::Endpoint;
use std::{ffi::OsString, path::PathBuf};

const TOKEN: &str = "CODEARTS_BUILD_TOKEN";
const METADATA: &str = "CODEARTS_BUILD_METADATA_ENDPOINT";
const PROFILE: &str = "HUAWEICLOUD_SDK_CREDENTIALS_FILE";
const SDK_KEY: (&str, &str) = ("HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK");
const SAMPLE_KEY: (&str, &str) = ("CLOUD_SDK_AK", "CLOUD_SDK_SK");
const SECURITY_TOKEN: &str = "HUAWEICLOUD_SDK_SECURITY_TOKEN";
const PROJECT_ID: &str = "HUAWEICLOUD_SDK_PROJECT_ID";
const DOMAIN: &str = "OS_USER_DOMAIN_NAME";
const USER: &str = "OS_USERNAME";
const PASSWORD: &str = "OS_PASSWORD";
const AUTH_URL: &str = "OS_AUTH_URL";
const PROJECT_NAME: &str = "OS_PROJECT_NAME";

/// The variables of a process.
pub(crate) struct Environment<'a>(&'a dyn Fn(&str) -> Option<OsString>);

impl Environment<'static> {
    pub(crate) fn of_process() -> Self {
        Self(&|name| std::env::var_os(name))
    }
}

impl Environment<'_> {
    /// The value of a variable. An empty one is an error, and most likely a mistake.
    pub(crate) fn get(&self, name: &str, kind: ErrorKind) -> Result<Option<String>, Error> {
        let malformed = |what: &str| Err(Error::new(kind, format!("{name} is {what}")));
        match (self.0)(name) {
            None => Ok(None),
            Some(value) if value.is_empty() => malformed("set, but empty"),
            Some(value) => value.into_string().map(Some).or_else(|_| malformed("not UTF-8")),
        }
    }

    fn text(&self, name: &str) -> Result<Option<String>, Error> {
        self.get(name, ErrorKind::Credential)
    }

    /// Two variables that are set together or not at all.
    fn pair(&self, first: &str, second: &str) -> Result<Option<(String, String)>, Error> {
        match (self.text(first)?, self.text(second)?) {
            (Some(one), Some(other)) => Ok(Some((one, other))),
            (None, None) => Ok(None),
            (Some(_), None) => Err(half(first, second)),
            (None, Some(_)) => Err(half(second, first)),
        }
    }

    /// The profile that is named, which must be there; else the usual one, which need not.
    fn profile(&self) -> Result<Option<PathBuf>, Error> {
        let named = self.text(PROFILE)?.map(PathBuf::from);
        let home = ["HOME", "USERPROFILE"].iter().find_map(|name| (self.0)(name));
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
const CHAIN: [Link; 5] = [
    token,
    |environment| access_key(environment, SDK_KEY),
    |environment| access_key(environment, SAMPLE_KEY),
    password,
    profile_file,
];

pub(super) fn credential(environment: &Environment<'_>) -> Result<Credential, Error> {
    let named = CHAIN.iter().find_map(|link| link(environment).transpose());
    named.unwrap_or_else(|| metadata_service(environment))
}

fn token(environment: &Environment<'_>) -> Result<Option<Credential>, Error> {
    let token = environment.text(TOKEN)?.map(Identity::token).transpose();
    Ok(token.map_err(|error| error.prefixed(TOKEN))?.map(Credential::from))
}

fn access_key(
    environment: &Environment<'_>,
    (access, secret): (&str, &str),
) -> Result<Option<Credential>, Error> {
    let Some((ak, sk)) = environment.pair(access, secret)? else { return Ok(None) };
    let mut key = AccessKey::named([access, secret], ak, sk)?;
    if let Some(token) = environment.text(SECURITY_TOKEN)? {
        key = key.with_security_token(token).map_err(|e| e.prefixed(SECURITY_TOKEN))?;
    }
    if let Some(id) = environment.text(PROJECT_ID)? {
        key = key.with_project_id(id).map_err(|e| e.prefixed(PROJECT_ID))?;
    }
    Ok(Some(key.into()))
}

fn password(environment: &Environment<'_>) -> Result<Option<Credential>, Error> {
    let Some((user, password)) = environment.pair(USER, PASSWORD)? else { return Ok(None) };
    let domain = environment.text(DOMAIN)?.ok_or_else(|| half(PASSWORD, DOMAIN))?;
    let mut login = PasswordLogin::new(domain, user, password)?;
    if let Some(url) = environment.text(AUTH_URL)? {
        // Keystone's tools name it with the version.
        let url = url.trim_end_matches('/');
        let url = url.strip_suffix("/v3").unwrap_or(url);
        login = login.with_named_iam_endpoint(AUTH_URL, url.to_owned());
    }
    if let Some(name) = environment.text(PROJECT_NAME)? {
        login = login.with_project(name);
    }
    Ok(Some(login.into()))
}

fn profile_file(environment: &Environment<'_>) -> Result<Option<Credential>, Error> {
    let key = environment.profile()?.map(|path| profile::read(&path)).transpose()?;
    Ok(key.flatten().map(Credential::from))
}

/// What is left where the environment names nothing.
fn metadata_service(environment: &Environment<'_>) -> Result<Credential, Error> {
    let profile = match environment.profile()? {
        Some(path) => format!("[basic] of the profile {}", path.display()),
        None => "the profile ~/.huaweicloud/credentials".to_owned(),
    };
    let tried = format!(
        "{TOKEN}, HUAWEICLOUD_SDK_AK, CLOUD_SDK_AK, OS_USERNAME, {profile} and the metadata service"
    );
    // It gives secrets away and gets none, so that plain http is its usual scheme.
    let endpoint = environment.text(METADATA)?;
    let endpoint = endpoint.map(|url| Endpoint::permitted(METADATA, &url, true)).transpose()?;
    Ok(Ecs::last_of_chain(tried, endpoint.map(|endpoint| endpoint.url)).into())
}
