//! What the environment says of a client.

use crate::{Client, Credential, Error, ErrorKind, Region};
use std::ffi::OsString;

const TOKEN: &str = "CODEARTS_BUILD_TOKEN";
const REGION: &str = "CODEARTS_BUILD_REGION";
const ENDPOINT: &str = "CODEARTS_BUILD_ENDPOINT";

/// A client of what `lookup`, which is `std::env::var_os` but for tests, knows.
pub(crate) fn client(lookup: impl Fn(&str) -> Option<OsString>) -> Result<Client, Error> {
    let get = |name: &str| match lookup(name) {
        None => Ok(None),
        Some(value) if value.is_empty() => Err(Error::input(format!("{name} is set, but empty"))),
        Some(value) => match value.into_string() {
            Ok(value) => Ok(Some(value)),
            Err(_) => Err(Error::input(format!("{name} is not UTF-8"))),
        },
    };
    let named = |name: &'static str| move |error: Error| error.prefixed(name);

    let mut builder = Client::builder();
    let region = get(REGION)?.map(Region::new).transpose().map_err(named(REGION))?;
    let endpoint = match &region {
        Some(region) => {
            let region = region.as_str().to_ascii_uppercase().replace('-', "_");
            let sdk = format!("HUAWEICLOUD_SDK_REGION_CODEARTSBUILD_{region}");
            get(ENDPOINT)?.or(get(&sdk)?)
        }
        None => get(ENDPOINT)?,
    };
    let token = get(TOKEN)?.map(Credential::token).transpose().map_err(named(TOKEN))?;

    let missing = match (region.is_some() || endpoint.is_some(), token.is_some()) {
        (true, true) => None,
        (true, false) => Some((ErrorKind::Credential, TOKEN.to_owned())),
        (false, true) => Some((ErrorKind::Input, format!("{REGION} or {ENDPOINT}"))),
        (false, false) => Some((ErrorKind::Input, format!("{TOKEN}, and {REGION} or {ENDPOINT}"))),
    };
    if let Some((kind, missing)) = missing {
        return Err(Error::new(kind, format!("the environment does not set {missing}")));
    }
    builder = region.into_iter().fold(builder, crate::ClientBuilder::region);
    builder = endpoint.into_iter().fold(builder, crate::ClientBuilder::endpoint);
    token.into_iter().fold(builder, crate::ClientBuilder::credential).build()
}
