//! Following builds to their end.

use crate::arguments::{Build, Following, Log, Wait};
use crate::exit::{Exit, Failure};
use crate::{event::Event, explain::explain, interrupt, log, output::*, session::Session};
use codearts_build::{BuildId, Conclusion, Error, types::*};
use futures_util::{Stream, StreamExt, stream};
use indicatif::{ProgressBar, ProgressStyle};
use std::{collections::HashSet, pin::pin, time::Duration};
use tokio::time::{Instant, sleep, timeout};

/// How often the running step is read, for one build. Of many, each is read less often.
const STEPS: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(10));
/// How long the end of a log is waited for after the end of its build.
const LOG_END: Duration = Duration::from_secs(60);

pub(crate) async fn wait(session: &Session<'_>, wait: &Wait) -> Result<Exit, Failure> {
    let (mut builds, mut seen) = (wait.builds.clone(), HashSet::new());
    builds.retain(|build| seen.insert(build.clone()));
    if wait.following.log && builds.len() > 1 {
        return Err(Error::invalid_argument("--log: only one log can be printed").into());
    }
    Ok(follow(session, &builds, &wait.following, false).await)
}

/// Follows builds, all at once.
pub(crate) async fn follow(
    session: &Session<'_>,
    builds: &[BuildId],
    following: &Following,
    was_started: bool,
) -> Exit {
    let mut all: stream::FuturesUnordered<_> = builds
        .iter()
        .map(|build| async move {
            match last_record(session, build, following, builds.len()).await {
                Ok(record) => (build, ended(session, build, record, following.log).await),
                Err(error) => (build, lost(session, build, error, was_started)),
            }
        })
        .collect();
    let (mut left, mut worst) = (builds.to_vec(), Exit::Succeeded);
    loop {
        tokio::select! {
            next = all.next() => match next {
                Some((build, exit)) => {
                    left.retain(|it| it != build);
                    worst = worst.max(exit);
                }
                None => return worst,
            },
            () = session.interrupted() => {
                drop(all);
                return interrupt::leave(session, &left, following.stop_on_interrupt).await;
            }
        }
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
    let has_succeeded = conclusion == Conclusion::Succeeded;
    let after = record.took().map(|time| format!(" after {}", took(time))).unwrap_or_default();
    let message = record.err_msg.as_deref().filter(|message| !message.trim().is_empty());
    let message = message.map(|message| format!(": {message}")).unwrap_or_default();
    let style = if has_succeeded { GOOD } else { BAD };
    session.output.say(style, format_args!("{id} {conclusion}{after}{message}"));
    let is_explained = !has_succeeded && conclusion != Conclusion::Canceled;
    let why = if is_explained { Some(explain(session, id, !has_log).await) } else { None };
    let (build, outcome, record) = (id.to_string(), conclusion.to_string(), Box::new(record));
    _ = session.output.event(&Event::Ended { build, outcome, why, record });
    if has_succeeded { Exit::Succeeded } else { Exit::Failed }
}

/// Shows what happens until the build ends.
async fn last_record(
    session: &Session<'_>,
    id: &BuildId,
    following: &Following,
    count: usize,
) -> Result<BuildRecord, Error> {
    let (tell, mut failed_polls) = tokio::sync::mpsc::unbounded_channel();
    let mut watch = session.client.watch(id);
    watch = watch.on_failed_poll(move |error| _ = tell.send(error.to_string()));
    watch = following.timeout.into_iter().fold(watch, |watch, time| watch.timeout(time));
    let log = Log { build: Build { id: id.clone() }, follow: true };
    let (mut log, mut has_log) = (pin!(log::log(session, &log)), following.log);
    let mut steps = pin!(running_steps(session, id, count));
    let (mut last, mut step, mut line) = (BuildRecord::default(), None, Line::new(session, id));
    loop {
        use BuildStatus::{InQueue, Starting, Unreported};
        let runs = !matches!(last.status, Unreported | InQueue | Starting);
        tokio::select! {
            record = watch.next() => match record.transpose()? {
                Some(record) => last = record,
                None => break,
            },
            Some(message) = failed_polls.recv() => {
                line.wait(message);
                continue;
            }
            Some(running) = steps.next(), if runs => step = running.or(step),
            printed = &mut log, if has_log => {
                has_log = false;
                note(session, printed);
                continue;
            }
        }
        line.change(last.status.as_str(), step.as_deref().filter(|_| !last.is_finished()));
    }
    if has_log {
        match timeout(LOG_END, log).await {
            Ok(printed) => note(session, printed),
            Err(_) => session.output.say(HINT, "The log may not be complete"),
        }
    }
    Ok(last)
}

/// Says why a log ends early. The build is followed nevertheless.
fn note(session: &Session<'_>, printed: Result<(), Failure>) {
    if let Err(Failure { error, .. }) = printed {
        session.output.say(HINT, format_args!("The log ends here: {error}"));
    }
}

/// The step that runs, read from time to time.
fn running_steps(
    session: &Session<'_>,
    build: &BuildId,
    count: usize,
) -> impl Stream<Item = Option<String>> {
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    stream::unfold(Duration::ZERO, move |delay| async move {
        sleep(delay.saturating_mul(count)).await;
        // A step that cannot be read is not worth a word.
        let steps = session.client.steps(build).await.unwrap_or_default();
        let runs = |step: &&BuildStep| {
            step.conclusion().is_none() && step.status != BuildStatus::Unreported
        };
        let name = steps.iter().rfind(runs).map(|step| step.name().to_owned());
        Some((name, delay.saturating_mul(2).clamp(STEPS.0, STEPS.1)))
    })
}

/// What is shown of a build while it is followed: a live line on a terminal, otherwise a line a change.
struct Line<'a> {
    output: &'a Output,
    build: String,
    bar: ProgressBar,
    start: Instant,
    shown: String,
}

impl<'a> Line<'a> {
    fn new(session: &Session<'a>, build: &BuildId) -> Self {
        let (output, build, start) = (session.output, build.to_string(), Instant::now());
        let bar = output.bars.add(ProgressBar::new_spinner().with_prefix(build.clone()));
        if output.is_live {
            let style =
                ProgressStyle::with_template("{spinner} {elapsed:>4}  {prefix}  {wide_msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar.enable_steady_tick(Duration::from_millis(100));
        }
        Self { output, build, bar, start, shown: String::new() }
    }

    fn change(&mut self, status: &str, step: Option<&str>) {
        let running = step.map(|step| format!("  {step}")).unwrap_or_default();
        if self.show(PLAIN, format!("{status}{running}")) {
            let (build, status, step) =
                (self.build.clone(), status.into(), step.map(str::to_owned));
            let elapsed_ms = millis(self.start.elapsed());
            _ = self.output.event(&Event::Changed { build, status, step, elapsed_ms });
        }
    }

    fn wait(&mut self, message: String) {
        if self.show(HINT, format!("waiting: {message}")) {
            _ = self.output.event(&Event::Waiting { build: self.build.clone(), message });
        }
    }

    /// Shows a text, and returns whether it is another one than before.
    fn show(&mut self, style: anstyle::Style, text: String) -> bool {
        let is_new = self.shown != text;
        if is_new && self.output.is_live {
            self.bar.set_message(self.output.painted(style, &text));
        } else if is_new {
            let (elapsed, build) = (took(self.start.elapsed()), &self.build);
            self.output.say(style, format_args!("{elapsed:>10}  {build}  {text}"));
        }
        self.shown = text;
        is_new
    }
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
