//! Promise: the public API changes only on purpose. A change of the document, of the generator or of the
//! code shows up here; `just accept` accepts it.

use crate::support::{outline, path};
use expect_test::expect_file;
use std::path::Path;

#[test]
fn the_public_api_is_the_accepted_one() {
    let generated = ["client.rs", "client_mocks.rs"].map(|it| Path::new(env!("OUT_DIR")).join(it));
    let face = outline::of_crate(&path("."), &generated);
    expect_file![path("tests/public_api.txt")].assert_eq(&face);
}
