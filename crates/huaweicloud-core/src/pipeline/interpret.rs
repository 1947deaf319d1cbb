//! Interpreting a response: it is the documented one, or an error in whatever shape it came.

use crate::codec::json::{Json, is_json};
use crate::codec::operation::Content;
use crate::error::{Error, ErrorKind, text::printable};
use crate::pipeline::judge::{Evidence, Verdict, judge};
use crate::pipeline::redaction::Redaction;
use crate::pipeline::service_error::ServiceError;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use jiff::{Timestamp, civil::DateTime, fmt::rfc2822, tz::TimeZone};
use std::time::Duration;

/// How much of an unreadable body an error shows, in characters.
const MAX_EXCERPT: usize = 200;
/// How much of the service's message an error keeps, in characters.
const MAX_MESSAGE: usize = 2000;
/// How much of a text is searched for secrets and tags before that much of it is shown, in bytes.
const MAX_SEARCHED: usize = 64 * 1024;

/// A response as it was received, without its body.
pub(crate) struct Received<'a> {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// What of the request is not shown.
    pub(crate) redaction: Redaction<'a>,
}

impl Received<'_> {
    /// The body of a good response, as the document shows it; or why it is none. Of a response that is
    /// streamed, this is the beginning of the body.
    pub(crate) fn interpret(&self, body: Bytes) -> Result<Bytes, Error> {
        let operation = self.redaction.operation;
        let kind = match self.status.is_client_error() {
            true => ErrorKind::Service,
            false => ErrorKind::InvalidResponse,
        };
        let unreadable = |what: &str| self.error(kind, what, &body);
        if self.status.is_redirection() {
            let to = self.headers.get(header::LOCATION).filter(|_| !self.gets_secret());
            // Its query may be signed.
            let to = to.and_then(|to| to.as_bytes().split(|c| b"?#".contains(c)).next());
            let to = to.map(|to| format!(" to {:?}", self.excerpt(to))).unwrap_or_default();
            let message = format!("a redirect{to}, which is not followed");
            return Err(self.located(Error::new(kind, message)));
        }
        let coding = self.headers.get(header::CONTENT_ENCODING).map(HeaderValue::as_bytes);
        let has_body = !body.is_empty() || operation.content == Content::Stream;
        if let Some(coding) = coding.filter(|it| has_body && !it.eq_ignore_ascii_case(b"identity"))
        {
            let what = format!("in the coding {:?}, which nobody asked for", self.excerpt(coding));
            return Err(self.located(Error::new(kind, what)));
        }
        if self.status.is_client_error() || self.status.is_server_error() {
            let stated = Json::first(&body).filter(|_| is_json(&body)).and_then(|value| {
                let error = match self.gets_secret() {
                    true => ServiceError::at_top(value),
                    false => ServiceError::anywhere(value),
                };
                Some(self.service_error(error?, Evidence::of(value, operation).shown()))
            });
            return Err(stated.unwrap_or_else(|| unreadable("unrecognized error response")));
        }
        if !self.status.is_success() {
            return Err(unreadable("unexpected status"));
        }
        let says_nothing = matches!(self.status.as_u16(), 204 | 205);
        if says_nothing && body.is_empty() && !operation.is_documented() {
            return Ok(body);
        }
        match judge(&body, operation) {
            Verdict::Success(body) => Ok(body),
            Verdict::Error(error, proof) => Err(self.service_error(error, proof)),
            Verdict::Invalid(why) => Err(unreadable(&why)),
        }
    }

    /// An error of this response: with its status, its request id and how long it asks to wait.
    pub(crate) fn located(&self, error: Error) -> Error {
        error.edit(|it| {
            it.status = Some(self.status.as_u16());
            it.request_id = self.request_id().or(it.request_id.take());
            it.retry_after = retry_after(&self.headers);
        })
    }

    /// What the service said, and what its response proves in spite of that.
    fn service_error(&self, said: ServiceError, proof: Option<String>) -> Error {
        let shown = |text: Option<String>, max| {
            // A text of white space becomes empty.
            text.map(|text| self.shown(&text, max)).filter(|text| !text.is_empty())
        };
        let message = shown(said.message, MAX_MESSAGE).unwrap_or("no reason given".into());
        let proof = shown(proof.filter(|_| !self.gets_secret()), MAX_EXCERPT);
        let error = Error::new(ErrorKind::Service, message).edit(|it| {
            it.code = shown(said.code, MAX_EXCERPT);
            it.request_id = shown(said.request_id, MAX_EXCERPT);
            it.is_inconclusive = said.is_inconclusive || proof.is_some();
        });
        let error = self.located(match proof {
            Some(proof) => error.with_note(&format!("the response also has {proof}")),
            None => error,
        });
        if error.is_unknown_path() { error.with_note(UNKNOWN_PATH) } else { error }
    }

    /// Whether a new secret may be anywhere in the response, as in that of a login. Then only the fields of an
    /// error are shown.
    fn gets_secret(&self) -> bool {
        self.redaction.authenticated.gets_secret()
    }

    fn error(&self, kind: ErrorKind, what: &str, body: &[u8]) -> Error {
        if self.gets_secret() {
            return self.located(Error::new(kind, what));
        }
        let body = self.excerpt(body);
        let body = if body.is_empty() { "no body".to_owned() } else { format!("{body:?}") };
        self.located(Error::new(kind, format!("{what}: {body}")))
    }

    pub(crate) fn request_id(&self) -> Option<String> {
        let names = ["x-request-id", "x-iam-trace-id"];
        let id = names.iter().find_map(|name| self.headers.get(*name)?.to_str().ok())?;
        (!id.is_empty()).then(|| self.shown(id, MAX_EXCERPT))
    }

    /// The beginning of a text as it may be shown.
    fn shown(&self, text: &str, max: usize) -> String {
        printable(&self.redacted(text.as_bytes()), max)
    }

    /// The beginning of a body as it may be shown.
    fn excerpt(&self, body: &[u8]) -> String {
        printable(&without_tags(&self.redacted(body)), MAX_EXCERPT)
    }

    /// The beginning of a text without its secrets. It is still to be cut to what is shown: half a secret would
    /// not be found.
    fn redacted(&self, text: &[u8]) -> String {
        let beginning = text.get(..MAX_SEARCHED).unwrap_or(text);
        self.redaction.redact(&String::from_utf8_lossy(beginning))
    }
}

