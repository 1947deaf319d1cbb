//! Signing a request with an access key, by the gateway's algorithm SDK-HMAC-SHA256.
//!
//! Client and gateway each write down the request in one agreed spelling, the canonical request. The
//! client sends an HMAC of its hash; the gateway compares that with its own. So every choice made
//! here about spelling is one that the gateway must make as well.

use crate::auth::{access_key::AccessKey, secret::Secret};
use crate::error::Error;
use hmac::{EagerHash, Hmac, KeyInit, Mac};
use http::header::{AUTHORIZATION, HOST};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use jiff::{Timestamp, fmt::strtime};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use reqwest::{Body, Request};
use sha2::Sha256;
use std::{borrow::Cow, time::SystemTime};

const SHA256: &str = "SDK-HMAC-SHA256";
const DATE: HeaderName = HeaderName::from_static("x-sdk-date");
const PROJECT_ID: HeaderName = HeaderName::from_static("x-project-id");
const SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-security-token");
/// What is written as `%XX`: all but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Signs requests with an access key, for programs that send their requests themselves.
///
/// ```
/// use huaweicloud_core::{AccessKey, Signer, http};
///
/// let key = AccessKey::new("AKIDEXAMPLE00000000A", "SKEXAMPLE000000000000000000000A")?;
/// let signer = Signer::new(key);
///
/// let request = http::Request::get("https://iam.cn-north-4.myhuaweicloud.com/v3/projects");
/// let (mut head, body) = request.body(Vec::new()).unwrap().into_parts();
/// signer.sign(&head.method, &head.uri, &mut head.headers, &body)?;
/// let request = http::Request::from_parts(head, body);
/// assert!(request.headers().contains_key("authorization"));
/// # Ok::<(), huaweicloud_core::Error>(())
/// ```
///
/// The URI of a `reqwest::Request` is `request.url().as_str().parse()`.
#[derive(Clone, Debug)]
pub struct Signer {
    key: AccessKey,
}

impl Signer {
    /// A signer with this key. Its project is sent if it has the id; it is not looked up.
    pub fn new(key: AccessKey) -> Self {
        Self { key }
    }

    /// Signs a request by the time of the system's clock: see [`sign_at`](Self::sign_at).
    ///
    /// # Errors
    ///
    /// Those of [`sign_at`](Self::sign_at).
    pub fn sign(
        &self,
        method: &Method,
        uri: &Uri,
        headers: &mut HeaderMap,
        body: &[u8],
    ) -> Result<(), Error> {
        self.sign_at(method, uri, headers, body, SystemTime::now())
    }

    /// Signs a request that is sent at this time. The gateway accepts a time that is up to 15 minutes off.
    ///
    /// Sets the headers Host, X-Sdk-Date, X-Project-Id and X-Security-Token where the key has them, and
    /// Authorization. All but the last are signed, as is every header that is there by now; those that are
    /// added later are not. A header of an earlier signature is replaced. A URI without a host needs the
    /// header Host. What is sent must be the method, the path, the query and the body that were signed.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if there is no host, or the time has
    /// no date; [`ErrorKind::Credential`](crate::ErrorKind::Credential) if a part of the key cannot be sent
    /// as a header.
    pub fn sign_at(
        &self,
        method: &Method,
        uri: &Uri,
        headers: &mut HeaderMap,
        body: &[u8],
        time: SystemTime,
    ) -> Result<(), Error> {
        let now = time.try_into().map_err(|_| no_date())?;
        let payload = hash::<Sha256>(body);
        sign_with::<Sha256>(SHA256, &self.key, method, uri, headers, &payload, now).map(drop)
    }
}

