//! Generates a client and its mocks outside a `build.rs`, and prints what cargo would read.
//!
//! usage: generate <document> <folder>

use huaweicloud_codegen::Config;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (Some(document), Some(folder)) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: generate <document> <folder>");
        std::process::exit(2);
    };
    Config::new(document).mocks(true).out_dir(folder).generate();
}
