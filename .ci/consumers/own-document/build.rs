//! `openapi.yaml` → a client and its mocks.

#![deny(warnings)]

fn main() {
    huaweicloud_codegen::Config::new("openapi.yaml").mocks(true).generate();
}
