//! A server that responds to each request with the response of the seed in its job id or in its query.

use super::{operation::Call, response::MadeUp};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::SeqCst},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// What a job id begins with. The seed fills the rest of the 32 letters and digits.
const MARK: &str = "MadeUpResponse00";

pub fn job_id(seed: u64) -> String {
    format!("{MARK}{seed:016x}")
}

pub struct Server {
    port: u16,
    /// The number of requests.
    pub arrived: Arc<AtomicU64>,
}

impl Server {
    /// Starts a server on the runtime of the test, with which it ends.
    pub async fn start(call: Call) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let arrived = Arc::new(AtomicU64::new(0));
        let count = arrived.clone();
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let count = count.clone();
                tokio::spawn(async move {
                    // The client may close the connection whenever it likes.
                    _ = serve(connection, call, &count).await;
                });
            }
        });
        Self { port, arrived }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

async fn serve(mut connection: TcpStream, call: Call, arrived: &AtomicU64) -> std::io::Result<()> {
    connection.set_nodelay(true)?;
    let mut request = vec![];
    loop {
        request.clear();
        while !is_whole(&request) {
            if connection.read_buf(&mut request).await? == 0 {
                return Ok(());
            }
        }
        arrived.fetch_add(1, SeqCst);
        connection.write_all(&response(call, &request)).await?;
    }
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| {
        line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok()
    });
    body.len() >= length.unwrap_or(0)
}

fn response(call: Call, request: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(request);
    let (_, behind) = text.split_once(MARK).expect("every request has the mark");
    let seed = u64::from_str_radix(&behind[..16], 16).unwrap();
    let MadeUp { status, body } = MadeUp::of(call, seed);
    let length = match status {
        204 | 304 => String::new(),
        _ => format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len()),
    };
    [format!("HTTP/1.1 {status} Status\r\n{length}\r\n").as_bytes(), &body].concat()
}
