//! 10,000 builds that are followed by one client on one core, behind a gateway with a limit.
//!
//! The client may poll 200 times a second, the gateway accepts 100. The builds take 30 to 90 seconds. The
//! benchmark fails if a build is lost, if all together take longer than ten minutes, if there are more than 115 polls
//! a second once the limit is known, or if a watch takes more than 6 KiB of heap.

#[path = "support/mod.rs"]
#[allow(dead_code, reason = "the other benchmarks use the rest")]
mod support;

use cap::Cap;
use codearts_build::{BuildId, Client, Credential};
use serde_json::{Value, json};
use std::{
    alloc::System,
    borrow::Cow,
    collections::BTreeMap,
    env,
    process::ExitCode,
    sync::{LazyLock, Mutex},
    time::{Duration, Instant},
};
use support::{Result, Run, cpu_time, server, wire};
use tokio::task::JoinSet;

#[global_allocator]
static HEAP: Cap<System> = Cap::new(System, usize::MAX);

const HELP: &str = "\
Follows 10,000 builds with one client on one core, behind a gateway with a limit.

usage: cargo bench --bench watch -- [--quick]

  --quick   1,000 builds instead of 10,000

exit code: 0 all builds were followed to their ends within the limits, 1 not";

const JOB: &str = "f9d6c8466d614a9788e9a0acf6c15f46";
/// Polls a second that the client may make, and that the gateway accepts.
const RATE: u32 = 200;
const LIMIT: u64 = 100;
/// How many polls a second there may be once the limit is known: after this many seconds.
const MOST: u64 = 115;
const KNOWN_AFTER: u64 = 10;
/// How many bytes of heap a watch may take.
const MOST_HEAP: usize = 6 * 1024;
const MOST_TIME: Duration = Duration::from_secs(600);

/// What the server counts: the polls of each second, and those that it throttled.
#[derive(Default)]
struct Counts {
    polls: BTreeMap<u64, u64>,
    throttled: u64,
}

static START: LazyLock<Instant> = LazyLock::new(Instant::now);
static COUNTS: Mutex<Counts> = Mutex::new(Counts { polls: BTreeMap::new(), throttled: 0 });

fn main() -> Result<ExitCode> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    if arguments == [server::ARGUMENT] {
        server::serve(respond)?;
        return Ok(ExitCode::SUCCESS);
    }
    let Some(run) = Run::of(&arguments, HELP) else { return Ok(ExitCode::SUCCESS) };
    let builds = if run.quick { 1_000 } else { 10_000 };
    let server = server::Server::start()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(follow(&server.address.http, builds))
}

async fn follow(endpoint: &str, builds: u32) -> Result<ExitCode> {
    let credential = Credential::token("MIIaBwYJKoZIhvcNAQcCoIIZ-DCCGfQCAQExDTAL")?;
    let client = Client::builder().endpoint(endpoint).credential(credential);
    let client = client.build()?.with_polls_per_second(RATE);
    let before = HEAP.allocated();
    let start = Instant::now();
    let mut watches = JoinSet::new();
    for number in 1..=builds {
        let watch = client.watch(BuildId::new(JOB, number)?);
        watches.spawn(async move { watch.await });
    }
    // While all are followed, and have read their records.
    let mut heap = 0;
    let mut lost = 0;
    while let Some(ended) = watches.join_next().await {
        lost += u32::from(!ended?.is_ok_and(|record| record.is_success()));
        if heap == 0 {
            heap = HEAP.allocated().saturating_sub(before);
        }
    }
    let took = start.elapsed();
    let counts: Value = client.request("GET", "/counts").send().await?;
    let count = |name: &str| counts[name].as_u64().unwrap_or_default();
    let a_watch = HEAP.max_allocated().saturating_sub(before).max(heap) / builds as usize;
    println!("| builds | lost | took | polls | throttled | most a second | heap a watch | CPU |");
    println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    println!(
        "| {builds} | {lost} | {:.0} s | {} | {} | {} | {:.1} KiB | {:.1} s |",
        took.as_secs_f64(),
        count("polls"),
        count("throttled"),
        count("most"),
        a_watch as f64 / 1024.0,
        cpu_time().as_secs_f64(),
    );
    let good = lost == 0 && took < MOST_TIME && count("most") <= MOST && a_watch <= MOST_HEAP;
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn respond(path: &str) -> Cow<'static, [u8]> {
    let respond = |status, body: Value| {
        wire::response(status, "application/json", body.to_string().as_bytes()).into()
    };
    let mut counts = COUNTS.lock().unwrap();
    if path == "/counts" {
        let polls: u64 = counts.polls.values().sum();
        let most = counts.polls.range(KNOWN_AFTER..).map(|(_, polls)| *polls).max();
        return respond(
            200,
            json!({ "polls": polls, "throttled": counts.throttled, "most": most }),
        );
    }
    let second = START.elapsed().as_secs();
    let polls = counts.polls.entry(second).or_default();
    *polls += 1;
    if *polls > LIMIT {
        counts.throttled += 1;
        return respond(429, json!({ "error_code": "APIGW.0308", "error_msg": "throttled" }));
    }
    let number: u64 = path.split('/').nth(4).and_then(|it| it.parse().ok()).unwrap_or_default();
    let ended = second >= 30 + number % 61;
    let record = json!({
        "id": "eb9d73c7-61b3-4823-b476-a7c00c493b8a",
        "build_project_id": "31581e9f-5772-4053-a50c-d5690578c8fd",
        "build_record_id": "9d6169b9-022d-458c-9dc8-48cc94cc4083",
        "devcloud_project_id": "b4d3971c3988463b865f6f920846149e",
        "codeci_job_id": JOB,
        "user_id": "ae22fd035f354cfa8d82a3f1c8940446",
        "build_no": number,
        "daily_build_num": "20221011.29",
        "execution_id": "j_YE1bu9Z7",
        "repo_name": "maven",
        "repo_id": "2111616838",
        "branch": "buildflow_env",
        "trigger_type": "MANUAL",
        "build_type": "branch",
        "status": if ended { "SUCCESS" } else { "Running" },
        "domain_id": "60021bab32fd450aa2cb89226f425e06",
        "create_time": "2022-10-11T08:28:42.000+00:00",
        "schedule_time": "2022-10-11T08:28:45.000+00:00",
        "queued_time": "2022-10-11T08:28:45.000+00:00",
        "start_time": "2022-10-11T08:28:47.000+00:00",
        "duration": START.elapsed().as_millis() as u64,
        "use_private_slave": 0,
        "build_config_type": "YAML",
    });
    respond(200, json!({ "status": "success", "result": record }))
}
