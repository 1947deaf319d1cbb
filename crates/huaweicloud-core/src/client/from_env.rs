//! The settings of a client from the environment.

use crate::client::builder::{ClientBuilder, Service};
use crate::credential::{Credential, variable};
use crate::error::{Error, ErrorKind};
use crate::region::Region;

/// What the tools of Keystone call the region.
const OS_REGION: &str = "OS_REGION_NAME";

impl<C: Service> ClientBuilder<C> {
    /// Settings from the environment, which can be changed from there:
    ///
    /// | variable | is |
    /// | --- | --- |
    /// | `…_REGION` or `OS_REGION_NAME` | the region, as `cn-north-4` |
    /// | `…_ENDPOINT` | a base URL instead of the region's public endpoint |
    /// | `HUAWEICLOUD_SDK_REGION_<SERVICE>_<REGION>` | the same for one region, as the official SDKs read it; the region in upper case with `_` for `-` |
    ///
    /// The variables of the service begin with [`ServiceInfo::variables`](crate::ServiceInfo::variables), as
    /// `CODEARTS_BUILD_REGION`. The credential is what [`Credential::from_env`] finds, in the simplest case
    /// a token in `…_TOKEN`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] or [`ErrorKind::Credential`] with the names of the variables that are
    /// missing, or the name of the one that is malformed.
    pub fn from_env() -> Result<Self, Error> {
        let get = |name: &str| variable(name, ErrorKind::InvalidArgument);
        let mut builder = Self::default().credential(Credential::from_env(C::INFO)?);
        let (own_region, own_endpoint) = (C::INFO.variable("REGION"), C::INFO.variable("ENDPOINT"));
        builder.endpoint = get(&own_endpoint)?.map(|url| (own_endpoint.clone(), url));
        let region = match get(&own_region)? {
            Some(region) => Some((own_region.as_str(), region)),
            None => get(OS_REGION)?.map(|region| (OS_REGION, region)),
        };
        if let Some((name, region)) = region {
            let region = Region::new(region).map_err(|error| error.prefixed(name))?;
            let id = region.as_str().to_ascii_uppercase().replace('-', "_");
            let name = format!("HUAWEICLOUD_SDK_REGION_{}_{id}", C::INFO.name);
            if builder.endpoint.is_none() && !C::INFO.name.is_empty() {
                builder.endpoint = get(&name)?.map(|url| (name, url));
            }
            builder = builder.region(region);
        }
        builder.missing =
            format!("the environment sets neither {own_region} nor {own_endpoint} nor {OS_REGION}");
        Ok(builder)
    }
}
