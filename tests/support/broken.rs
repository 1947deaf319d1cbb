//! A server that misbehaves as it is told, down to the byte, and counts what arrives.

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
pub enum Act {
    /// Sends this, and is ready for another request on the connection.
    Answer(Vec<u8>),
    /// Sends this and closes the connection.
    Close(Vec<u8>),
    /// Sends this and resets the connection.
    Reset(Vec<u8>),
    /// Resets the connection when the request has come, without reading it.
    ResetUnread,
    /// Sends this, and nothing more.
    Silence(Vec<u8>),
    /// Sends this, then one byte after the other, without end.
    Drip(Vec<u8>),
    /// Sends the first, then the second over and over.
    Endless(Vec<u8>, Vec<u8>),
    /// Takes what comes for plain http, and says so.
    NoTls,
}

/// Where a request stands: the how manyth it is of all, and on its connection, counted from 0.
pub struct Arrival {
    pub number: usize,
    pub on_connection: usize,
}

/// A server that misbehaves.
pub struct Broken {
    address: SocketAddr,
    shared: Arc<Shared>,
    waits: mpsc::Receiver<usize>,
}

struct Shared {
    act: Box<dyn Fn(&Arrival) -> Act + Send + Sync>,
    attempts: AtomicUsize,
    reused: AtomicUsize,
    requests: Mutex<Vec<String>>,
    sent: AtomicU64,
    waits: Mutex<mpsc::Sender<usize>>,
    over: AtomicBool,
}

impl Broken {
    /// A server that does with each request what it is told for it.
    pub fn start(act: impl Fn(&Arrival) -> Act + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, waits) = mpsc::channel();
        let shared = Arc::new(Shared {
            act: Box::new(act),
            attempts: AtomicUsize::new(0),
            reused: AtomicUsize::new(0),
            requests: Mutex::default(),
            sent: AtomicU64::new(0),
            waits: Mutex::new(sender),
            over: AtomicBool::new(false),
        });
        let server = shared.clone();
        thread::spawn(move || {
            for connection in listener.incoming() {
                if server.over.load(SeqCst) {
                    return;
                }
                let (server, connection) = (server.clone(), connection.unwrap());
                // A fault of the caller's ends the connection, and the test has its own eyes.
                thread::spawn(move || server.serve(connection).ok());
            }
        });
        Self { address, shared, waits }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// How many requests arrived.
    pub fn arrived(&self) -> usize {
        self.shared.requests.lock().unwrap().len()
    }

    /// How often something arrived, if only half a request, or none that the server understands.
    pub fn attempts(&self) -> usize {
        self.shared.attempts.load(SeqCst)
    }

    /// How many requests arrived on a connection that had carried one before.
    pub fn reused(&self) -> usize {
        self.shared.reused.load(SeqCst)
    }

    /// The requests that arrived, each as it came.
    pub fn requests(&self) -> Vec<String> {
        self.shared.requests.lock().unwrap().clone()
    }

    /// How many bytes were sent without end before the caller hung up.
    pub fn sent(&self) -> u64 {
        self.shared.sent.load(SeqCst)
    }

    /// Whether the server has let the newest attempt wait since this was last asked.
    pub fn lets_wait(&mut self) -> bool {
        // What an attempt before it was told is over.
        self.waits.try_iter().any(|attempt| attempt + 1 == self.shared.attempts.load(SeqCst))
    }

    /// Returns when the server lets somebody wait.
    pub async fn waiting(&mut self) {
        while !self.lets_wait() {
            tokio::task::yield_now().await;
            thread::sleep(Duration::from_micros(200));
        }
    }
}

impl Drop for Broken {
    fn drop(&mut self) {
        self.shared.over.store(true, SeqCst);
        // Wakes it up to see that it is over.
        TcpStream::connect(self.address).ok();
    }
}

/// An address at which nobody listens, and nobody else can while it is held.
pub struct Nobody(Socket);

impl Nobody {
    pub fn new() -> Self {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.bind(&SockAddr::from(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))).unwrap();
        Self(socket)
    }

    pub fn address(&self) -> SocketAddr {
        self.0.local_addr().unwrap().as_socket().unwrap()
    }
}

/// An answer of JSON, with a length, on a connection that is kept.
pub fn json(status: &str, body: &str) -> Vec<u8> {
    answer(status, "content-type: application/json\r\n", body)
}

/// An answer with a length, on a connection that is kept. Each header ends its line.
pub fn answer(status: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\n\r\n{body}").into_bytes()
}

impl Shared {
    fn serve(&self, mut connection: TcpStream) -> std::io::Result<()> {
        connection.set_nodelay(true)?;
        for on_connection in 0.. {
            // Only when something has come, because a connection reset before its caller has seen
            // it made counts as one that was never made, or not, as it happens.
            if connection.peek(&mut [0])? == 0 {
                return Ok(());
            }
            let number = self.attempts.fetch_add(1, SeqCst);
            let act = (self.act)(&Arrival { number, on_connection });
            let request = match act {
                Act::ResetUnread => "unread".into(),
                Act::NoTls => {
                    _ = connection.read(&mut [0; 65536])?;
                    return connection.write_all(&answer("400 Bad Request", "", "not encrypted"));
                }
                _ => read(&mut connection)?,
            };
            self.requests.lock().unwrap().push(request);
            if on_connection > 0 {
                self.reused.fetch_add(1, SeqCst);
            }
            match act {
                Act::Answer(bytes) => connection.write_all(&bytes)?,
                Act::Close(bytes) => return connection.write_all(&bytes),
                Act::Reset(bytes) => {
                    connection.write_all(&bytes)?;
                    return SockRef::from(&connection).set_linger(Some(Duration::ZERO));
                }
                Act::ResetUnread | Act::NoTls => {
                    return SockRef::from(&connection).set_linger(Some(Duration::ZERO));
                }
                Act::Silence(bytes) => {
                    connection.write_all(&bytes)?;
                    self.wait(number);
                    // Until the caller hangs up.
                    _ = connection.read(&mut [0])?;
                    return Ok(());
                }
                Act::Drip(bytes) => {
                    connection.write_all(&bytes)?;
                    loop {
                        connection.write_all(b" ")?;
                        self.wait(number);
                        thread::sleep(Duration::from_millis(1));
                    }
                }
                Act::Endless(bytes, more) => {
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

    fn wait(&self, number: usize) {
        // Nobody listens any more once the test is over.
        self.waits.lock().unwrap().send(number).ok();
    }
}

/// Reads one request, with its body.
fn read(connection: &mut TcpStream) -> std::io::Result<String> {
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
                return Ok(text.into_owned());
            }
        }
    }
}
