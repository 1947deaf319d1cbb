//! Promise: whatever a service responds, the client neither panics nor calls a success an error or an
//! error a success, and says that nothing was started only with proof of it.
//!
//! `just made-up-responses` tries a million responses for each operation.

mod operation;
mod oracle;
mod response;
mod server;

use crate::support::CANARY;
use codearts_build::{Client, Credential, Error, ErrorKind, RetryPolicy, types::*};
use futures_util::{StreamExt, stream};
use operation::{Call, OPERATIONS, Operation};
use oracle::Expected;
use response::MadeUp;
use serde_json::Value;
use server::Server;
use std::{env, fmt, sync::atomic::Ordering::SeqCst};

/// How many responses are tried, and the seed of the first, which an error message names.
fn seeds() -> std::ops::Range<u64> {
    let number = |name: &str, default| {
        env::var(name).map_or(default, |text| text.parse().expect("the variable must be a number"))
    };
    let first = number("MADE_UP_RESPONSES_FROM", 0);
    first..first + number("MADE_UP_RESPONSES", 1500)
}

/// What a caller got.
enum Outcome {
    Success(Option<u64>),
    Failed(Error),
    Panicked,
}

/// How an operation is called.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    /// By the function of [`Client`] that is made for it.
    Function,
    /// By [`Client::request`], as every operation can be.
    Request,
}

/// Makes a call that gets the response of this seed. Success tells the number of the build.
async fn outcome(client: Client, call: Call, way: Way, seed: u64) -> Result<Option<u64>, Error> {
    let job = server::job_id(seed);
    match &*call.id {
        _ if way == Way::Request => {
            let request = client.request(&*call.method, &call.path).query("seed", job);
            request.send::<Value>().await.map(|_| None)
        }
        "RunJob" => {
            let build = client.run_job(RunJobRequest::new(job)?).await?;
            Ok(Some(build.build_no().into()))
        }
        "ExecuteAutoBuildJob" => {
            let build = client.auto_execute(job, AutoExecuteRequest::push("main")).await?;
            Ok(Some(build.build_no().into()))
        }
        _ => {
            let record = client.record_info(job, 20).await?;
            // One that is proven by its id may have any number.
            let number = record.build_no.and_then(|number| u64::try_from(i64::from(number)).ok());
            Ok(number.filter(|number| (1..=2_147_483_647).contains(number)))
        }
    }
}

fn mistake(
    call: Call,
    way: Way,
    status: u16,
    expected: &Expected,
    got: &Outcome,
) -> Option<&'static str> {
    let error = match got {
        Outcome::Panicked => return Some("a panic"),
        Outcome::Success(_) if expected.success == Some(false) => return Some("a false success"),
        Outcome::Success(number) => {
            let right = match number {
                Some(number) => expected.numbers.contains(number),
                None => way == Way::Request || call.reads(),
            };
            return (!right).then_some("a wrong number");
        }
        Outcome::Failed(_) if expected.success == Some(true) => return Some("a false failure"),
        Outcome::Failed(error) => error,
    };
    let unknown = error.may_have_taken_effect();
    let expects_unknown = expected.may_have_taken_effect.unwrap_or(unknown);
    let code = expected.code.as_deref();
    match () {
        () if call.reads() && unknown => Some("reading has an outcome"),
        () if !call.reads() && unknown != expects_unknown => {
            Some(if unknown { "an outcome that is known" } else { "no proof of no effect" })
        }
        () if error.to_string().contains("a build may have") != (unknown && call.has_effect) => {
            Some("whether a build may have been started")
        }
        () if error.is_transient() && unknown => Some("transient, with an unknown outcome"),
        () if expected.kind.is_some_and(|kind| kind != error.kind()) => Some("the kind"),
        () if !matches!(error.kind(), ErrorKind::Service | ErrorKind::InvalidResponse) => {
            Some("no kind of a response")
        }
        () if code.is_some_and(|code| code != error.code().unwrap_or_default()) => Some("the code"),
        () if error.status() != Some(status) => Some("the status"),
        () if error.message().is_empty() => Some("the message"),
        () => None,
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Success(number) => write!(f, "success, number {number:?}"),
            Self::Panicked => f.write_str("a panic"),
            Self::Failed(error) => {
                let (kind, code) = (error.kind(), error.code());
                let (unknown, transient) = (error.may_have_taken_effect(), error.is_transient());
                write!(f, "{kind:?} {code:?}, outcome is unknown: {unknown}")?;
                write!(f, ", transient: {transient}: {error}")
            }
        }
    }
}

async fn check(call: Call, way: Way) {
    let server = Server::start(call).await;
    let client = Client::builder()
        .endpoint(server.url())
        .credential(Credential::token(CANARY).unwrap())
        .retry(RetryPolicy::never())
        .build()
        .unwrap();
    let mut outcomes = stream::iter(seeds())
        .map(|seed| {
            // In a task of its own, which shows a panic instead of ending with it.
            let call = tokio::spawn(outcome(client.clone(), call, way, seed));
            async move {
                let got = match call.await {
                    Ok(Ok(number)) => Outcome::Success(number),
                    Ok(Err(error)) => Outcome::Failed(error),
                    Err(_) => Outcome::Panicked,
                };
                (seed, got)
            }
        })
        .buffer_unordered(32);
    let mut mistakes = 0;
    while let Some((seed, got)) = outcomes.next().await {
        let made_up = MadeUp::of(call, seed);
        let expected = oracle::judge(call, &made_up);
        if let Some(mistake) = mistake(call, way, made_up.status, &expected, &got) {
            mistakes += 1;
            // Enough to see what they have in common.
            if mistakes <= 20 {
                let body = String::from_utf8_lossy(&made_up.body);
                eprintln!("seed {seed}: {mistake}\n  response {} {body}", made_up.status);
                eprintln!("  expected {expected:?}\n  got {got}");
            }
        }
    }
    assert_eq!(mistakes, 0, "{}", call.id);
    let tried = seeds().end - seeds().start;
    assert_eq!(server.arrived.load(SeqCst), tried, "each request is sent once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn run_job() {
    check(Operation::named("RunJob"), Way::Function).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn auto_execute() {
    check(Operation::named("ExecuteAutoBuildJob"), Way::Function).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn record_info() {
    check(Operation::named("ShowRecordDetail"), Way::Function).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_documented_operation() {
    for call in OPERATIONS.iter() {
        check(call, Way::Request).await;
    }
}

#[test]
fn the_responses_are_of_every_kind() {
    for call in OPERATIONS.iter() {
        let mut seen = [0; 5];
        for seed in 0..2000 {
            let expected = oracle::judge(call, &MadeUp::of(call, seed));
            let kind = match (expected.success, expected.may_have_taken_effect) {
                (Some(true), _) => 0,
                (Some(false), Some(true)) if expected.kind == Some(ErrorKind::Service) => 1,
                (Some(false), Some(true)) => 2,
                (Some(false), Some(false)) => 3,
                // The design leaves something open.
                _ => 4,
            };
            seen[kind] += 1;
        }
        // Of what has no documented type, only the status is certain.
        let (wanted, most) = match &*call.kind {
            "object" => (&seen[..4], 500),
            "" => (&seen[3..4], 2000),
            _ => (&seen[..1], 2000),
        };
        let is_enough = wanted.iter().all(|&count| count > 100) && seen[4] < most;
        let hint = "its success response needs an example, which has what is marked with x-proof";
        assert!(is_enough, "{} {seen:?}: {hint}", call.id);
    }
}
