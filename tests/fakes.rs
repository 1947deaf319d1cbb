//! Promise: users can make every value that a call returns, for fakes of their own without a service.

use crate::support::{COMMIT, JOB};
use codearts_build::{BuildId, Client, Error, ErrorKind, ResponseValue, StartedBuild, types::*};
use futures_util::{FutureExt, Stream, StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};
use std::time::Duration;

/// The trait that the code of a user calls instead of the client.
trait Builds {
    async fn start(&self, request: RunJobRequest) -> Result<StartedBuild, Error>;
    async fn push(&self, job_id: &str, event: AutoExecuteRequest) -> Result<StartedBuild, Error>;
    async fn record(&self, build: &BuildId) -> Result<BuildRecord, Error>;
    fn changes(&self, build: &BuildId) -> impl Stream<Item = Result<BuildRecord, Error>> + Unpin;
    fn later(&self, build: &BuildId) -> impl Stream<Item = Result<BuildRecord, Error>> + Unpin;
    async fn list(&self) -> Result<Value, Error>;
}

impl Builds for Client {
    async fn start(&self, request: RunJobRequest) -> Result<StartedBuild, Error> {
        self.run_job(request).await
    }

    async fn push(&self, job_id: &str, event: AutoExecuteRequest) -> Result<StartedBuild, Error> {
        self.auto_execute(job_id, event).await
    }

    async fn record(&self, build: &BuildId) -> Result<BuildRecord, Error> {
        self.record_info(build.job_id(), build.build_no()).await
    }

    fn changes(&self, build: &BuildId) -> impl Stream<Item = Result<BuildRecord, Error>> + Unpin {
        self.watch(build)
    }

    fn later(&self, build: &BuildId) -> impl Stream<Item = Result<BuildRecord, Error>> + Unpin {
        self.records_after(build.job_id(), build.build_no())
    }

    async fn list(&self) -> Result<Value, Error> {
        self.request("GET", "/v1/job/list").send().await
    }
}

/// A fake of it. It has one build, which fails.
struct Fake;

impl Builds for Fake {
    async fn start(&self, request: RunJobRequest) -> Result<StartedBuild, Error> {
        let build = StartedBuild::new(BuildId::new(&*request.job_id, 61)?);
        Ok(build.with_daily_build_number("20200612.20").with_octopus_job_name("j_61"))
    }

    async fn push(&self, _: &str, _: AutoExecuteRequest) -> Result<StartedBuild, Error> {
        Err(Error::new(ErrorKind::Service, "too many requests").with_status(429))
    }

    async fn record(&self, build: &BuildId) -> Result<BuildRecord, Error> {
        match build.build_no() {
            61 => Ok(record(BuildStatus::Running)),
            _ => Err(Error::new(ErrorKind::Service, "no such build").with_status(404)),
        }
    }

    fn changes(&self, _: &BuildId) -> impl Stream<Item = Result<BuildRecord, Error>> + Unpin {
        stream::iter(
            [BuildStatus::InQueue, BuildStatus::Running, BuildStatus::Failure]
                .map(|it| Ok(record(it))),
        )
    }

    fn later(&self, _: &BuildId) -> impl Stream<Item = Result<BuildRecord, Error>> + Unpin {
        let cause = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        let lost = Error::new(ErrorKind::ConnectionLost, "connection reset").with_source(cause);
        stream::iter([Ok(record(BuildStatus::Failure)), Err(lost)])
    }

    async fn list(&self) -> Result<Value, Error> {
        Ok(json!({ "jobs": [] }))
    }
}

fn record(status: BuildStatus) -> BuildRecord {
    let is_failure = status == BuildStatus::Failure;
    BuildRecord {
        build_no: Some(61),
        status,
        commit: Some(COMMIT.into()),
        err_msg: is_failure.then(|| "no space left".into()),
        ..Default::default()
    }
}

#[test]
fn code_that_builds_is_tested_with_a_fake() {
    /// The code of a user.
    async fn build(builds: &impl Builds) -> Result<String, Error> {
        let build = builds.start(RunJobRequest::new(JOB)?.with_commit(COMMIT)).await?;
        let changes: Vec<_> = builds.changes(build.id()).try_collect().await?;
        let reason = changes.last().and_then(|it| it.err_msg.clone()).unwrap_or_default();
        Ok(format!("{build} ended after {} changes: {reason}", changes.len()))
    }
    let said = build(&Fake).now_or_never().expect("a fake waits for nothing").unwrap();
    assert_eq!(said, format!("{JOB}/61 ended after 3 changes: no space left"));
}

