//! Starts of builds over connections that the server closes when they have been idle for a while. If it
//! closes one while a start is on its way, nobody can tell whether a build was started: the outcome is
//! unknown. This counts how often that happens. It fails if it happens although the server keeps each
//! idle connection for more than two seconds.
//!
//! The server stops reading a connection as long before it closes it as news travel between the two. On
//! one machine this would be too short to ever be hit.

#[path = "support/wire.rs"]
mod wire;

use codearts_build::{Client, Credential, types::RunJobRequest};
use std::{
    env,
    error::Error as StdError,
    net::Ipv4Addr,
    ops::Range,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::{sleep, timeout},
};

type Result<T = ()> = std::result::Result<T, Box<dyn StdError + Send + Sync>>;

const HELP: &str = "\
Counts starts whose outcome is unknown because the server closed an idle connection.

usage: cargo bench --bench idle -- [--quick]

  --quick   four starts of each client instead of 40, and no verdict

exit code: 0 there is none where the server keeps idle connections for over two seconds, 1 there is one";

const CLIENTS: usize = 50;
/// Seconds between two starts of a client.
const GAP: Range<f64> = 0.0..4.0;

struct Experiment {
    /// How many seconds the server keeps an idle connection.
    keeps: Range<f64>,
    /// How long a connection is closed before the client knows.
    news: Duration,
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
    // `cargo bench` adds the first, `cargo test --all-targets` does not and wants no measurement.
    if !arguments.iter().any(|it| it == "--bench") {
        println!("{HELP}");
        return Ok(ExitCode::SUCCESS);
    }
    let starts = if arguments.iter().any(|it| it == "--quick") { 4 } else { 40 };
    let experiments = [
        Experiment { keeps: 1.0..2.5, news: Duration::ZERO },
        Experiment { keeps: 1.0..2.5, news: Duration::from_millis(50) },
        Experiment { keeps: 2.05..4.0, news: Duration::from_millis(50) },
    ];
    let mut running = JoinSet::new();
    for (place, experiment) in experiments.into_iter().enumerate() {
        running.spawn(async move { (place, run(experiment, starts).await) });
    }
    let mut results = running.join_all().await;
    results.sort_by_key(|(place, _)| *place);
    println!("{CLIENTS} clients, {starts} starts each, 0 to 4 s apart\n");
    println!(
        "| the server closes after | news take | connections | good | unknown | other errors |"
    );
    println!("| --- | --- | --- | --- | --- | --- |");
    let mut broken = false;
    for (_, result) in results {
        let (experiment, counts) = result?;
        let count = |of: &AtomicUsize| of.load(Ordering::Relaxed);
        println!(
            "| {} to {} s | {} ms | {} | {} | {} | {} |",
            experiment.keeps.start,
            experiment.keeps.end,
            experiment.news.as_millis(),
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

async fn run(experiment: Experiment, starts: usize) -> Result<(Experiment, Arc<Counts>)> {
    let counts = Arc::new(Counts::default());
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let (keeps, news) = (experiment.keeps.clone(), experiment.news);
    let accepted = counts.clone();
    let server = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            accepted.connections.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(converse(stream, Duration::from_secs_f64(random(&keeps)), news));
        }
    });
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let credential = Credential::token("MIIaBwYJKoZIhvcNAQcCoIIZ-DCCGfQCAQExDTAL")?;
        let client = Client::builder().endpoint(&url).credential(credential).build()?;
        let counts = counts.clone();
        clients.spawn(async move {
            for _ in 0..starts {
                sleep(Duration::from_secs_f64(random(&GAP))).await;
                let request = RunJobRequest::new("f9d6c8466d614a9788e9a0acf6c15f46")?;
                let count = match client.run_job(request).await {
                    Ok(_) => &counts.good,
                    Err(error) if error.may_have_started_build() => &counts.unknown,
                    Err(_) => &counts.others,
                };
                count.fetch_add(1, Ordering::Relaxed);
            }
            Ok::<_, codearts_build::Error>(())
        });
    }
    while let Some(ended) = clients.join_next().await {
        ended??;
    }
    server.abort();
    Ok((experiment, counts))
}

/// Responds to the requests on a connection, until it has been idle for as long as it is kept.
async fn converse(stream: TcpStream, keeps: Duration, news: Duration) {
    let body = br#"{"octopus_job_name":"j","actual_build_number":"20"}"#;
    let response = wire::response(200, "application/json", body);
    let mut connection = wire::Connection::new(stream);
    while let Ok(Some(_)) = timeout(keeps, connection.request()).await {
        if connection.respond(&response).await.is_err() {
            return;
        }
    }
    // What comes now is never read. Closing then resets the connection.
    sleep(news).await;
}

fn random(range: &Range<f64>) -> f64 {
    range.start + (range.end - range.start) * fastrand::f64()
}
