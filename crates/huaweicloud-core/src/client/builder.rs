//! Building a client.

use crate::credential::{Credential, CredentialContext, Project};
use crate::error::Error;
use crate::pipeline::{
    Configure, HttpClients, InFlight, Pipeline, RetryPolicy, Sender, Settings, Shared,
    retry::Budget,
};
use crate::region::{self, Region};
use crate::service::ServiceInfo;
use jiff::Timestamp;
use reqwest::Url;
use std::time::{Duration, SystemTime};
use std::{fmt, marker::PhantomData, sync::Arc};

/// A client of one service of the cloud, which [`ClientBuilder`] can build.
///
/// ```
/// use huaweicloud_core::{Client, ClientBuilder, ErrorCodes, Pipeline, Service, ServiceInfo};
///
/// struct Images(Client);
///
/// impl From<Pipeline> for Images {
///     fn from(pipeline: Pipeline) -> Self {
///         Self(pipeline.into())
///     }
/// }
///
/// impl Service for Images {
///     const INFO: &'static ServiceInfo = &ServiceInfo {
///         name: "IMS",
///         variables: "IMAGES",
///         user_agent: "images/1.0",
///         endpoint: |region| Some(format!("https://ims.{region}.myhuaweicloud.com")),
///         codes: ErrorCodes { own: &["IMG."], ..ErrorCodes::NONE },
///     };
/// }
///
/// let builder = ClientBuilder::<Images>::default().region("cn-north-4");
/// ```
///
/// A client that is generated from a document can be a service itself.
pub trait Service: From<Pipeline> {
    /// What the service says of itself.
    const INFO: &'static ServiceInfo;
}

/// Settings of a client of one service. Required are a credential, and a region or an endpoint.
///
/// ```
/// use huaweicloud_core::{Client, Credential};
/// use std::time::Duration;
///
/// let client = Client::builder()
///     .endpoint("https://iam.cn-north-4.myhuaweicloud.com")
///     .credential(Credential::token("MIIaBwYJKoZIhvcNAQcCoIIZ-DCCGfQCAQExDTAL")?)
///     .attempt_timeout(Duration::from_secs(10))
///     .build()?;
/// # Ok::<(), huaweicloud_core::Error>(())
/// ```
#[must_use]
pub struct ClientBuilder<C> {
    region: Option<Result<Region, Error>>,
    /// What errors call it, and its URL.
    pub(super) endpoint: Option<(String, String)>,
    credential: Option<Credential>,
    connect_timeout: Duration,
    user_agent: String,
    http: Configure,
    settings: Settings,
    /// What is wrong if neither region nor endpoint is set.
    pub(super) missing: String,
    builds: PhantomData<fn() -> C>,
}

impl<C: Service> Default for ClientBuilder<C> {
    fn default() -> Self {
        Self {
            region: None,
            endpoint: None,
            credential: None,
            connect_timeout: Duration::from_secs(10),
            user_agent: C::INFO.user_agent.into(),
            http: Box::new(|http| http),
            settings: Settings {
                allow_http: false,
                attempt_timeout: Duration::from_secs(30),
                timeout: Duration::from_secs(120),
                max_response_bytes: 8 * 1024 * 1024,
                retry: RetryPolicy::default(),
                clock: Arc::new(Timestamp::now),
                in_flight: None,
            },
            missing: "region: neither it nor an endpoint is set".into(),
            builds: PhantomData,
        }
    }
}

impl<C: Service> ClientBuilder<C> {
    /// The region whose public endpoint is called: a [`Region`], or its id. No default.
    pub fn region<R>(mut self, region: R) -> Self
    where
        R: TryInto<Region>,
        Error: From<R::Error>,
    {
        self.region = Some(region.try_into().map_err(Error::from));
        self
    }

    /// The base URL to call instead of the region's public endpoint. It may end in `/` and may carry
    /// a path. No default.
    pub fn endpoint(mut self, url: impl Into<String>) -> Self {
        self.endpoint = Some(("endpoint".into(), url.into()));
        self
    }

    /// What authenticates the requests: a [`Credential`], or any
    /// [`CredentialProvider`](crate::CredentialProvider). No default.
    pub fn credential(mut self, credential: impl Into<Credential>) -> Self {
        self.credential = Some(credential.into());
        self
    }

