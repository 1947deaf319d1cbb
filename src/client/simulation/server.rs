//! A small HTTP server, which can lose a response, or break it off.

use super::service::Shared;
use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt, iter};
use http::{Request, Response};
use http_body_util::{BodyExt, Full, StreamBody, combinators::BoxBody};
use hyper::body::{Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::future::poll_fn;
use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use tokio::net::TcpListener;
use tokio::task::{JoinSet, yield_now};

/// Marks a response whose body is sent in small parts, as a file, and broken off after so many bytes, if any.
#[derive(Clone)]
pub(super) struct File(pub(super) Option<usize>);

/// The parts of a file. They end within characters.
const PART: usize = 1021;

/// A server on loopback. When it is dropped, or its runtime ends, its port and its connections are closed at
/// once.
pub(super) struct Server {
    pub(super) url: String,
    _task: JoinSet<()>,
    _sockets: OpenSockets,
}

struct Sockets {
    listener: TcpListener,
    connections: FuturesUnordered<BoxFuture<'static, ()>>,
}

/// The sockets, which the server and its task share. Whichever is dropped first closes them. No runtime has to
/// run for that.
struct OpenSockets(Arc<Mutex<Option<Sockets>>>);

impl Server {
    pub(super) async fn start(service: Shared) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let sockets = Sockets { listener, connections: FuturesUnordered::new() };
        let sockets = Arc::new(Mutex::new(Some(sockets)));
        let served = OpenSockets(sockets.clone());
        let mut task = JoinSet::new();
        task.spawn(poll_fn(move |context| match &mut *served.lock() {
            Some(sockets) => sockets.serve(context, &service),
            None => Poll::Ready(()),
        }));
        Ok(Self { url, _task: task, _sockets: OpenSockets(sockets) })
    }
}

impl OpenSockets {
    fn lock(&self) -> MutexGuard<'_, Option<Sockets>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for OpenSockets {
    fn drop(&mut self) {
        let sockets = self.lock().take();
        // The lock is free again when they are dropped.
        drop(sockets);
    }
}

impl Sockets {
    /// Accepts connections and serves all of them.
    fn serve(&mut self, context: &mut Context<'_>, service: &Shared) -> Poll<()> {
        while let Poll::Ready(accepted) = self.listener.poll_accept(context) {
            // A connection that cannot be accepted is an error of the client.
            let Ok((stream, _)) = accepted else { continue };
            let service = service.clone();
            let handler = service_fn(move |request| handle(service.clone(), request));
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), handler);
            self.connections.push(connection.map(drop).boxed());
        }
        while let Poll::Ready(Some(())) = self.connections.poll_next_unpin(context) {}
        Poll::Pending
    }
}

async fn handle(
    service: Shared,
    request: Request<Incoming>,
) -> Result<Response<BoxBody<Bytes, io::Error>>, io::Error> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let response = service.respond(Request::from_parts(head, body)).await;
    // hyper closes the connection after an error.
    let mut response = response.ok_or_else(|| io::Error::other("lost"))?;
    let file = response.extensions_mut().remove::<File>();
    Ok(response.map(|body| match file {
        Some(file) => parts(&body, file),
        None => Full::new(body).map_err(|never| match never {}).boxed(),
    }))
}

fn parts(body: &[u8], File(breaks_after): File) -> BoxBody<Bytes, io::Error> {
    let sent = breaks_after.and_then(|bytes| body.get(..bytes)).unwrap_or(body);
    let parts = sent.chunks(PART).map(|part| Ok(Frame::data(Bytes::copy_from_slice(part))));
    let parts = iter(parts.collect::<Vec<_>>());
    let broken = iter(breaks_after).then(|_| async {
        // hyper sends what comes before the error meanwhile.
        yield_now().await;
        Err(io::Error::other("broken off"))
    });
    BodyExt::boxed(StreamBody::new(parts.chain(broken)))
}
