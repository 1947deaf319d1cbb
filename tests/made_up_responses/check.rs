//! Makes calls with made-up responses, and judges their outcomes.

use super::operation::Call;
use super::oracle::{self, Expected};
use super::{Error, ErrorKind, response::MadeUp, server::Server};
use futures_util::{StreamExt, stream};
use std::{env, fmt, future::Future, sync::atomic::Ordering::SeqCst};

/// How many responses are tried, and the seed of the first one. An error message names the seed.
fn seeds() -> std::ops::Range<u64> {
    let number = |name: &str, default| {
        env::var(name).map_or(default, |text| text.parse().expect("the variable must be a number"))
    };
    let first = number("MADE_UP_RESPONSES_FROM", 0);
    first..first + number("MADE_UP_RESPONSES", 1500)
}

/// The outcome of a call.
enum Outcome {
    Success(Option<u64>),
    Failed(Error),
    Panicked,
}

/// How an operation is called.
#[derive(Clone, Copy, PartialEq)]
pub enum Way {
    /// With the generated function.
    Function,
    /// With method and path.
    Request,
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
                None => way == Way::Request || call.proof_name() != "actual_build_number",
            };
            return (!right).then_some("a wrong number");
        }
        Outcome::Failed(_) if expected.success == Some(true) => return Some("a false failure"),
        Outcome::Failed(error) => error,
    };
    let unknown = error.may_have_taken_effect();
    let expects_unknown = expected.may_have_taken_effect.unwrap_or(unknown);
    let code = expected.code.as_deref();
    let without_text = "the call may have taken effect: find out before you make it again";
    let effect = call.effect.as_deref().unwrap_or(without_text);
    match () {
        () if call.reads() && unknown => Some("reading has an outcome"),
        () if !call.reads() && unknown != expects_unknown => {
            Some(if unknown { "an outcome that is known" } else { "no proof of no effect" })
        }
        () if error.to_string().contains(effect) != unknown => Some("what it may have done"),
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

/// Makes a call for each seed, and judges its outcome. `client` gets the URL of the service. It returns a
/// function that makes the call for a seed, whose success may have the number of a build.
pub async fn check<Calling>(
    call: Call,
    way: Way,
    client: impl FnOnce(String) -> Box<dyn Fn(u64) -> Calling>,
) where
    Calling: Future<Output = Result<Option<u64>, Error>> + Send + 'static,
{
    let server = Server::start(call).await;
    let make = client(server.url());
    let mut outcomes = stream::iter(seeds())
        .map(|seed| {
            // In a task of its own, so that a panic is an outcome.
            let call = tokio::spawn(make(seed));
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
            // Enough failures to compare.
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
