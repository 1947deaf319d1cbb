//! Following builds to their end.

use crate::arguments::{Build, Following, Log, Wait};
use crate::exit::{Exit, Failure};
use crate::{event::Event, explain::explain, interrupt, log, output::*, session::Session};
use codearts_build::{BuildId, Conclusion, Error, types::*};
use futures_util::{
    Stream, StreamExt,
    future::{Either, select},
    stream,
};
use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};
use std::{collections::BTreeSet, pin::pin, time::Duration};
use tokio::time::{Instant, sleep, timeout};

/// How often the running step is read, for one build. Of many, each is read less often.
const STEPS: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(10));
/// How long the end of a log is waited for after the end of its build.
const LOG_END: Duration = Duration::from_secs(60);

pub(crate) async fn wait(session: &Session<'_>, wait: &Wait) -> Result<Exit, Failure> {
    // No build is followed twice.
    let builds: Vec<_> = wait.builds.iter().cloned().collect::<BTreeSet<_>>().into_iter().collect();
    if wait.following.log && builds.len() > 1 {
        return Err(Error::invalid_argument("--log: only one log can be printed").into());
    }
    Ok(follow(session, builds, &wait.following, false).await)
}

/// Follows builds, all at once.
pub(crate) async fn follow(
    session: &Session<'_>,
    mut builds: Vec<BuildId>,
    following: &Following,
    was_started: bool,
) -> Exit {
    let (count, mut worst) = (builds.len(), Exit::Succeeded);
    let all = builds.iter().cloned();
    let all =
        all.map(async |id| (follow_one(session, &id, following, was_started, count).await, id));
    let mut all: stream::FuturesUnordered<_> = all.collect();
    while !builds.is_empty() {
        tokio::select! {
            Some((exit, build)) = all.next() => {
                builds.retain(|it| *it != build);
                worst = worst.max(exit);
            }
            () = session.interrupted() => {
                drop(all);
                return interrupt::leave(session, &builds, following.stop_on_interrupt).await;
            }
        }
    }
    worst
}

/// Follows one build of several, and says how it ended.
async fn follow_one(
    session: &Session<'_>,
    id: &BuildId,
    following: &Following,
    was_started: bool,
    count: usize,
) -> Exit {
    let record = pin!(last_record(session, id, following.timeout, count));
    let record = match select(record, pin!(print_log(session, id, following.log))).await {
        Either::Left((record, log)) => {
            // The log may end later than its build.
            if record.is_ok() && timeout(LOG_END, log).await.is_err() {
                session.output.say(HINT, "The log may not be complete");
            }
            record
        }
        Either::Right(((), record)) => record.await,
    };
    match record {
        Ok(record) => ended(session, id, record, following.log).await,
        Err(error) => lost(session, id, error, was_started),
    }
}

/// Prints the log if that is wanted. Whatever happens to it, the build is followed.
async fn print_log(session: &Session<'_>, id: &BuildId, is_wanted: bool) {
    let log = Log { build: Build { id: id.clone() }, follow: true };
    if is_wanted && let Err(Failure { error, .. }) = log::log(session, &log).await {
        session.output.say(HINT, format_args!("The log ends here: {error}"));
    }
}

/// Says that a build can no longer be followed.
fn lost(session: &Session<'_>, build: &BuildId, error: Error, was_started: bool) -> Exit {
    let again = session.command_line(&format!("wait {build}"));
    let advice = format!("To follow the build again: {again}");
    let failure = Failure { build: Some(build.clone()), advice, ..error.into() };
    // It must not look as if nothing was started.
    let exit = if was_started { Exit::GoesOn } else { failure.exit };
    Failure { exit, ..failure }.report(session.output)
}

/// Says how a build ended.
async fn ended(session: &Session<'_>, id: &BuildId, record: BuildRecord, has_log: bool) -> Exit {
    let conclusion = record.conclusion().unwrap_or(Conclusion::Unknown);
    let (style, exit) = match conclusion {
        Conclusion::Succeeded => (GOOD, Exit::Succeeded),
        _ => (BAD, Exit::Failed),
    };
    let after = record.took().map(|time| format!(" after {}", took(time))).unwrap_or_default();
    let message = record.err_msg.iter().filter(|message| !message.trim().is_empty());
    let message: String = message.map(|message| format!(": {message}")).collect();
    session.output.say(style, format_args!("{id} {conclusion}{after}{message}"));
    let why = match conclusion {
        Conclusion::Succeeded | Conclusion::Canceled => None,
        _ => Some(explain(session, id, !has_log).await),
    };
    let (build, outcome, record) = (id.to_string(), conclusion.to_string(), Box::new(record));
    _ = session.output.event(&Event::Ended { build, outcome, why, record });
    exit
}