#[test]
fn what_a_fake_returns_is_what_the_client_returns() {
    let event = AutoExecuteRequest::push("master");
    let fake = async {
        let build = Fake.start(RunJobRequest::new(JOB)?).await?;
        assert_eq!((build.job_id(), build.build_no()), (JOB, 61));
        assert_eq!(build.daily_build_number(), Some("20200612.20"));
        assert_eq!(build.octopus_job_name(), Some("j_61"));

        let throttled = Fake.push(JOB, event).await.unwrap_err();
        assert!(throttled.is_throttled() && !throttled.may_have_taken_effect());
        assert_eq!(throttled.to_string(), "service error, status 429: too many requests");

        let record = Fake.record(build.id()).await?;
        assert!(!record.is_finished() && record.number() == Some(61));
        let missing = Fake.record(&BuildId::new(JOB, 62)?).await.unwrap_err();
        assert!(missing.is_not_found());

        let later: Vec<_> = Fake.later(build.id()).collect().await;
        assert!(later[0].as_ref().is_ok_and(BuildRecord::is_finished));
        let lost = later[1].as_ref().unwrap_err();
        assert_eq!(lost.kind(), ErrorKind::ConnectionLost);
        assert!(std::error::Error::source(lost).is_some());
        assert_eq!(Fake.list().await?["jobs"], json!([]));
        Ok::<_, Error>(())
    };
    fake.now_or_never().expect("a fake waits for nothing").unwrap();
}

/// What `client.api()` returns is of these types.
#[test]
fn the_types_of_responses_are_literals() {
    let started =
        StartBuildResponse { actual_build_number: Some("61".into()), ..Default::default() };
    let response = RecordInfoResponse {
        status: Some(ResponseStatus::Success),
        result: Some(record(BuildStatus::Success)),
        ..Default::default()
    };
    let error = ErrorBody { error_code: Some("CB.00060211".into()), ..Default::default() };
    assert_eq!(started.actual_build_number.as_deref(), Some("61"));
    assert!(response.result.is_some_and(|record| record.is_success()));
    assert_eq!(serde_json::to_value(error).unwrap(), json!({ "error_code": "CB.00060211" }));
}

/// Each kind of error, and each status that the client asks about.
#[test]
fn an_error_of_each_kind_can_be_made() {
    for kind in [
        ErrorKind::InvalidArgument,
        ErrorKind::Credential,
        ErrorKind::Connect,
        ErrorKind::ConnectionLost,
        ErrorKind::Timeout,
        ErrorKind::TimeLimit,
        ErrorKind::Service,
        ErrorKind::InvalidResponse,
    ] {
        let error = Error::new(kind, "made up");
        assert_eq!((error.kind(), error.message()), (kind, "made up"));
    }
    let service_error = |status| Error::new(ErrorKind::Service, "made up").with_status(status);
    assert!(service_error(401).is_unauthorized());
    assert!(service_error(403).is_forbidden());
    assert!(service_error(404).is_not_found());
    assert!(service_error(429).is_throttled());
    assert_eq!(service_error(503).status(), Some(503));
}

/// Everything that a caller asks an error.
#[test]
fn an_error_can_say_all_that_one_of_a_call_says() {
    let error = Error::new(ErrorKind::Service, "Backend timeout")
        .with_status(504)
        .with_code("APIGW.0201")
        .with_request_id("0e81")
        .with_retry_after(Duration::from_secs(7))
        .with_transience(true)
        .with_unknown_outcome();
    assert_eq!((error.status(), error.code()), (Some(504), Some("APIGW.0201")));
    assert_eq!(error.request_id(), Some("0e81"));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
    // What may have taken effect is not safe to make again, in either order.
    assert!(error.may_have_taken_effect() && !error.is_transient());
    assert!(!error.with_transience(true).is_transient());
    let busy = Error::new(ErrorKind::Connect, "no route").with_transience(true);
    assert!(busy.is_transient() && !busy.may_have_taken_effect());
}

#[test]
fn a_response_of_the_generated_client_can_be_made() {
    let response = ResponseValue::new(RecordInfoResponse::default());
    assert_eq!((response.status().as_u16(), response.headers().len()), (200, 0));
    assert!(response.into_inner().result.is_none());
}
