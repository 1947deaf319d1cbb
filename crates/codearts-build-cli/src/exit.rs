//! Exit codes.

use codearts_build::Error;
use std::process::ExitCode;

/// How the command ended. A greater one is worse: of many builds, the worst decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// The command did what it should; builds that it followed succeeded.
    Succeeded,
    /// The time limit is over, or a build that was started could not be followed. It goes on.
    GoesOn,
    /// Nothing was started, and the same command may succeed later.
    TryAgain,
    /// Wrong use or credential. Nothing was started.
    Refused,
    /// A build did not succeed.
    Failed,
    /// Nobody knows whether a build was started.
    StartUnknown,
    /// Ctrl-C, or SIGTERM.
    Interrupted,
}

impl Exit {
    /// The exit code of the process.
    pub fn code(self) -> u8 {
        match self {
            Self::Succeeded => 0,
            Self::Failed => 1,
            Self::Refused => 2,
            Self::TryAgain => 3,
            Self::StartUnknown => 4,
            Self::GoesOn => 5,
            Self::Interrupted => 130,
        }
    }

    /// What an error means of a call that starts no build.
    pub(crate) fn of(error: &Error) -> Self {
        match error {
            _ if error.is_time_limit() => Self::GoesOn,
            // A build can be stopped twice.
            _ if error.is_transient() || error.may_have_taken_effect() => Self::TryAgain,
            _ => Self::Refused,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

/// The table of the help.
pub(crate) const TABLE: &str = "\
Exit codes:
    0  succeeded
    1  the build did not succeed
    2  wrong use or credential; nothing was started
    3  nothing was started; the same command may be tried again
    4  it is not known whether a build was started: look at `history`
    5  the build goes on: the time limit is over, or it could not be followed; `wait` for it
  130  interrupted";
