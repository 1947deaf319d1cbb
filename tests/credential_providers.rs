//! Promise: a provider of the caller is called once for each identity, before the last one expires,
//! and its error is reported.

use crate::support::{clock::Clock, *};
use codearts_build::{
    Credential, CredentialContext, CredentialFuture, CredentialProvider, ErrorKind, Identity,
};
use futures_util::future::join_all;
use httpmock::MockServer;
use serde_json::json;
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::time::Instant;

#[tokio::test]
async fn a_provider_is_called_once_for_all_callers_and_its_error_is_reported() {
    struct Vault(Arc<AtomicUsize>);
    impl CredentialProvider for Vault {
        fn provide<'a>(&'a self, _: &'a CredentialContext) -> CredentialFuture<'a> {
            Box::pin(async {
                match self.0.fetch_add(1, SeqCst) {
                    0 => Err("the vault is sealed".into()),
                    _ => Ok(Identity::token("canary-from-the-vault")?
                        .valid_for(Duration::from_secs(60))),
                }
            })
        }
    }
    let server = MockServer::start_async().await;
    let accepted = accept_token(&server, "canary-from-the-vault");
    let calls = Arc::new(AtomicUsize::new(0));
    let credential = Credential::from(Vault(calls.clone()));
    let client = builder(&server).credential(credential).build().unwrap();
    let error = client.record_info(JOB, 1).await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Credential, "the vault is sealed"));
    join_all((0..20).map(|_| client.record_info(JOB, 1))).await.into_iter().for_each(|it| {
        it.unwrap();
    });
    accepted.assert_calls(20);
    assert_eq!(calls.load(SeqCst), 2);
}

/// Three days with a call every ten minutes.
#[tokio::test]
async fn no_call_of_three_days_fails_for_lack_of_a_token() {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    /// Issues tokens that are valid for a day, and notes when it issued each.
    struct Issuer(Arc<Mutex<Vec<Instant>>>);
    impl CredentialProvider for Issuer {
        fn provide<'a>(&'a self, _: &'a CredentialContext) -> CredentialFuture<'a> {
            Box::pin(async {
                tokio::time::sleep(Duration::from_secs(1)).await;
                let mut issued = self.0.lock().unwrap();
                issued.push(Instant::now());
                Ok(Identity::token(format!("token-{}", issued.len()))?.valid_for(DAY))
            })
        }
    }
    let clock = Clock::stop();
    let server = MockServer::start_async().await;
    let (issued, used) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(0)));
    let shared = used.clone();
    server.mock(|_, then| {
        then.respond_with(move |request| {
            let token = request.headers()["x-auth-token"].to_str().unwrap().to_owned();
            shared.store(token.strip_prefix("token-").unwrap().parse().unwrap(), SeqCst);
            respond(200, json!({ "result": { "build_no": 1 } }))
        });
    });
    let credential = Credential::from(Issuer(issued.clone()));
    let client = builder(&server).credential(credential).build().unwrap();
    // The first call waits for its token, so the clock must move.
    let first = client.clone();
    clock.run(async move { first.record_info(JOB, 1).await.map(drop) }).await.unwrap();
    for _ in 0..3 * DAY.as_secs() / 600 {
        tokio::time::advance(Duration::from_secs(600)).await;
        client.record_info(JOB, 1).await.unwrap();
        let age = issued.lock().unwrap()[used.load(SeqCst) - 1].elapsed();
        assert!(age < DAY, "a token that is {age:?} old");
        // A refresh that the call has begun starts to wait.
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
    }
    assert_eq!(issued.lock().unwrap().len(), 4, "one token at first and one refresh a day");
}
