//! Promise: the public API changes only on purpose. A change of the code shows up here; `UPDATE_EXPECT=1
//! cargo test --package push-webhook public_api` accepts it.

use super::support::outline;
use expect_test::expect_file;
use std::path::Path;

#[test]
fn the_public_api_is_the_accepted_one() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let face = outline::of_crate(folder, &[]);
    expect_file![folder.join("tests/public_api.txt")].assert_eq(&face);
}
