//! What generated code calls. It is no part of the public face: a document and the version of this crate
//! decide what is needed here.

pub use crate::codec::argument::{QueryParam, argument, segment};
#[cfg(feature = "mock")]
pub use crate::codec::argument::{expect_query, expected};
pub use crate::codec::constrained::{Pattern, broken_text, compiled, fits};
pub use crate::codec::extensible_enum::{is_default, is_same};
pub use crate::codec::json::{Kind, integer};
pub use crate::codec::lenient::{Lenient, Name, extra, field, object};
pub use crate::codec::operation::{Content, Operation, Proof};
pub use crate::error::{Error, text::quoted};
pub use crate::pipeline::retry::Backoff;
pub use crate::pipeline::{Body, ByteStream, InFlight, Pipeline, Response, ResponseValue};
pub use crate::{
    __checked as checked, __data_type as data_type, __extensible_enum as extensible_enum,
    __from_text as from_text, __lenient as lenient, __list as list, __number as number,
    __text as text,
};
#[cfg(feature = "mock")]
pub use httpmock;
#[cfg(feature = "mock")]
pub use regex;
pub use reqwest;
#[cfg(feature = "schemars")]
pub use schemars;
pub use serde;
pub use serde_json;

use reqwest::{Request, RequestBuilder, Url};
use serde::Serialize;
use std::sync::Arc;

/// Raised with each change of this module that code of another version would not fit.
pub const REVISION: u32 = 1;

type Built = Result<Request, reqwest::Error>;

/// What a generated client makes its requests with: the path of the base URL, and an HTTP client.
pub fn parts(pipeline: &Pipeline) -> (Arc<str>, reqwest::Client) {
    let path = pipeline.shared.endpoint.path().trim_end_matches('/');
    (path.into(), pipeline.shared.http.clone())
}

/// The URL of a path, which begins with that of the base URL. That is not read anew for each call.
pub fn url(pipeline: &Pipeline, path: &str) -> Url {
    let mut url = pipeline.shared.endpoint.clone();
    url.set_path(path);
    url
}

/// Makes a call. How the body of its response is read is said of the response.
pub async fn call(
    pipeline: &Pipeline,
    request: Built,
    operation: &'static Operation,
) -> Result<Response, Error> {
    pipeline.send(request.map_err(Error::of_http)?, operation).await
}

/// A body as a form.
pub trait RequestBuilderExt: Sized {
    /// # Errors
    ///
    /// None: the request itself says that its body is no form.
    fn form_urlencoded(self, body: &(impl Serialize + ?Sized)) -> Result<Self, Error>;
}

impl RequestBuilderExt for RequestBuilder {
    fn form_urlencoded(self, body: &(impl Serialize + ?Sized)) -> Result<Self, Error> {
        Ok(self.form(body))
    }
}
