//! Promise: a request to this machine goes through no proxy, which would see the secrets. Any other request
//! goes through the proxy that applies, from the environment or from the caller.

use crate::support::{environment::*, *};
use codearts_build::{
    AccessKey, BuildId, Client, ClientBuilder, Credential, PasswordLogin, PodIdentity, RetryPolicy,
    mock::MockServerExt, types::*,
};
use httpmock::MockServer;
use serde_json::json;
use std::{
    io::{BufRead, BufReader, Write},
    net::{Ipv4Addr, TcpListener},
    sync::{Arc, Mutex},
    thread,
};

const FORBIDDEN: &str = "403 Forbidden";

/// A proxy that passes nothing on, and records the targets of the requests.
struct Proxy {
    url: String,
    targets: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    fn start() -> Self {
        Self::with_status(FORBIDDEN)
    }

    fn with_status(status: &'static str) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let targets = Arc::new(Mutex::new(Vec::new()));
        let seen = targets.clone();
        thread::spawn(move || {
            for connection in listener.incoming() {
                let mut connection = connection.unwrap();
                let mut first = String::new();
                BufReader::new(&connection).read_line(&mut first).unwrap();
                let target = first.split_whitespace().nth(1).unwrap_or_default().to_owned();
                seen.lock().unwrap().push(target);
                let response = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
                _ = connection.write_all(response.as_bytes());
            }
        });
        Self { url, targets }
    }

    /// How many requests it received.
    fn count(&self) -> usize {
        self.targets.lock().unwrap().len()
    }

    /// The targets of the requests since the last call, each once.
    fn targets(&self) -> Vec<String> {
        let mut targets = std::mem::take(&mut *self.targets.lock().unwrap());
        targets.dedup();
        targets
    }

    /// A client with this proxy as a setting.
    fn client(&self) -> ClientBuilder {
        let url = self.url.clone();
        Client::builder()
            .retry(RetryPolicy::never())
            .http(move |http| http.proxy(reqwest::Proxy::all(&url).unwrap()))
    }

    /// The variables that name this proxy.
    fn variables(&self) -> [(&str, &str); 4] {
        ["http_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"].map(|name| (name, &*self.url))
    }
}

fn builds() -> MockServer {
    let server = MockServer::start();
    server.run_job(|_, then| {
        then.ok(&serde_json::from_value(json!({ "actual_build_number": "7" })).unwrap());
    });
    server.show_record_detail(|_, then| {
        let record =
            BuildRecord { build_no: Some(1), status: "SUCCESS".into(), ..Default::default() };
        then.ok(&RecordInfoResponse { result: Some(record), ..Default::default() });
    });
    server
}

fn iam() -> MockServer {
    let server = MockServer::start();
    server.mock(|when, then| {
        when.path("/v3/auth/tokens");
        then.status(201).header("x-subject-token", CANARY).json_body(json!({ "token": {} }));
    });
    server.mock(|when, then| {
        when.path("/v3/projects");
        then.status(200).json_body(json!({ "projects": [{ "id": "1", "name": "cn-north-4" }] }));
    });
    server
}

/// A service of pod identity that is not on this machine is one like any other.
#[tokio::test]
async fn a_remote_service_of_pod_identity_is_asked_through_the_callers_proxy() {
    let (builds, proxy, file) = (builds(), Proxy::start(), File::new("pod-proxy", CANARY));
    let pod = PodIdentity::new("https://pods.example/v1/credentials", file.path()).unwrap();
    let pod = Credential::from(pod).with_project_id("1").unwrap();
    let client = proxy.client().endpoint(builds.base_url()).credential(pod).build().unwrap();
    let error = client.record_info(JOB, 1).await.unwrap_err();
    assert!(
        error.message().starts_with("asking the service of pod identity: pods.example: "),
        "{error}"
    );
    assert_eq!(proxy.targets(), ["pods.example:443"]);
    // One of this machine is asked without it.
    let keys = MockServer::start();
    keys.mock(|_, then| {
        then.status(200).json_body(temporary_key("2999-01-01T00:00:00.000000Z"));
    });
    let pod = PodIdentity::new(keys.base_url(), file.path()).unwrap();
    let pod = Credential::from(pod).with_project_id("1").unwrap();
    let client = proxy.client().endpoint(builds.base_url()).credential(pod).build().unwrap();
    client.record_info(JOB, 1).await.unwrap();
    assert!(proxy.targets().is_empty());
}

