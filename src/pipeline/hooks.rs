//! The hooks that the generated code calls, and what becomes of an error on its way through it.

use crate::auth::Authenticator;
use crate::error::{Error, ErrorKind};
use crate::generated::{self, OPERATIONS};
use crate::pipeline::{body::no_response, send::Sender};
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
}

impl ClientHooks<Pipeline> for generated::Client {
    async fn exec(&self, request: Request, info: &OperationInfo) -> reqwest::Result<Response> {
        let Pipeline { authenticator, sender } = self.inner();
        let operation = OPERATIONS.iter().find(|operation| operation.id == info.operation_id);
        let outcome = sender.call(request, operation, authenticator).await;
        Ok(outcome.unwrap_or_else(into_response))
    }

    async fn post<E>(
        &self,
        result: &reqwest::Result<Response>,
        _: &OperationInfo,
    ) -> Result<(), generated::Error<E>> {
        // Taken out of the generated code's hands, because what it makes of an error status has
        // neither the method nor the request id, and of an error under status 200 no error at all.
        match result.as_ref().ok().and_then(|response| response.extensions().get::<Error>()) {
            Some(error) => Err(generated::Error::UnexpectedResponse(into_response(error.clone()))),
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

/// What a call through [`Client::api`](crate::Client::api) failed with, with all that is known.
impl<E> From<generated::Error<E>> for Error {
    fn from(error: generated::Error<E>) -> Self {
        use generated::Error as Generated;
        match error {
            Generated::InvalidRequest(message) => Error::invalid_argument(message),
            Generated::UnexpectedResponse(mut response) => {
                let status = response.status().as_u16();
                response.extensions_mut().remove::<Error>().unwrap_or_else(|| {
                    Error::new(ErrorKind::InvalidResponse, "undocumented").with_status(status)
                })
            }
            // What follows the hooks keep from happening, except for an operation whose documented
            // response is no JSON object, and which gets another type.
            // Neither the body nor what serde says of it is shown: it may echo a secret.
            Generated::InvalidResponsePayload(..) => {
                Error::new(ErrorKind::InvalidResponse, "it has not the documented type")
                    .with_unknown_outcome()
            }
            Generated::CommunicationError(cause)
            | Generated::InvalidUpgrade(cause)
            | Generated::ResponseBodyError(cause) => no_response(cause),
            Generated::ErrorResponse(response) => {
                let status = response.status().as_u16();
                Error::new(ErrorKind::Service, "undocumented").with_status(status)
            }
            Generated::Custom(message) => Error::new(ErrorKind::InvalidResponse, message),
        }
    }
}
