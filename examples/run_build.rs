//! Starts a build, follows it until it ends and prints its outcome; of one that failed, where and why.

use codearts_build::{
    Client, Conclusion, StartedBuild, StopOutcome, simulation::SimulatedService, types::*,
};
use futures_util::StreamExt;
use lexopt::prelude::*;
use std::{
    env,
    error::Error as StdError,
    ffi::OsString,
    fmt::Display,
    io::{self, IsTerminal, Write},
    process::ExitCode,
    time::Duration,
};
use tokio::{
    signal::ctrl_c,
    time::{Instant, interval},
};

const HELP: &str = "\
Starts a build of a CodeArts Build job, follows it until it ends and prints its outcome.

usage: run_build [JOB_ID [NAME=VALUE ...]] [--commit ID | --tag TAG] [--stop]

  JOB_ID        id of the build job: 32 letters and digits
  NAME=VALUE    a parameter of the build
  --commit ID   the commit to build
  --tag TAG     the tag to build
  --stop        stop the build on Ctrl-C; without it, the build goes on
  --help        this text

The environment names the service and the credential:
  CODEARTS_BUILD_REGION     region, for example cn-north-4; or OS_REGION_NAME
  CODEARTS_BUILD_ENDPOINT   base URL instead of the region's public endpoint
  CODEARTS_BUILD_TOKEN      IAM token of the region, scoped to a project; or
  HUAWEICLOUD_SDK_AK, HUAWEICLOUD_SDK_SK                access key; or
  OS_USER_DOMAIN_NAME, OS_USERNAME, OS_PASSWORD         IAM user; or
  HUAWEICLOUD_OIDC_PROVIDER_URN and the like            ID token for STS; or
  HUAWEICLOUD_SDK_IDP_ID, HUAWEICLOUD_SDK_ID_TOKEN_FILE ID token for IAM; or
  HC_CONTAINER_CREDENTIALS_FULL_URI and the like        pod identity; or
  HUAWEICLOUD_SDK_CREDENTIALS_FILE                      profile file

If none of them is set, the build runs on a simulated service on this machine.

exit code: 0 the build succeeded, 1 it did not, 2 invalid argument or failed call";

/// The job and the commit for the simulated service, if the command line names no job.
const SIMULATED_JOB: &str = "f9d6c8466d614a9788e9a0acf6c15f46";
const SIMULATED_COMMIT: &str = "2fdc0170f0d540ae952c03ee6cabae3a8943d16a";

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("run_build: {}", printable(&error.to_string()));
            ExitCode::from(2)
        }
    }
}

async fn run() -> Result<ExitCode, Box<dyn StdError>> {
    let Some(Arguments { request, stops }) = arguments()? else {
        print_line(HELP);
        return Ok(ExitCode::SUCCESS);
    };
    let (client, request, _service) = if is_anything_set() {
        let request = request.ok_or("the id of a build job is missing (see --help)")?;
        (Client::from_env()?, request, None)
    } else {
        let service = SimulatedService::start().await?;
        print_line(format_args!(
            "The environment names no service; using a simulated one at {}",
            service.endpoint()
        ));
        let request = match request {
            Some(request) => request,
            None => RunJobRequest::new(SIMULATED_JOB)?
                .with_parameter("codeBranch", "master")?
                .with_commit(SIMULATED_COMMIT),
        };
        (service.client()?, request, Some(service))
    };

    let details = details(&request);
    let build = client.run_job(request).await?;
    print_line(format_args!(
        "Started build {} of job {}{details}",
        build.build_no(),
        build.job_id()
    ));
    let record = follow(&client, &build, stops).await?;
    summarize(&build, &record);
    if matches!(record.conclusion(), Some(Conclusion::Failed | Conclusion::TimedOut)) {
        explain(&client, &build).await;
    }
    Ok(if record.is_success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

struct Arguments {
    /// `None` if no job is named.
    request: Option<RunJobRequest>,
    /// Whether Ctrl-C stops the build.
    stops: bool,
}

/// Reads the command line: `None` if it asks for help.
fn arguments() -> Result<Option<Arguments>, Box<dyn StdError>> {
    let mut request: Option<RunJobRequest> = None;
    let (mut commit, mut tag, mut stops) = (None, None, false);
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("help") | Short('h') => return Ok(None),
            Long("commit") => commit = Some(text(arguments.value()?)?),
            Long("tag") => tag = Some(text(arguments.value()?)?),
            Long("stop") => stops = true,
            Value(value) => {
                let argument = text(value)?;
                request = Some(match request {
                    None => new_request(&argument)?,
                    Some(request) => add_parameter(request, &argument)?,
                });
            }
            unknown => return Err(unknown.unexpected().into()),
        }
    }
    if request.is_none() && (commit.is_some() || tag.is_some()) {
        return Err("--commit and --tag need the id of a build job".into());
    }
    let request = match (request, commit, tag) {
        (_, Some(_), Some(_)) => return Err("either --commit or --tag, not both".into()),
        (Some(request), Some(commit), None) => Some(request.with_commit(commit)),
        (Some(request), None, Some(tag)) => Some(request.with_tag(tag)),
        (request, ..) => request,
    };
    Ok(Some(Arguments { request, stops }))
}

