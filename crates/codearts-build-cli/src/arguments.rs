//! The command line.

use clap::{ArgAction, Args, Parser, Subcommand};
use codearts_build::{BuildId, Timestamp};
use std::{ffi::OsString, time::Duration};

/// Starts builds on Huawei Cloud CodeArts Build, follows them, and shows why they failed.
///
/// The region and the credential come from the environment: CODEARTS_BUILD_REGION, and for example
/// CODEARTS_BUILD_TOKEN, or HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK. `codearts-build login` says what is
/// found.
#[derive(Parser)]
#[command(name = "codearts-build", version, max_term_width = 100)]
#[command(after_help = include_str!("../docs/exit-codes.txt"), next_help_heading = "Settings")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Prints one JSON object a line
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// The region, in place of CODEARTS_BUILD_REGION
    #[arg(long, global = true)]
    pub(crate) region: Option<String>,
    /// The base URL of the service, in place of CODEARTS_BUILD_ENDPOINT
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) endpoint: Option<String>,
    /// Runs the command on a simulated service in this process, with nothing set
    #[arg(long, global = true, value_name = "OUTCOME", value_parser = ["success", "failure"])]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "success")]
    pub(crate) simulate: Option<String>,
    /// Shows the trace, which RUST_LOG filters; twice for more
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
    /// All words of the command line.
    #[arg(skip)]
    pub(crate) words: Vec<OsString>,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Starts a build of a job, and follows it with --wait
    Run(Run),
    /// Starts a build of a pushed commit, as a webhook of the repository does
    Push(Push),
    /// Follows builds to their end
    Wait {
        /// The builds
        #[arg(id = "wait", required = true, value_name = "JOB/NO")]
        builds: Vec<BuildId>,
        #[command(flatten)]
        following: Following,
    },
    /// Prints the log of a build
    Log {
        #[command(flatten)]
        build: Build,
        /// Follows the log until the build ends
        #[arg(short, long)]
        follow: bool,
    },
    /// Lists the steps of a build
    Steps(Build),
    /// Shows the record of a build
    Show(Build),
    /// Stops a build
    Stop(Build),
    /// Lists what a build has produced
    Artifacts(Build),
    /// Lists the builds of a job, newest first
    History(History),
    /// Lists the jobs of a project
    Jobs {
        /// The id of the CodeArts project
        project: String,
        /// Only jobs whose name contains this
        #[arg(long, value_name = "WORD")]
        search: Option<String>,
    },
    /// Says which credential is found where, and whether the service takes it
    Login,
    /// Prints a script that completes the command line
    Completions { shell: clap_complete::Shell },
}

/// What starts a build.
#[derive(Args)]
pub(crate) struct Start {
    /// The id of the job: 32 letters and digits
    pub(crate) job: String,
    /// Follows the build to its end
    #[arg(long)]
    pub(crate) wait: bool,
    #[command(flatten)]
    pub(crate) following: Following,
}

#[derive(Args)]
pub(crate) struct Run {
    #[command(flatten)]
    pub(crate) start: Start,
    /// Parameters; NAME alone takes the value of the environment variable NAME
    #[arg(value_name = "NAME=VALUE")]
    pub(crate) parameters: Vec<String>,
    /// The commit to build
    #[arg(long, value_name = "SHA", conflicts_with = "tag")]
    pub(crate) commit: Option<String>,
    /// The tag to build
    #[arg(long)]
    pub(crate) tag: Option<String>,
}

#[derive(Args)]
pub(crate) struct Push {
    #[command(flatten)]
    pub(crate) start: Start,
    /// The branch that was pushed to
    #[arg(long)]
    pub(crate) branch: String,
    /// The newest commit after the push, which is built
    #[arg(long, value_name = "SHA")]
    pub(crate) after: String,
}

/// How builds are followed.
#[derive(Args)]
#[group(multiple = true, requires = "wait")]
pub(crate) struct Following {
    /// Prints the log while the build runs
    #[arg(long)]
    pub(crate) log: bool,
    /// How long to follow the build, as 30m
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) timeout: Option<Duration>,
    /// Stops the build on Ctrl-C or SIGTERM
    #[arg(long)]
    pub(crate) stop_on_interrupt: bool,
}

#[derive(Args)]
pub(crate) struct History {
    /// The id of the job: 32 letters and digits
    pub(crate) job: String,
    /// Only builds that started since this time, as 2026-11-27T08:00:00Z
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<Timestamp>,
    /// How many builds at most
    #[arg(long, value_name = "COUNT", default_value_t = 20)]
    pub(crate) limit: usize,
}

#[derive(Args)]
pub(crate) struct Build {
    /// The build
    #[arg(value_name = "JOB/NO")]
    pub(crate) id: BuildId,
}

fn duration(text: &str) -> Result<Duration, &'static str> {
    let time = text.parse::<jiff::SignedDuration>().ok().and_then(|time| time.try_into().ok());
    time.filter(|time: &Duration| !time.is_zero()).ok_or("must be a time, as 90s, 30m or 1h30m")
}
