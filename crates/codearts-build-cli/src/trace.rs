//! The trace.

use crate::output::{HINT, Output};
use tracing_subscriber::{filter::Targets, fmt::format::FmtSpan, layer::SubscriberExt};

/// Writes the trace to stderr from now on: what `RUST_LOG` asks for, else what `-v` does.
pub(crate) fn start(output: &Output, verbose: u8) {
    let levels = ["codearts_build=warn", "codearts_build=debug,huaweicloud_core=debug", "trace"];
    let default = levels.get(usize::from(verbose)).unwrap_or(&"trace");
    let given = std::env::var("RUST_LOG").ok().filter(|filter| !filter.is_empty());
    let filter = given.as_deref().unwrap_or(default).parse::<Targets>().unwrap_or_else(|error| {
        output.say(HINT, format_args!("RUST_LOG is not used: {error}"));
        Targets::default()
    });
    let format = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let format = format.with_ansi(output.console.has_colours).with_span_events(FmtSpan::CLOSE);
    let subscriber = tracing_subscriber::registry().with(filter).with(format);
    // A test that runs several commands in one process has one trace.
    _ = tracing_subscriber::util::SubscriberInitExt::try_init(subscriber);
}
