//! What failed, and what to do.

use crate::{
    event::Event,
    exit::Exit,
    output::{BAD, HINT, Output},
};
use codearts_build::{BuildId, Error};
use std::io;

/// Why the command ends without success, although no build failed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    message: String,
    error: Option<Error>,
    build: Option<BuildId>,
    advice: Option<String>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), error: None, build: None, advice: None }
    }

    pub(crate) fn of(exit: Exit, error: Error) -> Self {
        Self { error: Some(error.clone()), ..Self::new(exit, error.to_string()) }
    }

    pub(crate) fn about(self, build: &BuildId) -> Self {
        Self { build: Some(build.clone()), ..self }
    }

    pub(crate) fn with_advice(self, advice: impl Into<String>) -> Self {
        Self { advice: Some(advice.into()), ..self }
    }

    /// Says what failed and what to do.
    pub(crate) fn report(self, output: &Output) -> Exit {
        let Self { exit, message, error, build, advice } = self;
        // Whoever reads the result wants no more of it.
        if exit == Exit::Succeeded {
            return exit;
        }
        output.say(BAD, format_args!("error: {message}"));
        if let Some(advice) = &advice {
            output.say(HINT, advice);
        }
        let error = error.as_ref();
        _ = output.event(&Event::Error {
            build: build.map(|build| build.to_string()),
            exit_code: exit.code(),
            kind: error.map(|error| format!("{:?}", error.kind())),
            message,
            http_status: error.and_then(Error::status),
            code: error.and_then(Error::code).map(str::to_owned),
            request_id: error.and_then(Error::request_id).map(str::to_owned),
            advice,
        });
        exit
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let exit = Exit::of(&error);
        let failure = Self::of(exit, error);
        if exit == Exit::TryAgain {
            return failure
                .with_advice("Nothing was started. The same command may be tried again.");
        }
        failure
    }
}

/// A result that cannot be printed.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::new(Exit::Succeeded, ""),
            _ => Self::new(Exit::TryAgain, format!("the output cannot be written: {error}")),
        }
    }
}