#[tokio::test]
async fn a_callers_proxy_sees_nothing_that_is_bound_for_this_machine() {
    let (builds, iam, proxy) = (builds(), iam(), Proxy::start());
    let login = PasswordLogin::new("domain", "user", "password").unwrap();
    let login = Credential::from(login);
    let key = Credential::from(AccessKey::new("AK", "SK").unwrap());
    for credential in [
        Credential::token(CANARY).unwrap(),
        login.with_iam_endpoint(iam.base_url()),
        key.with_iam_endpoint(iam.base_url()),
    ] {
        for allow_http in [false, true] {
            let endpoint = builds.base_url().replace("127.0.0.1", "localhost");
            for endpoint in [builds.base_url(), endpoint] {
                let client = proxy.client().region("cn-north-4").endpoint(endpoint);
                let client = client.credential(credential.clone()).allow_http(allow_http);
                let client = client.build().unwrap();
                client.run_job(RunJobRequest::new(JOB).unwrap()).await.unwrap();
                client.record_info(JOB, 1).await.unwrap();
            }
        }
    }
    assert_eq!(proxy.targets(), [""; 0]);
}

#[tokio::test]
async fn a_callers_proxy_sees_everything_else() {
    let (builds, iam, proxy) = (builds(), iam(), Proxy::start());
    let login = PasswordLogin::new("domain", "user", "password").unwrap();
    let login = Credential::from(login);
    let token = Credential::token(CANARY).unwrap();
    let elsewhere = login.clone().with_iam_endpoint("https://iam.example");
    for (endpoint, credential, seen) in [
        ("https://builds.example".to_owned(), token.clone(), "builds.example:443"),
        ("http://builds.example".to_owned(), token, "http://builds.example/v3/jobs/build"),
        // IAM on this machine and the service elsewhere, and the other way round.
        (
            "https://builds.example".to_owned(),
            login.with_iam_endpoint(iam.base_url()),
            "builds.example:443",
        ),
        (builds.base_url(), elsewhere, "iam.example:443"),
    ] {
        let client = proxy.client().region("cn-north-4").endpoint(endpoint).allow_http(true);
        let client = client.credential(credential).build().unwrap();
        client.run_job(RunJobRequest::new(JOB).unwrap()).await.unwrap_err();
        assert_eq!(proxy.targets(), [seen]);
    }
}

#[test]
fn the_environments_proxy_sees_nothing_that_is_bound_for_this_machine() {
    let (builds, iam, proxy) = (builds(), iam(), Proxy::start());
    let endpoint = builds.base_url();
    let iam = iam.base_url();
    let key = [("HUAWEICLOUD_SDK_AK", "AK"), ("HUAWEICLOUD_SDK_SK", "SK")];
    let user = [("OS_USERNAME", "u"), ("OS_PASSWORD", "p"), ("OS_USER_DOMAIN_NAME", "d")];
    for credential in [&[("CODEARTS_BUILD_TOKEN", CANARY)][..], &key, &user] {
        let mut variables = proxy.variables().to_vec();
        variables.extend(credential);
        variables.extend([
            ("CODEARTS_BUILD_ENDPOINT", &*endpoint),
            ("CODEARTS_BUILD_REGION", "cn-north-4"),
            ("HUAWEICLOUD_SDK_IAM_ENDPOINT", &*iam),
        ]);
        let (code, _, err) = run_build(&[JOB], &variables);
        assert_eq!((code, &*err), (0, ""));
    }
    assert_eq!(proxy.targets(), [""; 0]);
}