/// Signs a request that the pipeline sends, and returns the signature. Each attempt is signed anew.
///
/// # Errors
///
/// Those of [`Signer::sign_at`], and [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the
/// body is a stream.
pub(super) fn sign(
    request: &mut Request,
    key: &AccessKey,
    now: Timestamp,
) -> Result<Secret, Error> {
    // A request that cannot be signed keeps no earlier signature.
    request.headers_mut().remove(AUTHORIZATION);
    let stream = "a body that is a stream cannot be signed: its bytes are not known yet";
    // No body is an empty one.
    let body = request.body().map_or(Some(&[][..]), Body::as_bytes);
    let payload = hash::<Sha256>(body.ok_or_else(|| Error::invalid_argument(stream))?);
    let uri = request.url().as_str().parse().map_err(|_| no_host())?;
    let method = request.method().clone();
    sign_with::<Sha256>(SHA256, key, &method, &uri, request.headers_mut(), &payload, now)
}

/// Sets the headers of the signature, and returns the signature. The algorithms of the gateway differ in
/// their name and in the hash that they use everywhere, also in that of the body, the payload.
fn sign_with<H: EagerHash>(
    algorithm: &str,
    key: &AccessKey,
    method: &Method,
    uri: &Uri,
    headers: &mut HeaderMap,
    payload: &str,
    now: Timestamp,
) -> Result<Secret, Error> {
    headers.remove(AUTHORIZATION);
    let date = strtime::format("%Y%m%dT%H%M%SZ", now).ok();
    let date = date.and_then(|date| HeaderValue::try_from(date).ok()).ok_or_else(no_date)?;
    let project_id = key.project_id.as_deref().map(HeaderValue::from_str);
    let project_id = project_id.transpose().map_err(|_| unusable("project id"))?;
    let security_token = key.security_token.as_ref().map(Secret::header).transpose()?;
    // Written out, although it would be sent anyway: so what is sent is what is signed.
    set(headers, HOST, Some(host(uri, headers)?))?;
    set(headers, DATE, Some(date.clone()))?;
    set(headers, PROJECT_ID, project_id)?;
    set(headers, SECURITY_TOKEN, security_token)?;

    let mut canonical = H::new();
    let names = canonical_request(method, uri, headers, payload, &mut |it| canonical.update(it));
    let canonical = hex(&canonical.finalize());

    let mac = <Hmac<H> as KeyInit>::new_from_slice(key.secret_key.text().as_bytes());
    let mut mac = mac.map_err(|_| unusable("secret key"))?;
    for part in [algorithm.as_bytes(), b"\n", date.as_bytes(), b"\n", canonical.as_bytes()] {
        mac.update(part);
    }
    let signature = hex(&mac.finalize().into_bytes());

    let access = key.access_key.text();
    let authorization =
        format!("{algorithm} Access={access}, SignedHeaders={names}, Signature={signature}");
    set(headers, AUTHORIZATION, Some(Secret::new(authorization.into()).header()?))?;
    Ok(Secret::new(signature.into()))
}

fn no_date() -> Error {
    Error::invalid_argument("the time of the request has no date that can be signed")
}

fn no_host() -> Error {
    Error::invalid_argument("the URL of the request has no host that can be signed")
}

fn unusable(part: &str) -> Error {
    Error::credential(format!("the {part} cannot be used to sign a request"))
}

/// Leaves the header with this one value, or without any.
fn set(headers: &mut HeaderMap, name: HeaderName, value: Option<HeaderValue>) -> Result<(), Error> {
    let Some(value) = value else {
        headers.remove(name);
        return Ok(());
    };
    // `insert` would panic where this is an error.
    let outcome = headers.try_insert(name, value).map(drop);
    outcome.map_err(|_| Error::invalid_argument("the request has too many headers"))
}

/// The host of a URI as HTTP sends it: with the port, if it is not the default one. A URI without a host has
/// that of the header.
fn host(uri: &Uri, headers: &HeaderMap) -> Result<HeaderValue, Error> {
    let default = if uri.scheme_str() == Some("https") { 443 } else { 80 };
    let host = match (uri.host(), uri.port_u16().filter(|port| *port != default)) {
        (Some(host), Some(port)) => HeaderValue::try_from(format!("{host}:{port}")),
        (Some(host), None) => HeaderValue::from_str(host),
        (None, _) => return headers.get(HOST).cloned().ok_or_else(no_host),
    };
    host.map_err(|_| no_host())
}

