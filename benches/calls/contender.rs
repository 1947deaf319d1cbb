//! The clients that are compared.

use crate::{
    by_hand::{ByHand, Hyper, Reqwest},
    operation::{AFTER, BEFORE, BUILD_NO, JOB, MESSAGE, Operation, REPOSITORY},
    support::Result,
};
use codearts_build::{
    AccessKey, Client, Credential,
    types::{AutoExecuteRequest, RunJobRequest},
};
use serde::{Deserialize, Serialize};
use std::{io, sync::LazyLock};
use tracing::Dispatch;

/// As long as a real one.
static TOKEN: LazyLock<String> = LazyLock::new(|| {
    let start = "MIIaBwYJKoZIhvcNAQcCoIIZ-DCCGfQCAQExDTAL";
    start.chars().cycle().take(4096).collect()
});

#[derive(Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Contender {
    Hyper,
    Reqwest,
    Token,
    Keys,
    /// A token, and a subscriber of `tracing`, whose output is dropped.
    Traced,
}

impl Contender {
    pub const ALL: [Self; 5] = [Self::Hyper, Self::Reqwest, Self::Token, Self::Keys, Self::Traced];

    /// The subscriber for the calls, if there is one.
    pub fn subscriber(self) -> Option<Dispatch> {
        let subscriber = || tracing_subscriber::fmt().with_writer(io::sink).finish().into();
        (self == Self::Traced).then(subscriber)
    }

    /// Builds the client of a server that shows this certificate.
    pub fn caller(self, url: &str, certificate: &[u8]) -> Result<Caller> {
        let credential: Credential = match self {
            Self::Hyper => return Ok(Caller::Hyper(Hyper::new(url, certificate, &TOKEN)?.into())),
            Self::Reqwest => {
                let trusted = reqwest::Certificate::from_der(certificate)?;
                let http = reqwest::Client::builder().tls_certs_only([trusted]);
                return Ok(Caller::Reqwest(Reqwest::new(http, url, &TOKEN)?));
            }
            Self::Token | Self::Traced => Credential::token(&**TOKEN)?,
            Self::Keys => {
                AccessKey::new("AKIDEXAMPLE00000000A", "SKEXAMPLE000000000000000000000A")?
                    .with_project_id("0123456789abcdef0123456789abcdef")?
                    .into()
            }
        };
        let mut client = Client::builder().endpoint(url).credential(credential);
        if url.starts_with("https:") {
            let trusted = reqwest::Certificate::from_der(certificate)?;
            client = client.http(move |http| http.tls_certs_only([trusted.clone()]));
        }
        Ok(Caller::Crate(client.build()?))
    }
}

/// A client that is ready to call.
#[derive(Clone)]
pub enum Caller {
    Hyper(Box<Hyper>),
    Reqwest(Reqwest),
    Crate(Client),
}

impl Caller {
    /// Makes one call, from building the request to reading the fields of the response.
    pub async fn call(&self, operation: Operation) -> Result {
        let good = match operation {
            Operation::RunJob => self.run_job().await? == 20,
            Operation::AutoExecute => self.auto_execute().await? == 20,
            Operation::RecordInfo => self.record_info().await? == Some(532),
        };
        if good { Ok(()) } else { Err("not the response that the server sent".into()) }
    }

    async fn run_job(&self) -> Result<u32> {
        match self {
            Self::Hyper(hyper) => hyper.run_job().await,
            Self::Reqwest(reqwest) => reqwest.run_job().await,
            Self::Crate(client) => {
                let request = RunJobRequest::new(JOB)?
                    .with_parameter("codeBranch", "master")?
                    .with_commit(AFTER);
                Ok(client.run_job(request).await?.build_no())
            }
        }
    }

    async fn auto_execute(&self) -> Result<u32> {
        match self {
            Self::Hyper(hyper) => hyper.auto_execute().await,
            Self::Reqwest(reqwest) => reqwest.auto_execute().await,
            Self::Crate(client) => {
                let (name, url) = REPOSITORY;
                let event = AutoExecuteRequest::push("master")
                    .with_before(BEFORE)
                    .with_after(AFTER)
                    .with_commit(AFTER, MESSAGE)?
                    .with_repository(name, url);
                Ok(client.auto_execute(JOB, event).await?.build_no())
            }
        }
    }

    async fn record_info(&self) -> Result<Option<i32>> {
        match self {
            Self::Hyper(hyper) => Ok(hyper.record_info().await?.build_no),
            Self::Reqwest(reqwest) => Ok(reqwest.record_info().await?.build_no),
            Self::Crate(client) => Ok(client.record_info(JOB, BUILD_NO).await?.build_no),
        }
    }
}
