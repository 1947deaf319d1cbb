//! A client from the environment.

use crate::client::{builder::ClientBuilder, calls::Client};
use crate::credential::{Credential, Environment};
use crate::error::{Error, ErrorKind};
use crate::region::Region;

const REGION: &str = "CODEARTS_BUILD_REGION";
/// What the tools of Keystone call the region.
const OS_REGION: &str = "OS_REGION_NAME";
const ENDPOINT: &str = "CODEARTS_BUILD_ENDPOINT";

impl Client {
    /// Builds a client from the environment:
    ///
    /// | variable | is |
    /// | --- | --- |
    /// | `CODEARTS_BUILD_REGION` or `OS_REGION_NAME` | the region, as `cn-north-4` |
    /// | `CODEARTS_BUILD_ENDPOINT` | a base URL instead of the region's public endpoint |
    /// | `HUAWEICLOUD_SDK_REGION_CODEARTSBUILD_<REGION>` | the same for one region, as the official SDKs read it; the region in upper case with `_` for `-` |
    ///
    /// The credential is what [`Credential::from_env`] finds, in the simplest case a token in
    /// `CODEARTS_BUILD_TOKEN`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] or [`ErrorKind::Credential`] with the names of the variables that are
    /// missing, or the name of the one that is malformed.
    pub fn from_env() -> Result<Self, Error> {
        from(&Environment::of_process())
    }
}

fn from(environment: &Environment<'_>) -> Result<Client, Error> {
    let get = |name: &str| environment.get(name, ErrorKind::InvalidArgument);
    let mut builder =
        ClientBuilder::default().credential(Credential::from_environment(environment)?);
    let mut endpoint = get(ENDPOINT)?.map(|url| (ENDPOINT.to_owned(), url));
    let region = match get(REGION)? {
        Some(region) => Some((REGION, region)),
        None => get(OS_REGION)?.map(|region| (OS_REGION, region)),
    };
    if let Some((name, region)) = &region {
        let region = Region::new(region).map_err(|error| error.prefixed(name))?;
        let id = region.as_str().to_ascii_uppercase().replace('-', "_");
        let name = format!("HUAWEICLOUD_SDK_REGION_CODEARTSBUILD_{id}");
        if endpoint.is_none() {
            endpoint = get(&name)?.map(|url| (name, url));
        }
        builder = builder.region(region);
    }
    match endpoint {
        Some((name, url)) => builder.named_endpoint(name, url).build(),
        None if region.is_some() => builder.build(),
        None => Err(Error::invalid_argument(format!(
            "the environment sets neither {REGION} nor {ENDPOINT} nor {OS_REGION}"
        ))),
    }
}
