//! Starts of builds over connections that the server closes when they have been idle for a while. If it
//! closes one while a start is on its way, the outcome is unknown: a build may have been started. This counts
//! how often that happens. It fails if it happens although the server keeps each idle connection for more than
//! two seconds.
//!
//! The server stops reading a connection some time before it closes it. This stands for the time that the
//! end of a connection takes to reach a client in a network. On one machine, it would be too short to matter.

#[path = "support/mod.rs"]
#[allow(dead_code, reason = "the other benchmarks use the rest")]
mod support;

use codearts_build::{Client, Credential, types::RunJobRequest};
use std::{
    env, iter,
    net::Ipv4Addr,
    ops::Range,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use support::{Result, Run, wire};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::{sleep, timeout},
};

const HELP: &str = "\
Counts starts whose outcome is unknown because the server closed an idle connection.

usage: cargo bench --bench idle -- [--quick]

  --quick   four starts of each client instead of 40, and no verdict

exit code: 0 there is none where the server keeps idle connections for over two seconds, 1 there is one";

const CLIENTS: usize = 50;
/// Seconds between two starts of a client.
const GAP: Range<f64> = 0.0..4.0;

#[derive(Clone)]
struct Experiment {
    /// How many seconds the server keeps an idle connection.
    keeps: Range<f64>,
    /// How long a connection is closed before the client knows.
    delay: Duration,
}

#[derive(Default)]
struct Counts {
    connections: AtomicUsize,
    good: AtomicUsize,
    unknown: AtomicUsize,
    others: AtomicUsize,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let Some(run) = Run::of(&arguments, HELP) else { return Ok(ExitCode::SUCCESS) };
    let starts = if run.quick { 4 } else { 40 };
    let experiments = [
        Experiment { keeps: 1.0..2.5, delay: Duration::ZERO },
        Experiment { keeps: 1.0..2.5, delay: Duration::from_millis(50) },
        Experiment { keeps: 2.05..4.0, delay: Duration::from_millis(50) },
    ];
    // All are built before the first one runs, because building so many takes seconds.
    let mut prepared = Vec::new();
    for experiment in experiments {
        prepared.push(experiment.prepare().await?);
    }
    let running: Vec<_> = prepared.into_iter().map(|it| tokio::spawn(it.run(starts))).collect();
    println!("{CLIENTS} clients, {starts} starts each, 0 to 4 s apart\n");
    println!("| the server closes after | delay | connections | good | unknown | other errors |");
    println!("| --- | --- | --- | --- | --- | --- |");
    let mut broken = false;
    for ended in running {
        let (experiment, counts) = ended.await??;
        let count = |of: &AtomicUsize| of.load(Ordering::Relaxed);
        println!(
            "| {} to {} s | {} ms | {} | {} | {} | {} |",
            experiment.keeps.start,
            experiment.keeps.end,
            experiment.delay.as_millis(),
            count(&counts.connections),
            count(&counts.good),
            count(&counts.unknown),
            count(&counts.others)
        );
        broken |= experiment.keeps.start > 2.0 && count(&counts.unknown) > 0;
        broken |= count(&counts.others) > 0;
    }
    Ok(if broken { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

impl Experiment {
    async fn prepare(self) -> Result<Prepared> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let clients = iter::repeat_with(|| {
            let credential = Credential::token("MIIaBwYJKoZIhvcNAQcCoIIZ-DCCGfQCAQExDTAL")?;
            Ok(Client::builder().endpoint(&url).credential(credential).build()?)
        });
        let clients = clients.take(CLIENTS).collect::<Result<_>>()?;
        Ok(Prepared { experiment: self, listener, clients })
    }
}

struct Prepared {
    experiment: Experiment,
    listener: TcpListener,
    clients: Vec<Client>,
}

impl Prepared {
    async fn run(self, starts: usize) -> Result<(Experiment, Arc<Counts>)> {
        let Self { experiment, listener, clients } = self;
        let counts = Arc::new(Counts::default());
        let Experiment { keeps, delay } = experiment.clone();
        let accepted = counts.clone();
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                accepted.connections.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(converse(stream, Duration::from_secs_f64(random(&keeps)), delay));
            }
        });
        let mut calling = JoinSet::new();
        for client in clients {
            calling.spawn(start_builds(client, starts, counts.clone()));
        }
        while let Some(ended) = calling.join_next().await {
            ended??;
        }
        server.abort();
        Ok((experiment, counts))
    }
}

async fn start_builds(client: Client, starts: usize, counts: Arc<Counts>) -> Result {
    for _ in 0..starts {
        sleep(Duration::from_secs_f64(random(&GAP))).await;
        let request = RunJobRequest::new("f9d6c8466d614a9788e9a0acf6c15f46")?;
        let count = match client.run_job(request).await {
            Ok(_) => &counts.good,
            Err(error) if error.may_have_taken_effect() => &counts.unknown,
            Err(_) => &counts.others,
        };
        count.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}

/// Responds to the requests on a connection, until it has been idle for as long as it is kept.
async fn converse(stream: TcpStream, keeps: Duration, delay: Duration) {
    let body = br#"{"octopus_job_name":"j","actual_build_number":"20"}"#;
    let response = wire::response(200, "application/json", body);
    let mut connection = wire::Connection::new(stream);
    while let Ok(Some(_)) = timeout(keeps, connection.request()).await {
        if connection.respond(&response).await.is_err() {
            return;
        }
    }
    // Requests that arrive now are not read, so that closing the connection resets it.
    sleep(delay).await;
}

fn random(range: &Range<f64>) -> f64 {
    range.start + (range.end - range.start) * fastrand::f64()
}
