//! Decoding the body of a good response. No body is read as `null`.

use crate::codec::json;
use crate::codec::lenient::{Bounds, Lenient, Read};
use bytes::Bytes;
use serde::de::DeserializeOwned;

/// Decodes a body as a type of the document. What serde says of one that is not may echo a secret.
pub(crate) fn lenient<T: Lenient>(body: Bytes) -> Option<T> {
    decode(body, |text| serde_json::from_slice::<Read<T>>(text).ok()?.0)
}

/// Decodes a body as a type of the caller's own.
pub(crate) fn strict<T: DeserializeOwned>(body: Bytes) -> Option<T> {
    decode(body, |text| serde_json::from_slice(text).ok())
}

fn decode<T>(body: Bytes, read: impl Fn(&[u8]) -> Option<T>) -> Option<T> {
    let text: &[u8] = if body.is_empty() { b"null" } else { &body };
    json::read(text, |text| {
        let _bounds = Bounds::new();
        read(text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_documented_list_is_longer_than_a_bound() {
        let read = |items: usize| {
            let list = format!("[{}]", vec!["[7,\"8\"]"; items].join(","));
            lenient::<Vec<Vec<i64>>>(list.into())
        };
        // Those of all lists count.
        assert_eq!(read(33_333).unwrap()[0], [7, 8]);
        assert_eq!(read(33_334), None);
    }
}