/// What is signed of the headers: lowercase names and values, in order. A header that occurs several
/// times is there as often, its values in order too, as the official SDK for Go has it. Names with
/// `_` are left out.
fn signed_headers(headers: &HeaderMap) -> Vec<(&str, &[u8])> {
    let mut signed: Vec<_> = headers
        .iter()
        .filter(|(name, _)| **name != AUTHORIZATION && !name.as_str().contains('_'))
        // Bytes, because a value need not be ASCII, nor UTF-8.
        .map(|(name, value)| (name.as_str(), value.as_bytes().trim_ascii()))
        .collect();
    signed.sort_unstable();
    signed
}

/// Writes the canonical request in parts, of which no copy is left: a security token is among them. Returns the
/// names of the headers that are signed, each once, as the request lists them.
fn canonical_request(
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    payload: &str,
    write: &mut impl FnMut(&[u8]),
) -> String {
    let path = canonical_path(uri.path());
    let query = canonical_query(uri.query().unwrap_or_default());
    write(format!("{method}\n{path}\n{query}\n").as_bytes());
    let signed = signed_headers(headers);
    for (name, value) in &signed {
        [name.as_bytes(), b":", value, b"\n"].into_iter().for_each(&mut *write);
    }
    let mut names: Vec<_> = signed.iter().map(|(name, _)| *name).collect();
    names.dedup();
    let names = names.join(";");
    write(format!("\n{names}\n{payload}").as_bytes());
    names
}

/// The path, every segment decoded and encoded anew. It ends in `/` here, even if it is sent without.
///
/// `%2F` stays a character of its segment. The official SDKs for Python and Java make it a `/`; no
/// path of the service has any.
fn canonical_path(path: &str) -> String {
    let segments = path.strip_suffix('/').unwrap_or(path).split('/');
    let encoded = segments.map(|segment| encode(&Cow::from(percent_decode_str(segment))) + "/");
    encoded.collect()
}

/// The pairs of the query, sorted by key and then by value, and encoded after that, as the official SDKs for
/// Python and Go do. A key without `=` has an empty value.
///
/// The query is sent as the URL has it, which may be with `+`. That is a space, because reqwest
/// writes a space so, and a plus sign as `%2B`; it is signed as `%20`. The official SDKs never send
/// a `+`, so that nobody knows whether the gateway reads it in the same way.
fn canonical_query(query: &str) -> String {
    let decoded = |text: &str| Cow::from(percent_decode_str(&text.replace('+', " "))).into_owned();
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let mut pairs: Vec<_> = pairs.map(|(key, value)| (decoded(key), decoded(value))).collect();
    pairs.sort_unstable();
    let pairs = pairs.iter().map(|(key, value)| encode(key) + "=" + &encode(value));
    pairs.collect::<Vec<_>>().join("&")
}

fn encode(bytes: &[u8]) -> String {
    percent_encode(bytes, RESERVED).collect()
}

fn hash<H: EagerHash>(bytes: &[u8]) -> String {
    hex(&H::digest(bytes))
}

fn hex(hash: &[u8]) -> String {
    base16ct::lower::encode_string(hash)
}

