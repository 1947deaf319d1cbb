//! What a process gives the command: where output goes, and signals.

use anstream::{AutoStream, ColorChoice};
use codearts_build::ClientBuilder;
use futures_util::{StreamExt, stream};
use std::cell::RefCell;
use std::io::{self, IsTerminal, Write};

/// Requests to end: Ctrl-C, or SIGTERM.
pub type Interrupts = stream::BoxStream<'static, ()>;

/// What a process gives the command.
pub struct Process {
    /// Where output goes.
    pub console: Console,
    /// Requests to end.
    pub interrupts: Interrupts,
    /// The settings of the client, in place of those that the environment names.
    pub client: Option<ClientBuilder>,
}

/// Where output goes.
pub struct Console {
    /// Where results go.
    pub stdout: RefCell<Box<dyn Write>>,
    /// Where everything else goes.
    pub stderr: RefCell<Box<dyn Write>>,
    /// Whether results go to a terminal.
    pub has_terminal: bool,
    /// Whether stderr is a terminal, for live lines.
    pub is_live: bool,
    /// Whether colours are wanted on stderr.
    pub has_colours: bool,
}

impl Process {
    /// What this program has. It must be called in a tokio runtime. From then on, signals no longer end the
    /// process.
    pub fn of_this_program() -> Self {
        let has_cursor = std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        let (stdout, stderr) = (io::stdout(), io::stderr());
        let console = Console {
            has_terminal: stdout.is_terminal(),
            is_live: stderr.is_terminal() && has_cursor,
            has_colours: AutoStream::choice(&stderr) != ColorChoice::Never,
            stdout: RefCell::new(Box::new(stdout)),
            stderr: RefCell::new(Box::new(stderr)),
        };
        Self { console, interrupts: signals(), client: None }
    }
}

#[cfg(unix)]
fn signals() -> Interrupts {
    use tokio::signal::unix::{Signal, SignalKind, signal};
    let next = async |mut signal: Signal| signal.recv().await.map(|()| ((), signal));
    let kinds = [SignalKind::interrupt(), SignalKind::terminate()];
    let signals = kinds.into_iter().filter_map(|kind| signal(kind).ok());
    stream::select_all(signals.map(|signal| stream::unfold(signal, next).boxed())).boxed()
}

#[cfg(not(unix))]
fn signals() -> Interrupts {
    stream::repeat(()).then(|()| async { _ = tokio::signal::ctrl_c().await }).boxed()
}
