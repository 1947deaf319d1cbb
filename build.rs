//! `openapi.yaml` → the client, its types and its mocks, written to `OUT_DIR`.

fn main() {
    huaweicloud_codegen::Config::new("openapi.yaml").mocks(cfg!(feature = "mock")).generate();
}
