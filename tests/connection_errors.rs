//! Promise: the error of a connection that cannot be made names the host, and the known region that
//! a misspelled one resembles.

use crate::support::*;
use codearts_build::{Client, Credential, Error, RetryPolicy};
use std::sync::Arc;

/// Knows no name.
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
}

#[tokio::test]
async fn an_unknown_region_suggests_the_nearest_known_one() {
    let error = error_in("cn-nroth-4").await;
    let hint = "; the region cn-nroth-4 is not a known one; did you mean cn-north-4?";
    assert!(error.message().ends_with(hint), "{error}");
    let error = error_in("eu-west-101").await;
    assert!(error.message().ends_with("; the region eu-west-101 is not a known one"), "{error}");
}
