//! A secret text, which is never shown and is wiped when its last user is dropped.

use crate::error::Error;
use bytes::Bytes;
use http::HeaderValue;
use std::{collections::HashSet, fmt};
use zeroize::Zeroizing;

/// What stands in the place of a secret.
const REDACTED: &str = "[redacted]";
/// The longest header that the gateway takes, in bytes.
const MAX_BYTES: usize = 32 * 1024;
/// How many characters of a secret in a row give it away.
const MIN_REDACTED: usize = 12;

/// A secret text. All its clones, and the headers made of it, share one memory, which is wiped when
/// the last of them is dropped.
#[derive(Clone, PartialEq)]
pub(crate) struct Secret {
    text: Bytes,
    /// The same as the value of a header that is marked sensitive, if it is fit for one.
    header: Option<HeaderValue>,
}

impl Secret {
    pub(crate) fn new(text: Zeroizing<String>) -> Self {
        let text = Bytes::from_owner(text);
        let mut header = HeaderValue::from_maybe_shared(text.clone()).ok();
        header.iter_mut().for_each(|header| header.set_sensitive(true));
        Self { text, header }
    }

    /// A secret that must be fit for a header. `name` is what errors call it.
    pub(crate) fn checked(name: &str, text: String) -> Result<Self, Error> {
        let text = Zeroizing::new(text);
        let unfit = (1_usize..).zip(text.bytes()).find(|(_, byte)| !byte.is_ascii_graphic());
        let rule = match unfit {
            _ if text.is_empty() => "is empty".to_owned(),
            _ if text.len() > MAX_BYTES => {
                format!("has {} bytes; the gateway takes {MAX_BYTES} at most", text.len())
            }
            None => return Ok(Self::new(text)),
            Some((at, b'\n' | b'\r')) => format!("has a line break at position {at}"),
            Some((at, b' ' | b'\t')) => format!("has white space at position {at}"),
            Some((at, _)) => format!("has a character that none has at position {at}"),
        };
        Err(Error::credential(format!("{name} {rule}")))
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.text).unwrap_or_default()
    }

    /// The secret as the value of a header that is marked sensitive.
    pub(crate) fn header(&self) -> Result<HeaderValue, Error> {
        self.header.clone().ok_or_else(|| Error::credential("it cannot be sent as a header"))
    }

    /// Whether the secret can have a part of this length in common with a text, by the bytes of both. It
    /// says no at once of a request id, which every call may have.
    fn may_share(&self, text: &str, length: usize) -> bool {
        let mut in_text = [false; 256];
        for byte in text.bytes() {
            in_text.get_mut(usize::from(byte)).into_iter().for_each(|it| *it = true);
        }
        let is_in_text = |byte: &u8| in_text.get(usize::from(*byte)).copied().unwrap_or_default();
        // Such a part has one of these halves in it.
        let half = (length / 2).max(1);
        self.text.chunks_exact(half).any(|half| half.iter().all(is_in_text))
    }

    /// Takes the secret out of a text: the whole of it, and any part that is long enough to tell.
    pub(crate) fn redact(&self, text: &str) -> String {
        // A shorter one is a placeholder, and would black out half of what is said.
        if self.text.len() < 4 || text.is_empty() {
            return text.to_owned();
        }
        let length = self.text.len().min(MIN_REDACTED);
        if !self.may_share(text, length) {
            return text.to_owned();
        }
        let parts: HashSet<&[u8]> = self.text.windows(length).collect();
        let mut hidden = vec![false; text.len()];
        for (start, part) in text.as_bytes().windows(length).enumerate() {
            if parts.contains(part) {
                hidden.iter_mut().skip(start).take(length).for_each(|hidden| *hidden = true);
            }
        }
        let mut shown = String::with_capacity(text.len());
        let mut before = false;
        for (start, c) in text.char_indices() {
            let now = hidden.get(start) == Some(&true);
            if !now {
                shown.push(c);
            } else if !before {
                shown.push_str(REDACTED);
            }
            before = now;
        }
        shown
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redact(secret: &str, text: &str) -> String {
        Secret::new(Zeroizing::new(secret.to_owned())).redact(text)
    }

    #[test]
    fn the_whole_and_any_long_part_is_taken_out() {
        let secret = "0123456789abcdefghij";
        for start in 0..9 {
            let part = &secret[start..start + 12];
            assert_eq!(redact(secret, &format!("x{part}x")), "x[redacted]x");
            assert_eq!(redact(secret, part), "[redacted]");
        }
        assert_eq!(redact(secret, "a 0123456789abcdefghij b"), "a [redacted] b");
        assert_eq!(redact(secret, "0123456789abcdefghij"), "[redacted]");
        assert_eq!(redact(secret, "x89abcdefghijx"), "x[redacted]x");
        assert_eq!(redact(secret, "x9abcdefghijx"), "x9abcdefghijx", "11 characters");
        assert_eq!(redact(secret, "é0123456789abé0123456789ab"), "é[redacted]é[redacted]");
        assert_eq!(redact(secret, ""), "");
        assert_eq!(redact("hunter2", "hunter2hunter2 hunter"), "[redacted] hunter");
        assert_eq!(redact("ü€ü€", "a ü€ü€ b"), "a [redacted] b");
        assert_eq!(redact("any", "any text"), "any text", "a placeholder");
    }

    #[test]
    fn clones_and_headers_share_one_memory() {
        // What is shared is one memory: a clone and a header point to the same bytes.
        let secret = Secret::new(Zeroizing::new("0123456789".to_owned()));
        let header = secret.clone().header().unwrap();
        assert_eq!(header.as_bytes().as_ptr(), secret.text.as_ptr());
        assert!(header.is_sensitive());
        assert_eq!(format!("{secret:?} {header:?}"), "[redacted] Sensitive");
    }
}
