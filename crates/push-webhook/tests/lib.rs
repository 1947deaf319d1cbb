//! One module for each promise of the crate.

mod deliveries;
mod made_up_deliveries;
mod support {
    pub mod outline;
}

mod events;
mod made_up;
mod public_api;
mod secrets;

use push_webhook::Error;

/// All that can be printed of an error, which must show no secret.
#[track_caller]
fn printed_without_secrets(error: &Error) {
    let printed = format!("{error} {error:#} {error:?} {error:#?}");
    assert!(!printed.contains("canary"), "{printed}");
    assert!(std::error::Error::source(error).is_none());
}
