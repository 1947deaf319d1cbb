//! What is printed: results to stdout, everything else to stderr.

use crate::{arguments::Settings, event::Event, process::Console};
use anstyle::{AnsiColor, Style};
use indicatif::{MultiProgress, ProgressDrawTarget};
use jiff::SignedDuration;
use std::io::{self, Write};
use std::{fmt::Display, time::Duration};

pub(crate) const PLAIN: Style = Style::new();
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const BAD: Style = AnsiColor::Red.on_default();
pub(crate) const HINT: Style = AnsiColor::Cyan.on_default();

pub(crate) struct Output {
    pub(crate) console: Console,
    /// The live lines.
    pub(crate) bars: MultiProgress,
    pub(crate) is_json: bool,
}

impl Output {
    pub(crate) fn new(mut console: Console, settings: &Settings) -> Self {
        // The lines of a trace and live lines would overwrite each other.
        console.is_live &= settings.verbose == 0 && std::env::var_os("RUST_LOG").is_none();
        let hidden = ProgressDrawTarget::hidden;
        let target = if console.is_live { ProgressDrawTarget::stderr() } else { hidden() };
        let bars = MultiProgress::with_draw_target(target);
        Self { console, bars, is_json: settings.json }
    }

    /// Writes to stdout, as it is.
    pub(crate) fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let writer = &mut self.console.stdout.borrow_mut();
        self.bars.suspend(|| writer.write_all(bytes).and_then(|()| writer.flush()))
    }

    /// Prints a line of a result.
    pub(crate) fn line(&self, text: impl Display) -> io::Result<()> {
        self.write(format!("{}\n", printable(text)).as_bytes())
    }

    /// Prints an object, with `--json` only.
    pub(crate) fn event(&self, event: &Event) -> io::Result<()> {
        if self.is_json { self.line(serde_json::to_string(event)?) } else { Ok(()) }
    }

    /// Prints a result: the object with `--json`, otherwise the text.
    pub(crate) fn result(&self, event: &Event, text: impl Display) -> io::Result<()> {
        if self.is_json { self.event(event) } else { self.line(text) }
    }

    /// Says something beside the result. That nobody hears it changes nothing.
    pub(crate) fn say(&self, style: Style, text: impl Display) {
        let text = self.painted(style, text);
        let writer = &mut self.console.stderr.borrow_mut();
        _ = self.bars.suspend(|| writeln!(writer, "{text}"));
    }

    /// A line without control characters, in a colour if colours are wanted.
    pub(crate) fn painted(&self, style: Style, text: impl Display) -> String {
        let text = printable(text);
        if self.console.has_colours { format!("{style}{text}{style:#}") } else { text }
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
