//! Two documents → two clients and their mocks.

#![deny(warnings)]

use huaweicloud_codegen::Config;

fn main() {
    for name in ["images", "volumes"] {
        Config::new(format!("documents/{name}.yaml")).name(name).mocks(true).generate();
    }
}