#[cfg(test)]
#[path = "../../tests/support/verifier.rs"]
mod verifier;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use reqwest::Response;
    use sha2::Digest;

    const ACCESS: &str = "AKIDEXAMPLE00000000A";
    const SECRET: &str = "SKEXAMPLE0000000000000000000000000000000A";
    const SERVICE: &str = "https://cloudbuild-ext.cn-north-4.myhuaweicloud.com";
    const AUTO_EXECUTE: &str = r#"{"event_type":"push","ref":"refs/heads/master","after":"2fdc0170f0d540ae952c03ee6cabae3a8943d16a","before":"5c749465b14af7368b09945ed56942d54bc0b40d"}"#;
    const RUN_JOB: &str = r#"{"job_id":"f9d6c8466d614a9788e9a0acf6c15f46","parameter":[{"name":"codeBranch","value":"master"}],"scm":{"build_commit_id":"build_commit_id"}}"#;

    fn key() -> AccessKey {
        let key = AccessKey::new(ACCESS, SECRET).unwrap();
        key.with_project_id("0123456789abcdef0123456789abcdef").unwrap()
    }

    fn temporary(token: &str) -> AccessKey {
        key().with_security_token(token).unwrap()
    }

    fn now() -> Timestamp {
        "2024-01-02T03:04:05.999Z".parse().unwrap()
    }

    fn request(method: Method, url: &str) -> Request {
        let mut request = Request::new(method, url.parse().unwrap());
        request.headers_mut().insert("content-type", "application/json".parse().unwrap());
        request
    }

    fn post(path: &str, body: &'static str) -> Request {
        let mut request = request(Method::POST, &format!("{SERVICE}{path}"));
        *request.body_mut() = Some(Body::from(body));
        request
    }

    fn header<'a>(request: &'a Request, name: &str) -> &'a str {
        request.headers()[name].to_str().unwrap()
    }

    fn signature(request: &Request) -> &str {
        header(request, "authorization").rsplit_once("Signature=").unwrap().1
    }

    /// The canonical request of one that is signed, written out.
    fn canonical(request: &Request) -> String {
        let uri = request.url().as_str().parse().unwrap();
        let payload = payload_hash(request);
        let mut text = Vec::new();
        let write = &mut |part: &[u8]| text.extend_from_slice(part);
        let headers = request.headers();
        canonical_request(request.method(), &uri, headers, &payload, write);
        String::from_utf8(text).unwrap()
    }

    fn payload_hash(request: &Request) -> String {
        hex(&Sha256::digest(request.body().and_then(Body::as_bytes).unwrap_or_default()))
    }

    /// The request as it goes over the wire.
    fn raw(request: &Request) -> Vec<u8> {
        let url = request.url();
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        let mut raw =
            format!("{} {}{query} HTTP/1.1\r\n", request.method(), url.path()).into_bytes();
        for (name, value) in request.headers() {
            raw.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
        }
        let body = request.body().and_then(Body::as_bytes).unwrap_or_default();
        raw.extend(format!("content-length: {}\r\n\r\n", body.len()).as_bytes());
        raw.extend(body);
        raw
    }

    #[test]
    fn the_published_requests_have_the_published_signatures() {
        let cases = [
            (
                post("/v1/job/f9d6c8466d614a9788e9a0acf6c15f46/auto-execute", AUTO_EXECUTE),
                "b9a0b7fb191e58860d2d3d312bdff6da582b9a1f6f8f31072c3f4af152ace9b7",
                "3482dd6a368d505328e18846cdab593691bfa951f102c1cf3f6ba892e3e09728",
                "45aa932d21bd11bf54224c8073b481274a3ffeb9a391b08ba07062513c8ae796",
            ),
            (
                post("/v3/jobs/build", RUN_JOB),
                "dc379cfde37845e0746b5589571190189f7b2182ac4be61c148df3198a93e1a5",
                "b3ff757e09a9d98f54ff50adb74ab9639667115ae40955727ca53d7be6eea95b",
                "ec7b1f96ff1cb3373e73b1f12f4f909b501ec04cc2d68523a2bccd63734a92dd",
            ),
        ];
        for (mut request, payload, canonical_hash, signature) in cases {
            sign(&mut request, &key(), now()).unwrap();
            assert_eq!(payload_hash(&request), payload);
            let canonical = canonical(&request);
            assert_eq!(hex(&Sha256::digest(&canonical)), canonical_hash, "{canonical}");
            assert_eq!(
                header(&request, "authorization"),
                format!(
                    "SDK-HMAC-SHA256 Access=AKIDEXAMPLE00000000A, \
                     SignedHeaders=content-type;host;x-project-id;x-sdk-date, Signature={signature}"
                )
            );
        }
    }

    #[test]
    fn the_example_of_the_vendor_has_its_signature() {
        let (access, secret) = ("QTWAOYTTINDUT2QVKYUC", "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc");
        let key = AccessKey::new(access, secret).unwrap();
        let mut request = request(
            Method::GET,
            "https://service.region.example.com/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs\
             ?limit=2&marker=13551d6b-755d-4757-b956-536f674975c0",
        );
        sign(&mut request, &key, "2019-11-15T03:36:55Z".parse().unwrap()).unwrap();
        assert_eq!(
            hex(&Sha256::digest(canonical(&request))),
            "b25362e603ee30f4f25e7858e8a7160fd36e803bb2dfe206278659d71a9bcd7a"
        );
        assert_eq!(
            header(&request, "authorization"),
            "SDK-HMAC-SHA256 Access=QTWAOYTTINDUT2QVKYUC, \
             SignedHeaders=content-type;host;x-sdk-date, \
             Signature=7be6668032f70418fcc22abc52071e57aff61b84a1d2381bb430d6870f4f6ebe"
        );
    }

    /// What a program that sends its requests itself signs.
    fn signed_alone(url: &str, key: AccessKey, time: &str) -> Result<http::HeaderMap, Error> {
        let time: Timestamp = time.parse().unwrap();
        let mut request = http::Request::get(url).body(()).unwrap().into_parts().0;
        request.headers.insert("content-type", HeaderValue::from_static("application/json"));
        request.headers.insert("host", HeaderValue::from_static("of.the.header:80"));
        let signer = Signer::new(key);
        let headers = &mut request.headers;
        signer.sign_at(&request.method, &request.uri, headers, b"", time.into())?;
        Ok(request.headers)
    }

    #[test]
    fn a_request_of_another_client_is_signed_alike() {
        let (access, secret) = ("QTWAOYTTINDUT2QVKYUC", "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc");
        let vendors = AccessKey::new(access, secret).unwrap();
        let url = "https://service.region.example.com/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs\
                   ?limit=2&marker=13551d6b-755d-4757-b956-536f674975c0";
        let headers = signed_alone(url, vendors, "2019-11-15T03:36:55Z").unwrap();
        let authorization = headers["authorization"].to_str().unwrap();
        assert!(
            authorization
                .ends_with("7be6668032f70418fcc22abc52071e57aff61b84a1d2381bb430d6870f4f6ebe"),
            "{authorization}"
        );
        for (url, host) in [
            ("https://example.com:443/", "example.com"),
            ("https://example.com:8443/", "example.com:8443"),
            ("http://example.com:80/", "example.com"),
            ("http://[::1]:443/", "[::1]:443"),
        ] {
            let headers = signed_alone(url, temporary("canary"), "2019-11-15T03:36:55Z").unwrap();
            assert_eq!(headers["host"], host, "{url}");
            assert!(!format!("{headers:?}").contains("canary"));
            let mut sent = request(Method::GET, url);
            sign(&mut sent, &temporary("canary"), "2019-11-15T03:36:55Z".parse().unwrap()).unwrap();
            assert_eq!(headers, *sent.headers(), "{url}");
        }
        let relative = signed_alone("/v3/projects", key(), "2019-11-15T03:36:55Z").unwrap();
        assert_eq!(relative["host"], "of.the.header:80");
        let before_any_date = SystemTime::UNIX_EPOCH - std::time::Duration::from_secs(1 << 40);
        let signer = Signer::new(key());
        let (method, uri) = (Method::GET, Uri::from_static("https://example.com/"));
        let error = signer.sign_at(&method, &uri, &mut HeaderMap::new(), b"", before_any_date);
        assert_eq!(error.unwrap_err().kind(), ErrorKind::InvalidArgument);
        let error = signer.sign(&method, &Uri::from_static("/path"), &mut HeaderMap::new(), b"");
        assert!(error.unwrap_err().message().contains("has no host"));
    }

    /// The gateway's other algorithm differs in nothing but its hash and its name.
    #[test]
    fn another_hash_can_be_used() {
        for (path, body, signature) in [
            (
                "/v1/job/f9d6c8466d614a9788e9a0acf6c15f46/auto-execute",
                AUTO_EXECUTE,
                "e5833a2fe60b42adcf124d0e96becc5495cec7cec7a12ab572f6ba8fcc878890",
            ),
            (
                "/v3/jobs/build",
                RUN_JOB,
                "df5381dbdfbd1b3e9c228426d7b6982c54afa7806c96c35c85015c0642a6ba81",
            ),
        ] {
            let uri = format!("{SERVICE}{path}").parse().unwrap();
            let (method, payload) = (Method::POST, hash::<sm3::Sm3>(body.as_bytes()));
            let mut headers = HeaderMap::new();
            let signed = sign_with::<sm3::Sm3>(
                "SDK-HMAC-SM3",
                &key(),
                &method,
                &uri,
                &mut headers,
                &payload,
                now(),
            );
            let signed = signed.unwrap();
            assert_eq!(signed.text(), signature);
            let authorization = headers["authorization"].to_str().unwrap();
            assert!(authorization.starts_with("SDK-HMAC-SM3 Access="), "{authorization}");
        }
    }

    #[test]
    fn every_header_is_signed_trimmed_and_in_order() {
        let mut request = request(Method::GET, SERVICE);
        let headers = request.headers_mut();
        headers.insert("x-zebra", HeaderValue::from_static(" \tstripes  and tabs\t "));
        headers.insert("accept", HeaderValue::from_static(""));
        headers.insert("under_score", HeaderValue::from_static("left out"));
        headers.append("x-many", HeaderValue::from_static("2"));
        headers.append("x-many", HeaderValue::from_static("1"));
        headers.insert("x-name", HeaderValue::from_bytes("Jörg".as_bytes()).unwrap());
        sign(&mut request, &key(), now()).unwrap();
        assert_eq!(
            canonical(&request),
            "GET\n/\n\naccept:\ncontent-type:application/json\n\
             host:cloudbuild-ext.cn-north-4.myhuaweicloud.com\nx-many:1\nx-many:2\nx-name:Jörg\n\
             x-project-id:0123456789abcdef0123456789abcdef\nx-sdk-date:20240102T030405Z\n\
             x-zebra:stripes  and tabs\n\n\
             accept;content-type;host;x-many;x-name;x-project-id;x-sdk-date;x-zebra\n\
             e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        // Neither ASCII nor UTF-8.
        for bytes in [&b"\xff"[..], b"\x80 \xfe ", b" \xc3"] {
            request.headers_mut().insert("x-name", HeaderValue::from_bytes(bytes).unwrap());
            sign(&mut request, &key(), now()).unwrap();
            verifier::verify(&raw(&request), SECRET.as_bytes()).unwrap();
        }
    }

    #[test]
    fn each_attempt_is_signed_anew() {
        let mut once = post("/v3/jobs/build", RUN_JOB);
        sign(&mut once, &key(), now()).unwrap();
        let mut again = post("/v3/jobs/build", RUN_JOB);
        again.headers_mut().append("authorization", HeaderValue::from_static("Basic dTpw"));
        again.headers_mut().append("authorization", HeaderValue::from_static("Basic dTpx"));
        sign(&mut again, &temporary("token"), "1999-12-31T23:59:59Z".parse().unwrap()).unwrap();
        assert_eq!(header(&again, "x-security-token"), "token");
        assert!(header(&again, "authorization").contains(";x-sdk-date;x-security-token"));
        assert_ne!(signature(&again), signature(&once));
        *again.url_mut() = once.url().clone();
        sign(&mut again, &key(), now()).unwrap();
        assert_eq!(again.headers(), once.headers());
        assert_eq!(again.headers().get_all("authorization").iter().count(), 1);
    }

    #[test]
    fn signature_and_token_are_sensitive() {
        let key = temporary("canary");
        let mut request = post("/v3/jobs/build", RUN_JOB);
        sign(&mut request, &key, now()).unwrap();
        let shown = format!("{request:?}");
        assert!(!shown.contains("canary") && !shown.contains(signature(&request)), "{shown}");
        assert!(!shown.contains("Signature"), "{shown}");
    }

    #[test]
    fn the_host_has_a_port_only_if_it_is_not_the_default() {
        for (url, host) in [
            ("https://example.com/", "example.com"),
            ("https://example.com:443/", "example.com"),
            ("https://example.com:80/", "example.com:80"),
            ("http://example.com:80/", "example.com"),
            ("http://user:password@EXAMPLE.com:8080/", "example.com:8080"),
            ("http://127.0.0.1:1/", "127.0.0.1:1"),
            ("https://[::1]/", "[::1]"),
            ("https://[::1]:8443/", "[::1]:8443"),
            ("https://bücher.example/", "xn--bcher-kva.example"),
        ] {
            let mut request = request(Method::GET, url);
            request.headers_mut().insert("host", HeaderValue::from_static("elsewhere"));
            sign(&mut request, &key(), now()).unwrap();
            assert_eq!(header(&request, "host"), host, "{url}");
            assert!(canonical(&request).contains(&format!("\nhost:{host}\n")), "{url}");
        }
    }

    #[test]
    fn every_segment_of_the_path_is_encoded_anew() {
        for (path, canonical) in [
            ("/", "/"),
            ("", "/"),
            ("/a", "/a/"),
            ("/a/", "/a/"),
            ("//a//", "//a//"),
            ("/A-Z_a.z~0", "/A-Z_a.z~0/"),
            ("/%7e%41%2d", "/~A-/"),
            ("/a%2Fb/c%2f", "/a%2Fb/c%2F/"),
            ("/a b+c", "/a%20b%2Bc/"),
            ("/a:b@c!$&'()*,;=", "/a%3Ab%40c%21%24%26%27%28%29%2A%2C%3B%3D/"),
            ("/构建/%E6%9E%84", "/%E6%9E%84%E5%BB%BA/%E6%9E%84/"),
            // No UTF-8, and no encoding at all.
            ("/%ff", "/%FF/"),
            ("/100%/%zz/%4", "/100%25/%25zz/%254/"),
        ] {
            assert_eq!(canonical_path(path), canonical, "{path}");
            // What is canonical already stays so.
            assert_eq!(canonical_path(canonical), canonical);
        }
    }

    #[test]
    fn the_query_is_sorted_by_key_and_value_and_encoded_anew() {
        for (query, canonical) in [
            ("", ""),
            ("&&", ""),
            ("b=2&a=1", "a=1&b=2"),
            ("a=2&b=&a=1&a=10&a=1", "a=1&a=1&a=10&a=2&b="),
            ("empty=&none&=nameless", "=nameless&empty=&none="),
            ("a=b=c", "a=b%3Dc"),
            ("space=%20&space=+&plus=%2B&plus+=", "plus=%2B&plus%20=&space=%20&space=%20"),
            ("~=%7e&-_.=%2D", "-_.=-&~=~"),
            ("slash=/%2f?", "slash=%2F%2F%3F"),
            ("名=值", "%E5%90%8D=%E5%80%BC"),
            ("a=%ff&a=%&b=%zz", "a=%25&a=%FF&b=%25zz"),
            // Sorted as they are, not as they are encoded: there, `%2F` and `%C3` come before `.`.
            ("é=1&~=2&.=3&%2F=4", ".=3&%2F=4&~=2&%C3%A9=1"),
            ("id-type=1&id=2", "id=2&id-type=1"),
        ] {
            assert_eq!(canonical_query(query), canonical, "{query}");
            assert_eq!(canonical_query(canonical), canonical);
        }
    }

    #[test]
    fn no_body_is_an_empty_one() {
        let mut none = request(Method::POST, SERVICE);
        sign(&mut none, &key(), now()).unwrap();
        let mut empty = post("/", "");
        sign(&mut empty, &key(), now()).unwrap();
        assert_eq!(signature(&none), signature(&empty));
        assert!(
            canonical(&none)
                .ends_with("\ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        );
    }

    #[test]
    fn what_cannot_be_signed_is_an_error() {
        let kind = |mut request: Request, key: AccessKey| {
            request.headers_mut().insert("authorization", HeaderValue::from_static("of before"));
            let error = sign(&mut request, &key, now()).unwrap_err();
            assert!(!request.headers().contains_key("authorization"));
            assert!(!format!("{error:?}").contains("canary"), "{error:?}");
            error.kind()
        };
        let mut stream = request(Method::POST, SERVICE);
        *stream.body_mut() = Some(Body::from(Response::from(http::Response::new("bytes"))));
        assert_eq!(kind(stream, key()), ErrorKind::InvalidArgument);
        for url in ["data:text/plain,x", "file:///etc/passwd", "unix:/run/socket"] {
            assert_eq!(kind(request(Method::GET, url), key()), ErrorKind::InvalidArgument, "{url}");
        }
        let get = || request(Method::GET, SERVICE);
        let unusable = AccessKey { access_key: Secret::new("canary\n".to_owned().into()), ..key() };
        assert_eq!(kind(get(), unusable), ErrorKind::Credential);
        let unusable = AccessKey { project_id: Some("canary\r\nX: y".to_owned()), ..key() };
        assert_eq!(kind(get(), unusable), ErrorKind::Credential);
    }

    #[test]
    fn any_time_can_be_signed() {
        for now in [Timestamp::MIN, Timestamp::UNIX_EPOCH, Timestamp::MAX] {
            sign(&mut request(Method::GET, SERVICE), &key(), now).unwrap();
        }
        let mut request = request(Method::GET, SERVICE);
        sign(&mut request, &key(), "2026-10-09T23:30:00-05:00".parse().unwrap()).unwrap();
        assert_eq!(header(&request, "x-sdk-date"), "20261010T043000Z");
    }

    /// Requests at random out of what is awkward, checked by a verifier that was written apart.
    #[test]
    fn a_verifier_that_shares_no_code_agrees() {
        const AWKWARD: [&str; 20] = [
            "/", "//", "&", "&&", "=", "+", "%20", "%2B", "%2F", "%2f", "~", "%7E", "%", "%ff",
            "é", "%C3%A9", "a", "b", ".x", "'*!",
        ];
        // A linear congruential generator will do.
        let mut state = 20_240_102_u64;
        let mut random = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) as usize % below
        };
        for round in 0..3000 {
            let mut text = || -> String {
                let length = random(9);
                (0..length).map(|_| AWKWARD[random(AWKWARD.len())]).collect()
            };
            let (path, query, value) = (text(), text(), text());
            let port = if round % 2 == 0 { "" } else { ":8443" };
            let mut request = request(
                if round % 3 == 0 { Method::GET } else { Method::POST },
                &format!("https://example.com{port}/{path}?{query}"),
            );
            request
                .headers_mut()
                .insert("x-value", HeaderValue::from_bytes(value.as_bytes()).unwrap());
            if round % 3 != 0 {
                *request.body_mut() = Some(Body::from(value));
            }
            let key = if round % 5 == 0 { temporary("token") } else { key() };
            sign(&mut request, &key, now()).unwrap();
            let verified = verifier::verify(&raw(&request), SECRET.as_bytes())
                .unwrap_or_else(|error| panic!("{}: {error}", request.url()));
            assert_eq!(verified.access_key, ACCESS);
            assert_eq!(verified.date, "20240102T030405Z");
        }
    }
}
