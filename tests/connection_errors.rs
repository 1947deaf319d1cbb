//! Promise: the error of a connection that cannot be made names the host, and the known region that
//! a misspelled one resembles. A certificate that is not trusted is tried once, and no error shows a query.

use crate::support::*;
use codearts_build::{BuildId, Client, Credential, Error, RetryPolicy};
use std::{error::Error as _, sync::Arc};

/// A resolver that finds no name.
struct NoNames;

impl reqwest::dns::Resolve for NoNames {
    fn resolve(&self, _: reqwest::dns::Name) -> reqwest::dns::Resolving {
        Box::pin(std::future::ready(Err("no such name".into())))
    }
}

async fn error_in(region: &str) -> Error {
    let client = Client::builder()
        .region(region)
        .credential(Credential::token(CANARY).unwrap())
        .retry(RetryPolicy::never())
        .http(|http| http.no_proxy().dns_resolver(Arc::new(NoNames)))
        .build()
        .unwrap();
    client.record_info(JOB, 1).await.unwrap_err()
}

#[tokio::test]
async fn an_unknown_host_is_named() {
    let error = error_in("cn-north-4").await;
    assert!(error.is_connect());
    assert_eq!(error.message(), "cloudbuild-ext.cn-north-4.myhuaweicloud.com: no such name");
    // The European cloud is another one.
    let error = error_in("eu-west-101").await;
    assert_eq!(error.message(), "build-backend.eu-west-101.myhuaweicloud.eu: no such name");
}

#[tokio::test]
async fn an_unknown_region_suggests_the_nearest_known_one() {
    let error = error_in("cn-nroth-4").await;
    let hint = "; the region cn-nroth-4 is not a known one; did you mean cn-north-4?";
    assert!(error.message().ends_with(hint), "{error}");
    let error = error_in("my-kualalumpur-1").await;
    assert!(
        error.message().ends_with("; the region my-kualalumpur-1 is not a known one"),
        "{error}"
    );
}

/// A server whose certificate is not trusted. Returns its port, and counts the connections.
#[cfg(any(feature = "rustls", feature = "native-tls"))]
async fn untrusted() -> (u16, Arc<std::sync::atomic::AtomicUsize>) {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    use tokio_rustls::{TlsAcceptor, rustls::ServerConfig, rustls::pki_types::PrivateKeyDer};

    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(own.signing_key.serialize_der().into());
    let config = ServerConfig::builder().with_no_client_auth();
    let config = config.with_single_cert(vec![own.cert.der().clone()], key).unwrap();
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let connected = Arc::new(AtomicUsize::new(0));
    let count = connected.clone();
    tokio::spawn(async move {
        let acceptor = TlsAcceptor::from(Arc::new(config));
        while let Ok((connection, _)) = listener.accept().await {
            count.fetch_add(1, SeqCst);
            _ = acceptor.accept(connection).await;
        }
    });
    (port, connected)
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
#[tokio::test]
async fn a_certificate_that_is_not_trusted_is_tried_once() {
    use std::sync::atomic::Ordering::SeqCst;

    type Change = fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder;
    let backends: &[Change] = &[
        #[cfg(feature = "rustls")]
        |http| http.tls_backend_rustls(),
        #[cfg(feature = "native-tls")]
        |http| http.tls_backend_native(),
    ];
    for backend in backends {
        let (port, connected) = untrusted().await;
        let client = Client::builder()
            .endpoint(format!("https://localhost:{port}"))
            .credential(Credential::token(CANARY).unwrap())
            .http(*backend)
            .build()
            .unwrap();
        let error = client.record_info(JOB, 1).await.unwrap_err();
        assert!(error.is_connect() && !error.is_transient(), "{error}");
        assert_eq!(connected.load(SeqCst), 1, "{error}");
        let error = client.watch(BuildId::new(JOB, 1).unwrap()).await.unwrap_err();
        assert!(error.is_connect(), "{error}");
        assert_eq!(connected.load(SeqCst), 2, "{error}");
    }
}

#[tokio::test]
async fn no_error_shows_a_query() {
    let client = Client::builder()
        .endpoint("http://127.0.0.1:1")
        .credential(Credential::token(CANARY).unwrap())
        .retry(RetryPolicy::never())
        .build()
        .unwrap();
    let request = client.request("GET", "/v1/any?password=the-password").query("word", "the-word");
    let error = request.send::<()>().await.unwrap_err();
    assert!(error.is_connect(), "{error}");
    let source = error.source().unwrap();
    for shown in [format!("{error:?}"), format!("{source} {source:?}")] {
        assert!(!shown.contains("the-"), "{shown}");
    }
}
