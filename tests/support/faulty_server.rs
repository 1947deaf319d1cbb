//! A server with faults that a test sets, byte by byte. It counts the requests that arrive.

use super::clock::let_others_run;
use socket2::{Domain, SockAddr, SockRef, Socket, Type};
use std::{
    io::{ErrorKind, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst},
        mpsc,
    },
    thread,
    time::Duration,
};

/// What the server does with a request.
pub enum Action {
    /// Sends this and keeps the connection for another request.
    Respond(Vec<u8>),
    /// Sends this and closes the connection.
    Close(Vec<u8>),
    /// Sends this and resets the connection.
    Reset(Vec<u8>),
    /// Resets the connection when the request has arrived, without reading it.
    ResetUnread,
    /// Sends this and then nothing.
    Silence(Vec<u8>),
    /// Sends this, then single bytes without end.
    Drip(Vec<u8>),
    /// Sends the first, then the second over and over.
    Endless(Vec<u8>, Vec<u8>),
    /// Takes what arrives for plain http and responds with an error.
    NoTls,
}

/// The number of a request among all requests and among those of its connection, from 0.
pub struct Arrival {
    pub number: usize,
    pub on_connection: usize,
}

/// A server with faults.
pub struct FaultyServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    silences: mpsc::Receiver<usize>,
}

struct Shared {
    action: Box<dyn Fn(&Arrival) -> Action + Send + Sync>,
    attempts: AtomicUsize,
    reused: AtomicUsize,
    arrived: AtomicUsize,
    sent: AtomicU64,
    responses: AtomicUsize,
    silences: Mutex<mpsc::Sender<usize>>,
    over: AtomicBool,
}

impl FaultyServer {
    /// Starts a server that asks the test what to do with each request.
    pub fn start(action: impl Fn(&Arrival) -> Action + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, silences) = mpsc::channel();
        let shared = Arc::new(Shared {
            action: Box::new(action),
            attempts: AtomicUsize::new(0),
            reused: AtomicUsize::new(0),
            arrived: AtomicUsize::new(0),
            sent: AtomicU64::new(0),
            responses: AtomicUsize::new(0),
            silences: Mutex::new(sender),
            over: AtomicBool::new(false),
        });
        let server = shared.clone();
        thread::spawn(move || {
            for connection in listener.incoming() {
                if server.over.load(SeqCst) {
                    return;
                }
                let (server, connection) = (server.clone(), connection.unwrap());
                // The test checks its call, so that a failed connection is ignored here.
                thread::spawn(move || server.serve(connection).ok());
            }
        });
        Self { address, shared, silences }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The number of requests that arrived.
    pub fn arrived(&self) -> usize {
        self.shared.arrived.load(SeqCst)
    }

    /// The number of requests that arrived, including incomplete and unreadable ones.
    pub fn attempts(&self) -> usize {
        self.shared.attempts.load(SeqCst)
    }

    /// The number of requests that arrived on a connection that had carried one before.
    pub fn reused(&self) -> usize {
        self.shared.reused.load(SeqCst)
    }

    /// The number of bytes that an endless response sent before the caller hung up.
    pub fn sent(&self) -> u64 {
        self.shared.sent.load(SeqCst)
    }

    /// Whether the server has become silent towards the newest attempt since the last call.
    pub fn is_silent(&mut self) -> bool {
        // Earlier attempts have ended.
        self.silences.try_iter().any(|attempt| attempt + 1 == self.shared.attempts.load(SeqCst))
    }

    /// Waits until the server is silent.
    pub async fn silence(&mut self) {
        while !self.is_silent() {
            let_others_run().await;
        }
    }

    /// Waits until the caller has read its first response.
    pub async fn first_response_read(&self) {
        while self.shared.responses.load(SeqCst) == 0 {
            let_others_run().await;
        }
        // The response is in the caller's socket. The caller needs fewer yields to read it, and no clock moves
        // meanwhile.
        for _ in 0..100 {
            let_others_run().await;
        }
    }
}

impl Drop for FaultyServer {
    fn drop(&mut self) {
        self.shared.over.store(true, SeqCst);
        // Wakes the server to see that it is over.
        TcpStream::connect(self.address).ok();
    }
}

/// An address at which nobody listens, nor can while this exists.
pub struct ClosedPort(Socket);

impl ClosedPort {
    pub fn new() -> Self {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.bind(&SockAddr::from(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))).unwrap();
        Self(socket)
    }

    pub fn address(&self) -> SocketAddr {
        self.0.local_addr().unwrap().as_socket().unwrap()
    }
}

/// A response with JSON and a length, on a connection that is kept.
pub fn json(status: &str, body: &str) -> Vec<u8> {
    response(status, "content-type: application/json\r\n", body)
}

/// A response with a length, on a connection that is kept. Each header ends with a line break.
pub fn response(status: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\n\r\n{body}").into_bytes()
}

impl Shared {
    fn serve(&self, mut connection: TcpStream) -> std::io::Result<()> {
        connection.set_nodelay(true)?;
        for on_connection in 0.. {
            // Only when something has arrived. A reset before the caller knows of its connection
            // may count as no connection at all.
            if connection.peek(&mut [0])? == 0 {
                return Ok(());
            }
            let number = self.attempts.fetch_add(1, SeqCst);
            let action = (self.action)(&Arrival { number, on_connection });
            match action {
                Action::ResetUnread => {}
                Action::NoTls => {
                    _ = connection.read(&mut [0; 65536])?;
                    return connection.write_all(&response("400 Bad Request", "", "not encrypted"));
                }
                _ => read(&mut connection)?,
            }
            self.arrived.fetch_add(1, SeqCst);
            if on_connection > 0 {
                self.reused.fetch_add(1, SeqCst);
            }
            match action {
                Action::Respond(bytes) => {
                    connection.write_all(&bytes)?;
                    self.responses.fetch_add(1, SeqCst);
                }
                Action::Close(bytes) => return connection.write_all(&bytes),
                Action::Reset(bytes) => {
                    connection.write_all(&bytes)?;
                    return SockRef::from(&connection).set_linger(Some(Duration::ZERO));
                }
                Action::ResetUnread | Action::NoTls => {
                    return SockRef::from(&connection).set_linger(Some(Duration::ZERO));
                }
                Action::Silence(bytes) => {
                    connection.write_all(&bytes)?;
                    self.tell_of_silence(number);
                    // Until the caller hangs up.
                    _ = connection.read(&mut [0])?;
                    return Ok(());
                }
                Action::Drip(bytes) => {
                    connection.write_all(&bytes)?;
                    loop {
                        connection.write_all(b" ")?;
                        self.tell_of_silence(number);
                        thread::sleep(Duration::from_millis(1));
                    }
                }
                Action::Endless(bytes, more) => {
                    connection.write_all(&bytes)?;
                    loop {
                        connection.write_all(&more)?;
                        self.sent.fetch_add(more.len() as u64, SeqCst);
                    }
                }
            }
        }
        Ok(())
    }

    fn tell_of_silence(&self, number: usize) {
        // Nobody receives this once the test is over.
        self.silences.lock().unwrap().send(number).ok();
    }
}

/// Reads one request, with its body.
fn read(connection: &mut TcpStream) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut part = [0; 65536];
    loop {
        let read = connection.read(&mut part)?;
        if read == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        request.extend_from_slice(&part[..read]);
        let text = String::from_utf8_lossy(&request);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok()
            });
            if body.len() >= length.unwrap_or(0) {
                return Ok(());
            }
        }
    }
}
