//! What must be known of a service of the cloud, and core does not know.

use crate::error::ErrorCodes;
use crate::region::Region;

/// What a service says of itself, in one constant.
///
/// ```
/// use huaweicloud_core::{ErrorCodes, ServiceInfo};
///
/// const IMAGES: ServiceInfo = ServiceInfo {
///     name: "IMS",
///     variables: "IMAGES",
///     user_agent: "images/1.0",
///     endpoint: |region| Some(format!("https://ims.{region}.myhuaweicloud.com")),
///     codes: ErrorCodes { own: &["IMG."], ..ErrorCodes::NONE },
/// };
/// ```
#[derive(Debug)]
pub struct ServiceInfo {
    /// Its name in the vendor's variables, as `CODEARTSBUILD` in
    /// `HUAWEICLOUD_SDK_REGION_CODEARTSBUILD_CN_NORTH_4`.
    pub name: &'static str,
    /// How its own variables begin, as `CODEARTS_BUILD` of `CODEARTS_BUILD_TOKEN`.
    pub variables: &'static str,
    /// The `User-Agent` of the requests.
    pub user_agent: &'static str,
    /// Its public endpoint in a region, if it has one.
    pub endpoint: fn(&Region) -> Option<String>,
    /// Its error codes.
    pub codes: ErrorCodes,
}

impl ServiceInfo {
    /// A service of which nothing is known.
    pub(crate) const UNKNOWN: Self = Self {
        name: "",
        variables: "",
        user_agent: "",
        endpoint: |_| None,
        codes: ErrorCodes::NONE,
    };
}
