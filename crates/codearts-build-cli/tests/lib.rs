//! One module for each promise of the command.

mod support;

mod commands;
mod credentials;
mod documents;
mod exit_codes;
mod following;
#[cfg(unix)]
mod interrupts;
mod json;
mod printing;
mod secrets;
mod simulation;
#[cfg(unix)]
mod terminal;
