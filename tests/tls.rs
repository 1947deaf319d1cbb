//! Promise: calls go over TLS with each library, trust a certificate authority of the caller's, and nothing else.
//! Without a library, the error says which features have one.

use crate::support::*;
use codearts_build::{Client, Credential};

#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
#[tokio::test]
async fn without_tls_an_error_names_the_features() {
    let error = Client::new("cn-north-4", CANARY).unwrap_err();
    assert_eq!(error.kind(), codearts_build::ErrorKind::InvalidArgument);
    let expected = "https needs the feature `rustls` or `native-tls` of the crate";
    assert_eq!(error.message(), expected);
    // Plain http needs none.
    let client = Client::builder().endpoint("http://127.0.0.1:1");
    let client = client.credential(Credential::token(CANARY).unwrap()).build().unwrap();
    assert!(client.record_info(JOB, 1).await.unwrap_err().is_connect());
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
mod over_tls {
    use super::*;
    use codearts_build::{BuildId, reqwest::Certificate, simulation::SimulatedService, types::*};
    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
    use std::{
        net::{Ipv4Addr, SocketAddr},
        sync::Arc,
    };
    use tokio::{
        io::copy_bidirectional,
        net::{TcpListener, TcpStream},
    };
    use tokio_rustls::{
        TlsAcceptor,
        rustls::{ServerConfig, pki_types::PrivateKeyDer},
    };

    type Ca = CertifiedIssuer<'static, KeyPair>;

    fn ca(name: &str) -> Ca {
        let mut ca = CertificateParams::default();
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        ca.distinguished_name.push(DnType::CommonName, name);
        CertifiedIssuer::self_signed(ca, KeyPair::generate().unwrap()).unwrap()
    }

    /// Ends TLS for a service, with a certificate of a CA for this host. Returns the port.
    async fn tls_in_front_of(service: &SimulatedService, ca: &Ca, host: &str) -> u16 {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec![host.to_owned()]).unwrap();
        let certificate = certificate.signed_by(&key, ca).unwrap().der().clone();
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let config = ServerConfig::builder().with_no_client_auth();
        let tls = Arc::new(config.with_single_cert(vec![certificate], key).unwrap());
        let service: SocketAddr = service.endpoint()["http://".len()..].parse().unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let tls = TlsAcceptor::from(tls.clone());
                tokio::spawn(async move {
                    let mut connection = tls.accept(connection).await?;
                    copy_bidirectional(&mut connection, &mut TcpStream::connect(service).await?)
                        .await
                });
            }
        });
        port
    }

    fn client(port: u16, ca: &Ca) -> Client {
        let ca = Certificate::from_der(ca.as_ref().der()).unwrap();
        Client::builder()
            .endpoint(format!("https://localhost:{port}"))
            .credential(Credential::token(CANARY).unwrap())
            .http(move |http| http.tls_certs_merge([ca.clone()]))
            .build()
            .unwrap()
    }

    #[tokio::test]
    async fn a_certificate_authority_of_the_callers_is_trusted() {
        let (service, ours) = (SimulatedService::start().await.unwrap(), ca("Ours"));
        let client = client(tls_in_front_of(&service, &ours, "localhost").await, &ours);
        let build = client.run_job(RunJobRequest::new(JOB).unwrap()).await.unwrap();
        let build: &BuildId = build.as_ref();
        assert_eq!(client.record_info(JOB, build.build_no()).await.unwrap().build_no, Some(1));
        assert_eq!(service.received().len(), 2);
    }

    #[tokio::test]
    async fn another_authority_and_another_host_are_not() {
        let (service, ours) = (SimulatedService::start().await.unwrap(), ca("Ours"));
        let other = tls_in_front_of(&service, &ca("Another"), "localhost").await;
        let elsewhere = tls_in_front_of(&service, &ours, "builds.example").await;
        for port in [other, elsewhere] {
            let error = client(port, &ours).record_info(JOB, 1).await.unwrap_err();
            assert!(error.is_connect() && !error.is_transient(), "{error}");
            assert!(error.message().contains("certificate"), "{error}");
        }
        assert_eq!(service.received(), []);
    }
}
