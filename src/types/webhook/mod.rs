//! Push webhooks: what a code platform sends when somebody pushes (feature `webhooks`).

mod event;
mod nothing_to_build;
mod payload;
mod platform;
mod secret;

pub use event::PushEvent;
pub use nothing_to_build::NothingToBuild;
pub use platform::Platform;
pub use secret::WebhookSecret;
