//! How the command ends: its exit code, and what failed.

use crate::output::*;
use codearts_build::{BuildId, Error};
use std::io;

/// How the command ended: its exit code. Of several builds, the greatest counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// The command did what it should; builds that it followed succeeded.
    Succeeded = 0,
    /// A build did not succeed.
    Failed = 1,
    /// Wrong use or credential. Nothing was started.
    WrongUse = 2,
    /// Nothing was started, and the same command may succeed later.
    TryAgain = 3,
    /// Nobody knows whether a build was started.
    StartUnknown = 4,
    /// The time limit is over, or a build that was started could not be followed. It goes on.
    GoesOn = 5,
    /// Ctrl-C, or SIGTERM.
    Interrupted = 130,
}

/// What failed, and what to do.
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) error: Error,
    pub(crate) build: Option<BuildId>,
    pub(crate) advice: String,
}

impl Failure {
    /// Says what failed and what to do.
    pub(crate) fn report(self, output: &Output) -> Exit {
        let Self { exit, error, build, advice } = self;
        // Who reads the result wants no more of it.
        if exit == Exit::Succeeded {
            return exit;
        }
        output.say(BAD, format_args!("error: {error}"));
        output.say(HINT, &advice);
        let (kind, message) = (format!("{:?}", error.kind()), error.to_string());
        let (code, build) = (error.code().map(str::to_owned), build.map(|build| build.to_string()));
        let exit_code = exit as u8;
        _ = output.event(&Event::Error { build, exit_code, kind, code, message, advice });
        exit
    }
}

/// The failure of a command that has started no build.
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        // A call that starts no build can be made twice.
        let (exit, advice) = match error.is_transient() || error.may_have_taken_effect() {
            true => (Exit::TryAgain, "Nothing was started. The same command may be tried again."),
            false => (Exit::WrongUse, "Nothing was started."),
        };
        Self { exit, error, build: None, advice: advice.to_owned() }
    }
}

/// A result that cannot be printed.
impl From<io::Error> for Failure {
    fn from(cause: io::Error) -> Self {
        let is_closed = cause.kind() == io::ErrorKind::BrokenPipe;
        let exit = if is_closed { Exit::Succeeded } else { Exit::WrongUse };
        let error = Error::invalid_argument(format!("the output cannot be written: {cause}"));
        Self { exit, ..error.into() }
    }
}
