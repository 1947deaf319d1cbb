//! A small HTTP server, which can lose a response.

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use std::{convert::Infallible, io, net::Ipv4Addr};
use tokio::{
    net::TcpListener,
    task::{JoinHandle, JoinSet},
};

/// What is done with a request: nothing as a response means that the connection is closed.
pub(super) trait Respond: Clone + Send + Sync + 'static {
    fn respond(
        &self,
        request: Request<Bytes>,
    ) -> impl Future<Output = Option<Response<Bytes>>> + Send;
}

/// A server on loopback that runs until it is dropped.
pub(super) struct Server {
    pub(super) url: String,
    task: JoinHandle<Infallible>,
}

impl Server {
    pub(super) async fn start(respond: impl Respond) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let task = tokio::spawn(async move {
            // They end with the server.
            let mut connections = JoinSet::new();
            loop {
                // A connection that cannot be accepted is the client's to report.
                if let Ok((stream, _)) = listener.accept().await {
                    let respond = respond.clone();
                    let service = service_fn(move |request| handle(respond.clone(), request));
                    let connection =
                        http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                    connections.spawn(connection);
                    while connections.try_join_next().is_some() {}
                }
            }
        });
        Ok(Self { url, task })
    }
}

async fn handle(
    respond: impl Respond,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, io::Error> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let response = respond.respond(Request::from_parts(head, body)).await;
    // hyper closes the connection after an error.
    Ok(response.ok_or_else(|| io::Error::other("lost"))?.map(Full::new))
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}
