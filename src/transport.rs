//! The one road that every request takes: authorize, send, read with a bound, understand.
//!
//! The generated code calls it through its hooks, for each operation of the document alike.

use crate::{
    Credential, Error, ErrorKind,
    generated::{self, OPERATIONS, Operation},
    refusal::Refusal,
};
use http::{HeaderMap, HeaderName, Method, StatusCode, header};
use progenitor_client::{ClientHooks, ClientInfo, OperationInfo};
use reqwest::{Request, Response};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

const TOKEN_HEADER: HeaderName = HeaderName::from_static("x-auth-token");
/// progenitor sends it with the version of the document; the service has no such header.
const UNDOCUMENTED_HEADER: HeaderName = HeaderName::from_static("api-version");
/// How much of an unreadable body an error shows, in characters.
const EXCERPT: usize = 200;
/// What the generated code sees as the status of a failure that has none.
const NO_STATUS: StatusCode = match StatusCode::from_u16(599) {
    Ok(status) => status,
    Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
};

/// What every call needs. The generated client holds it.
#[derive(Clone, Debug)]
pub struct Transport(pub(crate) Arc<Settings>);

#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) credential: Credential,
    pub(crate) timeout: Duration,
    pub(crate) longest_answer: usize,
}

impl ClientHooks<Transport> for generated::Client {
    async fn exec(&self, request: Request, info: &OperationInfo) -> reqwest::Result<Response> {
        let outcome = self.inner().call(self.client(), request, info).await;
        Ok(outcome.unwrap_or_else(Error::into_response))
    }

    async fn post<E>(
        &self,
        result: &reqwest::Result<Response>,
        _: &OperationInfo,
    ) -> Result<(), generated::Error<E>> {
        // Taken out of the generated code's hands, because what it makes of an error status has
        // neither the method nor the request id, and of a good status no error at all.
        match result.as_ref().ok().and_then(|response| response.extensions().get::<Error>()) {
            Some(error) => Err(generated::Error::UnexpectedResponse(error.clone().into_response())),
            None => Ok(()),
        }
    }
}

impl Error {
    /// This error as an answer, the one thing that passes through generated code.
    fn into_response(self) -> Response {
        let status = self.status().and_then(|status| StatusCode::from_u16(status).ok());
        let mut response = http::Response::new(self.to_string());
        *response.status_mut() = status.unwrap_or(NO_STATUS);
        response.extensions_mut().insert(self);
        response.into()
    }
}

/// What a call through [`Client::api`](crate::Client::api) failed with, with all that is known.
impl<E> From<generated::Error<E>> for Error {
    fn from(error: generated::Error<E>) -> Self {
        match error {
            generated::Error::UnexpectedResponse(mut response) => {
                let status = response.status().as_u16();
                response.extensions_mut().remove::<Error>().unwrap_or_else(|| {
                    Error::new(ErrorKind::Answer, "undocumented status").with_status(status)
                })
            }
            generated::Error::InvalidRequest(message) => Error::input(message),
            generated::Error::InvalidResponsePayload(_, cause) => {
                Error::new(ErrorKind::Answer, format!("not the documented answer: {cause}"))
                    .with_unknown_outcome()
            }
            generated::Error::CommunicationError(cause) if cause.is_builder() => {
                Error::input("the request cannot be built").with_source(cause)
            }
            generated::Error::CommunicationError(cause)
            | generated::Error::InvalidUpgrade(cause)
            | generated::Error::ResponseBodyError(cause) => {
                Error::new(ErrorKind::Interrupted, innermost(&cause))
                    .with_source(cause)
                    .with_unknown_outcome()
            }
            generated::Error::ErrorResponse(response) => {
                Error::new(ErrorKind::Refused, "documented error")
                    .with_status(response.status().as_u16())
            }
            generated::Error::Custom(message) => Error::new(ErrorKind::Answer, message),
        }
    }
}

impl Transport {
    async fn call(
        &self,
        http: &reqwest::Client,
        mut request: Request,
        info: &OperationInfo,
    ) -> Result<Response, Error> {
        let settings = &*self.0;
        // Whether the call changes anything, so that an unread answer leaves the outcome unknown.
        let changes = !matches!(*request.method(), Method::GET | Method::HEAD);
        request.headers_mut().remove(UNDOCUMENTED_HEADER);
        request.headers_mut().insert(TOKEN_HEADER, settings.credential.token_header()?);
        *request.timeout_mut() = Some(settings.timeout);
        self.attempt(http, request, operation(info)).await.map_err(|error| {
            let unknown = changes && outcome_is_unknown(&error);
            let error = error.redacted(|text| settings.credential.redact(text));
            if unknown { error.with_unknown_outcome() } else { error }
        })
    }

    async fn attempt(
        &self,
        http: &reqwest::Client,
        request: Request,
        operation: Option<&Operation>,
    ) -> Result<Response, Error> {
        let mut response = http.execute(request).await.map_err(not_answered)?;
        let status = response.status();
        let headers = std::mem::take(response.headers_mut());
        let id = request_id(&headers);
        let failed = |error: Error| error.with_status(status.as_u16()).with_request_id(id.clone());
        let body = match read(response, self.0.longest_answer).await {
            Ok(body) => body,
            Err(error) => return Err(failed(error)),
        };
        let body = understand(status, &headers, body, operation).map_err(|error| {
            let id = error.request_id().map(str::to_owned).or(id);
            error.with_status(status.as_u16()).with_request_id(id)
        })?;
        let mut response = http::Response::new(body);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response.into())
    }
}

