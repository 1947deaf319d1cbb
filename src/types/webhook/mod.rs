//! Push webhooks: what a code platform sends when somebody pushes (feature `webhooks`).

#[path = "../../../crates/push-webhook/src/event.rs"]
mod event;
#[path = "../../../crates/push-webhook/src/nothing_to_build.rs"]
mod nothing_to_build;
#[path = "../../../crates/push-webhook/src/payload.rs"]
mod payload;
#[path = "../../../crates/push-webhook/src/platform.rs"]
mod platform;
#[path = "../../../crates/push-webhook/src/secret.rs"]
mod secret;

pub use event::PushEvent;
pub use nothing_to_build::NothingToBuild;
pub use platform::Platform;
pub use secret::WebhookSecret;
