//! Runs of the command: the program against a service over HTTP, and the function that `main` calls on a paused
//! clock.

use anstream::StripStream;
use codearts_build::{
    BuildId,
    simulation::{ReceivedRequest, SimulatedJob, SimulatedService},
    types::RunJobRequest,
};
use codearts_build_cli::{Interrupts, Process, run};
use futures_util::StreamExt;
use serde_json::Value;
use std::{
    cell::RefCell,
    io::{self, Write},
    process::{Command, Stdio},
    sync::{Arc, LazyLock, Mutex},
    time::Duration,
};
use tokio::runtime::Runtime;

pub const JOB: &str = "f9d6c8466d614a9788e9a0acf6c15f46";
pub const COMMIT: &str = "2fdc0170f0d540ae952c03ee6cabae3a8943d16a";
/// A token that must be sent to the service and shown nowhere.
pub const CANARY: &str = "canary-MIIaBwYJKoZIhvcNAQcCoIIZ";
pub const MINUTE: Duration = Duration::from_secs(60);

/// What a run has printed, and its exit code.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Run {
    fn new(code: i32, out: Vec<u8>, err: Vec<u8>) -> Self {
        let [out, err] = [out, err].map(|text| String::from_utf8(text).unwrap());
        for text in [&out, &err] {
            assert!(!text.contains("canary"), "{text}");
            assert!(!text.contains(|it: char| it.is_control() && it != '\n'), "{text:?}");
        }
        Self { code, out, err }
    }

    /// The objects on stdout, each of which has the schema.
    pub fn events(&self) -> Vec<Value> {
        static SCHEMA: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
            let schema = include_str!("../docs/output.schema.json");
            jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap()
        });
        let events = self.out.lines().map(|line| serde_json::from_str(line).expect(line));
        let events: Vec<Value> = events.collect();
        for event in &events {
            SCHEMA.validate(event).unwrap_or_else(|error| panic!("{error}: {event}"));
        }
        events
    }

    #[track_caller]
    pub fn ended(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:?}");
        self
    }

    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.err.contains(text), "{text:?} is not in {}", self.err);
        self
    }

    #[track_caller]
    pub fn prints(self, out: &str) -> Self {
        assert_eq!(self.out, out, "{}", self.err);
        self
    }
}

/// The program in an empty environment.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_codearts-build"));
    // No test calls the metadata service of the machine that it runs on.
    command.env_clear().env("CODEARTS_BUILD_METADATA_ENDPOINT", "http://127.0.0.1:1");
    command.stdin(Stdio::null());
    command
}

pub fn outcome_of(mut command: Command) -> Run {
    let output = command.output().unwrap();
    Run::new(output.status.code().unwrap(), output.stdout, output.stderr)
}

/// A simulated service beside the program, over HTTP.
pub struct Service {
    pub service: SimulatedService,
    pub runtime: Runtime,
}

impl Service {
    pub fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = { runtime }.worker_threads(1).enable_all().build().unwrap();
        let service = runtime.block_on(SimulatedService::start()).unwrap();
        service.add_job(JOB, at_once()).unwrap();
        Self { service, runtime }
    }

    /// A service whose builds of the job are like this one.
    pub fn with(job: SimulatedJob) -> Self {
        let service = Self::start();
        service.service.add_job(JOB, job).unwrap();
        service
    }

    /// Starts a build.
    pub fn build(&self) -> BuildId {
        self.runtime.block_on(build(&self.service))
    }

    /// The program with the variables of the service.
    pub fn program(&self, arguments: &str) -> Command {
        let mut command = program();
        command.args(arguments.split_whitespace());
        command.env("CODEARTS_BUILD_ENDPOINT", self.service.endpoint());
        command.env("CODEARTS_BUILD_TOKEN", CANARY);
        command
    }

    pub fn run(&self, arguments: &str) -> Run {
        outcome_of(self.program(arguments))
    }

    /// The requests that changed something.
    pub fn changes(&self) -> Vec<ReceivedRequest> {
        let mut received = self.service.received();
        received.retain(|request| request.method == "POST");
        received
    }
}

/// A job whose builds have ended at once.
pub fn at_once() -> SimulatedJob {
    SimulatedJob::new().queued_for(Duration::ZERO).runs_for(Duration::ZERO)
}

/// A job whose builds never end.
pub fn for_ever() -> SimulatedJob {
    SimulatedJob::new().queued_for(Duration::ZERO).runs_for(Duration::MAX)
}

/// Starts a build.
pub async fn build(service: &SimulatedService) -> BuildId {
    let client = service.client().unwrap();
    client.run_job(RunJobRequest::new(JOB).unwrap()).await.unwrap().into()
}

#[derive(Clone, Default)]
pub struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Buffer {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// Runs what `main` calls, on the clock of the test.
pub async fn call(service: &SimulatedService, arguments: &str) -> Run {
    call_with(service, arguments, futures_util::stream::pending().boxed()).await
}

pub async fn call_with(service: &SimulatedService, arguments: &str, interrupts: Interrupts) -> Run {
    let (out, err) = (Buffer::default(), Buffer::default());
    let err_without_colours = StripStream::new(Box::new(err.clone()) as Box<dyn Write>);
    let process = Process {
        stdout: RefCell::new(Box::new(out.clone())),
        stderr: RefCell::new(Box::new(err_without_colours)),
        is_live: false,
        interrupts: interrupts.into(),
        client: Some(service.client().unwrap()),
    };
    let arguments = ["codearts-build"].into_iter().chain(arguments.split_whitespace());
    let exit = run(arguments.map(Into::into), process).await;
    Run::new(exit as i32, out.take(), err.take())
}
