//! The clients that a careful user would write without this crate, with hyper and with reqwest: typed
//! requests and responses, a timeout, and a check of the status.

use crate::{
    operation::{AFTER, BEFORE, BUILD_NO, JOB, MESSAGE, REPOSITORY},
    support::Result,
};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{self, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{future::Future, time::Duration};
use tokio::time::timeout;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, pki_types::CertificateDer};

const X_AUTH_TOKEN: HeaderName = HeaderName::from_static("x-auth-token");
const USER_AGENT: HeaderValue = HeaderValue::from_static("by-hand/1.0");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const TIMEOUT: Duration = Duration::from_secs(30);

/// What both have in common: requests, and reading of responses.
pub trait ByHand: Sync {
    /// Sends a request and gives the status and the whole body of its response.
    fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> impl Future<Output = Result<(StatusCode, Bytes)>> + Send;

    fn run_job(&self) -> impl Future<Output = Result<u32>> + Send {
        async {
            let request = RunJob {
                job_id: JOB,
                parameter: vec![Parameter { name: "codeBranch", value: "master" }],
                scm: Scm { build_commit_id: AFTER },
            };
            let body = serde_json::to_vec(&request)?;
            let response = self.send(Method::POST, "/v3/jobs/build", Some(body)).await?;
            decode::<Started>(response)?.number()
        }
    }

    fn auto_execute(&self) -> impl Future<Output = Result<u32>> + Send {
        async {
            let (name, url) = REPOSITORY;
            let request = AutoExecute {
                event_type: "push",
                r#ref: "refs/heads/master",
                after: AFTER,
                before: BEFORE,
                commits: vec![Commit { id: AFTER, message: MESSAGE }],
                repository: Repository { name, url },
            };
            let body = serde_json::to_vec(&request)?;
            let path = format!("/v1/job/{JOB}/auto-execute");
            decode::<Started>(self.send(Method::POST, &path, Some(body)).await?)?.number()
        }
    }

    fn record_info(&self) -> impl Future<Output = Result<Record>> + Send {
        async {
            let path = format!("/v4/jobs/{JOB}/{BUILD_NO}/record-info");
            let envelope: Envelope = decode(self.send(Method::GET, &path, None).await?)?;
            Ok(envelope.result.ok_or("no record")?)
        }
    }
}

fn decode<T: DeserializeOwned>((status, body): (StatusCode, Bytes)) -> Result<T> {
    if !status.is_success() {
        let error: ErrorBody = serde_json::from_slice(&body)?;
        return Err(format!("{status}: {:?} {:?}", error.error_code, error.error_msg).into());
    }
    Ok(serde_json::from_slice(&body)?)
}

#[derive(Clone)]
pub struct Hyper {
    http: legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    url: String,
    token: HeaderValue,
}

impl Hyper {
    pub fn new(url: &str, certificate: &[u8], token: &str) -> Result<Self> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_slice(certificate))?;
        let tls = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(CONNECT_TIMEOUT));
        let connector = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http();
        let connector = connector.enable_http1().wrap_connector(tcp);
        let mut http = legacy::Client::builder(TokioExecutor::new());
        let http = http.pool_timer(TokioTimer::new()).build(connector);
        Ok(Self { http, url: url.to_owned(), token: token.parse()? })
    }
}

impl ByHand for Hyper {
    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> Result<(StatusCode, Bytes)> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header(header::USER_AGENT, USER_AGENT)
            .header(X_AUTH_TOKEN, self.token.clone());
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, JSON);
        }
        let request = request.body(Full::from(body.unwrap_or_default()))?;
        let exchange = async {
            let response = self.http.request(request).await?;
            let status = response.status();
            Ok((status, response.into_body().collect().await?.to_bytes()))
        };
        timeout(TIMEOUT, exchange).await?
    }
}

#[derive(Clone)]
pub struct Reqwest {
    http: reqwest::Client,
    url: String,
    token: HeaderValue,
}

impl Reqwest {
    pub fn new(http: reqwest::ClientBuilder, url: &str, token: &str) -> Result<Self> {
        let http = http
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            .user_agent(USER_AGENT)
            .build()?;
        Ok(Self { http, url: url.to_owned(), token: token.parse()? })
    }
}

impl ByHand for Reqwest {
    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> Result<(StatusCode, Bytes)> {
        let mut request = self
            .http
            .request(method, format!("{}{path}", self.url))
            .header(X_AUTH_TOKEN, self.token.clone());
        if let Some(body) = body {
            request = request.header(header::CONTENT_TYPE, JSON).body(body);
        }
        let response = request.send().await?;
        Ok((response.status(), response.bytes().await?))
    }
}

#[derive(Serialize)]
struct RunJob<'a> {
    job_id: &'a str,
    parameter: Vec<Parameter<'a>>,
    scm: Scm<'a>,
}

#[derive(Serialize)]
struct Parameter<'a> {
    name: &'a str,
    value: &'a str,
}

#[derive(Serialize)]
struct Scm<'a> {
    build_commit_id: &'a str,
}

#[derive(Serialize)]
struct AutoExecute<'a> {
    event_type: &'a str,
    r#ref: &'a str,
    after: &'a str,
    before: &'a str,
    commits: Vec<Commit<'a>>,
    repository: Repository<'a>,
}

#[derive(Serialize)]
struct Commit<'a> {
    id: &'a str,
    message: &'a str,
}

#[derive(Serialize)]
struct Repository<'a> {
    name: &'a str,
    url: &'a str,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "decoding them is what is measured")]
struct Started {
    octopus_job_name: Option<String>,
    actual_build_number: Option<String>,
    daily_build_number: Option<String>,
}

impl Started {
    fn number(self) -> Result<u32> {
        Ok(self.actual_build_number.ok_or("no build number")?.parse()?)
    }
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "decoding them is what is measured")]
struct Envelope {
    status: Option<String>,
    error: Option<ErrorBody>,
    result: Option<Record>,
}

#[derive(Deserialize)]
struct ErrorBody {
    error_code: Option<String>,
    error_msg: Option<String>,
}

/// The documented fields of a record.
#[derive(Deserialize)]
#[expect(dead_code, reason = "decoding them is what is measured")]
pub struct Record {
    id: Option<String>,
    build_project_id: Option<String>,
    build_record_id: Option<String>,
    parent_record_id: Option<String>,
    devcloud_project_id: Option<String>,
    codeci_job_id: Option<String>,
    user_id: Option<String>,
    pub build_no: Option<i32>,
    daily_build_num: Option<String>,
    execution_id: Option<String>,
    repo_name: Option<String>,
    repo_id: Option<String>,
    branch: Option<String>,
    tag: Option<String>,
    commit: Option<String>,
    commit_message: Option<String>,
    commit_create_time: Option<String>,
    trigger_type: Option<String>,
    build_type: Option<String>,
    status: Option<String>,
    domain_id: Option<String>,
    create_time: Option<String>,
    schedule_time: Option<String>,
    queued_time: Option<String>,
    start_time: Option<String>,
    runnable_time: Option<String>,
    finish_time: Option<String>,
    duration: Option<i64>,
    record_status: Option<String>,
    use_private_slave: Option<i32>,
    region: Option<String>,
    err_msg: Option<String>,
    build_config_type: Option<String>,
}
