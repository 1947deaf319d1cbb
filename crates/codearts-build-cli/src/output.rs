//! What is printed: results to stdout, everything else to stderr.

use crate::{arguments::Arguments, process::Process};
use anstyle::{AnsiColor, Style};
use codearts_build::{BuildId, types::*};
use indicatif::{MultiProgress, ProgressBar, ProgressFinish, ProgressStyle};
use jiff::SignedDuration;
use serde::Serialize;
use std::io::{self, Write};
use std::{env, fmt::Display, time::Duration};
use tracing_subscriber::{filter::Targets, fmt::format::FmtSpan, layer::SubscriberExt};

pub(crate) const PLAIN: Style = Style::new();
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const BAD: Style = AnsiColor::Red.on_default();
pub(crate) const HINT: Style = AnsiColor::Cyan.on_default();

pub(crate) struct Output {
    pub(crate) process: Process,
    /// The live lines.
    bars: MultiProgress,
    pub(crate) is_json: bool,
}

impl Output {
    pub(crate) fn new(mut process: Process, arguments: &Arguments) -> Self {
        let filter = env::var("RUST_LOG").ok().filter(|filter| !filter.is_empty());
        // The lines of a trace and live lines would overwrite each other.
        process.is_live &= arguments.verbose == 0 && filter.is_none();
        let output = Self { process, bars: MultiProgress::new(), is_json: arguments.json };
        output.trace(filter.as_deref(), arguments.verbose);
        output
    }

    /// Writes the trace to stderr from now on: what `RUST_LOG` asks for, else what `-v` does.
    fn trace(&self, filter: Option<&str>, verbose: u8) {
        let levels = ["codearts_build=warn", "codearts_build=debug,huaweicloud_core=debug"];
        let default = levels.get(usize::from(verbose)).unwrap_or(&"trace");
        let filter = filter.unwrap_or(default).parse().unwrap_or_else(|error| {
            self.say(HINT, format_args!("RUST_LOG is not used: {error}"));
            Targets::default()
        });
        let format = tracing_subscriber::fmt::layer().with_writer(anstream::stderr);
        let format = format.with_span_events(FmtSpan::CLOSE);
        let subscriber = tracing_subscriber::registry().with(filter).with(format);
        // A test that runs several commands in one process has one trace.
        _ = tracing_subscriber::util::SubscriberInitExt::try_init(subscriber);
    }

    /// Writes to stdout, as it is.
    pub(crate) fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let writer = &mut self.process.stdout.borrow_mut();
        self.bars.suspend(|| writer.write_all(bytes).and_then(|()| writer.flush()))
    }

    /// Prints an object, with `--json` only.
    pub(crate) fn event(&self, event: &Event) -> io::Result<()> {
        if self.is_json { self.write_line(serde_json::to_string(event)?) } else { Ok(()) }
    }

    /// Prints a line of a result, without `--json` only.
    pub(crate) fn line(&self, text: impl Display) -> io::Result<()> {
        if self.is_json { Ok(()) } else { self.write_line(text) }
    }

    fn write_line(&self, text: impl Display) -> io::Result<()> {
        self.write(format!("{}\n", printable(text)).as_bytes())
    }

    /// Says something beside the result. That nobody hears it changes nothing.
    pub(crate) fn say(&self, style: Style, text: impl Display) {
        let text = printable(text);
        let writer = &mut self.process.stderr.borrow_mut();
        _ = self.bars.suspend(|| writeln!(writer, "{style}{text}{style:#}"));
    }

    /// A live line of a build, on a terminal only. It goes away when it is dropped.
    pub(crate) fn live_line(&self, build: &BuildId) -> Option<ProgressBar> {
        let style = ProgressStyle::with_template("{spinner} {elapsed:>4}  {prefix}  {wide_msg}");
        let bar = ProgressBar::new_spinner().with_finish(ProgressFinish::AndClear);
        let bar = bar.with_style(style.ok()?).with_prefix(build.to_string());
        let bar = self.process.is_live.then(|| self.bars.add(bar))?;
        bar.enable_steady_tick(Duration::from_millis(100));
        Some(bar)
    }
}

/// Replaces control characters, so that a text of the service cannot control the terminal.
pub(crate) fn printable(text: impl Display) -> String {
    text.to_string().replace(char::is_control, " ")
}

/// A time for a person: `12.3 s`, or `1h 2m 3s`.
pub(crate) fn took(time: Duration) -> String {
    match i64::try_from(time.as_secs()) {
        Ok(seconds @ 60..) => format!("{:#}", SignedDuration::from_secs(seconds)),
        _ => format!("{:.1} s", time.as_secs_f64()),
    }
}

pub(crate) fn millis(time: Duration) -> u64 {
    time.as_millis().try_into().unwrap_or(u64::MAX)
}

/// An object that `--json` prints. `event` says which one it is. `build` is the build as JOB/NO. `outcome` says
/// how a build or a step ended: `succeeded`, `failed`, `canceled`, `timed out` or `ended in an unknown way`; it
/// is null while it goes on.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Event {
    /// A build was started.
    Started { build: String },
    /// A followed build has another status, or runs another step, or cannot be read at present for the reason
    /// `waiting`, and is read again.
    Changed { build: String, elapsed_ms: u64, status: String, step: String, waiting: String },
    /// A followed build has ended. If it failed, `failed_step` is the step that failed, and `log_end` has the last
    /// lines of the log, unless the log was printed.
    Ended {
        build: String,
        outcome: String,
        failed_step: Option<String>,
        log_end: Vec<String>,
        record: Box<BuildRecord>,
    },
    /// A line of the log of a build.
    Log { build: String, line: String },
    /// The record of a build, by `show`.
    Build { build: String, outcome: Option<String>, record: Box<BuildRecord> },
    /// A build in the history of its job, by `history`.
    History {
        build: String,
        outcome: Option<String>,
        started_at: Option<String>,
        duration_ms: Option<u64>,
        summary: Box<BuildSummary>,
    },
    /// A step of a build, by `steps`.
    Step { name: String, outcome: Option<String>, duration_ms: Option<u64>, step: Box<BuildStep> },
    /// A package or an image that a build has produced, by `artifacts`.
    Artifact { build: String, artifact: Artifact },
    /// A job with its newest build, by `jobs`.
    Job { outcome: Option<String>, job: Box<BuildJob> },
    /// The service was asked to stop a build, by `stop`.
    Stop { build: String, had_ended: bool },
    /// The credential that was found, and that the service takes, by `login`. `origin` names variables or a
    /// file.
    Credential { credential: String, origin: String, endpoint: String },
    /// Ctrl-C or SIGTERM has ended the command. These builds had not ended.
    Interrupted { builds: Vec<String>, stopped: bool },
    /// Something failed, and stands for this exit code. `kind` says at which point a call failed, as
    /// `TimeLimit`; `code` is the error code of the service; `advice` says what to do.
    Error {
        build: Option<String>,
        exit_code: u8,
        kind: String,
        code: Option<String>,
        message: String,
        advice: String,
    },
}

#[cfg(test)]
mod tests {
    /// What the file describes is what is printed.
    #[test]
    fn the_schema_is_the_one_in_docs() {
        let schema = serde_json::to_string_pretty(&schemars::schema_for!(super::Event)).unwrap();
        expect_test::expect_file!["../docs/output.schema.json"].assert_eq(&(schema + "\n"));
    }
}