fn new_request(argument: &str) -> Result<RunJobRequest, Box<dyn StdError>> {
    if let Some((name, _)) = argument.split_once('=') {
        let name = quoted(name);
        return Err(format!("the id of a build job must come before the parameter {name}").into());
    }
    Ok(RunJobRequest::new(argument)?)
}

fn add_parameter(
    request: RunJobRequest,
    argument: &str,
) -> Result<RunJobRequest, Box<dyn StdError>> {
    let parameter = argument.split_once('=');
    let (name, value) = parameter
        .ok_or_else(|| format!("a parameter must be NAME=VALUE, not {}", quoted(argument)))?;
    Ok(request.with_parameter(name, value)?)
}

fn text(argument: OsString) -> Result<String, String> {
    argument.into_string().map_err(|argument| {
        // The value of a parameter may be a secret.
        let shown = argument.to_string_lossy();
        let name = shown.split('=').next().unwrap_or_default();
        format!("the argument {} is not valid UTF-8", quoted(name))
    })
}

/// Quotes an argument for a message: escaped, and at most 60 characters of it.
fn quoted(argument: &str) -> String {
    format!("{:?}", argument.chars().take(60).collect::<String>())
}

/// Whether the environment names a service or a credential.
fn is_anything_set() -> bool {
    let names = env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let prefixes = ["CODEARTS_BUILD_", "HUAWEICLOUD_SDK_", "HUAWEICLOUD_OIDC_", "HC_CONTAINER_"];
    let exact = ["CLOUD_SDK_AK", "CLOUD_SDK_SK", "OS_USERNAME", "OS_PASSWORD", "OS_REGION_NAME"];
    names.into_iter().any(|name| {
        exact.contains(&&*name) || prefixes.iter().any(|prefix| name.starts_with(prefix))
    })
}

/// Describes the request. Values of parameters may be secrets, so only their names are shown.
fn details(request: &RunJobRequest) -> String {
    let names: Vec<_> = request.parameter.iter().map(|item| item.name.as_str()).collect();
    let mut details = match names.as_slice() {
        [] => String::new(),
        names => format!(", with {}", names.join(", ")),
    };
    if let Some(scm) = &request.scm {
        let commit = scm.build_commit_id.iter().map(|commit| format!(", at commit {commit}"));
        let tag = scm.build_tag.iter().map(|tag| format!(", at tag {tag}"));
        details.extend(commit.chain(tag));
    }
    details
}