    /// How long making a connection may take, at most half of the
    /// [`attempt_timeout`](Self::attempt_timeout). Default: 10 seconds.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How long one attempt of a call may take, from connecting to the last byte of the response.
    /// Default: 30 seconds.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.settings.attempt_timeout = timeout;
        self
    }

    /// How long a call may take, with all its attempts and the delays between them. Default: 2
    /// minutes.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.settings.timeout = timeout;
        self
    }

    /// How often a failed request is retried, and after which delays. Default:
    /// [`RetryPolicy::default`].
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.settings.retry = policy;
        self
    }

    /// How many bytes of a response are read at most. Default: 8 MiB.
    pub fn max_response_bytes(mut self, bytes: usize) -> Self {
        self.settings.max_response_bytes = bytes;
        self
    }

    /// The `User-Agent` of the requests. Default: that of the [service](crate::ServiceInfo::user_agent).
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = user_agent.into();
        self
    }

    /// Changes the HTTP clients: proxies, certificates and the like. There are several, for example one for
    /// idempotent requests and one for all others, and the function is applied to each.
    ///
    /// Redirects are never followed, whatever it says; the timeouts and the user agent are those of
    /// this builder. A request that is not idempotent never uses a connection that was idle for more
    /// than two seconds: one that the server is closing leaves the outcome of a request unknown.
    ///
    /// ```
    /// use huaweicloud_core::{Client, reqwest::{Certificate, Proxy}};
    ///
    /// # #[cfg(any(feature = "rustls", feature = "native-tls"))]
    /// # fn settings(ca: &[u8]) -> Result<(), huaweicloud_core::reqwest::Error> {
    /// let proxy = Proxy::all("http://proxy.example:3128")?;
    /// let ca = Certificate::from_pem(ca)?;
    /// let builder = Client::builder()
    ///     .http(move |http| http.proxy(proxy.clone()).tls_certs_merge([ca.clone()]));
    /// # Ok(())
    /// # }
    /// ```
    pub fn http(
        mut self,
        change: impl Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync + 'static,
    ) -> Self {
        self.http = Box::new(change);
        self
    }

    /// Permits a plain `http://` endpoint that is not on this machine, where whoever can read the
    /// traffic can read the token. Default: not permitted.
    pub fn allow_http(mut self, allow: bool) -> Self {
        self.settings.allow_http = allow;
        self
    }

    /// Tells the time that signatures of access keys bear. Default: the system's clock.
    pub fn clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.settings.clock = Arc::new(move || clock().try_into().unwrap_or_default());
        self
    }

    /// Keeps something as long as a request is in flight.
    #[doc(hidden)]
    pub fn in_flight(mut self, keep: InFlight) -> Self {
        self.settings.in_flight = Some(keep);
        self
    }

    /// Builds the client.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if there is neither region nor
    /// endpoint, one of them is malformed, the endpoint is plain http to another machine, a limit is zero, or
    /// the HTTP client cannot be set up; [`ErrorKind::Credential`](crate::ErrorKind::Credential) if there is
    /// no credential.
    pub fn build(self) -> Result<C, Error> {
        let settings = self.settings;
        let limits = [
            ("connect_timeout", self.connect_timeout.is_zero()),
            ("attempt_timeout", settings.attempt_timeout.is_zero()),
            ("timeout", settings.timeout.is_zero()),
            ("max_response_bytes", settings.max_response_bytes == 0),
        ];
        if let Some((setting, _)) = limits.iter().find(|(_, is_zero)| *is_zero) {
            return Err(Error::invalid_argument(format!("{setting}: must not be zero")));
        }
        let region = self.region.transpose()?;
        let ((name, url), connect_hint) = match (self.endpoint, &region) {
            (Some(endpoint), _) => (endpoint, None),
            (None, Some(region)) => {
                let unknown = "endpoint: not set, and a region alone does not tell it";
                let public = (C::INFO.endpoint)(region);
                let public = public.ok_or_else(|| Error::invalid_argument(unknown))?;
                (("endpoint".into(), public), region.hint())
            }
            (None, None) => return Err(Error::invalid_argument(self.missing)),
        };
        let endpoint = region::endpoint(&name, &url, settings.allow_http)?;
        let endpoint = Url::parse(&endpoint)
            .map_err(|cause| Error::invalid_argument(format!("{name} is not a URL: {cause}")))?;
        let credential =
            self.credential.ok_or_else(|| Error::credential("no credential is set"))?;
        // Ends before the attempt does, because only then is it known that nothing was sent.
        let half = settings.attempt_timeout.checked_div(2).unwrap_or_default();
        let connect_timeout = self.connect_timeout.min(half);
        let http = HttpClients::new(Box::new(move |http| {
            (self.http)(http)
                .redirect(reqwest::redirect::Policy::none())
                .retry(reqwest::retry::never())
                // It would log every byte, and so the token.
                .connection_verbose(false)
                .connect_timeout(connect_timeout)
                .user_agent(self.user_agent.as_str())
        }));
        // What is wrong with the settings should not wait for the first call.
        http.of(&endpoint, false)?;
        let client = http.of(&endpoint, true)?.clone();
        let sender = Arc::new(Sender { http, settings, budget: Budget::default(), connect_hint });
        let context = CredentialContext {
            region,
            sender: sender.clone(),
            project: Project::default(),
            ends_at: None,
        };
        let identities = credential.identities(context)?;
        let service = C::INFO;
        let shared = Shared { endpoint, http: client, identities, sender, service };
        Ok(Pipeline::new(shared).into())
    }
}

impl<C> fmt::Debug for ClientBuilder<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The endpoint may hold a password until it is checked.
        f.debug_struct("ClientBuilder")
            .field("region", &self.region)
            .field("credential", &self.credential)
            .field("attempt_timeout", &self.settings.attempt_timeout)
            .finish_non_exhaustive()
    }
}
