//! A service that responds as a script says, on the runtime and the clock of the test.

use super::{CANARY, clock::Clock};
use codearts_build::{Client, ClientBuilder, Credential};
use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::yield_now,
    time::Instant,
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What the service does with a request.
pub enum Reply {
    /// Sends this.
    Send(Vec<u8>),
    /// Closes the connection.
    Close,
}

/// A request, and when it came.
pub struct Request {
    pub at: Duration,
    pub path: String,
    pub token: String,
}

type Script = dyn Fn(&Request) -> Reply + Send + Sync;

/// A service whose responses are those of a script. Time moves only in [`run`](Self::run).
pub struct Timeline {
    address: SocketAddr,
    start: Instant,
    polls: Arc<Mutex<Vec<Duration>>>,
    _clock: Clock,
}

impl Timeline {
    pub async fn start(script: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let clock = Clock::stop();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let start = Instant::now();
        let polls = Arc::new(Mutex::new(Vec::new()));
        let (script, noted): (Arc<Script>, _) = (Arc::new(script), polls.clone());
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(converse(connection, start, script.clone(), noted.clone()));
            }
        });
        Self { address, start, polls, _clock: clock }
    }

    /// A client with timeouts that do not expire.
    pub fn builder(&self) -> ClientBuilder {
        Client::builder()
            .endpoint(format!("http://{}", self.address))
            .credential(Credential::token(CANARY).unwrap())
            .connect_timeout(DAY)
            .attempt_timeout(DAY)
            .timeout(2 * DAY)
    }

    pub fn client(&self) -> Client {
        self.builder().build().unwrap()
    }

    /// When the requests came.
    pub fn polls(&self) -> Vec<Duration> {
        self.polls.lock().unwrap().clone()
    }

    pub fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    /// Runs a future to its end. Time moves by steps. Between two steps, the tasks of this runtime can run. What
    /// takes longer is done some steps later.
    pub async fn run<T: Send + 'static>(
        &self,
        step: Duration,
        future: impl IntoFuture<Output = T, IntoFuture: Send + 'static>,
    ) -> T {
        let task = tokio::spawn(future.into_future());
        while !task.is_finished() {
            for _ in 0..30 {
                yield_now().await;
            }
            tokio::time::advance(step).await;
        }
        task.await.unwrap()
    }
}

async fn converse(
    mut connection: TcpStream,
    start: Instant,
    script: Arc<Script>,
    polls: Arc<Mutex<Vec<Duration>>>,
) {
    let mut received = Vec::new();
    loop {
        let mut part = [0; 4096];
        match connection.read(&mut part).await {
            Ok(read @ 1..) => received.extend_from_slice(&part[..read]),
            _ => return,
        }
        // None of the requests has a body.
        if !received.ends_with(b"\r\n\r\n") {
            continue;
        }
        let text = String::from_utf8(std::mem::take(&mut received)).unwrap();
        let at = start.elapsed();
        polls.lock().unwrap().push(at);
        let path = text.split(' ').nth(1).unwrap().to_owned();
        let token = text.lines().find_map(|line| line.strip_prefix("x-auth-token: "));
        let token = token.unwrap_or_default().to_owned();
        match script(&Request { at, path, token }) {
            Reply::Close => return,
            Reply::Send(bytes) if connection.write_all(&bytes).await.is_err() => return,
            Reply::Send(_) => {}
        }
    }
}
