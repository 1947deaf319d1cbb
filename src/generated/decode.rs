//! Decoding the body of a good response.

use crate::generated::{
    json::{is_strictly_json, may_need_mending, mend},
    lenient,
    operation::GivenStatus,
};
use bytes::Bytes;
use progenitor_client::{Error, ResponseValue};
use reqwest::Response;
use serde::de::DeserializeOwned;

/// Decodes a response. `build.rs` puts it in the place of the generator's own function, which is strict
/// about every character.
pub(crate) async fn decoded<T: DeserializeOwned, E>(
    mut response: Response,
) -> Result<ResponseValue<T>, Error<E>> {
    let status = response.status();
    let given = GivenStatus::of(&response);
    let headers = std::mem::take(response.headers_mut());
    let body = response.bytes().await.map_err(Error::ResponseBodyError)?;
    // Neither the body nor what serde says of it is handed on: it may echo a secret.
    decode(body).map(|inner| ResponseValue::new(inner, status, headers)).ok_or_else(|| {
        let mut undecoded = http::Response::new("");
        *undecoded.status_mut() = given;
        Error::UnexpectedResponse(undecoded.into())
    })
}

/// Decodes a body, if it is JSON of this type.
pub(crate) fn decode<T: DeserializeOwned>(body: Bytes) -> Option<T> {
    if !may_need_mending(&body)
        && let Some(read) = decode_whole(&body)
    {
        return Some(read);
    }
    let mut mended = Vec::from(body);
    mend(&mut mended);
    decode_whole(&mended)
}

/// Decodes a text all of which is JSON.
fn decode_whole<T: DeserializeOwned>(text: &[u8]) -> Option<T> {
    let (read, is_lossy) = lenient::decode(text);
    read.ok().filter(|_| !is_lossy || is_strictly_json(text))
}
