//! Calls the service through a proxy, and trusts a certificate authority (CA) of your own.
//!
//! $ cargo run --features simulation --example behind_proxy
//!
//! The proxy and the service run on this machine. Only the proxy knows where `builds.example.test` is.
//!
//! A proxy in `HTTPS_PROXY` needs no code, nor does a CA that the operating system trusts.

use codearts_build::{
    Client, Credential,
    reqwest::{Certificate, Proxy},
    simulation::SimulatedService,
    types::RunJobRequest,
};
use std::error::Error as StdError;

const JOB: &str = "f9d6c8466d614a9788e9a0acf6c15f46";

type Result<T> = std::result::Result<T, Box<dyn StdError>>;

/// A client that calls the service through a proxy. It trusts this CA, and those that the operating system
/// trusts.
fn client(proxy: &str, ca: &[u8]) -> Result<Client> {
    // With a login: `Proxy::all(proxy)?.basic_auth("user", "password")`.
    let proxy = Proxy::all(proxy)?;
    // Of a PEM file: `Certificate::from_pem(&std::fs::read("ca.pem")?)?`.
    let ca = Certificate::from_der(ca)?;
    Ok(Client::builder()
        .endpoint("https://builds.example.test")
        .credential(Credential::token("simulated")?)
        .http(move |http| http.proxy(proxy.clone()).tls_certs_merge([ca.clone()]))
        .build()?)
}

#[tokio::main]
async fn main() -> Result<()> {
    let service = SimulatedService::start().await?;
    let (ours, other) = (scaffolding::ca("Our CA")?, scaffolding::ca("Another CA")?);
    let server = scaffolding::tls_in_front_of(&service.endpoint(), &ours).await?;
    let (proxy, targets) = scaffolding::proxy_to(server).await?;

    let trusting = client(&proxy, ours.as_ref().der())?;
    let build = trusting.run_job(RunJobRequest::new(JOB)?).await?;
    let record = trusting.wait(&build).await?;
    println!("With our CA: build {} ended {}", build.build_no(), record.status);

    let distrusting = client(&proxy, other.as_ref().der())?;
    match distrusting.run_job(RunJobRequest::new(JOB)?).await {
        Err(error) if error.is_connect() => println!("With another CA: {error}"),
        other => return Err(format!("the certificate was not verified: {other:?}").into()),
    }

    let mut targets = targets.lock().map_err(|_| "a connection has panicked")?.clone();
    targets.dedup();
    println!("The proxy has connected to {}", targets.join(", "));
    println!("The service has started {} build", service.builds().len());
    Ok(())
}

/// A proxy, and a server with a certificate of its own CA. Your program needs none of this.
mod scaffolding {
    use super::Result;
    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
    use std::{
        net::{Ipv4Addr, SocketAddr},
        sync::{Arc, Mutex},
    };
    use tokio::{
        io::{AsyncBufReadExt, AsyncWriteExt, BufReader, copy_bidirectional},
        net::{TcpListener, TcpStream},
    };
    use tokio_rustls::{
        TlsAcceptor,
        rustls::{ServerConfig, pki_types::PrivateKeyDer},
    };

    type Ca = CertifiedIssuer<'static, KeyPair>;

    pub fn ca(name: &str) -> Result<Ca> {
        let mut ca = CertificateParams::default();
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        ca.distinguished_name.push(DnType::CommonName, name);
        Ok(CertifiedIssuer::self_signed(ca, KeyPair::generate()?)?)
    }

    /// Starts a server that ends TLS for another one, with a certificate of this CA. Returns its address.
    pub async fn tls_in_front_of(endpoint: &str, ca: &Ca) -> Result<SocketAddr> {
        let key = KeyPair::generate()?;
        let names = vec!["builds.example.test".to_owned()];
        let certificate = CertificateParams::new(names)?.signed_by(&key, ca)?;
        let key = PrivateKeyDer::try_from(key.serialize_der())?;
        let config = ServerConfig::builder().with_no_client_auth();
        let config = config.with_single_cert(vec![certificate.der().clone()], key)?;
        let tls = TlsAcceptor::from(Arc::new(config));

        let service: SocketAddr = endpoint.trim_start_matches("http://").parse()?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let tls = tls.clone();
                tokio::spawn(async move {
                    let mut connection = tls.accept(connection).await?;
                    let mut service = TcpStream::connect(service).await?;
                    copy_bidirectional(&mut connection, &mut service).await
                });
            }
        });
        Ok(address)
    }

    type Targets = Arc<Mutex<Vec<String>>>;

    /// Starts a proxy that always connects to this address. Returns its URL, and the targets that it was
    /// asked for.
    pub async fn proxy_to(server: SocketAddr) -> Result<(String, Targets)> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let targets = Targets::default();
        let asked = targets.clone();
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let asked = asked.clone();
                tokio::spawn(async move {
                    let mut connection = BufReader::new(connection);
                    let mut head = String::new();
                    while !head.ends_with("\r\n\r\n") {
                        if connection.read_line(&mut head).await? == 0 {
                            return Ok((0, 0));
                        }
                    }
                    if let (Some(target), Ok(mut asked)) = (head.split(' ').nth(1), asked.lock()) {
                        asked.push(target.to_owned());
                    }
                    connection.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").await?;
                    copy_bidirectional(&mut connection, &mut TcpStream::connect(server).await?)
                        .await
                });
            }
        });
        Ok((url, targets))
    }
}
