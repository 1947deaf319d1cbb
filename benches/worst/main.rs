//! Peak heap and CPU time of the worst responses of 8 MiB. It fails if one of them exceeds a limit: 24 bytes
//! of heap for each byte of a tree or a list of tiny values, four bytes for all others, and 1.5 times the
//! time that `serde_json` takes to read 8 MiB of empty arrays on the same machine.
//!
//! The heap is the highest sum of allocated bytes during the call, with the body, without the overhead of the
//! allocator. A block that grows counts once. The time is that of the call and of dropping its result. It
//! includes counting the heap.

mod bodies;
#[path = "../support/mod.rs"]
mod support;

use bodies::{CASES, Case, Frame, LISTS};
use cap::Cap;
use codearts_build::{
    Client, Credential, Error, ErrorKind, RetryPolicy,
    types::{BuildRecord, RunJobRequest},
};
// What generated code of an operation needs.
use huaweicloud_core::__runtime::{
    Content, Kind, Lenient, Operation, Proof, ResponseValue, call, lenient, parts, url,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::{
    alloc::System,
    borrow::Cow,
    env,
    process::{Command, ExitCode},
    sync::Mutex,
    time::Duration,
};
use support::{
    Result, Run, cpu_time, median,
    server::{self, Server},
    wire,
};

type Outcome<T> = std::result::Result<ResponseValue<T>, Error>;

#[global_allocator]
static HEAP: Cap<System> = Cap::new(System, usize::MAX);

const HELP: &str = "\
Measures heap and time of the worst responses.

usage: cargo bench --bench worst -- [--quick] [PART ...]

  --quick   each response once
  PART      only the responses whose name has this part

exit code: 0 all are within the limits, 1 one is not";

/// With this argument, the program gets one response. The next argument is the order.
const ARGUMENT: &str = "get";
const JOB: &str = "f9d6c8466d614a9788e9a0acf6c15f46";
const TOKEN: &str = "canary-MIIaBwYJKoZIhvcNAQcCoIIZ-DCCGfQCAQExDTAL";
const LENGTH: usize = 8 * 1024 * 1024;
/// The longest time, as a multiple of the yardstick.
const TIMES: f64 = 1.5;

/// Which response to get, and how often.
#[derive(Serialize, Deserialize)]
struct Order {
    /// Its path is the index of the case and the number of the frame.
    url: String,
    frame: Frame,
    times: usize,
}

#[derive(Serialize, Deserialize)]
struct Cost {
    ok: bool,
    heap: usize,
    milliseconds: f64,
}

fn main() -> Result<ExitCode> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        [server::ARGUMENT] => return server::serve(respond).map(|()| ExitCode::SUCCESS),
        [ARGUMENT, order] => {
            let cost = cost(serde_json::from_str(order)?)?;
            println!("{}", serde_json::to_string(&cost)?);
            return Ok(ExitCode::SUCCESS);
        }
        _ => {}
    }
    match Run::of(&arguments, HELP) {
        Some(run) => measure(&run),
        None => Ok(ExitCode::SUCCESS),
    }
}

