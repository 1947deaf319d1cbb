//! Where the environment says who is calling.

use super::{Credential, Kind, ecs::Ecs, profile};
use crate::{Error, ErrorKind};
use std::{ffi::OsString, path::PathBuf};

const TOKEN: &str = "CODEARTS_BUILD_TOKEN";
const METADATA: &str = "CODEARTS_BUILD_METADATA_ENDPOINT";
const PROFILE: &str = "HUAWEICLOUD_SDK_CREDENTIALS_FILE";
const KEYS: [(&str, &str); 2] =
    [("HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK"), ("CLOUD_SDK_AK", "CLOUD_SDK_SK")];
const SECURITY_TOKEN: &str = "HUAWEICLOUD_SDK_SECURITY_TOKEN";
const PROJECT_ID: &str = "HUAWEICLOUD_SDK_PROJECT_ID";
const DOMAIN: &str = "OS_USER_DOMAIN_NAME";
const USER: &str = "OS_USERNAME";
const PASSWORD: &str = "OS_PASSWORD";
const AUTH_URL: &str = "OS_AUTH_URL";
const PROJECT_NAME: &str = "OS_PROJECT_NAME";

pub(super) fn credential(lookup: &dyn Fn(&str) -> Option<OsString>) -> Result<Credential, Error> {
    let get = |name: &str| text(lookup, name, ErrorKind::Credential);
    if let Some(token) = get(TOKEN)? {
        return Credential::token(token).map_err(|error| error.prefixed(TOKEN));
    }
    for (access, secret) in KEYS {
        let (ak, sk) = (get(access)?, get(secret)?);
        if ak.is_none() && sk.is_none() {
            continue;
        }
        let ak = ak.ok_or_else(|| half(secret, access))?;
        let sk = sk.ok_or_else(|| half(access, secret))?;
        let mut key = Credential::access_key(ak, sk).map_err(|e| e.prefixed(access))?;
        if let Some(token) = get(SECURITY_TOKEN)? {
            key = key.with_security_token(token).map_err(|e| e.prefixed(SECURITY_TOKEN))?;
        }
        if let Some(id) = get(PROJECT_ID)? {
            key = key.with_project_id(id).map_err(|e| e.prefixed(PROJECT_ID))?;
        }
        return Ok(key.into());
    }
    let (user, password) = (get(USER)?, get(PASSWORD)?);
    if user.is_some() || password.is_some() {
        let user = user.ok_or_else(|| half(PASSWORD, USER))?;
        let password = password.ok_or_else(|| half(USER, PASSWORD))?;
        let domain = get(DOMAIN)?.ok_or_else(|| half(PASSWORD, DOMAIN))?;
        let mut login = Credential::password(domain, user, password)?;
        if let Some(url) = get(AUTH_URL)? {
            // Keystone's tools name it with the version.
            let url = url.trim_end_matches('/');
            login = login.with_iam_endpoint(url.strip_suffix("/v3").unwrap_or(url));
        }
        if let Some(name) = get(PROJECT_NAME)? {
            login = login.with_project(name);
        }
        return Ok(login.into());
    }
    let named = get(PROFILE)?.map(PathBuf::from);
    let home = ["HOME", "USERPROFILE"].iter().find_map(|name| lookup(name));
    let usual = home.map(|home| PathBuf::from(home).join(".huaweicloud/credentials"));
    // A file that is named must be there; the usual one need not.
    let path = named.or(usual.filter(|path| path.exists()));
    if let Some(path) = &path
        && let Some(key) = profile::read(path)?
    {
        return Ok(key.into());
    }
    let profile = match path {
        Some(path) => format!("[basic] of the profile {}", path.display()),
        None => "the profile ~/.huaweicloud/credentials".to_owned(),
    };
    let looked_at = format!(
        "{TOKEN}, HUAWEICLOUD_SDK_AK, CLOUD_SDK_AK, OS_USERNAME, {profile} and the metadata service"
    );
    Ok(Credential(Kind::Ecs(Ecs::after(looked_at, get(METADATA)?))))
}

fn half(given: &str, missing: &str) -> Error {
    Error::new(ErrorKind::Credential, format!("{given} is set, but {missing} is not"))
}

/// What the environment says of a name. Empty is no value, and most likely a mistake.
pub(crate) fn text(
    lookup: &dyn Fn(&str) -> Option<OsString>,
    name: &str,
    kind: ErrorKind,
) -> Result<Option<String>, Error> {
    let malformed = |what: &str| Err(Error::new(kind, format!("{name} is {what}")));
    match lookup(name) {
        None => Ok(None),
        Some(value) if value.is_empty() => malformed("set, but empty"),
        Some(value) => value.into_string().map(Some).or_else(|_| malformed("not UTF-8")),
    }
}
