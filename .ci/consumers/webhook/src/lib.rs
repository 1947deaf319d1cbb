//! Verifies and reads webhooks without anything of the cloud.

#![deny(warnings)]

use http::HeaderMap;
use push_webhook::{Error, PushEvent, WebhookSecret};

/// The commit to build, if there is one.
///
/// # Errors
///
/// If the webhook is not authentic, or none of a push.
pub fn commit(
    secret: &WebhookSecret,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Option<String>, Error> {
    secret.verify(headers, body)?;
    let event = PushEvent::from_webhook(headers, body)?;
    Ok(event.to_build().ok().map(|push| push.commit().to_owned()))
}
