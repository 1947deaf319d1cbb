//! Promise: a provider of the caller is called once for each identity, before the last one expires,
//! and its error is reported.

use crate::support::{clock::Clock, environment::*, *};
use codearts_build::{
    AccessKey, Client, Credential, CredentialChain, CredentialContext, CredentialFuture,
    CredentialProvider, EcsAgency, Error, ErrorKind, FederatedLogin, IdToken, Identity, OidcAgency,
    PodIdentity, Profile,
};
use futures_util::future::join_all;
use httpmock::MockServer;
use serde_json::json;
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::{Duration, SystemTime},
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
    for _ in 0..3 * DAY.as_secs() / 600 {
        // A call may wait for its token, so the clock must move.
        let client = client.clone();
        clock.run(async move { client.record_info(JOB, 1).await.map(drop) }).await.unwrap();
        let age = issued.lock().unwrap()[used.load(SeqCst) - 1].elapsed();
        assert!(age < DAY, "a token that is {age:?} old");
        tokio::time::advance(Duration::from_secs(600)).await;
    }
    assert_eq!(issued.lock().unwrap().len(), 4, "one token at first and one refresh a day");
}

/// Gives its outcomes one after the other, the last again and again.
#[derive(Clone)]
struct Scripted(Arc<(AtomicUsize, Vec<Result<&'static str, Error>>)>);

fn scripted(outcomes: impl IntoIterator<Item = Result<&'static str, Error>>) -> Scripted {
    Scripted(Arc::new((AtomicUsize::new(0), outcomes.into_iter().collect())))
}

impl Scripted {
    fn calls(&self) -> usize {
        self.0.0.load(SeqCst)
    }
}

impl CredentialProvider for Scripted {
    fn provide<'a>(&'a self, _: &'a CredentialContext) -> CredentialFuture<'a> {
        Box::pin(async {
            let (calls, outcomes) = &*self.0;
            let number = calls.fetch_add(1, SeqCst).min(outcomes.len() - 1);
            // What is over at once is asked for again.
            let valid_for = Duration::from_secs(31);
            Ok(Identity::token(outcomes[number].clone()?)?.valid_for(valid_for))
        })
    }
}

fn absent(what: &str) -> Result<&'static str, Error> {
    Err(Error::no_credential_here(format!("no {what}")))
}

#[tokio::test]
async fn a_chain_asks_the_next_where_there_is_no_credential() {
    let server = MockServer::start_async().await;
    accept_token(&server, "canary-of-the-second");
    let (first, second) = (scripted([absent("vault")]), scripted([Ok("canary-of-the-second")]));
    let third = scripted([Ok("canary-of-the-third")]);
    // A chain may be a part of another.
    let inner = CredentialChain::new().with(first.clone()).with(second.clone());
    let chain = CredentialChain::new().with(inner).with(third.clone());
    let client = builder(&server).credential(chain).build().unwrap();
    client.record_info(JOB, 1).await.unwrap();
    assert_eq!((first.calls(), second.calls(), third.calls()), (1, 1, 0));
}

#[tokio::test]
async fn a_chain_ends_with_an_error() {
    let server = MockServer::start_async().await;
    let wrong = Error::new(ErrorKind::Credential, "the vault is sealed").with_status(403);
    let (first, second) = (scripted([Err(wrong)]), scripted([Ok("canary")]));
    let chain = CredentialChain::new().with(first).with(second.clone());
    let client = builder(&server).credential(chain).build().unwrap();
    let error = client.record_info(JOB, 1).await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Credential, "the vault is sealed"));
    assert!(error.is_forbidden());
    assert_eq!(second.calls(), 0);

    // It says what was looked for before.
    let sealed = Error::new(ErrorKind::Credential, "the vault is sealed");
    let chain =
        CredentialChain::new().with(scripted([absent("file")])).with(scripted([Err(sealed)]));
    let client = builder(&server).credential(chain).build().unwrap();
    let error = client.record_info(JOB, 1).await.unwrap_err();
    assert_eq!(error.message(), "the vault is sealed; none found before: no file");

    let chain =
        CredentialChain::new().with(scripted([absent("vault")])).with(scripted([absent("file")]));
    let error = builder(&server).credential(chain).build().unwrap();
    let error = error.record_info(JOB, 1).await.unwrap_err();
    assert_eq!(error.message(), "none found: no vault; no file");
    assert!(error.is_unauthorized() && !error.is_transient(), "{error}");
}

