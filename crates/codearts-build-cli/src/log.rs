//! The log of a build: as it is, or a JSON object a line.

use crate::{
    event::Event,
    failure::Failure,
    output::{HINT, Output},
    session::Session,
};
use anstream::adapter::StripBytes;
use codearts_build::{BuildId, Error, bytes::Bytes};
use futures_util::{StreamExt, TryStreamExt};
use std::io;

pub(crate) async fn log(
    session: &Session<'_>,
    build: &BuildId,
    follow: bool,
) -> Result<(), Failure> {
    let mut log = match follow {
        true => session.client.follow_log(build),
        false => session.client.log(build).await?.boxed(),
    };
    let mut printer = LogPrinter::new(session.output, build);
    while let Some(part) = log.try_next().await? {
        printer.print(&part)?;
    }
    Ok(printer.last()?)
}

/// Prints the parts of a log, which may end within a line and within a character.
pub(crate) struct LogPrinter<'a> {
    output: &'a Output,
    build: &'a BuildId,
    /// The line that has not ended.
    line: Vec<u8>,
    /// A terminal gets no escape sequences: a log could control it.
    escapes: StripBytes,
    is_broken: bool,
}

impl<'a> LogPrinter<'a> {
    pub(crate) fn new(output: &'a Output, build: &'a BuildId) -> Self {
        Self { output, build, line: Vec::new(), escapes: StripBytes::new(), is_broken: false }
    }

    fn print(&mut self, part: &[u8]) -> io::Result<()> {
        if self.output.is_json {
            self.line.extend_from_slice(part);
            while let Some(end) = self.line.iter().position(|byte| *byte == b'\n') {
                let line: Vec<_> = self.line.drain(..=end).collect();
                self.event(&line)?;
            }
            return Ok(());
        }
        if self.output.is_terminal {
            let kept: Vec<_> = self.escapes.strip_next(part).flatten().copied().collect();
            return self.output.write(&kept);
        }
        self.output.write(part)
    }

    /// Prints what follows the last line break.
    fn last(&mut self) -> io::Result<()> {
        let line = std::mem::take(&mut self.line);
        if line.is_empty() { Ok(()) } else { self.event(&line) }
    }

    fn event(&self, line: &[u8]) -> io::Result<()> {
        let line = String::from_utf8_lossy(line).trim_end_matches(['\r', '\n']).to_owned();
        self.output.event(&Event::Log { build: self.build.to_string(), line })
    }

    /// Prints a part of the log of a build that is followed. Whatever happens to its log, the build is followed.
    pub(crate) fn take(&mut self, part: Result<Bytes, Error>) {
        match part {
            Ok(part) if !self.is_broken => {
                let printed = self.print(&part);
                self.check(printed);
            }
            Ok(_) => {}
            Err(error) => self.output.say(HINT, format_args!("The log cannot be read: {error}")),
        }
    }

    pub(crate) fn end(&mut self) {
        let printed = self.last();
        self.check(printed);
    }

    fn check(&mut self, printed: io::Result<()>) {
        if let Err(error) = printed
            && !std::mem::replace(&mut self.is_broken, true)
            && error.kind() != io::ErrorKind::BrokenPipe
        {
            self.output.say(HINT, format_args!("The log cannot be written: {error}"));
        }
    }
}
