//! Following builds to their end.

use crate::exit::{Exit, Failure};
use crate::{arguments::*, output::*, read, session::Session};
use codearts_build::{BuildId, Conclusion, Error, Watch, types::*};
use futures_util::future::{Either, OptionFuture, join_all, select};
use futures_util::{Stream, StreamExt, TryFutureExt, stream};
use std::{cell::RefCell, collections::BTreeSet, future, pin::pin, time::Duration};
use tokio::{sync::mpsc::unbounded_channel, time};

/// How often the running step is read, for one build. Of many, each is read less often.
const STEPS: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(10));
/// How long a second interrupt is waited for.
const SECOND: Duration = Duration::from_secs(3);
/// How long the end of a log is waited for after the end of its build.
const LOG_END: Duration = Duration::from_secs(60);
/// How much of the end of a log is shown, in lines.
const LINES: usize = 20;

/// What follows builds.
pub(crate) struct Follower<'a> {
    pub(crate) session: &'a Session<'a>,
    pub(crate) following: &'a Following,
    /// The builds that go on.
    pub(crate) builds: RefCell<BTreeSet<BuildId>>,
}

impl Follower<'_> {
    /// Follows the builds to their end, all at once.
    pub(crate) async fn follow_all(self) -> Result<Exit, Failure> {
        let builds = self.builds.borrow().clone();
        if self.following.log && builds.len() > 1 {
            return Err(Error::invalid_argument("--log: only one log can be printed").into());
        }
        tokio::select! {
            exits = join_all(builds.iter().map(|id| self.follow(id))) => {
                Ok(exits.into_iter().max().unwrap_or(Exit::Succeeded))
            }
            () = self.session.interrupted() => Ok(self.leave().await),
        }
    }

    /// Ends the waiting: says how to go on. On a second interrupt, or if it is asked to, it stops the builds
    /// first.
    pub(crate) async fn leave(&self) -> Exit {
        let (Session { client, output, .. }, builds) = (self.session, self.builds.take());
        let names: Vec<_> = builds.iter().map(ToString::to_string).collect();
        let (all, mut stopped) = (names.join(" "), self.following.stop_on_interrupt);
        if !stopped {
            let again = self.session.command_line(&format!("wait {all}"));
            output.say(HINT, format_args!("Interrupted. To follow what goes on: {again}"));
            output.say(HINT, "Interrupt again within three seconds to stop it.");
            stopped = time::timeout(SECOND, self.session.interrupted()).await.is_ok();
        }
        if stopped {
            output.say(HINT, format_args!("Stopping {all}"));
            let stop = async |id| {
                let failed = |error: &Error| format!("error: {id} may not be stopped: {error}");
                let stopped = client.stop(id).await;
                stopped.inspect_err(|error| output.say(BAD, failed(error))).is_ok()
            };
            stopped = tokio::select! {
                results = join_all(builds.iter().map(stop)) => !results.contains(&false),
                () = self.session.interrupted() => false,
            };
        }
        _ = output.event(&Event::Interrupted { builds: names, stopped });
        Exit::Interrupted
    }

    /// Follows one build, and says how it ended.
    async fn follow(&self, id: &BuildId) -> Exit {
        let output = self.session.output;
        let log = read::log(self.session, id, true).unwrap_or_else(|Failure { error, .. }| {
            output.say(HINT, format_args!("The log ends here: {error}"));
        });
        let log = pin!(OptionFuture::from(self.following.log.then_some(log)));
        // Whatever happens to the log, the build is followed.
        let record = match select(pin!(self.last_record(id)), log).await {
            Either::Left((record, log)) => {
                // The log may end later than its build.
                if record.is_ok() && time::timeout(LOG_END, log).await.is_err() {
                    output.say(HINT, "The log may not be complete");
                }
                record
            }
            Either::Right((_, record)) => record.await,
        };
        let exit = match record {
            Ok(record) => self.ended(id, record).await,
            Err(error) => self.lost(id, error),
        };
        self.builds.borrow_mut().remove(id);
        exit
    }

    /// Says that a build can no longer be followed.
    fn lost(&self, id: &BuildId, error: Error) -> Exit {
        let was_started = !matches!(self.session.arguments.command, Command::Wait { .. });
        // It must not look as if nothing was started.
        let goes_on = was_started || error.is_time_limit();
        let failure = Failure::from(error);
        let exit = if goes_on { Exit::GoesOn } else { failure.exit };
        let again = self.session.command_line(&format!("wait {id}"));
        let advice = format!("To follow the build again: {again}");
        Failure { exit, advice, build: Some(id.clone()), ..failure }.report(self.session.output)
    }

    /// Says how a build ended.
    async fn ended(&self, id: &BuildId, record: BuildRecord) -> Exit {
        let output = self.session.output;
        let conclusion = record.conclusion().unwrap_or(Conclusion::Unknown);
        let is_good = conclusion == Conclusion::Succeeded;
        let (style, exit) = if is_good { (GOOD, Exit::Succeeded) } else { (BAD, Exit::Failed) };
        let after = record.took().map(|time| format!(" after {}", took(time))).unwrap_or_default();
        let message = record.err_msg.iter().filter(|message| !message.trim().is_empty());
        let message: String = message.map(|message| format!(": {message}")).collect();
        output.say(style, format_args!("{id} {conclusion}{after}{message}"));
        let (failed_step, log_end) = match conclusion {
            Conclusion::Succeeded | Conclusion::Canceled => Default::default(),
            _ => self.explain(id).await,
        };
        let (build, outcome, record) = (id.to_string(), conclusion.to_string(), Box::new(record));
        _ = output.event(&Event::Ended { build, outcome, failed_step, log_end, record });
        exit
    }

    /// Says which step failed, and how the log ends, unless it was printed. That these cannot be read changes
    /// nothing of the outcome.
    async fn explain(&self, id: &BuildId) -> (Option<String>, Vec<String>) {
        let Session { client, output, .. } = self.session;
        let unread = |what: &str, error: &Error| {
            output.say(HINT, format_args!("The {what} cannot be read: {error}"));
        };
        let step = client.failed_step(id).await.inspect_err(|error| unread("steps", error));
        let failed_step = step.ok().flatten().map(|step| step.name().to_owned());
        failed_step.iter().for_each(|step| output.say(BAD, format_args!("Step {step:?} failed")));
        if self.following.log {
            return (failed_step, Vec::new());
        }
        let log = client.log_end(id, LINES).await.inspect_err(|error| unread("log", error));
        log.iter().for_each(|_| output.say(PLAIN, "The log ends with"));
        let lines = log.unwrap_or_default();
        lines.iter().for_each(|line| output.say(PLAIN, format_args!("  {line}")));
        (failed_step, lines)
    }

    /// Shows what happens until the build ends: in a live line on a terminal, otherwise a line a change.
    async fn last_record(&self, id: &BuildId) -> Result<BuildRecord, Error> {
        let (output, start) = (self.session.output, time::Instant::now());
        let (tell, mut failed_polls) = unbounded_channel();
        let watch = self.session.client.watch(id);
        let watch = watch.on_failed_poll(move |error| _ = tell.send(error.clone()));
        let mut watch = self.following.timeout.into_iter().fold(watch, Watch::timeout);
        let (mut steps, live_line) = (pin!(self.running_steps(id)), output.live_line(id));
        let mut last = BuildRecord::default();
        let (mut step, mut shown) = (String::new(), String::new());
        loop {
            use BuildStatus::{InQueue, Starting, Unreported};
            let runs = !matches!(last.status, Unreported | InQueue | Starting);
            let mut waiting = String::new();
            tokio::select! {
                record = watch.next() => match record.transpose()? {
                    Some(record) => last = record,
                    None => return Ok(last),
                },
                Some(error) = failed_polls.recv() => waiting = format!("waiting: {error}"),
                Some(running) = steps.next(), if runs => step = running,
            }
            let step = if last.is_finished() { String::new() } else { step.clone() };
            let text = [last.status.as_str(), &step, &waiting].join("  ").trim().to_owned();
            if text == shown {
                continue;
            }
            let time = start.elapsed();
            let style = if waiting.is_empty() { PLAIN } else { HINT };
            match &live_line {
                Some(line) => line.set_message(printable(&text)),
                None => output.say(style, format_args!("{:>10}  {id}  {text}", took(time))),
            }
            let (build, status, elapsed_ms) =
                (id.to_string(), last.status.to_string(), millis(time));
            _ = output.event(&Event::Changed { build, elapsed_ms, status, step, waiting });
            shown = text;
        }
    }

    /// The step that runs, read from time to time.
    fn running_steps(&self, id: &BuildId) -> impl Stream<Item = String> {
        let runs =
            |it: &BuildStep| it.conclusion().is_none() && it.status != BuildStatus::Unreported;
        let next = move |delay: Duration| async move {
            let count = u32::try_from(self.builds.borrow().len()).unwrap_or(u32::MAX);
            time::sleep(delay.saturating_mul(count)).await;
            // A step that cannot be read is not worth a word.
            let steps = self.session.client.steps(id).await.unwrap_or_default();
            let running = steps.into_iter().rfind(runs).map(|step| step.name().to_owned());
            Some((running, delay.saturating_mul(2).clamp(STEPS.0, STEPS.1)))
        };
        stream::unfold(Duration::ZERO, next).filter_map(future::ready)
    }
}
