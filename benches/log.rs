//! A log of 2 GiB that is downloaded to a file, beside the same with reqwest by hand.
//!
//! The server is a thread of this process. The contenders take turns. The benchmark fails if a download takes
//! more than twice the time that reqwest takes, or more than 4 MiB of heap.

#[path = "support/mod.rs"]
#[allow(dead_code, reason = "the other benchmarks use the rest")]
mod support;

use cap::Cap;
use codearts_build::{BuildId, Client, Credential};
use futures_util::TryStreamExt;
use std::{
    alloc::System,
    env,
    fs::{self, File},
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    process::ExitCode,
    thread,
    time::{Duration, Instant},
};
use support::{Result, Run};

#[global_allocator]
static HEAP: Cap<System> = Cap::new(System, usize::MAX);

const HELP: &str = "\
Downloads a log of 2 GiB to a file, with this crate and with reqwest by hand.

usage: cargo bench --bench log -- [--quick]

  --quick   64 MiB instead, and no verdict on the time

exit code: 0 both the time and the heap are within the limits, 1 not";

const JOB: &str = "f9d6c8466d614a9788e9a0acf6c15f46";
const RECORD_ID: &str = "9d6169b9-022d-458c-9dc8-48cc94cc4083";
const MOST_HEAP: usize = 4 << 20;
const LINE: &[u8] =
    b"[2026/11/20 12:00:00.000 GMT+08:00] [INFO] [Maven] Downloading from central\n";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let Some(Run { quick, .. }) = Run::of(&arguments, HELP) else { return Ok(ExitCode::SUCCESS) };
    let length: u64 = if quick { 64 << 20 } else { 2 << 30 };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let endpoint = format!("http://{}", listener.local_addr()?);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || serve(stream, length));
        }
    });
    let token = Credential::token("MIIaBwYJKoZIhvcNAQcCoIIZ-DCCGfQCAQExDTAL")?;
    let client = Client::builder().endpoint(&endpoint).credential(token).build()?;
    let http = codearts_build::reqwest::Client::new();
    let build = BuildId::new(JOB, 20)?;
    let file = env::temp_dir().join(format!("codearts-build-log-{}", std::process::id()));

    let mut fastest = [Duration::MAX; 2];
    // Of the first download, which is this crate's.
    let (before, mut heap) = (HEAP.allocated(), 0);
    for _ in 0..3 {
        for (place, ours) in [(0, true), (1, false)] {
            let start = Instant::now();
            let mut written = File::create(&file)?;
            if ours {
                let mut log = client.log(&build).await?;
                while let Some(part) = log.try_next().await? {
                    written.write_all(&part)?;
                }
            } else {
                let url = format!("{endpoint}/v1/log/{RECORD_ID}/download-log");
                let mut log = http.get(url).send().await?.error_for_status()?;
                while let Some(part) = log.chunk().await? {
                    written.write_all(&part)?;
                }
            }
            fastest[place] = fastest[place].min(start.elapsed());
            if heap == 0 {
                heap = HEAP.max_allocated().saturating_sub(before);
            }
            assert_eq!(written.metadata()?.len(), length, "the log is whole");
            fs::remove_file(&file)?;
        }
    }
    let [ours, by_hand] = fastest.map(|it| it.as_secs_f64());
    let ratio = ours / by_hand;
    println!("| log | this crate | reqwest | ratio | peak heap |");
    println!("| --- | --- | --- | --- | --- |");
    let (length, kib) = (length >> 20, heap >> 10);
    println!("| {length} MiB | {ours:.2} s | {by_hand:.2} s | {ratio:.2} | {kib} KiB |");
    let is_good = heap <= MOST_HEAP && (quick || ratio <= 2.0);
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Responds to every request on a connection: with the log, or with the record that names it.
fn serve(mut stream: TcpStream, length: u64) {
    let mut request = vec![0; 16 * 1024];
    while let Ok(1..) = stream.read(&mut request) {
        let sent = match request.starts_with(b"GET /v1/log/") {
            true => send_log(&mut stream, length),
            false => {
                let result = format!(r#"{{"build_no":20,"build_record_id":"{RECORD_ID}"}}"#);
                let body = format!(r#"{{"status":"success","result":{result}}}"#);
                let length = body.len();
                let head = "Content-Type: application/json\r\nContent-Length:";
                write!(stream, "HTTP/1.1 200 OK\r\n{head} {length}\r\n\r\n{body}")
            }
        };
        if sent.is_err() {
            return;
        }
    }
}

fn send_log(stream: &mut TcpStream, length: u64) -> std::io::Result<()> {
    let head = "Content-Type: application/octet-stream\r\nContent-Length:";
    write!(stream, "HTTP/1.1 200 OK\r\n{head} {length}\r\n\r\n")?;
    let block = LINE.repeat(1024);
    let mut left = length;
    while left > 0 {
        let part = usize::try_from(left).unwrap_or(usize::MAX).min(block.len());
        stream.write_all(&block[..part])?;
        left -= part as u64;
    }
    Ok(())
}
