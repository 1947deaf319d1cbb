//! Decides what to do about each kind of error.
//!
//! $ cargo run --features simulation --example handle_errors
//!
//! Each error is caused for real, on a service that is simulated on this machine.

use codearts_build::{
    Client, Credential, Error, ErrorKind, PasswordLogin,
    simulation::{Fault, SimulatedService},
    types::RunJobRequest,
};
use std::{error::Error as StdError, net::TcpListener, time::Duration};

const JOB: &str = "f9d6c8466d614a9788e9a0acf6c15f46";
const HOUR: Duration = Duration::from_secs(3600);

/// Says what a program does about an error. The client has retried already what is safe to retry.
fn what_to_do(error: &Error) -> String {
    // The first question, for every kind: another call could start a second build.
    if error.may_have_taken_effect() {
        return match error.operation() {
            Some("RunJob" | "ExecuteAutoBuildJob") => "look for the build before starting another",
            _ => "find out what the call has changed before making it again",
        }
        .into();
    }
    let delay = error.retry_after().unwrap_or(Duration::from_secs(60)).as_secs();
    match error.kind() {
        ErrorKind::InvalidArgument => "fix the argument or the setting".into(),
        ErrorKind::Connect => {
            format!("call again in {delay} s; if that goes on, check endpoint, network and proxy")
        }
        // A transient fault. The call had no effect, so that it is safe to make it again.
        _ if error.is_transient() => format!("call again in {delay} s"),
        ErrorKind::Credential | ErrorKind::Service if error.is_unauthorized() => {
            "get another credential before the next call".into()
        }
        ErrorKind::Service if error.is_forbidden() => "ask for the permission".into(),
        ErrorKind::Service if error.is_not_found() => "fix the id of the job or the build".into(),
        ErrorKind::InvalidResponse => "alert: something else than the service responds".into(),
        // Also the kinds that a later version may add.
        _ => "alert".into(),
    }
}

// The clock is paused so that timeouts pass at once.
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> Result<(), Box<dyn StdError>> {
    for (cause, outcome) in causes().await? {
        let error = outcome.err().ok_or_else(|| format!("{cause}: no error"))?;
        println!("{cause} ({:?}): {}\n    {error}", error.kind(), what_to_do(&error));
    }
    Ok(())
}

/// Causes errors of each kind.
async fn causes() -> Result<Vec<(&'static str, Result<(), Error>)>, Box<dyn StdError>> {
    let service = SimulatedService::start().await?;
    // No server listens there any more.
    let closed = format!("http://{}", TcpListener::bind(("127.0.0.1", 0))?.local_addr()?);
    let unreachable = service.client_builder().endpoint(&closed).build()?;
    let login = Credential::from(PasswordLogin::new("domain", "user", "password")?);
    let login = login.with_iam_endpoint(&closed);
    let no_login = service.client_builder().region("cn-north-4").credential(login).build()?;

    let (lasting, retry_after) = (HOUR, Some(Duration::from_secs(30)));
    let throttled = Fault::Throttled { lasting, retry_after };
    let late = || Fault::Slow { lasting, by: HOUR };
    let page = |status| Fault::Unavailable { lasting, status };
    Ok(vec![
        ("A malformed job id", RunJobRequest::new("job").map(drop)),
        ("A malformed token", Credential::token("two words").map(drop)),
        ("IAM is down", start(&no_login).await),
        ("The service cannot be reached", start(&unreachable).await),
        ("A lost response to a start", with(Fault::LostResponse, start).await),
        ("A late response to a start", with(late(), start).await),
        ("A late response to a read", with(late(), read).await),
        ("Too many calls", with(throttled, start).await),
        ("An expired token", with(Fault::ExpiredTokens, read).await),
        ("Not permitted", with(page(403), read).await),
        ("An unknown build", with(Fault::LateRecords { by: HOUR }, read).await),
        ("An outage during a start", with(page(503), start).await),
        ("An outage during another change", with(page(503), change).await),
        ("An outage during a read", with(page(503), read).await),
        ("A login page of a proxy", with(page(200), read).await),
    ])
}

/// Makes a call while something is wrong.
async fn with(
    fault: Fault,
    call: impl AsyncFnOnce(&Client) -> Result<(), Error>,
) -> Result<(), Error> {
    let service = SimulatedService::start().await?;
    let client = service.client()?;
    start(&client).await?;
    service.inject(fault);
    call(&client).await
}

async fn start(client: &Client) -> Result<(), Error> {
    client.run_job(RunJobRequest::new(JOB)?).await.map(drop)
}

async fn read(client: &Client) -> Result<(), Error> {
    client.record_info(JOB, 1).await.map(drop)
}

async fn change(client: &Client) -> Result<(), Error> {
    client.request("POST", format!("/v1/job/{JOB}/disable")).send().await
}
