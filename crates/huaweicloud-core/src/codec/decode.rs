//! Decoding the body of a good response.

use crate::codec::{
    json::{is_strictly_json, may_need_mending, mend},
    lenient,
};
use bytes::Bytes;
use serde::de::DeserializeOwned;

/// Decodes a body, if it is JSON of this type. What serde says of one that is not may echo a secret.
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
