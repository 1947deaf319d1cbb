//! Decoding the body of a good response.

use crate::generated::json::{may_need_mending, mend};
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
    let headers = std::mem::take(response.headers_mut());
    let body = response.bytes().await.map_err(Error::ResponseBodyError)?;
    match decode(body) {
        Ok(inner) => Ok(ResponseValue::new(inner, status, headers)),
        Err(cause) => Err(Error::InvalidResponsePayload(Bytes::new(), cause)),
    }
}

fn decode<T: DeserializeOwned>(body: Bytes) -> serde_json::Result<T> {
    if !may_need_mending(&body)
        && let Ok(read) = serde_json::from_slice(&body)
    {
        return Ok(read);
    }
    let mut mended = Vec::from(body);
    mend(&mut mended);
    serde_json::from_slice(&mended)
}
