//! Promise: the public API changes only on purpose, that of exported macros included. `just accept` accepts
//! a change.

use crate::outline;
use expect_test::expect_file;
use std::path::Path;

#[test]
fn the_public_api_is_the_accepted_one() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let face = outline::of_crate(folder, &[]);
    expect_file![folder.join("tests/public_api.txt")].assert_eq(&face);
}