fn measure(run: &Run) -> Result<ExitCode> {
    let server = Server::start()?;
    println!(
        "Bytes of heap for each byte of the body, and CPU time as a multiple of the yardstick; `error` \
         where the call fails; bold where the limit is broken, which is this many bytes and {TIMES} times \
         the yardstick: what `serde_json` takes to read {LENGTH} bytes of empty arrays
"
    );
    let mut broken = 0;
    let mut crashed = Vec::new();
    for (frames, cases) in [(&Frame::OBJECTS[..], CASES), (&Frame::LISTS, LISTS)] {
        let names: Vec<_> = frames.iter().map(|frame| frame.name()).collect();
        println!("| response | limit | {} | yardstick |", names.join(" | "));
        println!("| --- | --- |{} --- |", " --- |".repeat(names.len()));
        for (place, case) in cases.iter().enumerate().filter(|(_, case)| run.wants(case.name)) {
            print!("| {} | {} |", case.name, case.limit);
            // Anew for each row, because the load of the machine changes.
            let yardstick = yardstick()?;
            for frame in frames {
                let url = format!("{}/{place}/{}", server.address.http, *frame as usize);
                let order = Order { url, frame: *frame, times: if run.quick { 1 } else { 3 } };
                match in_process(&order) {
                    Ok(Cost { ok, heap, milliseconds }) => {
                        let ratio = heap as f64 / LENGTH as f64;
                        let times = milliseconds / yardstick;
                        let mut cell = format!("{ratio:.1}, {times:.2}");
                        if !ok {
                            cell += ", error";
                        }
                        if ratio > case.limit || times > TIMES {
                            broken += 1;
                            cell = format!("**{cell}**");
                        }
                        print!(" {cell} |");
                    }
                    Err(error) => {
                        print!(" **none** |");
                        crashed.push(format!("{}, {}: {error}", case.name, frame.name()));
                    }
                }
            }
            println!(" {yardstick:.0} ms |");
        }
        println!();
    }
    println!("Over a limit: {broken}. No result: {}.", crashed.len());
    for it in &crashed {
        println!("- {it}");
    }
    Ok(if broken == 0 && crashed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// How many milliseconds this machine now takes for a fixed amount of similar work.
fn yardstick() -> Result<f64> {
    let body = format!("[{}0]", "[],".repeat(LENGTH / 3 - 1));
    let mut milliseconds = Vec::new();
    for _ in 0..3 {
        let start = cpu_time();
        drop(serde_json::from_str::<Value>(&body)?);
        milliseconds.push((cpu_time() - start).as_secs_f64() * 1e3);
    }
    Ok(median(&milliseconds))
}

/// The response of the server to a path that begins with a case and a frame.
fn respond(path: &str) -> Cow<'static, [u8]> {
    static LAST: Mutex<Option<([usize; 2], Vec<u8>)>> = Mutex::new(None);
    let mut places = path.split('/').skip(1).map(|place| place.parse().expect("is a place"));
    let places: [usize; 2] = [(); 2].map(|()| places.next().expect("has two places"));
    let mut last = LAST.lock().expect("nobody panics");
    match &*last {
        Some((of, response)) if *of == places => response.clone().into(),
        _ => {
            let [case, frame] = places;
            let lists = Frame::LISTS.into_iter().map(|frame| (frame, LISTS));
            let mut all = Frame::OBJECTS.map(|frame| (frame, CASES)).into_iter().chain(lists);
            let (frame, cases): (Frame, &[Case]) =
                all.find(|(it, _)| *it as usize == frame).expect("is a frame");
            let body = cases[case].body(frame, LENGTH);
            let response = wire::response(frame.status(), "application/json", &body);
            *last = Some((places, response.clone()));
            response.into()
        }
    }
}

/// Gets a response in a process of its own, so that the heap is fresh and a crash ends only this case.
fn in_process(order: &Order) -> Result<Cost> {
    let order = serde_json::to_string(order)?;
    let output = Command::new(env::current_exe()?).args([ARGUMENT, &order]).output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let first = said.lines().find(|line| !line.is_empty()).unwrap_or_default();
        return Err(format!("{}: {first}", output.status).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn cost(order: Order) -> Result<Cost> {
    let client = Client::builder()
        .endpoint(order.url)
        .credential(Credential::token(TOKEN)?)
        .retry(RetryPolicy::never())
        .attempt_timeout(Duration::from_secs(60))
        .build()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let held = HEAP.allocated();
    let mut milliseconds = Vec::new();
    let mut ok = true;
    for _ in 0..order.times {
        let request = RunJobRequest::new(JOB)?;
        let start = cpu_time();
        // The result is dropped within the time that is measured.
        let failed = runtime.block_on(async {
            match order.frame {
                Frame::Record | Frame::Envelope => client.record_info(JOB, 61).await.err(),
                Frame::List => list::<Vec<BuildRecord>>(&client, &LIST).await.err(),
                Frame::ListField => list::<Records>(&client, &LIST_FIELD).await.err(),
                _ => client.run_job(request).await.err(),
            }
        });
        milliseconds.push((cpu_time() - start).as_secs_f64() * 1e3);
        if let Some(error) = failed {
            if !matches!(error.kind(), ErrorKind::Service | ErrorKind::InvalidResponse) {
                return Err(error.into());
            }
            ok = false;
        }
    }
    Ok(Cost { ok, heap: HEAP.max_allocated() - held, milliseconds: median(&milliseconds) })
}

/// An operation that lists records, as the build generates it. The document of this crate has none.
static LIST: Operation = Operation {
    id: "ListRecords",
    method: "GET",
    path: "/v1/records",
    content: Content::Json(Some(Kind::Array)),
    enveloped: false,
    fields: &[],
    envelope: &[],
    may_be_empty: false,
    passwords: &[],
    proof: &[],
    effect: None,
    idempotent: true,
};
static LIST_FIELD: Operation = Operation {
    content: Content::Json(Some(Kind::Object)),
    fields: &["total", "records"],
    proof: &[("total", Proof::Present)],
    ..LIST
};

#[derive(Default)]
struct Records {
    total: Option<i32>,
    records: Vec<BuildRecord>,
    extra: Map<String, Value>,
}

lenient!(Records { total: "total", records: "records", } extra);

async fn list<T: Lenient>(client: &Client, operation: &'static Operation) -> Outcome<T> {
    let pipeline = client.pipeline();
    let (base, http) = parts(&pipeline);
    let request = http.get(url(&pipeline, &format!("{base}{}", operation.path))).build();
    call(&pipeline, request, operation).await?.json()
}