#[test]
fn the_environments_proxy_sees_everything_else() {
    let (builds, proxy) = (builds(), Proxy::start());
    let endpoint = builds.base_url();
    let elsewhere =
        [("CODEARTS_BUILD_ENDPOINT", "https://builds.example"), ("CODEARTS_BUILD_TOKEN", CANARY)];
    let login = [
        ("CODEARTS_BUILD_ENDPOINT", &*endpoint),
        ("CODEARTS_BUILD_REGION", "cn-north-4"),
        ("HUAWEICLOUD_SDK_IAM_ENDPOINT", "https://iam.example"),
        ("OS_USERNAME", "u"),
        ("OS_PASSWORD", "p"),
        ("OS_USER_DOMAIN_NAME", "d"),
    ];
    let id_token = [
        ("CODEARTS_BUILD_ENDPOINT", &*endpoint),
        ("CODEARTS_BUILD_REGION", "cn-north-4"),
        ("HUAWEICLOUD_SDK_STS_ENDPOINT", "https://sts.example"),
        ("HUAWEICLOUD_OIDC_PROVIDER_URN", "iam::1:p"),
        ("HUAWEICLOUD_OIDC_AGENCY_URN", "iam::1:a"),
        ("HUAWEICLOUD_OIDC_ID_TOKEN", CANARY),
        ("HUAWEICLOUD_SDK_PROJECT_ID", "1"),
    ];
    for (variables, seen) in [
        (&elsewhere[..], "builds.example:443"),
        (&login, "iam.example:443"),
        (&id_token, "sts.example:443"),
    ] {
        let variables = [&proxy.variables()[..], variables].concat();
        let (code, _, err) = run_build(&[JOB], &variables);
        assert_ne!(code, 0, "{err}");
        assert_eq!(proxy.targets(), [seen], "{err}");
    }
}

#[tokio::test]
async fn a_password_that_a_proxy_rejects_is_sent_once() {
    for endpoint in ["http://builds.example", "https://builds.example"] {
        let proxy = Proxy::with_status("407 Proxy Authentication Required");
        let client =
            proxy.client().endpoint(endpoint).allow_http(true).retry(RetryPolicy::default());
        let client = client.credential(Credential::token(CANARY).unwrap()).build().unwrap();
        let error = client.record_info(JOB, 1).await.unwrap_err();
        assert!(!error.is_transient(), "{error}");
        assert_eq!(proxy.count(), 1, "{error}");
        let error = client.watch(BuildId::new(JOB, 1).unwrap()).await.unwrap_err();
        assert_eq!(proxy.count(), 2, "{error}");
    }
}

#[cfg(feature = "rustls")]
#[tokio::test]
async fn a_proxy_that_cannot_be_used_is_tried_once() {
    let client = Client::builder()
        .endpoint("https://builds.example")
        .credential(Credential::token(CANARY).unwrap())
        .http(|http| {
            // reqwest supports SOCKS only with a feature.
            http.tls_backend_rustls().proxy(reqwest::Proxy::all("socks5://127.0.0.1:1").unwrap())
        })
        .build()
        .unwrap();
    let error = client.record_info(JOB, 1).await.unwrap_err();
    assert!(error.is_connect() && !error.is_transient(), "{error}");
    client.watch(BuildId::new(JOB, 1).unwrap()).await.unwrap_err();
}

/// Other programs read such an entry, this one does not. The test runs itself in an environment of its own.
#[test]
fn an_entry_of_no_proxy_that_has_no_effect_is_a_warning() {
    const TEST: &str = "proxies::an_entry_of_no_proxy_that_has_no_effect_is_a_warning";
    if std::env::var_os("IN_ITS_OWN_ENVIRONMENT").is_some() {
        tracing_subscriber::fmt().with_ansi(false).init();
        drop(client_at("http://127.0.0.1:1"));
        return;
    }
    for (variable, value, is_warned) in [
        ("NO_PROXY", "localhost, *.corp.example", true),
        ("no_proxy", "*.corp.example", true),
        ("NO_PROXY", ".corp.example,*", false),
    ] {
        let child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", TEST, "--nocapture"])
            .env("IN_ITS_OWN_ENVIRONMENT", "1")
            .env_remove("NO_PROXY")
            .env_remove("no_proxy")
            .env(variable, value)
            .output();
        let log = String::from_utf8(child.unwrap().stdout).unwrap();
        let warned = log.contains("*.corp.example") && log.contains("has no effect");
        assert_eq!(warned, is_warned, "{variable}={value}: {log}");
    }
}
