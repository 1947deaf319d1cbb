//! The objects that `--json` prints.

use codearts_build::{BuildId, Conclusion, Timestamp, types::*};
use serde::Serialize;
use std::time::Duration;

/// An object that `--json` prints. `event` says which one it is. A field whose value is not known is null.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Event {
    /// `run`, `push`: a build was started.
    Started {
        /// The build, as JOB/NO.
        build: String,
    },
    /// A followed build has another status, or runs another step.
    Changed {
        build: String,
        /// The status in the service's words.
        status: String,
        /// The step that runs.
        step: Option<String>,
        /// How long the build has been followed.
        elapsed_ms: u64,
    },
    /// A followed build cannot be read at present. It is tried again.
    Waiting {
        build: String,
        /// Why.
        message: String,
    },
    /// A followed build has ended.
    Ended {
        #[serde(flatten)]
        build: Build,
        /// The step that failed.
        failed_step: Option<Step>,
        /// The last lines of the log of a build that failed, unless the log was printed.
        log_end: Vec<String>,
    },
    /// A line of a log, by `log`, or by `run` and `push` with `--log`.
    Log { build: String, line: String },
    /// A build, by `show` and `history`.
    Build(Build),
    /// A step, by `steps`.
    Step(Step),
    /// A package or an image, by `artifacts`.
    Artifact {
        build: String,
        name: Option<String>,
        version: Option<String>,
        package_type: Option<String>,
        /// The path in the release repository.
        uri: Option<String>,
    },
    /// A job, by `jobs`.
    Job {
        /// The id of the job.
        job: Option<String>,
        name: Option<String>,
        /// The newest build.
        last_build: Option<String>,
        /// How that ended; null while it goes on.
        outcome: Option<Outcome>,
    },
    /// `stop`: the service was asked to stop a build.
    Stop {
        build: String,
        /// Whether the build had ended before.
        had_ended: bool,
    },
    /// `login`: the credential that was found and that the service takes.
    Credential {
        /// What it is.
        credential: String,
        /// Where it was found: variables, or a file.
        origin: Option<String>,
        /// The base URL of the service.
        endpoint: String,
    },
    /// Ctrl-C or SIGTERM has ended the waiting.
    Interrupted {
        /// The builds that had not ended.
        builds: Vec<String>,
        /// Whether the service was asked to stop them.
        stopped: bool,
    },
    /// Something failed.
    Error {
        /// The build that it is about.
        build: Option<String>,
        /// The exit code that it stands for.
        exit_code: u8,
        /// At which point a call failed, as `TimeLimit` or `Service`.
        kind: Option<String>,
        message: String,
        /// The HTTP status of the response.
        http_status: Option<u16>,
        /// The service's error code.
        code: Option<String>,
        /// The id under which the service's support finds the request.
        request_id: Option<String>,
        /// What to do.
        advice: Option<String>,
    },
}

/// A build.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Build {
    /// The build, as JOB/NO.
    pub(crate) build: String,
    /// The status in the service's words.
    pub(crate) status: String,
    /// How the build ended; null while it goes on.
    pub(crate) outcome: Option<Outcome>,
    pub(crate) message: Option<String>,
    pub(crate) repository: Option<String>,
    pub(crate) branch: Option<String>,
    pub(crate) tag: Option<String>,
    pub(crate) commit: Option<String>,
    pub(crate) trigger: Option<String>,
    /// Who started the build.
    pub(crate) user: Option<String>,
    /// When the build began to run, by RFC 3339.
    pub(crate) started_at: Option<String>,
    pub(crate) finished_at: Option<String>,
    /// How long the build ran.
    pub(crate) duration_ms: Option<u64>,
}

/// A step of a build.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Step {
    pub(crate) name: String,
    /// The status in the service's words; empty if the step has not begun.
    pub(crate) status: String,
    /// How the step ended; null if it runs or has not begun.
    pub(crate) outcome: Option<Outcome>,
    pub(crate) duration_ms: Option<u64>,
}

/// How a build or a step ended.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    Succeeded,
    Failed,
    Canceled,
    TimedOut,
    /// It ended, and the service does not say how.
    Unknown,
}

impl From<Conclusion> for Outcome {
    fn from(conclusion: Conclusion) -> Self {
        match conclusion {
            Conclusion::Succeeded => Self::Succeeded,
            Conclusion::Failed => Self::Failed,
            Conclusion::Canceled => Self::Canceled,
            Conclusion::TimedOut => Self::TimedOut,
            Conclusion::Unknown => Self::Unknown,
        }
    }
}

impl Build {
    pub(crate) fn of_record(id: &BuildId, record: &BuildRecord) -> Self {
        let record = record.clone();
        Self {
            build: id.to_string(),
            outcome: record.conclusion().map(Into::into),
            started_at: time(record.started_at()),
            finished_at: time(record.finished_at()),
            duration_ms: record.took().map(millis),
            trigger: record.trigger_type.as_ref().map(ToString::to_string),
            status: word(&record.status),
            message: record.err_msg,
            repository: record.repo_name,
            branch: record.branch,
            tag: record.tag,
            commit: record.commit,
            user: None,
        }
    }

    pub(crate) fn of_summary(id: &BuildId, summary: BuildSummary) -> Self {
        let conclusion = summary.conclusion();
        let status =
            if conclusion.is_some() { &summary.state } else { &summary.job_running_status };
        Self {
            build: id.to_string(),
            status: word(status),
            outcome: conclusion.map(Into::into),
            started_at: time(summary.started_at()),
            duration_ms: summary.took().map(millis),
            branch: summary.code_branch,
            commit: summary.commit_id,
            trigger: summary.trigger_type,
            user: summary.nickname.or(summary.executor),
            ..Self::default()
        }
    }
}

impl From<&BuildStep> for Step {
    fn from(step: &BuildStep) -> Self {
        Self {
            name: step.name().to_owned(),
            status: word(&step.status),
            outcome: step.conclusion().map(Into::into),
            duration_ms: step.took().map(millis),
        }
    }
}

pub(crate) fn millis(time: Duration) -> u64 {
    time.as_millis().try_into().unwrap_or(u64::MAX)
}

/// The status in the service's words; empty if it has said none.
pub(crate) fn word(status: &BuildStatus) -> String {
    if *status == BuildStatus::Unreported { String::new() } else { status.to_string() }
}

fn time(time: Option<Timestamp>) -> Option<String> {
    time.map(|time| time.to_string())
}

#[cfg(test)]
mod tests {
    use super::Event;

    /// What the file describes is what is printed.
    #[test]
    fn the_schema_is_the_one_in_docs() {
        let schema = serde_json::to_string_pretty(&schemars::schema_for!(Event)).unwrap();
        expect_test::expect_file!["../docs/output.schema.json"].assert_eq(&(schema + "\n"));
    }
}