/// Shows what happens until the build ends.
async fn last_record(
    session: &Session<'_>,
    id: &BuildId,
    time_limit: Option<Duration>,
    count: usize,
) -> Result<BuildRecord, Error> {
    let (tell, mut failed_polls) = tokio::sync::mpsc::unbounded_channel();
    let watch = session.client.watch(id).on_failed_poll(move |error| _ = tell.send(error.clone()));
    let mut watch = time_limit.into_iter().fold(watch, |watch, time| watch.timeout(time));
    let mut steps = pin!(running_steps(session, id, count));
    let (mut last, mut line) = (BuildRecord::default(), Line::new(session, id));
    loop {
        use BuildStatus::{InQueue, Starting, Unreported};
        let runs = !matches!(last.status, Unreported | InQueue | Starting);
        let (mut step, mut waiting) = (line.step.clone(), String::new());
        tokio::select! {
            record = watch.next() => match record.transpose()? {
                Some(record) => last = record,
                None => return Ok(last),
            },
            Some(error) = failed_polls.recv() => waiting = format!("waiting: {error}"),
            Some(running) = steps.next(), if runs => step = running,
        }
        if last.is_finished() {
            step.clear();
        }
        line.show(last.status.as_str(), step, waiting);
    }
}

/// The step that runs, read from time to time.
fn running_steps(session: &Session<'_>, id: &BuildId, count: usize) -> impl Stream<Item = String> {
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    let runs = |it: &BuildStep| it.conclusion().is_none() && it.status != BuildStatus::Unreported;
    let next = move |delay: Duration| async move {
        sleep(delay.saturating_mul(count)).await;
        // A step that cannot be read is not worth a word.
        let steps = session.client.steps(id).await.unwrap_or_default();
        let running = steps.into_iter().rfind(runs).map(|step| step.name().to_owned());
        Some((running, delay.saturating_mul(2).clamp(STEPS.0, STEPS.1)))
    };
    stream::unfold(Duration::ZERO, next).filter_map(std::future::ready)
}

/// What is shown of a build while it is followed: a live line on a terminal, otherwise a line a change.
struct Line<'a> {
    output: &'a Output,
    build: String,
    bar: ProgressBar,
    start: Instant,
    step: String,
    shown: String,
}

impl<'a> Line<'a> {
    fn new(session: &Session<'a>, build: &BuildId) -> Self {
        let (output, build, start) = (session.output, build.to_string(), Instant::now());
        let bar = ProgressBar::new_spinner().with_finish(ProgressFinish::AndClear);
        let bar = output.bars.add(bar.with_prefix(build.clone()));
        let style = ProgressStyle::with_template("{spinner} {elapsed:>4}  {prefix}  {wide_msg}");
        if let (true, Ok(style)) = (output.console.is_live, style) {
            bar.set_style(style);
            bar.enable_steady_tick(Duration::from_millis(100));
        }
        Self { output, build, bar, start, step: String::new(), shown: String::new() }
    }

    fn show(&mut self, status: &str, step: String, waiting: String) {
        self.step.clone_from(&step);
        let text = [status, &step, &waiting].join("  ").trim().to_owned();
        if self.shown == text {
            return;
        }
        let (time, build, style) =
            (self.start.elapsed(), &self.build, if waiting.is_empty() { PLAIN } else { HINT });
        match self.output.console.is_live {
            true => self.bar.set_message(self.output.painted(style, &text)),
            false => self.output.say(style, format_args!("{:>10}  {build}  {text}", took(time))),
        }
        let (build, status, elapsed_ms) = (build.clone(), status.to_owned(), millis(time));
        _ = self.output.event(&Event::Changed { build, elapsed_ms, status, step, waiting });
        self.shown = text;
    }
}
