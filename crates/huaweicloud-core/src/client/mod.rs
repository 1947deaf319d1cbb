//! Clients: how they are built, and calls by method and path.

mod builder;
mod from_env;
mod request;

pub use builder::{ClientBuilder, Service};
pub use request::ServiceRequest;

use crate::pipeline::Pipeline;
use crate::service::ServiceInfo;
use http::Method;

/// A client of any service of the cloud: it calls by method and path, without a document.
///
/// ```no_run
/// # async fn run() -> Result<(), huaweicloud_core::Error> {
/// use huaweicloud_core::{AccessKey, Client};
///
/// let client = Client::builder()
///     .region("cn-north-4")
///     .endpoint("https://iam.cn-north-4.myhuaweicloud.com")
///     .credential(AccessKey::new("AKIDEXAMPLE00000000A", "SKEXAMPLE000000000000000000000A")?)
///     .build()?;
/// let projects: serde_json::Value = client.request("GET", "/v3/projects").send().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Client {
    pipeline: Pipeline,
}

impl Client {
    /// Settings of a client. An [endpoint](ClientBuilder::endpoint) is needed, because a region has one
    /// for each service. `ClientBuilder::<Client>::from_env()` reads `HUAWEICLOUD_ENDPOINT`,
    /// `HUAWEICLOUD_REGION` and `HUAWEICLOUD_TOKEN`, and what else [`ClientBuilder::from_env`] has.
    pub fn builder() -> ClientBuilder<Self> {
        ClientBuilder::default()
    }

    /// Makes a call, as [`ServiceRequest`] describes it.
    pub fn request(&self, method: impl TryInto<Method>, path: impl AsRef<str>) -> ServiceRequest {
        ServiceRequest::new(&self.pipeline, &[], method, path)
    }

    /// The pipeline, for a client that is generated from a document.
    pub fn pipeline(&self) -> Pipeline {
        self.pipeline.clone()
    }
}

impl From<Pipeline> for Client {
    fn from(pipeline: Pipeline) -> Self {
        Self { pipeline }
    }
}

impl Service for Client {
    const INFO: &'static ServiceInfo = &ServiceInfo {
        variables: "HUAWEICLOUD",
        user_agent: concat!("huaweicloud-core/", env!("CARGO_PKG_VERSION")),
        ..ServiceInfo::UNKNOWN
    };
}