/// Prints each change of the build's status; on a terminal, also the time that has passed. Stops the build on
/// Ctrl-C if it is asked to.
async fn follow(
    client: &Client,
    build: &StartedBuild,
    mut stops: bool,
) -> Result<BuildRecord, Box<dyn StdError>> {
    let start = Instant::now();
    let terminal = io::stdout().is_terminal();
    let mut records = client.watch(build);
    let mut redraw = interval(Duration::from_millis(100));
    let mut last: Option<BuildRecord> = None;
    let mut frames = ['|', '/', '-', '\\'].iter().cycle();
    // It listens from here on, also while the loop does something else.
    let mut pressed = Box::pin(ctrl_c());
    loop {
        let next = tokio::select! {
            next = records.next() => next,
            _ = redraw.tick(), if terminal => {
                let status = last.as_ref().map_or(BuildStatus::Unreported, |it| it.status.clone());
                let frame = frames.next().unwrap_or(&'|');
                let elapsed = seconds(start.elapsed());
                print!("\r\x1b[2K{elapsed:>9}  {frame} {}", printable(status.as_str()));
                io::stdout().flush()?;
                continue;
            }
            outcome = &mut pressed => {
                outcome?;
                if !stops {
                    return Err("interrupted; the build goes on".into());
                }
                // The next Ctrl-C ends the waiting.
                stops = false;
                pressed = Box::pin(ctrl_c());
                print_line(match client.stop(build).await? {
                    StopOutcome::Accepted => "Stopping the build",
                    StopOutcome::HadEnded => "The build had ended already",
                });
                continue;
            }
        };
        if terminal {
            print!("\r\x1b[2K");
        }
        let Some(record) = next.transpose()? else {
            return last.ok_or_else(|| "the build has no record".into());
        };
        if last.as_ref().map(|last| &last.status) != Some(&record.status) {
            print_line(format_args!(
                "{:>9}  {}",
                seconds(start.elapsed()),
                printable(record.status.as_str())
            ));
        }
        last = Some(record);
    }
}

fn summarize(build: &StartedBuild, record: &BuildRecord) {
    let outcome = match &record.status {
        status if status.is_success() => "succeeded".to_owned(),
        status => format!("did not succeed, it ended {status}"),
    };
    let duration = record.took().map(|duration| format!(" after {}", seconds(duration)));
    print_line(format_args!(
        "Build {} {}{}",
        build.build_no(),
        printable(&outcome),
        duration.unwrap_or_default()
    ));
    let trigger = record.trigger_type.as_ref().map(ToString::to_string);
    for (name, value) in [
        ("error", &record.err_msg),
        ("repository", &record.repo_name),
        ("branch", &record.branch),
        ("tag", &record.tag),
        ("commit", &record.commit),
        ("message", &record.commit_message),
        ("trigger", &trigger),
        ("started", &record.start_time),
        ("finished", &record.finish_time),
    ] {
        if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
            print_line(format_args!("  {name:<10}  {}", printable(value)));
        }
    }
}

/// How much of the end of a log is shown, in lines.
const LOG_LINES: usize = 20;

/// Prints the step that failed and the end of the log. That these cannot be read changes nothing of the
/// outcome.
async fn explain(client: &Client, build: &StartedBuild) {
    match client.failed_step(build).await {
        Err(error) => print_line(format_args!("The steps cannot be read: {error}")),
        Ok(Some(step)) => {
            let took = step.took().map(|took| format!(" after {}", seconds(took)));
            let (name, took) = (printable(step.name()), took.unwrap_or_default());
            print_line(format_args!("Step {name:?} {}{took}", printable(step.status.as_str())));
        }
        Ok(None) => {}
    }
    match client.log_end(build, LOG_LINES).await {
        Err(error) => print_line(format_args!("The log cannot be read: {error}")),
        Ok(lines) => {
            print_line("The log ends with");
            lines.iter().for_each(|line| print_line(format_args!("  {}", printable(line))));
        }
    }
}

/// Prints a line. Ignores errors: the reader may be gone, as in `run_build --help | head -1`.
fn print_line(line: impl Display) {
    let _ = writeln!(io::stdout(), "{line}");
}

fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

/// Replaces control characters, so that text from a service cannot control the terminal.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
