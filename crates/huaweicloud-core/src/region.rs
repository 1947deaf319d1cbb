//! Where the service is: a region's public endpoint, or any URL.

use crate::error::Error;
use crate::error::text::{from_text, quoted};
use reqwest::Url;
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, net::IpAddr, str::FromStr};

/// A region of Huawei Cloud. The known ones are constants; any other is [`Region::new`].
///
/// ```
/// use huaweicloud_core::Region;
///
/// assert_eq!(Region::CN_NORTH_4.as_str(), "cn-north-4");
/// assert_eq!(Region::new("my-kualalumpur-1")?.as_str(), "my-kualalumpur-1");
/// assert!(Region::new("example.com/").is_err());
/// # Ok::<(), huaweicloud_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Region(Cow<'static, str>);

macro_rules! known {
    ($($(#[$doc:meta])* $name:ident = $id:literal,)+) => {
        impl Region {
            $($(#[$doc])* pub const $name: Region = Region(Cow::Borrowed($id));)+

            /// The regions that were known when this crate was written.
            pub const KNOWN: &'static [Region] = &[$(Region::$name),+];
        }
    };
}

known! {
    /// `cn-north-1`
    CN_NORTH_1 = "cn-north-1",
    /// `cn-north-4`
    CN_NORTH_4 = "cn-north-4",
    /// `cn-east-2`
    CN_EAST_2 = "cn-east-2",
    /// `cn-east-3`
    CN_EAST_3 = "cn-east-3",
    /// `cn-south-1`
    CN_SOUTH_1 = "cn-south-1",
    /// `cn-south-2`
    CN_SOUTH_2 = "cn-south-2",
    /// `cn-southwest-2`
    CN_SOUTHWEST_2 = "cn-southwest-2",
    /// `ap-southeast-3`
    AP_SOUTHEAST_3 = "ap-southeast-3",
    /// `sa-brazil-1`
    SA_BRAZIL_1 = "sa-brazil-1",
    /// `la-north-2`
    LA_NORTH_2 = "la-north-2",
    /// `la-south-2`
    LA_SOUTH_2 = "la-south-2",
    /// `tr-west-1`
    TR_WEST_1 = "tr-west-1",
    /// `eu-west-101`, of the European cloud
    EU_WEST_101 = "eu-west-101",
}

impl Region {
    /// A region by its id, known or not: lowercase letters, digits and hyphens.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the id has any other character, because it
    /// becomes part of a host name that secrets are sent to.
    pub fn new(id: impl Into<String>) -> Result<Self, Error> {
        let id = id.into();
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if id.is_empty() || id.len() > 40 || !id.chars().all(allowed) {
            let rule = "must be 1 to 40 lowercase letters, digits and hyphens";
            let message = format!("region {}: {rule}{}", quoted(&id), suggestion(&id));
            return Err(Error::invalid_argument(message));
        }
        Ok(Self(Cow::Owned(id)))
    }

    /// The region's id, as `cn-north-4`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The domain of the region's public endpoints: `myhuaweicloud.com`, or `myhuaweicloud.eu` in the European
    /// cloud.
    pub fn domain(&self) -> &'static str {
        if *self == Self::EU_WEST_101 { "myhuaweicloud.eu" } else { "myhuaweicloud.com" }
    }

    /// What to say of a region that is not known, when its endpoint cannot be reached.
    pub(crate) fn hint(&self) -> Option<String> {
        let unknown = || format!("the region {self} is not a known one{}", suggestion(&self.0));
        (!Self::KNOWN.contains(self)).then(unknown)
    }
}

fn suggestion(id: &str) -> String {
    nearest_known(id).map(|known| format!("; did you mean {known}?")).unwrap_or_default()
}

/// The known region that is spelled most like this id, if one is at all.
fn nearest_known(id: &str) -> Option<&'static Region> {
    // A longer id resembles none, and comparing it would take long.
    let id = Some(id).filter(|id| id.len() <= 40)?.to_ascii_lowercase().replace(['_', ' '], "-");
    let distances = Region::KNOWN.iter().map(|known| (strsim::osa_distance(&id, &known.0), known));
    distances.min_by_key(|(distance, _)| *distance).filter(|(d, _)| *d <= 3).map(|(_, known)| known)
}

impl AsRef<str> for Region {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl From<Region> for String {
    fn from(region: Region) -> Self {
        region.0.into_owned()
    }
}

impl FromStr for Region {
    type Err = Error;

    fn from_str(id: &str) -> Result<Self, Error> {
        Self::new(id)
    }
}

from_text!(Region);

/// A base URL without a trailing slash, to which a secret may be sent. Plain http to other machines must
/// be allowed.
pub(crate) fn endpoint(name: &str, url: &str, allow_http: bool) -> Result<String, Error> {
    checked(name, url, |url| allow_http || is_loopback(url))
}

/// The endpoint of a service of this machine alone, which may have a link-local address as well.
pub(crate) fn link_local_endpoint(name: &str, url: &str) -> Result<String, Error> {
    checked(name, url, is_local)
}

fn checked(name: &str, url: &str, may_be_http: impl Fn(&Url) -> bool) -> Result<String, Error> {
    let invalid = |rule: &str| Error::invalid_argument(format!("{name} {rule}"));
    // What cannot be parsed is not shown: it may hold a password.
    let url = Url::parse(url.trim()).map_err(|cause| invalid(&format!("is not a URL: {cause}")))?;
    let endpoint = url.as_str().trim_end_matches('/');
    if !url.username().is_empty() || url.password().is_some() {
        Err(invalid("must hold no user name and no password: use a credential"))
    } else if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        // Without a scheme, a user name would stand in its place, and a password behind it.
        Err(invalid("must begin with https:// or http:// and a host"))
    } else if url.query().is_some() || url.fragment().is_some() {
        Err(invalid("must end with its path: no `?`, no `#`"))
    } else if url.scheme() == "http" && !may_be_http(&url) {
        let rule = "plain http would show secrets to everybody on the way; use https, or permit it \
                    with `allow_http`";
        Err(invalid(&format!("{endpoint}: {rule}")))
    } else {
        Ok(endpoint.to_owned())
    }
}

/// Whether only this machine, and what manages it, can receive what is sent to this target.
pub(crate) fn is_local(target: &Url) -> bool {
    is_loopback(target)
        || address(target).is_some_and(|ip| match ip {
            IpAddr::V4(ip) => ip.is_link_local(),
            IpAddr::V6(ip) => ip.is_unicast_link_local(),
        })
}

fn is_loopback(target: &Url) -> bool {
    target.host_str() == Some("localhost") || address(target).is_some_and(|ip| ip.is_loopback())
}

fn address(target: &Url) -> Option<IpAddr> {
    target.host_str()?.trim_matches(['[', ']']).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn a_region_is_its_id_in_every_format() {
        let read: Vec<Region> =
            serde_json::from_str(r#"["cn-north-4","my-kualalumpur-1"]"#).unwrap();
        assert_eq!(read, [Region::CN_NORTH_4, Region::new("my-kualalumpur-1").unwrap()]);
        assert_eq!(serde_json::to_string(&read).unwrap(), r#"["cn-north-4","my-kualalumpur-1"]"#);
        let error = serde_json::from_str::<Region>(r#""example.com/""#).unwrap_err();
        assert!(error.to_string().contains("must be 1 to 40 lowercase letters"), "{error}");
        assert_eq!(Region::CN_NORTH_4.as_ref(), String::from(Region::CN_NORTH_4));
    }

    #[test]
    fn a_region_that_is_misspelled_suggests_the_nearest_known() {
        for (given, nearest) in [
            ("cn-nroth-4", Some("cn-north-4")),
            ("cn-north-5", Some("cn-north-1")),
            ("CN_NORTH_4", Some("cn-north-4")),
            ("tr-west1", Some("tr-west-1")),
            ("my-kualalumpur-1", None),
            ("", None),
        ] {
            assert_eq!(nearest_known(given).map(Region::as_str), nearest, "{given}");
        }
        let error = Region::new("CN-North-4").unwrap_err();
        assert!(error.message().ends_with("hyphens; did you mean cn-north-4?"), "{error}");
        let hint = Region::new("cn-nroth-4").unwrap().hint().unwrap();
        assert!(hint.ends_with("did you mean cn-north-4?"), "{hint}");
        assert_eq!(Region::CN_NORTH_4.hint(), None);
    }

    #[test]
    fn a_base_url_may_end_in_slashes_and_carry_a_path() {
        for (given, url) in [
            ("https://example.com", "https://example.com"),
            ("https://example.com/", "https://example.com"),
            (" https://example.com//\n", "https://example.com"),
            ("https://example.com:8443/build/api/", "https://example.com:8443/build/api"),
        ] {
            assert_eq!(endpoint("endpoint", given, false).unwrap(), url);
        }
    }

    #[test]
    fn what_is_no_base_url_is_an_error() {
        for given in [
            "",
            "example.com",
            "ftp://example.com",
            "https://",
            "https://user:canary@example.com",
            "https://canary@example.com",
            "user:canary@example.com",
            "canary:4010",
            "https://example.com/?canary=1",
            "https://example.com/#canary",
            "data:text/plain,canary",
        ] {
            let error = endpoint("endpoint", given, true).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{given}");
            assert!(!error.to_string().contains("canary"), "{error}");
            assert!(!error.to_string().contains("user:"), "{error}");
        }
    }

    #[test]
    fn only_loopback_and_https_are_private() {
        for (url, private) in [
            ("https://example.com", true),
            ("http://localhost:4010", true),
            ("http://127.0.0.1:1", true),
            ("http://127.255.0.1", true),
            ("http://[::1]:1/", true),
            ("http://example.com", false),
            ("http://localhost.example.com", false),
            ("http://127.0.0.1.example.com", false),
            ("http://0.0.0.0", false),
            ("http://192.168.0.1", false),
        ] {
            assert_eq!(endpoint("endpoint", url, false).is_ok(), private, "{url}");
        }
    }

    #[test]
    fn a_service_of_this_machine_may_have_a_link_local_address() {
        for (url, permitted) in [
            ("http://169.254.169.254", true),
            ("http://169.254.170.23/v1/credentials", true),
            ("http://[fe80::1]:8080", true),
            ("http://127.0.0.1:1", true),
            ("https://example.com", true),
            ("http://example.com", false),
            ("http://169.254.169.254.example.com", false),
            ("http://10.0.0.1", false),
        ] {
            assert_eq!(link_local_endpoint("endpoint", url).is_ok(), permitted, "{url}");
        }
        assert!(endpoint("endpoint", "http://169.254.169.254", false).is_err());
    }
}
