//! The HTTP clients, and which of them sends a request.

use crate::error::Error;
use crate::region::is_local;
use reqwest::{Client, ClientBuilder, Url};
use std::{sync::OnceLock, time::Duration};

/// How long a connection may have been idle before a request that is not idempotent is sent over it.
const MAX_IDLE: Duration = Duration::from_secs(2);

/// Applies the settings of a client to one of its HTTP clients.
pub(crate) type Configure = Box<dyn Fn(ClientBuilder) -> ClientBuilder + Send + Sync>;

/// The HTTP clients of a client, each made when it is needed first.
pub(crate) struct HttpClients {
    configure: Configure,
    /// For idempotent requests: to other machines, to this one over TLS, and over plain http.
    kept: [OnceLock<Client>; 3],
    /// The same for all others.
    fresh: [OnceLock<Client>; 3],
}

impl HttpClients {
    pub(crate) fn new(configure: Configure) -> Self {
        warn_of_wildcards();
        Self { configure, kept: Default::default(), fresh: Default::default() }
    }

    /// The one for a request to this target.
    ///
    /// Idempotent requests use connections that are kept open. All others use only connections that
    /// were used just before: one that the server closes while a request is on its way would leave the
    /// outcome of that request unknown. What stays on this machine goes through no proxy, which would
    /// see the secrets, or respond with those of its own machine. Over plain http it needs no
    /// certificates, which take long to load.
    pub(crate) fn of(&self, target: &Url, idempotent: bool) -> Result<&Client, Error> {
        let local = is_local(target);
        let plain = local && target.scheme() == "http";
        let [remote, local_tls, local_plain] = if idempotent { &self.kept } else { &self.fresh };
        let client = match local {
            true if plain => local_plain,
            true => local_tls,
            false => remote,
        };
        if let Some(client) = client.get() {
            return Ok(client);
        }
        #[cfg(not(any(feature = "rustls", feature = "native-tls")))]
        if target.scheme() == "https" {
            return Err(Error::invalid_argument(
                "https needs the feature `rustls` or `native-tls` of the crate",
            ));
        }
        let mut http = (self.configure)(Client::builder());
        if !idempotent {
            http = http.pool_idle_timeout(MAX_IDLE);
        }
        if local {
            http = http.no_proxy();
        }
        #[cfg(any(feature = "rustls", feature = "native-tls"))]
        if plain {
            http = http.tls_certs_only([]);
        }
        let failed = |cause| Error::of_http(cause).prefixed("the HTTP client cannot be set up");
        let made = http.build().map_err(failed)?;
        Ok(client.get_or_init(|| made))
    }
}

/// Says what the HTTP library passes over in silence: other programs read `*.domain` in `NO_PROXY`.
fn warn_of_wildcards() {
    for variable in ["NO_PROXY", "no_proxy"] {
        let value = std::env::var(variable).unwrap_or_default();
        for entry in value.split(',').map(str::trim).filter(|entry| entry.starts_with("*.")) {
            tracing::warn!(variable, entry, "this entry has no effect; write it without `*`");
        }
    }
}
