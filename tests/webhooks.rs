//! Promise: a push to a code platform starts one build, if there is something to build and the webhook is
//! authentic. Each module tests a part of this. `crates/push-webhook` tests how a webhook is read.

// A file of push-webhook. These tests do not use all of it.
#[allow(dead_code)]
mod deliveries;
mod made_up_deliveries;

mod events;
mod made_up;
mod mocks;
mod receiver;