/// The next one would be another identity.
#[tokio::test]
async fn a_chain_keeps_to_the_provider_that_gave_an_identity() {
    let clock = Clock::stop();
    let server = MockServer::start_async().await;
    accept_token(&server, "canary-of-the-first");
    let first = scripted([Ok("canary-of-the-first"), absent("vault")]);
    let second = scripted([Ok("canary-of-the-second")]);
    let chain = CredentialChain::new().with(first.clone()).with(second.clone());
    let client = builder(&server).credential(chain).build().unwrap();
    let call = || {
        let client = client.clone();
        clock.run(async move { client.record_info(JOB, 1).await.map(drop) })
    };
    call().await.unwrap();
    tokio::time::advance(Duration::from_secs(60)).await;
    let error = call().await.unwrap_err();
    assert_eq!(error.message(), "no vault");
    assert!(first.calls() > 1 && second.calls() == 0);
}

#[tokio::test]
async fn a_wrapper_sees_what_its_provider_gives() {
    struct Logged(Credential, Arc<Mutex<Vec<String>>>);
    impl CredentialProvider for Logged {
        fn provide<'a>(&'a self, context: &'a CredentialContext) -> CredentialFuture<'a> {
            Box::pin(async {
                let outcome = self.0.provide(context).await;
                self.1.lock().unwrap().push(format!("{outcome:?}"));
                outcome
            })
        }

        fn check(&self, context: &CredentialContext) -> Result<(), Error> {
            self.0.check(context)
        }
    }
    let server = MockServer::start_async().await;
    accept_token(&server, CANARY);
    let log = Arc::new(Mutex::new(Vec::new()));
    let logged = Logged(Credential::token(CANARY).unwrap(), log.clone());
    let client = builder(&server).credential(logged).build().unwrap();
    client.record_info(JOB, 1).await.unwrap();
    let log = log.lock().unwrap().concat();
    assert!(log.starts_with("Ok(Identity") && !log.contains("canary"), "{log}");
    // What the inner one finds wrong is found when the client is built.
    let key = Credential::from(AccessKey::new("AK", "canary").unwrap());
    let logged = Logged(key.with_iam_endpoint("nowhere"), Arc::default());
    let error = builder(&server).region("cn-north-4").credential(logged).build().unwrap_err();
    assert!(error.message().starts_with("IAM endpoint is not a URL"), "{error}");
}

