//! What the environment says of a client.

use crate::{Client, Credential, Error, ErrorKind, Region, credential::text};
use std::ffi::OsString;

const REGION: &str = "CODEARTS_BUILD_REGION";
const ENDPOINT: &str = "CODEARTS_BUILD_ENDPOINT";

/// A client of what `lookup`, which is `std::env::var_os` but for tests, knows.
pub(crate) fn client(lookup: &dyn Fn(&str) -> Option<OsString>) -> Result<Client, Error> {
    let get = |name: &str| text(lookup, name, ErrorKind::InvalidArgument);
    let credential = Credential::from_lookup(lookup)?;
    let mut builder = Client::builder().credential(credential);
    let mut endpoint = get(ENDPOINT)?;
    let region = get(REGION)?;
    if let Some(region) = &region {
        let region = Region::new(region).map_err(|error| error.prefixed(REGION))?;
        let id = region.as_str().to_ascii_uppercase().replace('-', "_");
        endpoint = endpoint.or(get(&format!("HUAWEICLOUD_SDK_REGION_CODEARTSBUILD_{id}"))?);
        builder = builder.region(region);
    }
    if region.is_none() && endpoint.is_none() {
        return Err(Error::invalid_argument(format!("the environment sets neither {REGION} nor {ENDPOINT}")));
    }
    endpoint.into_iter().fold(builder, crate::ClientBuilder::endpoint).build()
}
