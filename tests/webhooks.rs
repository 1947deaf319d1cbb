//! Promise: a push to a code platform becomes one build, if there is something to build and the webhook
//! is authentic. Each module has a part of it. Whether a webhook is read right is tested in
//! `crates/push-webhook`.

// Files of push-webhook, whose own tests use what these do not.
#[allow(dead_code)]
mod deliveries;
mod made_up_deliveries;

mod events;
mod made_up;
mod mocks;
mod receiver;
