//! Following builds to their end.

use crate::{
    arguments::Wait,
    event::{Build, Event, millis, word},
    exit::Exit,
    explain::explain,
    failure::Failure,
    interrupt,
    log::LogPrinter,
    output::{BAD, GOOD, HINT, Output, PLAIN, took},
    process::Interrupts,
    session::Session,
};
use anstyle::Style;
use codearts_build::{BuildId, Conclusion, Error, types::*};
use futures_util::{
    Stream, StreamExt,
    stream::{FuturesUnordered, unfold},
};
use indicatif::ProgressBar;
use std::{pin::pin, time::Duration};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep, timeout},
};

/// How builds are followed.
#[derive(Clone, Copy)]
pub(crate) struct Following {
    pub(crate) timeout: Option<Duration>,
    pub(crate) log: bool,
    /// Whether an interrupt stops the builds.
    pub(crate) stops: bool,
    /// Whether this command has started the build.
    pub(crate) started: bool,
}

/// How often the running step is read, for one build. Of many, each is read less often.
const STEPS: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(10));
/// How long the end of a log is waited for after the end of its build.
const LOG_END: Duration = Duration::from_secs(60);

pub(crate) async fn wait(
    session: &Session<'_>,
    wait: &Wait,
    interrupts: &mut Interrupts,
) -> Result<Exit, Failure> {
    let mut builds = Vec::new();
    for build in &wait.builds {
        if !builds.contains(build) {
            builds.push(build.clone());
        }
    }
    let (timeout, stops) = (wait.timeout, wait.stop_on_interrupt);
    let following = Following { timeout, log: false, stops, started: false };
    Ok(follow(session, builds, following, interrupts).await)
}

/// Follows builds, all at once. Of several, the worst decides how the command ends.
pub(crate) async fn follow(
    session: &Session<'_>,
    builds: Vec<BuildId>,
    following: Following,
    interrupts: &mut Interrupts,
) -> Exit {
    let count = builds.len();
    let all = builds.iter().map(|build| async move {
        let label = if count == 1 { String::new() } else { format!("{build}  ") };
        let share = u32::try_from(count).unwrap_or(u32::MAX);
        let line = Line::new(session.output, build, label);
        (build, follow_one(session, build, following, line, share).await)
    });
    let mut all: FuturesUnordered<_> = all.collect();
    let (mut left, mut worst) = (builds.clone(), Exit::Succeeded);
    loop {
        tokio::select! {
            next = all.next() => match next {
                Some((build, exit)) => {
                    left.retain(|it| it != build);
                    worst = worst.max(exit);
                }
                None => return worst,
            },
            Some(()) = interrupts.next() => {
                drop(all);
                return interrupt::leave(session, &left, following.stops, interrupts).await;
            }
        }
    }
}

async fn follow_one(
    session: &Session<'_>,
    build: &BuildId,
    following: Following,
    mut line: Line<'_>,
    share: u32,
) -> Exit {
    let record = match last_record(session, build, following, &mut line, share).await {
        Ok(record) => record,
        Err(error) => {
            line.end();
            // Nothing must say that nothing was started.
            let exit = if following.started { Exit::GoesOn } else { Exit::of(&error) };
            let again = session.wait_again(std::slice::from_ref(build));
            let advice = match exit {
                Exit::Refused => None,
                _ => Some(format!("The build goes on. To follow it again: {again}")),
            };
            let mut failure = Failure::of(exit, error).about(build);
            if let Some(advice) = advice {
                failure = failure.with_advice(advice);
            }
            return failure.report(session.output);
        }
    };
    line.end();
    let conclusion = record.conclusion().unwrap_or(Conclusion::Unknown);
    let has_succeeded = conclusion == Conclusion::Succeeded;
    let style = if has_succeeded { GOOD } else { BAD };
    let after = record.took().map(|time| format!(" after {}", took(time))).unwrap_or_default();
    let message = record.err_msg.as_deref().filter(|message| !message.trim().is_empty());
    let message = message.map(|message| format!(": {message}")).unwrap_or_default();
    session.output.say(style, format_args!("{build} {conclusion}{after}{message}"));
    let (failed_step, log_end) = match conclusion {
        Conclusion::Succeeded | Conclusion::Canceled => (None, Vec::new()),
        _ => explain(session, build, !following.log).await,
    };
    let build = Build::of_record(build, &record);
    _ = session.output.event(&Event::Ended { build, failed_step, log_end });
    if has_succeeded { Exit::Succeeded } else { Exit::Failed }
}

