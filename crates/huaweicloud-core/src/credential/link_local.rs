//! Requests to services that this machine alone can reach, and that give it its keys.

use crate::error::{Error, ErrorKind};
use crate::pipeline;
use bytes::Bytes;
use http::StatusCode;
use reqwest::{Client, RequestBuilder};
use std::time::Duration;

/// How long making a connection may take: the service is near, or not there at all.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// How long a response may take.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How much of a response is read at most, in bytes.
const MAX_RESPONSE_BYTES: usize = 64 * 1024;

/// What sends the requests.
pub(super) fn client() -> Result<Client, Error> {
    let client = Client::builder()
        .timeout(TIMEOUT)
        .connect_timeout(CONNECT_TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        // A proxy would hand out the keys of its own server, if any.
        .no_proxy()
        .build();
    Ok(client?)
}

/// The body of the response of a service of this name. It may be a secret, so no error shows it.
pub(super) async fn ask(name: &str, request: RequestBuilder) -> Result<Bytes, Error> {
    let failed = |what: &str, passes: bool| {
        Error::new(ErrorKind::Credential, format!("{name} {what}")).with_transience(passes)
    };
    let response = request.send().await;
    let mut response =
        response.map_err(|cause| failed("cannot be reached", true).with_source(cause))?;
    let status = response.status();
    if status != StatusCode::OK {
        let passes = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
        return Err(failed("gives none", passes).with_status(status.as_u16()));
    }
    let body = pipeline::read(&mut response, MAX_RESPONSE_BYTES).await;
    body.map_err(|error| error.of_credential(name))
}