fn operation(info: &OperationInfo) -> Option<&'static Operation> {
    OPERATIONS.iter().find(|operation| operation.id == info.operation_id)
}

/// Whether a request that failed so may have taken effect.
fn outcome_is_unknown(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::Input | ErrorKind::Credential | ErrorKind::Connect => false,
        ErrorKind::Interrupted | ErrorKind::Timeout => true,
        // A gateway that gave up on the service knows nothing of what the service did.
        ErrorKind::Refused | ErrorKind::Answer => match error.status() {
            Some(502..=504) => true,
            Some(300..=499) => false,
            _ => error.kind() == ErrorKind::Answer,
        },
    }
}

/// The error of a request that got no answer.
fn not_answered(cause: reqwest::Error) -> Error {
    let kind = if cause.is_builder() {
        ErrorKind::Input
    } else if cause.is_connect() {
        ErrorKind::Connect
    } else if cause.is_timeout() {
        ErrorKind::Timeout
    } else {
        ErrorKind::Interrupted
    };
    Error::new(kind, innermost(&cause)).with_source(cause)
}

/// What lies at the bottom of an error, as "Connection refused (os error 111)".
fn innermost(cause: &reqwest::Error) -> String {
    let mut innermost: &dyn std::error::Error = cause;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

async fn read(mut response: Response, longest: usize) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(not_answered)? {
        if body.len().saturating_add(chunk.len()) > longest {
            let message = format!("the answer is longer than {longest} bytes");
            return Err(Error::new(ErrorKind::Answer, message));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The body of a good answer, as the document shows it; or why it is none.
fn understand(
    status: StatusCode,
    headers: &HeaderMap,
    body: Vec<u8>,
    operation: Option<&Operation>,
) -> Result<Vec<u8>, Error> {
    let nonsense = |what: &str| {
        let excerpt = excerpt(&body);
        let shown = if excerpt.is_empty() { "it is empty".into() } else { format!("{excerpt:?}") };
        Error::new(ErrorKind::Answer, format!("{what}: {shown}"))
    };
    if status.is_client_error() || status.is_server_error() {
        return Err(match Refusal::of_error_status(&body) {
            Some(refusal) => refused(refusal),
            None => {
                let mut error = nonsense("the refusal is not one of the service");
                if status.is_client_error() {
                    error = Error::new(ErrorKind::Refused, error.message());
                }
                error
            }
        });
    }
    if status.is_redirection() {
        let to = headers.get(header::LOCATION).map(|to| excerpt(to.as_bytes()));
        let to = to.map(|to| format!(" to {to:?}")).unwrap_or_default();
        return Err(Error::new(
            ErrorKind::Answer,
            format!("a redirect{to}, which is not followed"),
        ));
    }
    if !status.is_success() {
        return Err(nonsense("the status is not one of the service"));
    }
    let Some(operation) = operation.filter(|operation| operation.object) else { return Ok(body) };
    let answer = serde_json::from_slice(&body).map_err(|_| nonsense("the answer is not JSON"))?;
    if let Some(refusal) = Refusal::of_good_status(&answer) {
        return Err(refused(refusal));
    }
    let answer = match (operation.enveloped, answer) {
        (false, Value::Object(mut fields))
            if fields.get("result").is_some_and(Value::is_object) =>
        {
            fields.remove("result").unwrap_or_default()
        }
        (true, Value::Object(fields)) if !fields.contains_key("result") => {
            json!({ "result": fields })
        }
        (_, answer) => answer,
    };
    let said = if operation.enveloped { answer.get("result") } else { Some(&answer) };
    let said = said.and_then(Value::as_object);
    let known = |field: &&str| said.and_then(|said| said.get(*field)).is_some_and(|v| !v.is_null());
    if said.is_none() || !(operation.fields.is_empty() || operation.fields.iter().any(known)) {
        return Err(nonsense("the answer has none of the documented fields"));
    }
    serde_json::to_vec(&answer).map_err(|_| nonsense("the answer is not JSON"))
}

fn refused(refusal: Refusal) -> Error {
    let message = refusal.message.unwrap_or_else(|| "no reason was given".into());
    Error::new(ErrorKind::Refused, message)
        .with_code(refusal.code)
        .with_request_id(refusal.request_id)
}

fn request_id(headers: &HeaderMap) -> Option<String> {
    ["x-request-id", "x-iam-trace-id"].iter().find_map(|name| {
        let id = headers.get(*name)?.to_str().ok()?;
        (!id.is_empty()).then(|| id.chars().take(EXCERPT).collect())
    })
}

/// The beginning of a body as printable text on one line, without the tags of HTML.
fn excerpt(body: &[u8]) -> String {
    let start = body.get(..body.len().min(8 * 1024)).unwrap_or_default();
    let text = String::from_utf8_lossy(start);
    let mut in_tag = false;
    let html = text.trim_start().starts_with('<');
    let visible: String = text
        .chars()
        .map(|c| {
            let hidden = in_tag || (html && c == '<');
            in_tag = html && hidden && c != '>';
            if hidden || c.is_control() { ' ' } else { c }
        })
        .collect();
    let words = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    words.chars().take(EXCERPT).collect()
}
