//! One module for each promise of the crate. Most tests stand beside what they test, in `src`.

mod layers;