/// What an error says about an unknown path.
const UNKNOWN_PATH: &str = "the endpoint has no such operation: it is a wrong one, or the region does not offer the operation";

/// How long the service asks to wait, counted from its own clock if it tells the time.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let retry_after = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = retry_after.parse() {
        return Some(Duration::from_secs(seconds));
    }
    if !retry_after.contains(|c: char| c != '.' && !c.is_ascii_digit()) {
        return Duration::try_from_secs_f64(retry_after.parse().ok()?).ok();
    }
    let now = date(headers).unwrap_or_else(Timestamp::now);
    // A time in the past is no reason to wait.
    Some(http_date(retry_after)?.duration_since(now).try_into().unwrap_or_default())
}

/// What time it is for the service.
pub(crate) fn date(headers: &HeaderMap) -> Option<Timestamp> {
    headers.get(header::DATE)?.to_str().ok().and_then(http_date)
}

/// A time as HTTP writes it, in its form of today or in one of its two older ones.
fn http_date(text: &str) -> Option<Timestamp> {
    if let Ok(date) = rfc2822::parse(text) {
        return Some(date.timestamp());
    }
    let forms = ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];
    let date = forms.iter().find_map(|form| DateTime::strptime(form, text).ok())?;
    date.to_zoned(TimeZone::UTC).ok().map(|date| date.timestamp())
}

/// What a reader of an HTML page sees of it; any other text as it is.
fn without_tags(text: &str) -> String {
    if !text.trim_start().starts_with('<') {
        return text.to_owned();
    }
    let parts = text.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text));
    parts.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(headers: &[(header::HeaderName, &str)]) -> Option<Duration> {
        let headers = headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap()));
        retry_after(&headers.collect())
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        use header::{DATE, RETRY_AFTER};
        assert_eq!(wait(&[]), None);
        assert_eq!(wait(&[(RETRY_AFTER, "120")]), Some(Duration::from_secs(120)));
        assert_eq!(wait(&[(RETRY_AFTER, " 0 ")]), Some(Duration::ZERO));
        let (now, later) = ("Fri, 20 Nov 2026 12:00:00 GMT", "Fri, 20 Nov 2026 12:01:30 GMT");
        let told = [(DATE, now), (RETRY_AFTER, later)];
        assert_eq!(wait(&told), Some(Duration::from_secs(90)));
        let past = [(DATE, later), (RETRY_AFTER, now)];
        assert_eq!(wait(&past), Some(Duration::ZERO));
        let past = [(RETRY_AFTER, "Sun, 06 Nov 1994 08:49:37 GMT")];
        assert_eq!(wait(&past), Some(Duration::ZERO));
        assert_eq!(wait(&[(RETRY_AFTER, "1.5")]), Some(Duration::from_millis(1500)));
        for later in ["Friday, 20-Nov-26 12:01:30 GMT", "Fri Nov 20 12:01:30 2026"] {
            let told = [(DATE, now), (RETRY_AFTER, later)];
            assert_eq!(wait(&told), Some(Duration::from_secs(90)), "{later}");
        }
        for odd in ["", "soon", "-1", ".", "1.5.0", "1e3", "inf", "99999999999999999999"] {
            assert_eq!(wait(&[(RETRY_AFTER, odd)]), None, "{odd}");
        }
        assert!(wait(&[(RETRY_AFTER, "18446744073709551615")]).is_some());
    }

    #[test]
    fn a_page_is_shown_without_its_tags() {
        let page = "<html><head><title>502 Bad Gateway</title></head>\n<body a='>'>nginx</body>";
        assert_eq!(printable(&without_tags(page), 99), "502 Bad Gateway '>nginx");
        assert_eq!(without_tags("1 < 2"), "1 < 2");
    }
}
