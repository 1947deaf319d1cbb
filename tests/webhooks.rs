//! Promise: a push to a code platform becomes one build, if there is something to build and the webhook
//! is authentic. Each module has a part of it.

#[path = "../crates/push-webhook/tests/deliveries.rs"]
mod deliveries;
#[path = "../crates/push-webhook/tests/events.rs"]
mod events;
#[path = "../crates/push-webhook/tests/made_up.rs"]
mod made_up;
mod receiver;
#[path = "../crates/push-webhook/tests/secrets.rs"]
mod secrets;
