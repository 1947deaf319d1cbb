//! What a process gives the command: where output goes, and signals.

use anstream::{AutoStream, ColorChoice};
use codearts_build::Client;
use futures_util::{StreamExt, stream};
use std::cell::RefCell;
use std::io::{self, IsTerminal, Write};
use tokio::sync::Mutex;

/// Requests to end: Ctrl-C, or SIGTERM. The stream never ends.
pub type Interrupts = stream::BoxStream<'static, ()>;

/// What a process gives the command.
pub struct Process {
    /// Where results go, as they are.
    pub stdout: RefCell<Box<dyn Write>>,
    /// Where everything else goes, with escape sequences for colours.
    pub stderr: RefCell<Box<dyn Write>>,
    /// Whether stderr is a terminal, for live lines.
    pub is_live: bool,
    /// Requests to end.
    pub interrupts: Mutex<Interrupts>,
    /// The client, in place of the one that the environment names.
    pub client: Option<Client>,
}

impl Process {
    /// What this program has. It must be called in a tokio runtime. From then on, signals no longer end the
    /// process.
    pub fn of_this_program() -> Self {
        let has_cursor = std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        let out = io::stdout();
        // A terminal gets no escape sequences: a log could control it.
        let choice = if out.is_terminal() { ColorChoice::Never } else { ColorChoice::AlwaysAnsi };
        Self {
            stdout: RefCell::new(Box::new(AutoStream::new(out, choice))),
            stderr: RefCell::new(Box::new(anstream::stderr())),
            is_live: io::stderr().is_terminal() && has_cursor,
            interrupts: signals().into(),
            client: None,
        }
    }
}

#[cfg(unix)]
fn signals() -> Interrupts {
    use tokio::signal::unix::{SignalKind, signal};
    let kinds = [SignalKind::interrupt(), SignalKind::terminate()];
    let signals = kinds.into_iter().filter_map(|kind| signal(kind).ok());
    let signals = signals.map(|mut it| stream::poll_fn(move |context| it.poll_recv(context)));
    stream::select_all(signals).chain(stream::pending()).boxed()
}

#[cfg(not(unix))]
fn signals() -> Interrupts {
    stream::repeat(()).then(|()| async { _ = tokio::signal::ctrl_c().await }).boxed()
}
