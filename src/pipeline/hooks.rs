//! The hooks that the generated code calls.

use crate::auth::Authenticator;
use crate::error::Error;
use crate::generated::{self, operation::Operation};
use crate::pipeline::send::Sender;
use http::StatusCode;
use progenitor_client::{ClientHooks, ClientInfo, OperationInfo};
use reqwest::{Request, Response};
use std::sync::Arc;

/// What the generated code sees as the status of a failure that has none.
const NO_STATUS: StatusCode = match StatusCode::from_u16(599) {
    Ok(status) => status,
    Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
};

/// What the generated client holds: how requests are authenticated, and how they are sent.
#[derive(Clone, Debug)]
pub struct Pipeline {
    pub(crate) authenticator: Arc<Authenticator>,
    pub(crate) sender: Arc<Sender>,
    /// Whether a call is one attempt, which neither spends nor earns retries.
    pub(crate) is_poll: bool,
}

impl Pipeline {
    /// Sends a request of an operation.
    pub(crate) async fn send(
        &self,
        request: Request,
        operation: Option<&Operation>,
    ) -> Result<Response, Error> {
        let Self { authenticator, sender, is_poll } = self;
        sender.call(request, operation, authenticator, sender.timeout, *is_poll).await
    }
}

impl ClientHooks<Pipeline> for generated::Client {
    async fn exec(&self, request: Request, info: &OperationInfo) -> reqwest::Result<Response> {
        let operation = Operation::of(info.operation_id);
        Ok(self.inner().send(request, operation).await.unwrap_or_else(into_response))
    }

    async fn post<E>(
        &self,
        result: &reqwest::Result<Response>,
        _: &OperationInfo,
    ) -> Result<(), progenitor_client::Error<E>> {
        // Taken out of the generated code's hands, because what it makes of an error status has
        // neither the method nor the request id, and of an error under status 200 no error at all.
        match result.as_ref().ok().and_then(|response| response.extensions().get::<Error>()) {
            Some(error) => {
                Err(progenitor_client::Error::UnexpectedResponse(into_response(error.clone())))
            }
            None => Ok(()),
        }
    }
}

/// An error as a response, the one thing that passes through generated code.
fn into_response(error: Error) -> Response {
    let status = error.status().and_then(|status| StatusCode::from_u16(status).ok());
    let mut response = http::Response::new(error.to_string());
    *response.status_mut() = status.unwrap_or(NO_STATUS);
    response.extensions_mut().insert(error);
    response.into()
}
