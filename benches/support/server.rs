//! A server in a process of its own, so that its work is not counted.

use super::{Result, wire::Connection};
use rcgen::generate_simple_self_signed;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde::{Deserialize, Serialize};
use std::{
    borrow::Cow,
    env,
    io::{self, BufRead, BufReader, Read},
    net::Ipv4Addr,
    process::{self, Child, Command, Stdio},
    sync::Arc,
    thread,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, pki_types::PrivateKeyDer},
};

/// The argument that makes a benchmark the server.
pub const ARGUMENT: &str = "serve";

/// Returns the whole response, head and body, to a request for a path.
pub type Respond = fn(&str) -> Cow<'static, [u8]>;

/// Where a server is.
#[derive(Clone, Serialize, Deserialize)]
pub struct Address {
    pub http: String,
    pub https: String,
    /// The certificate of the server.
    pub certificate: Vec<u8>,
}

/// A server that runs until this is dropped or the process ends.
pub struct Server {
    pub address: Address,
    process: Child,
}

impl Server {
    /// Starts this program again, as the server.
    pub fn start() -> Result<Self> {
        allow_connections()?;
        let mut process = Command::new(env::current_exe()?)
            .arg(ARGUMENT)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("is piped")).read_line(&mut line)?;
        Ok(Self { address: serde_json::from_str(&line)?, process })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// Runs the server.
pub fn serve(respond: Respond) -> Result {
    allow_connections()?;
    // It ends with the process that holds the other end.
    thread::spawn(|| {
        let _ = io::stdin().read_to_end(&mut Vec::new());
        process::exit(0);
    });
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let certified = generate_simple_self_signed(["127.0.0.1".to_owned()])?;
        let certificate = certified.cert.der().clone();
        let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der())?;
        let mut tls = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.clone()], key)?;
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        let tls = TlsAcceptor::from(Arc::new(tls));
        let http = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let https = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = Address {
            http: format!("http://{}", http.local_addr()?),
            https: format!("https://{}", https.local_addr()?),
            certificate: certificate.to_vec(),
        };
        println!("{}", serde_json::to_string(&address)?);
        loop {
            tokio::select! {
                Ok((stream, _)) = http.accept() => {
                    stream.set_nodelay(true)?;
                    tokio::spawn(converse(stream, respond));
                }
                Ok((stream, _)) = https.accept() => {
                    stream.set_nodelay(true)?;
                    tokio::spawn(converse_over_tls(tls.clone(), stream, respond));
                }
            }
        }
    })
}

async fn converse_over_tls(tls: TlsAcceptor, stream: TcpStream, respond: Respond) {
    // A client may drop a connection that it needs no more before it is made.
    if let Ok(stream) = tls.accept(stream).await {
        converse(stream, respond).await;
    }
}

async fn converse(stream: impl AsyncRead + AsyncWrite + Unpin, respond: Respond) {
    let mut connection = Connection::new(stream);
    while let Some(path) = connection.request().await {
        if connection.respond(&respond(&path)).await.is_err() {
            break;
        }
    }
}

/// Allows as many open connections as the system lets a process have.
fn allow_connections() -> Result {
    let maximum = getrlimit(Resource::Nofile).maximum;
    Ok(setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })?)
}
