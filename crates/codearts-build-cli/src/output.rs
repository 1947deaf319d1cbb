//! What is printed: results to stdout, everything else to stderr.

use crate::{arguments::Settings, event::Event, exit::Exit, process::Sink};
use anstyle::{AnsiColor, Style};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::SignedDuration;
use std::{
    cell::RefCell,
    fmt::Display,
    io::{self, Write},
    time::Duration,
};

pub(crate) const PLAIN: Style = Style::new();
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const BAD: Style = AnsiColor::Red.on_default();
pub(crate) const HINT: Style = AnsiColor::Cyan.on_default();

/// Where results, and what is said beside them, go.
pub(crate) struct Output {
    stdout: RefCell<Sink>,
    stderr: RefCell<Sink>,
    /// The live lines. They are not there without a terminal.
    bars: MultiProgress,
    pub(crate) is_json: bool,
    /// Whether logs and tables go to a terminal.
    pub(crate) is_terminal: bool,
    pub(crate) has_colours: bool,
}

impl Output {
    pub(crate) fn new(stdout: Sink, stderr: Sink, settings: &Settings) -> Self {
        // Lines of a trace and live lines would overwrite each other.
        let is_live = stderr.is_terminal && settings.verbose == 0;
        let target =
            if is_live { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Self {
            bars: MultiProgress::with_draw_target(target),
            is_json: settings.json,
            is_terminal: stdout.is_terminal,
            has_colours: stderr.has_colours,
            stdout: stdout.into(),
            stderr: stderr.into(),
        }
    }

    /// Writes to stdout, as it is.
    pub(crate) fn write(&self, bytes: &[u8]) -> io::Result<()> {
        self.bars.suspend(|| {
            let writer = &mut self.stdout.borrow_mut().writer;
            writer.write_all(bytes)?;
            writer.flush()
        })
    }

    /// Prints a result: the object with `--json`, otherwise the text.
    pub(crate) fn result(&self, event: &Event, text: impl Display) -> io::Result<()> {
        if self.is_json { self.event(event) } else { self.line(text) }
    }

    /// Prints a line of a result.
    pub(crate) fn line(&self, text: impl Display) -> io::Result<()> {
        self.write(format!("{}\n", printable(&text.to_string())).as_bytes())
    }

    /// Prints the object, with `--json` only.
    pub(crate) fn event(&self, event: &Event) -> io::Result<()> {
        if !self.is_json {
            return Ok(());
        }
        let mut line = serde_json::to_vec(event)?;
        line.push(b'\n');
        self.write(&line)
    }

    /// Says something beside the result. That nobody hears it changes nothing.
    pub(crate) fn say(&self, style: Style, text: impl Display) {
        let text = self.painted(style, &text.to_string());
        self.bars.suspend(|| {
            _ = writeln!(self.stderr.borrow_mut().writer, "{text}");
        });
    }

    /// A line without control characters, in a colour if colours are wanted.
    pub(crate) fn painted(&self, style: Style, text: &str) -> String {
        let text = printable(text);
        if self.has_colours { format!("{style}{text}{style:#}") } else { text }
    }

    /// A live line, if there is a terminal for it.
    pub(crate) fn live_line(&self, label: String) -> Option<ProgressBar> {
        let style = ProgressStyle::with_template("{spinner} {elapsed:>4}  {prefix}{wide_msg}");
        let bar = self.bars.add(ProgressBar::new_spinner());
        if bar.is_hidden() {
            return None;
        }
        bar.set_prefix(label);
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.enable_steady_tick(Duration::from_millis(100));
        Some(bar)
    }
}

/// Prints the help, or what is wrong with the command line.
pub(crate) fn usage(error: &clap::Error, stdout: Sink, stderr: Sink) -> Exit {
    let (mut sink, exit) = match error.use_stderr() {
        true => (stderr, Exit::Refused),
        false => (stdout, Exit::Succeeded),
    };
    let text = error.render();
    _ = match sink.has_colours {
        true => write!(sink.writer, "{}", text.ansi()),
        false => write!(sink.writer, "{text}"),
    };
    exit
}

/// Replaces control characters, so that a text of the service cannot control the terminal.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|it| if it.is_control() { ' ' } else { it }).collect()
}

/// A time for a person: `12.3 s`, or `1h 2m 3s`.
pub(crate) fn took(time: Duration) -> String {
    match time.as_secs() {
        0..60 => format!("{:.1} s", time.as_secs_f64()),
        seconds => match i64::try_from(seconds) {
            Ok(seconds) => format!("{:#}", SignedDuration::from_secs(seconds)),
            Err(_) => format!("{seconds} s"),
        },
    }
}
