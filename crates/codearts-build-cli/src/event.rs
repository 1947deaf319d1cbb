//! The objects that `--json` prints.

use codearts_build::types::*;
use serde::Serialize;

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
    /// A followed build has ended. If it failed, `why` tells more.
    Ended { build: String, outcome: String, why: Option<Why>, record: Box<BuildRecord> },
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

/// Why a build failed: the step that failed, and the last lines of the log, unless the log was printed.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Why {
    pub(crate) failed_step: Option<String>,
    pub(crate) log_end: Vec<String>,
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
