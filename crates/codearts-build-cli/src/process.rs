//! What a process gives the command: where output goes, and signals.

use codearts_build::ClientBuilder;
use futures_util::{
    StreamExt,
    stream::{BoxStream, unfold},
};
use std::{
    fmt,
    io::{self, IsTerminal, Write},
};

/// Requests to end: Ctrl-C, or SIGTERM.
pub type Interrupts = BoxStream<'static, ()>;

/// What a process gives the command.
pub struct Process {
    /// Where results go.
    pub stdout: Sink,
    /// Where everything else goes.
    pub stderr: Sink,
    /// Requests to end.
    pub interrupts: Interrupts,
    /// The settings of the client, in place of those that the environment names.
    pub client: Option<ClientBuilder>,
}

/// Where output goes.
pub struct Sink {
    /// The output itself.
    pub writer: Box<dyn Write>,
    /// Whether a person reads it, on a terminal that can move its cursor.
    pub is_terminal: bool,
    /// Whether colours are wanted.
    pub has_colours: bool,
}

impl Process {
    /// What this program has. It must be called in a tokio runtime. From then on, signals no longer end the
    /// process.
    pub fn of_this_program() -> Self {
        let has_cursor = std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        let (stdout, stderr) = (io::stdout(), io::stderr());
        let colours = |choice| choice != anstream::ColorChoice::Never;
        Self {
            stdout: Sink {
                is_terminal: stdout.is_terminal() && has_cursor,
                has_colours: colours(anstream::AutoStream::choice(&stdout)),
                writer: Box::new(stdout),
            },
            stderr: Sink {
                is_terminal: stderr.is_terminal() && has_cursor,
                has_colours: colours(anstream::AutoStream::choice(&stderr)),
                writer: Box::new(stderr),
            },
            interrupts: signals(),
            client: None,
        }
    }
}

#[cfg(unix)]
fn signals() -> Interrupts {
    use tokio::signal::unix::{SignalKind, signal};
    let kinds = [SignalKind::interrupt(), SignalKind::terminate()];
    let heard = kinds.into_iter().filter_map(|kind| signal(kind).ok());
    let heard = heard.map(|signal| {
        unfold(signal, |mut signal| async { signal.recv().await.map(|()| ((), signal)) }).boxed()
    });
    futures_util::stream::select_all(heard).boxed()
}

#[cfg(not(unix))]
fn signals() -> Interrupts {
    unfold((), |()| async { tokio::signal::ctrl_c().await.ok().map(|()| ((), ())) }).boxed()
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Process").finish_non_exhaustive()
    }
}

impl fmt::Debug for Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sink").field("is_terminal", &self.is_terminal).finish_non_exhaustive()
    }
}
