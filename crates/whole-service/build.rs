//! Two documents → two clients and their mocks, written to `OUT_DIR`.

use huaweicloud_codegen::Config;

fn main() {
    Config::new("openapi.yaml").mocks(true).generate();
    Config::new("shapes.yaml").name("shapes").mocks(true).generate();
}