/// Shows what happens until the build ends.
async fn last_record(
    session: &Session<'_>,
    build: &BuildId,
    following: Following,
    line: &mut Line<'_>,
    share: u32,
) -> Result<BuildRecord, Error> {
    let (tell, mut failed_polls) = mpsc::unbounded_channel();
    let mut watch = session.client.watch(build).on_failed_poll(move |error| {
        _ = tell.send(error.to_string());
    });
    if let Some(time) = following.timeout {
        watch = watch.timeout(time);
    }
    let mut log = pin!(following.log.then(|| session.client.follow_log(build)));
    let mut printer = LogPrinter::new(session.output, build);
    let mut steps = pin!(running_steps(session, build, share));
    let mut last = BuildRecord::default();
    let mut step = None;
    loop {
        let runs = !matches!(
            last.status,
            BuildStatus::Unreported | BuildStatus::InQueue | BuildStatus::Starting
        );
        tokio::select! {
            record = watch.next() => match record.transpose()? {
                Some(record) => last = record,
                None => break,
            },
            Some(message) = failed_polls.recv() => {
                line.wait(&message);
                continue;
            }
            Some(running) = steps.next(), if runs => step = running.or(step),
            Some(part) = next_part(&mut log) => {
                printer.take(part);
                continue;
            }
        }
        if last.is_finished() {
            step = None;
        }
        line.change(&word(&last.status), step.as_deref());
    }
    let rest = async {
        while let Some(part) = next_part(&mut log).await {
            printer.take(part);
        }
    };
    if timeout(LOG_END, rest).await.is_err() {
        session.output.say(HINT, "The log may not be complete");
    }
    printer.end();
    Ok(last)
}

/// The next part of a log that is followed.
async fn next_part<S: Stream + Unpin>(log: &mut std::pin::Pin<&mut Option<S>>) -> Option<S::Item> {
    log.as_mut().as_pin_mut()?.next().await
}

/// The step that runs, read from time to time.
fn running_steps(
    session: &Session<'_>,
    build: &BuildId,
    share: u32,
) -> impl Stream<Item = Option<String>> {
    unfold(Duration::ZERO, move |delay| async move {
        sleep(delay.saturating_mul(share)).await;
        // A step that cannot be read is not worth a word.
        let steps = session.client.steps(build).await.unwrap_or_default();
        let running = steps
            .iter()
            .filter(|step| step.conclusion().is_none() && step.status != BuildStatus::Unreported);
        let name = running.last().map(|step| step.name().to_owned());
        let delay = delay.saturating_mul(2).clamp(STEPS.0, STEPS.1);
        Some((name, delay))
    })
}

/// What is shown of a build while it is followed: a live line on a terminal, otherwise a line a change.
struct Line<'a> {
    output: &'a Output,
    build: &'a BuildId,
    label: String,
    live: Option<ProgressBar>,
    start: Instant,
    shown: String,
}

impl<'a> Line<'a> {
    fn new(output: &'a Output, build: &'a BuildId, label: String) -> Self {
        let live = output.live_line(label.clone());
        Self { output, build, label, live, start: Instant::now(), shown: String::new() }
    }

    fn change(&mut self, status: &str, step: Option<&str>) {
        let step = step.filter(|step| !step.is_empty());
        let text = step.map_or(status.to_owned(), |step| format!("{status}  {step}"));
        if self.show(PLAIN, text) {
            _ = self.output.event(&Event::Changed {
                build: self.build.to_string(),
                status: status.to_owned(),
                step: step.map(str::to_owned),
                elapsed_ms: millis(self.start.elapsed()),
            });
        }
    }

    fn wait(&mut self, message: &str) {
        if self.show(HINT, format!("waiting: {message}")) {
            let (build, message) = (self.build.to_string(), message.to_owned());
            _ = self.output.event(&Event::Waiting { build, message });
        }
    }

    /// Shows a text, and returns whether it is another one than before.
    fn show(&mut self, style: Style, text: String) -> bool {
        if self.shown == text {
            return false;
        }
        match &self.live {
            Some(live) => live.set_message(self.output.painted(style, &text)),
            None => {
                let (elapsed, label) = (took(self.start.elapsed()), &self.label);
                self.output.say(style, format_args!("{elapsed:>10}  {label}{text}"));
            }
        }
        self.shown = text;
        true
    }

    fn end(&self) {
        if let Some(live) = &self.live {
            live.finish_and_clear();
        }
    }
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        self.end();
    }
}
