//! The HTTP clients, and which of them sends a request.

use crate::error::Error;
use crate::region::is_local;
use reqwest::{Client, ClientBuilder, Url};
use std::{fmt, sync::OnceLock, time::Duration};

/// How long a connection may have been idle before a request that is not idempotent is sent over it.
const MAX_IDLE: Duration = Duration::from_secs(2);

/// Applies the settings of a client to one of its HTTP clients.
type Configure = Box<dyn Fn(ClientBuilder) -> ClientBuilder + Send + Sync>;

/// The HTTP clients of a client, each made when it is needed first.
pub(crate) struct HttpClients {
    configure: Configure,
    by_use: [OnceLock<Client>; 4],
}

impl HttpClients {
    pub(crate) fn new(configure: Configure) -> Self {
        Self { configure, by_use: Default::default() }
    }

    /// The one for a request to this target.
    ///
    /// Idempotent requests use connections that are kept open. All others use only connections that
    /// were used just before: one that the server closes while a request is on its way would leave the
    /// outcome of that request unknown. What stays on this machine goes through no proxy, which would
    /// see the secrets, or respond with those of its own machine.
    pub(crate) fn of(&self, target: &Url, idempotent: bool) -> Result<&Client, Error> {
        let local = is_local(target);
        let [kept, kept_local, fresh, fresh_local] = &self.by_use;
        let client = match (idempotent, local) {
            (true, false) => kept,
            (true, true) => kept_local,
            (false, false) => fresh,
            (false, true) => fresh_local,
        };
        if let Some(client) = client.get() {
            return Ok(client);
        }
        let mut http = (self.configure)(Client::builder());
        if !idempotent {
            http = http.pool_idle_timeout(MAX_IDLE);
        }
        if local {
            http = http.no_proxy();
        }
        let failed =
            |cause| Error::invalid_argument("the HTTP client cannot be set up").with_source(cause);
        let made = http.build().map_err(failed)?;
        Ok(client.get_or_init(|| made))
    }
}

impl fmt::Debug for HttpClients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClients").finish_non_exhaustive()
    }
}
