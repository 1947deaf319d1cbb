//! Two documents → two clients and their mocks, written to `OUT_DIR`.

use huaweicloud_codegen::Config;

fn main() {
    // Operations that prove nothing belong to what is tested, so that nobody needs their warnings.
    println!("cargo::rerun-if-changed=openapi.yaml");
    if let Err(problems) = Config::new("openapi.yaml").mocks(true).try_generate() {
        panic!("{problems}");
    }
    Config::new("shapes.yaml").name("shapes").mocks(true).generate();
}
