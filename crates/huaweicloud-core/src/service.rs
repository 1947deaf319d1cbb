//! What must be known of a service of the cloud, and core does not know.

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

/// The error codes of a service. With none of them, every error under a good status and under 5xx is of
/// unknown outcome.
#[derive(Clone, Copy, Debug)]
pub struct ErrorCodes {
    /// How the codes begin that the service itself gives. Under a good status, they say that a request
    /// took no effect.
    pub own: &'static [&'static str],
    /// Codes of faults of its own, after which nobody knows whether the request took effect.
    pub faults: &'static [&'static str],
    /// Those of them that pass, so that an idempotent request is retried.
    pub passing: &'static [&'static str],
    /// How the codes begin that say, under any status, that a request was not accepted.
    pub refused: &'static [&'static str],
    /// Codes of throttling, which took no effect either.
    pub throttled: &'static [&'static str],
    /// How the codes end that say, under status 422, that something does not exist.
    pub not_found: &'static [&'static str],
}

impl ErrorCodes {
    /// No known code.
    pub const NONE: Self =
        Self { own: &[], faults: &[], passing: &[], refused: &[], throttled: &[], not_found: &[] };

    /// Whether it is the service itself that reports an error, and no fault of its own.
    pub(crate) fn is_own(&self, code: &str) -> bool {
        // A part of it is lost where there is a replacement character, or what stands for one.
        let whole = code.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'?');
        whole && starts(self.own, code) && !self.faults.contains(&code)
    }

    /// Whether the service says that it did not accept the request.
    pub(crate) fn is_refused(&self, code: &str) -> bool {
        starts(self.refused, code) && self.is_own(code)
    }

    pub(crate) fn is_not_found(&self, code: &str) -> bool {
        self.not_found.iter().any(|end| code.ends_with(end))
    }
}

fn starts(beginnings: &[&str], code: &str) -> bool {
    beginnings.iter().any(|beginning| code.starts_with(beginning))
}
