//! Promise: a push to a code platform becomes one build, if there is something to build and the webhook
//! is authentic. Each module has a part of it.

mod deliveries;
mod events;
mod made_up;
mod receiver;
mod secrets;
