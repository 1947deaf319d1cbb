//! Checks the signature of a request as the gateway does, from the bytes that were sent.
//!
//! It follows the published algorithm and shares no code with the signer, so that no mistake is in
//! both.
#![allow(dead_code, unreachable_pub, reason = "the unit tests of the signer use a part")]

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// What a valid signature says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    pub access_key: String,
    /// As the request lists them: lowercase and sorted.
    pub signed_headers: Vec<String>,
    /// The header `X-Sdk-Date`. The test decides whether it is recent enough.
    pub date: String,
}

/// Checks one HTTP/1.1 request, head and body, as a server received it. The error is what is wrong.
pub fn verify(request: &[u8], secret: &[u8]) -> Result<Verified, String> {
    let end = find(request, b"\r\n\r\n").ok_or("the head has no end")?;
    let (head, body) = (&request[..end], &request[end + 4..]);
    let mut lines = lines(head).into_iter();

    let request_line = text(lines.next().unwrap_or_default())?;
    let words: Vec<&str> = request_line.split(' ').collect();
    let [method, target, "HTTP/1.1"] = words[..] else {
        return Err(format!("not a request line: {request_line:?}"));
    };
    if !target.starts_with('/') || target.contains('#') {
        return Err(format!("not a path: {target:?}"));
    }
    let headers = lines.map(header).collect::<Result<Vec<_>, _>>()?;

    if !values(&headers, "transfer-encoding").is_empty() {
        return Err(
            "the body is sent in chunks, so its length was not known when it was signed".into()
        );
    }
    let length = match values(&headers, "content-length")[..] {
        [] => 0,
        [length] => text(length)?.parse().map_err(|_| "not a content length")?,
        _ => return Err("several content lengths".into()),
    };
    if body.len() != length {
        return Err(format!("the body has {} bytes instead of {length}", body.len()));
    }

    let [authorization] = values(&headers, "authorization")[..] else {
        return Err("not exactly one Authorization header".into());
    };
    let (access_key, signed_headers, signature) = authorization_parts(text(authorization)?)?;
    check_names(&signed_headers, &headers)?;
    let [date] = values(&headers, "x-sdk-date")[..] else {
        return Err("not exactly one X-Sdk-Date header".into());
    };
    let date = text(date)?;
    let shape: String = date.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    if shape != "00000000T000000Z" {
        return Err(format!("not a date: {date:?}"));
    }

    let mut canonical = format!("{method}\n{}\n", target_in_canonical_form(target)).into_bytes();
    for name in &signed_headers {
        for value in values(&headers, name) {
            canonical.extend([name.as_bytes(), b":", value, b"\n"].concat());
        }
    }
    canonical.extend(format!("\n{}\n{}", signed_headers.join(";"), sha256(body)).as_bytes());

    let to_sign = format!("SDK-HMAC-SHA256\n{date}\n{}", sha256(&canonical));
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
    mac.update(to_sign.as_bytes());
    let expected = printed(&mac.finalize().into_bytes());
    if signature != expected {
        return Err(format!(
            "the signature is {signature}; it must be {expected}, because of\n{}",
            String::from_utf8_lossy(&canonical)
        ));
    }
    Ok(Verified { access_key, signed_headers, date: date.to_owned() })
}

/// A lowercase name and a trimmed value.
type Header<'a> = (String, &'a [u8]);

fn header(line: &[u8]) -> Result<Header<'_>, String> {
    let bad = || format!("not a header: {:?}", String::from_utf8_lossy(line));
    let colon = line.iter().position(|byte| *byte == b':').ok_or_else(bad)?;
    let name = text(&line[..colon])?;
    let valid = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if name.is_empty() || !name.chars().all(valid) {
        return Err(bad());
    }
    let mut value = &line[colon + 1..];
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    Ok((name.to_lowercase(), value))
}

/// All values of a header, in order.
fn values<'a>(headers: &[Header<'a>], name: &str) -> Vec<&'a [u8]> {
    let mut values: Vec<_> =
        headers.iter().filter(|header| header.0 == name).map(|header| header.1).collect();
    values.sort();
    values
}

/// The access key, the names of the signed headers and the signature.
fn authorization_parts(authorization: &str) -> Result<(String, Vec<String>, String), String> {
    let parts = || {
        let (access_key, rest) = authorization
            .strip_prefix("SDK-HMAC-SHA256 Access=")?
            .split_once(", SignedHeaders=")?;
        let (names, signature) = rest.split_once(", Signature=")?;
        let names = names.split(';').map(str::to_owned).collect();
        (!access_key.is_empty() && !access_key.contains([',', ' ']))
            .then(|| (access_key.to_owned(), names, signature.to_owned()))
    };
    parts().ok_or_else(|| format!("not such an authorization: {authorization:?}"))
}

fn check_names(signed: &[String], headers: &[Header<'_>]) -> Result<(), String> {
    if !signed.windows(2).all(|pair| pair[0] < pair[1]) {
        return Err(format!("the signed headers are not sorted: {signed:?}"));
    }
    for name in signed {
        if name == "authorization" || name.contains('_') || values(headers, name).is_empty() {
            return Err(format!("this header cannot be signed, or is not there: {name:?}"));
        }
    }
    // Who changes one of these changes what the request does, or for whom.
    for name in ["host", "x-sdk-date", "x-project-id", "x-security-token", "content-type"] {
        let must_be_there = matches!(name, "host" | "x-sdk-date");
        let is_there = !values(headers, name).is_empty();
        if (must_be_there || is_there) && !signed.iter().any(|signed| signed == name) {
            return Err(format!("this header is not signed: {name:?}"));
        }
    }
    Ok(())
}

/// Path and query, each on a line.
fn target_in_canonical_form(target: &str) -> String {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut path: Vec<String> = path.split('/').map(|part| encoded(&decoded(part))).collect();
    if path.last().is_some_and(|last| !last.is_empty()) {
        path.push(String::new());
    }
    let mut pairs: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    for pair in query.replace('+', "%20").split('&').filter(|pair| !pair.is_empty()) {
        let mut halves = pair.splitn(2, '=').map(decoded);
        pairs.push((halves.next().unwrap_or_default(), halves.next().unwrap_or_default()));
    }
    pairs.sort();
    let pairs: Vec<String> =
        pairs.iter().map(|(key, value)| format!("{}={}", encoded(key), encoded(value))).collect();
    format!("{}\n{}", path.join("/"), pairs.join("&"))
}

fn decoded(text: &str) -> Vec<u8> {
    let mut bytes = text.bytes().collect::<Vec<_>>();
    let mut at = 0;
    while at + 2 < bytes.len() {
        let digit = |byte: u8| char::from(byte).to_digit(16);
        if let (b'%', Some(high), Some(low)) =
            (bytes[at], digit(bytes[at + 1]), digit(bytes[at + 2]))
        {
            bytes.splice(at..at + 3, [(high * 16 + low) as u8]);
        }
        at += 1;
    }
    bytes
}

fn encoded(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                text.push(char::from(*byte));
            }
            _ => text += &format!("%{byte:02X}"),
        }
    }
    text
}

fn sha256(bytes: &[u8]) -> String {
    printed(&Sha256::digest(bytes))
}

fn printed(hash: &[u8]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn lines(head: &[u8]) -> Vec<&[u8]> {
    let mut lines = Vec::new();
    let mut rest = head;
    while let Some(end) = find(rest, b"\r\n") {
        lines.push(&rest[..end]);
        rest = &rest[end + 2..];
    }
    lines.push(rest);
    lines
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

fn text(bytes: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(bytes).map_err(|_| format!("not text: {bytes:?}"))
}