/// Projects of two accounts may have the same name.
#[tokio::test]
async fn each_credential_of_a_provider_looks_up_its_own_project() {
    struct Alternating([Credential; 2], AtomicUsize);
    impl CredentialProvider for Alternating {
        fn provide<'a>(&'a self, context: &'a CredentialContext) -> CredentialFuture<'a> {
            let [first, second] = &self.0;
            let is_first = self.1.fetch_add(1, SeqCst).is_multiple_of(2);
            Box::pin(async move {
                let identity = if is_first { first } else { second }.provide(context).await?;
                Ok(identity.valid_for(Duration::from_millis(1)))
            })
        }
    }
    let (server, iam) = (MockServer::start_async().await, MockServer::start_async().await);
    let accounts = [("FIRST", PROJECT), ("SECOND", "fedcba9876543210fedcba9876543210")];
    let lookups = accounts.map(|(key, id)| {
        iam.mock(|when, then| {
            let access = format!("Access={key},");
            when.path("/v3/projects")
                .is_true(move |request| header(request, "authorization").contains(&access));
            then.status(200).json_body(json!({ "projects": [{ "id": id }] }));
        })
    });
    let calls = accounts.map(|(key, id)| {
        server.mock(|when, then| {
            let access = format!("Access={key},");
            when.header("x-project-id", id)
                .is_true(move |request| header(request, "authorization").contains(&access));
            then.status(200).json_body(json!({ "result": { "build_no": 1 } }));
        })
    });
    let of_account = |(key, _)| {
        let key = AccessKey::new(key, SECRET_KEY).unwrap();
        Credential::from(key).with_iam_endpoint(iam.base_url())
    };
    let provider = Alternating(accounts.map(of_account), AtomicUsize::new(0));
    let client = builder(&server).region("cn-north-4").credential(provider).build().unwrap();
    for _ in 0..4 {
        client.record_info(JOB, 1).await.unwrap();
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    calls.iter().for_each(|call| call.assert_calls(2));
    lookups.iter().for_each(|lookup| lookup.assert_calls(1));
}

#[tokio::test]
async fn every_provider_can_be_built_by_hand() {
    let server = MockServer::start_async().await;
    let signed = server.mock(|when, then| {
        when.path_includes("/record-info").is_true(environment::signed);
        then.status(200).json_body(json!({ "result": { "build_no": 1 } }));
    });
    let keys = server.mock(|when, then| {
        when.method("POST").path_includes("/keys").header("authorization", "canary-pod");
        then.status(200).json_body(temporary_key("2999-01-01T00:00:00.000000Z"));
    });
    let ecs = server.mock(|when, then| {
        when.path("/openstack/latest/securitykey");
        then.status(200).json_body(temporary_key("2999-01-01T00:00:00.000000Z"));
    });
    let sts = server.mock(|when, then| {
        when.path("/v5/agencies/assume-with-oidc").json_body_includes(
            json!({ "id_token": "canary-id", "duration_seconds": 900 }).to_string(),
        );
        then.status(200).json_body(temporary_key("2999-01-01T00:00:00.000000Z"));
    });
    let token = File::new("pod-token", "canary-pod");
    let profile = File::new(
        "by-hand",
        &format!("[basic]\nak={ACCESS_KEY}\nsk={SECRET_KEY}\nproject_id={PROJECT}\n"),
    );
    let agency = OidcAgency::new("provider", "agency", IdToken::new("canary-id").unwrap()).unwrap();
    let agency =
        agency.with_duration(Duration::from_secs(900)).with_sts_endpoint(server.base_url());
    let of_project = |keys: Credential| keys.with_project_id(PROJECT).unwrap();
    let providers: [Credential; 5] = [
        key().with_project_id(PROJECT).unwrap().into(),
        Profile::new(profile.path()).into(),
        of_project(PodIdentity::new(server.url("/keys"), token.path()).unwrap().into()),
        of_project(EcsAgency::new().with_endpoint(server.base_url()).unwrap().into()),
        of_project(agency.into()),
    ];
    for provider in providers {
        let shown = format!("{provider:?}");
        let client = builder(&server).credential(provider).build().unwrap();
        client.record_info(JOB, 1).await.unwrap_or_else(|error| panic!("{shown}: {error}"));
    }
    signed.assert_calls_async(5).await;
    for mock in [keys, ecs, sts] {
        mock.assert_calls_async(1).await;
    }

    let federated = FederatedLogin::new("the-idp", IdToken::new("canary-id").unwrap()).unwrap();
    let login = server.mock(|when, then| {
        when.path("/v3.0/OS-AUTH/id-token/tokens").header("x-idp-id", "the-idp");
        then.status(201).header("x-subject-token", CANARY).json_body(json!({ "token": {} }));
    });
    let federated = Credential::from(federated).with_project("p").unwrap();
    let federated = federated.with_iam_endpoint(server.base_url());
    accept_token(&server, CANARY);
    let client = builder(&server).credential(federated).build().unwrap();
    client.record_info(JOB, 1).await.unwrap();
    login.assert_calls_async(1).await;
}

#[tokio::test]
async fn what_is_not_there_is_no_credential_and_what_is_wrong_is_an_error() {
    let server = MockServer::start_async().await;
    accept_token(&server, CANARY);
    let last = || Credential::token(CANARY).unwrap();
    let no_agency = MockServer::start_async().await;
    let broken = MockServer::start_async().await;
    broken.mock(|_, then| {
        then.status(500);
    });
    let other = File::new("other-section", "[other]\nak = AK\n");
    let half = File::new("half-section", "[basic]\nak = AK\n");
    let ecs = |url: String| EcsAgency::new().with_endpoint(url).unwrap();
    for (first, is_absent) in [
        (Credential::from(ecs("http://127.0.0.1:1".into())), true),
        (ecs(no_agency.base_url()).into(), true),
        (ecs(broken.base_url()).into(), false),
        (Profile::new(other.path()).into(), true),
    ] {
        let chain = CredentialChain::new().with(first).with(last());
        let client = builder(&server).credential(chain).build().unwrap();
        assert_eq!(client.record_info(JOB, 1).await.is_ok(), is_absent);
    }
    for path in [half.path(), "/nowhere/at/all"] {
        let chain = CredentialChain::new().with(Profile::new(path)).with(last());
        let error = builder(&server).credential(chain).build().unwrap_err();
        assert!(error.kind() == ErrorKind::Credential && error.message().contains(path), "{error}");
    }
}

/// What a credential holds takes over its settings, unless it has some of its own.
#[tokio::test]
async fn the_settings_of_a_chain_are_those_of_its_providers() {
    let server = MockServer::start_async().await;
    let lookup = server.mock(|when, then| {
        when.path("/v3/projects").query_param("name", "inner");
        then.status(200).json_body(json!({ "projects": [{ "id": PROJECT }] }));
    });
    server.mock(|when, then| {
        when.header("x-project-id", PROJECT);
        then.status(200).json_body(json!({ "result": { "build_no": 1 } }));
    });
    let inner = Credential::from(key()).with_project("inner").unwrap();
    let chain = Credential::from(CredentialChain::new().with(inner));
    let chain = chain.with_iam_endpoint(server.base_url()).with_project("outer").unwrap();
    let client = builder(&server).credential(chain).build().unwrap();
    client.record_info(JOB, 1).await.unwrap();
    lookup.assert_calls_async(1).await;
}

/// IAM's own calls are for the account.
#[tokio::test]
async fn a_key_can_be_without_a_project() {
    let server = MockServer::start_async().await;
    let listed = server.mock(|when, then| {
        when.path("/v3/projects")
            .header_missing("x-project-id")
            .is_true(|it| verifier::verify(&raw(it), SECRET_KEY.as_bytes()).is_ok());
        then.status(200).json_body(json!({ "projects": [] }));
    });
    // Without a region there is nothing to look up either.
    let client = Client::builder().endpoint(server.base_url()).credential(key().without_project());
    let request = client.build().unwrap().request("GET", "/v3/projects");
    assert_eq!(request.send::<serde_json::Value>().await.unwrap(), json!({ "projects": [] }));
    listed.assert_calls_async(1).await;
}

/// The clock of a machine that was off, and is set after the keys came.
#[tokio::test]
async fn keys_end_by_the_time_of_their_response() {
    let clock = Clock::stop();
    let server = MockServer::start_async().await;
    server.mock(|when, then| {
        when.path_includes("/record-info");
        then.status(200).json_body(json!({ "result": { "build_no": 1 } }));
    });
    let keys = server.mock(|when, then| {
        when.path("/openstack/latest/securitykey");
        then.status(200)
            .header("date", "Fri, 20 Nov 2026 12:00:00 GMT")
            .json_body(temporary_key("2026-11-20T12:00:14Z"));
    });
    let ecs = Credential::from(EcsAgency::new().with_endpoint(server.base_url()).unwrap());
    let behind = || SystemTime::UNIX_EPOCH;
    let client = builder(&server).clock(behind).credential(ecs.with_project_id(PROJECT).unwrap());
    let client = client.build().unwrap();
    for asked in 1..4 {
        let call = client.clone();
        clock.run(async move { call.record_info(JOB, 1).await.map(drop) }).await.unwrap();
        keys.assert_calls(asked);
        tokio::time::advance(Duration::from_secs(14)).await;
    }
}

/// A token whose time is short is valid for no longer than that.
#[tokio::test]
async fn an_identity_is_used_for_no_longer_than_it_is_valid() {
    struct Short(Arc<Mutex<Option<Instant>>>, Duration);
    impl CredentialProvider for Short {
        fn provide<'a>(&'a self, _: &'a CredentialContext) -> CredentialFuture<'a> {
            Box::pin(async {
                *self.0.lock().unwrap() = Some(Instant::now());
                Ok(Identity::token(CANARY)?.valid_for(self.1))
            })
        }
    }
    let clock = Clock::stop();
    let server = MockServer::start_async().await;
    accept_token(&server, CANARY);
    for seconds in [1, 8, 14, 29] {
        let (given, valid) = (Arc::new(Mutex::new(None)), Duration::from_secs(seconds));
        let client = builder(&server).credential(Short(given.clone(), valid)).build().unwrap();
        for _ in 0..20 {
            let call = client.clone();
            clock.run(async move { call.record_info(JOB, 1).await.map(drop) }).await.unwrap();
            let age = given.lock().unwrap().unwrap().elapsed();
            // The call itself takes a part of the time.
            assert!(age < valid, "{age:?} of {valid:?}");
            tokio::time::advance(valid / 4).await;
        }
    }
}
