//! One module for each promise of the crate. Most tests stand beside what they test, in `src`.

#[path = "support/outline.rs"]
mod outline;
#[path = "support/verifier.rs"]
mod verifier;

mod layers;
// The snapshot lists what every feature adds.
#[cfg(all(feature = "mock", feature = "schemars"))]
mod public_api;
mod readme;
