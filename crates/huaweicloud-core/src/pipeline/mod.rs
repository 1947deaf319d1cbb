//! The one path of every request: authenticate, send, read, interpret, retry, trace.

mod body;
mod http_clients;
mod interpret;
mod judge;
mod redaction;
mod response;
pub(crate) mod retry;
mod send;
mod service_error;
mod trace;

pub(crate) use body::read;
pub use body::{Body, ByteStream};
pub(crate) use http_clients::{Configure, HttpClients};
pub(crate) use interpret::date;
pub use response::{Response, ResponseValue};
pub use retry::RetryPolicy;
pub use send::InFlight;
pub(crate) use send::{Call, Sender, Settings};

use crate::auth::Cache;
use crate::codec::operation::Operation;
use crate::error::Error;
use crate::service::ServiceInfo;
use reqwest::{Request, Url};
use std::{fmt, sync::Arc};

/// How the requests of a client are authenticated, sent, read and retried. Clones are cheap and share
/// everything.
///
/// A client that is generated from a document of your own is made of the pipeline of another client, and
/// shares its credential, connections and budget of retries:
///
/// ```text
/// let api = api::Client::from(client.pipeline());
/// ```
#[derive(Clone)]
pub struct Pipeline {
    pub(crate) shared: Arc<Shared>,
    /// Whether a call is one attempt, which neither spends nor earns retries.
    is_single: bool,
}

/// What all clones of a pipeline share.
pub(crate) struct Shared {
    /// The base URL.
    pub(crate) endpoint: Url,
    /// Any of the HTTP clients, to make requests with.
    pub(crate) http: reqwest::Client,
    pub(crate) identities: Cache,
    pub(crate) sender: Arc<Sender>,
    pub(crate) service: &'static ServiceInfo,
}

impl Pipeline {
    pub(crate) fn new(shared: Shared) -> Self {
        Self { shared: Arc::new(shared), is_single: false }
    }

    /// The base URL of the service, without a slash at its end.
    pub fn endpoint(&self) -> &str {
        self.shared.endpoint.as_str().trim_end_matches('/')
    }

    /// The same pipeline, but each call is one attempt, which neither spends nor earns retries: for polls,
    /// which are made again anyway.
    #[must_use]
    pub fn single_attempt(&self) -> Self {
        Self { shared: self.shared.clone(), is_single: true }
    }

    /// Sends a request of an operation.
    pub(crate) async fn send(
        &self,
        request: Request,
        operation: &'static Operation,
    ) -> Result<Response, Error> {
        let Shared { identities, sender, service, .. } = &*self.shared;
        let (ends_at, is_single) = (sender.ends_at(), self.is_single);
        sender.call(Call { request, service, operation, identities, ends_at, is_single }).await
    }
}

impl fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let settings = &self.shared.sender.settings;
        f.debug_struct("Pipeline")
            .field("endpoint", &self.endpoint())
            .field("attempt_timeout", &settings.attempt_timeout)
            .field("timeout", &settings.timeout)
            .field("max_response_bytes", &settings.max_response_bytes)
            .field("retry", &settings.retry)
            .finish_non_exhaustive()
    }
}
