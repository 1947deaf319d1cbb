//! Promise: following never loses a build. It is polled until it ends, each change is reported once, and
//! transient faults are waited out.

use crate::support::{
    faulty_server::{json, response},
    timeline::{Reply, Request, Timeline},
    *,
};
use codearts_build::{
    BuildId, Credential, CredentialContext, CredentialFuture, CredentialProvider, Error, ErrorKind,
    Identity,
    mock::{SimulatedJob, SimulatedService},
    types::*,
};
use futures_util::{FutureExt, StreamExt};
use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};
use tracing_subscriber::fmt::MakeWriter;

const STEP: Duration = Duration::from_millis(250);

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn build() -> BuildId {
    BuildId::new(JOB, 20).unwrap()
}

fn record(fields: &str) -> Reply {
    let body = format!(r#"{{"status":"success","result":{{"build_no":20,{fields}}}}}"#);
    Reply::Send(json("200 OK", &body))
}

fn status(status: &str) -> Reply {
    record(&format!(r#""status":"{status}""#))
}

/// A build that waits for 20 seconds, runs for 40 and ends.
fn ordinary(request: &Request) -> Reply {
    match request.at.as_secs() {
        0..20 => status("InQueue"),
        20..60 => status("Running"),
        _ => status("SUCCESS"),
    }
}

fn error(head: &str, code: &str) -> Reply {
    let body = format!(r#"{{"error_code":"{code}","error_msg":"no luck"}}"#);
    Reply::Send(json(head, &body))
}

#[tokio::test(start_paused = true)]
async fn a_build_is_followed_to_its_end() {
    let service = SimulatedService::start().await.unwrap();
    let client = service.client().unwrap();
    let request = RunJobRequest::new(JOB).unwrap().with_commit(COMMIT);
    let build = client.run_job(request).await.unwrap();
    let record = client.wait(&build).await.unwrap();
    assert!(record.is_success());
    assert_eq!(record.commit.as_deref(), Some(COMMIT));
    // The end of a build that has ended is reported at once.
    let again = client.wait(&build).await.unwrap();
    assert_eq!(again.status, BuildStatus::Success);
}

#[tokio::test(start_paused = true)]
async fn a_build_that_fails_is_a_record_and_no_error() {
    let service = SimulatedService::start().await.unwrap();
    let job = SimulatedJob::new().ends(BuildStatus::Failure).with_error("no such branch");
    service.add_job(JOB, job).unwrap();
    let client = service.client().unwrap();
    let build = client.auto_execute(JOB, AutoExecuteRequest::push("master")).await.unwrap();
    let record = client.wait(&build).await.unwrap();
    assert_eq!(record.status, BuildStatus::Failure);
    assert!(record.is_finished() && !record.is_success());
    assert_eq!(record.err_msg.as_deref(), Some("no such branch"));
}

/// Follows a build and returns its changes.
async fn changes(service: &Timeline) -> Vec<Result<BuildStatus, Error>> {
    let client = service.client();
    let changes = async move {
        client.watch(build()).map(|record| Ok(record?.status)).collect::<Vec<_>>().await
    };
    service.run(STEP, changes).await
}

#[tokio::test]
async fn faults_that_pass_lose_no_build_and_no_change() {
    type Trouble = fn() -> Reply;
    let troubles: [(&str, u64, u64, Trouble); 13] = [
        ("429", 5, 15, || error("429 Too Many Requests", "APIGW.0308")),
        ("429 with Retry-After", 5, 15, || {
            Reply::Send(response("429 Too Many Requests", "retry-after: 7\r\n", ""))
        }),
        ("the service's own throttling", 5, 15, || {
            error("500 Internal Server Error", "CB.00060211")
        }),
        ("502", 5, 15, || Reply::Send(response("502 Bad Gateway", "", "<html>nginx</html>"))),
        ("closed connections", 5, 15, || Reply::Close),
        ("500", 5, 10, || error("500 Internal Server Error", "CB.00060101")),
        ("500 of the first polls", 0, 5, || error("500 Internal Server Error", "CB.00060101")),
        ("a login page", 5, 15, || Reply::Send(response("200 OK", "", "<html>Log in</html>"))),
        ("404 after the start", 0, 2, || error("404 Not Found", "CB.00060200")),
        ("422 after the start", 0, 2, || error("422 Unprocessable Entity", "CB.00060200")),
        ("null after the start", 0, 2, || Reply::Send(json("200 OK", "null"))),
        ("{} after the start", 0, 2, || Reply::Send(json("200 OK", "{}"))),
        ("an empty record after the start", 0, 2, || {
            Reply::Send(json("200 OK", r#"{"status":"success","result":null}"#))
        }),
    ];
    for (name, from, to, trouble) in troubles {
        let script = move |request: &Request| match (secs(from)..secs(to)).contains(&request.at) {
            true => trouble(),
            false => ordinary(request),
        };
        let service = Timeline::start(script).await;
        let seen: Vec<_> = changes(&service).await.into_iter().map(Result::unwrap).collect();
        let all = [BuildStatus::InQueue, BuildStatus::Running, BuildStatus::Success];
        assert_eq!(seen, all, "{name}");
        let polls = service.polls();
        assert!(polls.iter().any(|at| (secs(from)..secs(to)).contains(at)), "{name}: {polls:?}");
        assert_eq!(polls.iter().filter(|at| **at >= secs(60)).count(), 1, "{name}: {polls:?}");
        tokio::time::resume();
    }
}

#[tokio::test]
async fn an_error_that_does_not_pass_ends_the_stream_at_once() {
    for (head, code) in [
        ("403 Forbidden", "APIGW.0302"),
        ("401 Unauthorized", "APIGW.0301"),
        ("401 Unauthorized", "APIGW.0307"),
    ] {
        let service = Timeline::start(move |_| error(head, code)).await;
        let seen = changes(&service).await;
        assert_eq!(seen.len(), 1);
        assert_eq!(seen[0].as_ref().unwrap_err().code(), Some(code));
        assert_eq!(service.polls().len(), 1, "{head}");
        tokio::time::resume();
    }
}

#[tokio::test]
async fn a_record_that_never_appears_is_waited_for_a_minute_and_three_polls() {
    for (interval, least, most) in [(None, 60, 76), (Some(secs(70)), 140, 142)] {
        let service = Timeline::start(|_| error("404 Not Found", "CB.1")).await;
        let watch = service.client().watch(build());
        let watch = match interval {
            Some(interval) => watch.poll_interval(interval, interval),
            None => watch,
        };
        // The tolerance has its own test.
        let watch = watch.tolerate(Duration::ZERO);
        let failed = service.run(STEP, watch).await.unwrap_err();
        assert!(failed.is_not_found());
        let polls = service.polls();
        assert!(polls.len() >= 3 && (secs(least)..secs(most)).contains(polls.last().unwrap()));
        tokio::time::resume();
    }
}

#[tokio::test]
async fn polls_may_fail_for_ten_minutes_or_as_long_as_the_caller_tolerates() {
    for (tolerance, least, most) in [(None, 605, 640), (Some(30), 35, 55), (Some(0), 5, 20)] {
        let script = |request: &Request| match request.at < secs(5) {
            true => status("Running"),
            false => Reply::Send(response("502 Bad Gateway", "", "")),
        };
        let service = Timeline::start(script).await;
        let mut watch = service.client().watch(build());
        if let Some(tolerance) = tolerance {
            watch = watch.tolerate(secs(tolerance));
        }
        let failed = service.run(STEP, watch).await.unwrap_err();
        assert_eq!(failed.status(), Some(502));
        assert!(failed.message().contains("polls have failed for "), "{failed}");
        let last = *service.polls().last().unwrap();
        assert!((secs(least)..secs(most)).contains(&last), "{tolerance:?} {last:?}");
        tokio::time::resume();
    }
}

#[tokio::test]
async fn a_good_poll_begins_the_tolerance_anew_and_throttling_does_not_count() {
    // Polls fail in 25 of each 30 seconds, for 20 minutes. Then they are throttled for an hour, at the end
    // with a delay that is longer than the tolerance.
    let script = |request: &Request| match request.at.as_secs() {
        at @ 0..1200 if at % 30 < 5 => status("Running"),
        0..1200 => Reply::Send(response("502 Bad Gateway", "", "")),
        1200..4800 => error("429 Too Many Requests", "APIGW.0308"),
        4800..4880 => Reply::Send(response("429 Too Many Requests", "retry-after: 90\r\n", "")),
        4880..4910 => Reply::Send(response("502 Bad Gateway", "", "")),
        _ => status("SUCCESS"),
    };
    let service = Timeline::start(script).await;
    let watch = service.client().watch(build()).poll_interval(secs(1), secs(4));
    let watch = watch.tolerate(secs(60));
    assert!(service.run(STEP, watch).await.unwrap().is_success());
    let within = |from: Duration, to: Duration| {
        service.polls().iter().filter(|at| (from..to).contains(*at)).count()
    };
    assert!(within(secs(1200), secs(4800)) > 500);
}

#[tokio::test]
async fn a_time_limit_ends_the_watch() {
    let service = Timeline::start(|_| status("Running")).await;
    let watch = service.client().watch(build()).timeout(secs(90));
    let failed = service.run(STEP, watch).await.unwrap_err();
    assert_eq!(failed.kind(), ErrorKind::TimeLimit);
    assert!(failed.is_time_limit() && !failed.is_timeout() && !failed.is_transient());
    assert!(!failed.may_have_taken_effect());
    let message = format!("build {JOB}/20 has not ended within 90s, its status is Running");
    assert_eq!(failed.message(), message);
    assert!((secs(90)..secs(92)).contains(&service.elapsed()));
    // A limit that is too long for a clock has no effect.
    let watch = service.client().watch(build()).timeout(Duration::MAX);
    assert!(IntoFuture::into_future(watch).now_or_never().is_none());
}

#[tokio::test]
async fn each_documented_change_is_reported_once() {
    let script = |request: &Request| {
        let at = request.at.as_secs();
        let duration = format!(r#""duration":{},"new":{at},"#, request.at.as_millis());
        record(&match at {
            0..30 => duration + r#""status":"Running""#,
            30..60 => duration + r#""status":"Running","commit":"2fdc""#,
            60..90 => duration + r#""status":"Running","commit":"2fdc","finish_time":0"#,
            90..120 => duration + r#""status":"pondering","finish_time":"null""#,
            _ => duration + r#""status":"pondering","finish_time":"2022-10-11T08:30:27Z""#,
        })
    };
    let service = Timeline::start(script).await;
    let client = service.client();
    let watch = async move { client.watch(build()).map(Result::unwrap).collect::<Vec<_>>().await };
    let seen = service.run(STEP, watch).await;
    let shown: Vec<_> = seen
        .iter()
        .map(|it| (it.status.as_str(), it.commit.as_deref(), it.finish_time.as_deref()))
        .collect();
    assert_eq!(
        shown,
        [
            ("Running", None, None),
            ("Running", Some("2fdc"), None),
            ("Running", Some("2fdc"), Some("0")),
            ("pondering", None, Some("null")),
            ("pondering", None, Some("2022-10-11T08:30:27Z")),
        ]
    );
    assert!(service.polls().len() > 10);
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn an_unknown_status_is_followed_on_and_warned_of_once() {
    let script = |request: &Request| match request.at.as_secs() {
        0..60 => status("pondering"),
        60..120 => status("canary-MIIaBwYJKoZIhvcNAQcCoIIZ"),
        _ => status("Failed"),
    };
    let service = Timeline::start(script).await;
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(log.clone());
    let _guard =
        tracing::subscriber::set_default(subscriber.with_max_level(tracing::Level::WARN).finish());
    let watch = service.client().watch(build());
    assert_eq!(service.run(STEP, watch).await.unwrap().status, BuildStatus::Failed);
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert_eq!(log.matches("unknown status").count(), 1, "{log}");
    assert!(log.contains(&format!("build={JOB}/20")), "{log}");
    assert!(!log.contains("canary"), "{log}");
}

#[tokio::test]
async fn a_stream_that_is_not_read_polls_nothing_and_can_be_awaited_when_half_read() {
    let service = Timeline::start(ordinary).await;
    let client = service.client();
    drop(client.watch(build()));
    let mut watch = client.watch(build());
    let (first, mut watch) = service.run(STEP, async move { (watch.next().await, watch) }).await;
    assert_eq!(first.unwrap().unwrap().status, BuildStatus::InQueue);
    assert_eq!(service.polls().len(), 1);
    let (ended, watch) = service
        .run(STEP, async move {
            while let Some(Ok(record)) = watch.next().await {
                if record.is_finished() {
                    return (watch.next().await, watch);
                }
            }
            panic!("it did not end")
        })
        .await;
    assert!(ended.is_none());
    let polls = service.polls().len();
    assert!(watch.await.unwrap().is_success());
    assert_eq!(service.polls().len(), polls, "nothing is polled after the end");
}

#[tokio::test]
async fn the_intervals_double_up_to_the_longest() {
    let service = Timeline::start(ordinary).await;
    let watch = service.client().watch(build());
    service.run(Duration::from_millis(50), watch).await.unwrap();
    let polls = service.polls();
    let intervals: Vec<_> = polls.windows(2).map(|pair| pair[1] - pair[0]).collect();
    for (interval, bound) in intervals.iter().zip([500, 1000, 2000, 4000, 8000, 15_000, 15_000]) {
        let bound = Duration::from_millis(bound);
        let least = (bound * 3 / 4).max(Duration::from_millis(500));
        // The clock moves by steps.
        assert!(*interval >= least - Duration::from_millis(51), "{intervals:?}");
        assert!(*interval <= bound + Duration::from_millis(500), "{intervals:?}");
    }
}

#[tokio::test]
async fn a_poll_is_one_attempt_and_costs_no_retry() {
    let script = |request: &Request| match request.path.contains("/20/") {
        true if request.at < secs(600) => Reply::Send(response("503 Unavailable", "", "")),
        true => status("SUCCESS"),
        false => Reply::Send(response("503 Unavailable", "", "")),
    };
    let service = Timeline::start(script).await;
    let client = service.client();
    let watch = client.watch(build()).poll_interval(secs(1), secs(1)).tolerate(secs(3600));
    service.run(STEP, watch).await.unwrap();
    let polls = service.polls();
    assert!((300..602).contains(&polls.len()), "{}", polls.len());
    assert!(polls.windows(2).all(|pair| pair[1] - pair[0] >= secs(1) - STEP), "{polls:?}");
    let call = async move { client.record_info(JOB, 1).await };
    service.run(STEP, call).await.unwrap_err();
    assert_eq!(service.polls().len(), polls.len() + 4, "the call has all its attempts");
}

#[tokio::test]
async fn many_builds_behind_a_limit_of_the_gateway_are_all_followed_to_their_ends() {
    const BUILDS: u32 = 300;
    let windows = Mutex::new((0, 0));
    let service = Timeline::start(move |request| {
        let mut windows = windows.lock().unwrap();
        let second = request.at.as_secs();
        *windows = if windows.0 == second { (second, windows.1 + 1) } else { (second, 1) };
        let number: u64 = request.path.split('/').nth(4).unwrap().parse().unwrap();
        match second {
            // A twentieth of the client's rate. The client finds this limit only if it remembers the rate
            // that was accepted.
            _ if windows.1 > 20 => error("429 Too Many Requests", "APIGW.0308"),
            // They end one after the other.
            _ if second < 60 + number / 10 => status("Running"),
            _ => status("SUCCESS"),
        }
    });
    let service = service.await;
    let client = service.builder().build().unwrap().with_polls_per_second(400);
    let all = futures_util::future::join_all((1..=BUILDS).map(|number| {
        let watch = client.clone().watch(BuildId::new(JOB, number).unwrap());
        // Without a shared rate, they would poll at least 300 times a second.
        let watch = watch.poll_interval(Duration::from_millis(500), secs(1));
        async move { watch.await }
    }));
    let step = Duration::from_millis(10);
    let records = service.run(step, all).await;
    assert!(records.into_iter().all(|record| record.unwrap().is_success()));
    // They take turns, and do not poll at the same instant.
    let polls = service.polls();
    let mut first: Vec<_> = polls[..BUILDS as usize].to_vec();
    first.dedup();
    assert!(first.len() > 70, "{first:?}");
    assert!(service.elapsed() < secs(180), "{:?}", service.elapsed());
    // At the pace that the gateway allows.
    let known = polls.iter().filter(|at| (secs(30)..secs(60)).contains(*at)).count();
    assert!((10 * 30..23 * 30).contains(&known), "{known} polls in 30 seconds");
}

#[tokio::test]
async fn all_watches_of_a_client_keep_to_its_rate() {
    let service = Timeline::start(|request| match request.at < secs(60) {
        true => status("Running"),
        false => status("SUCCESS"),
    });
    let service = service.await;
    for (client, rate) in [
        (service.client(), 20),
        (service.builder().build().unwrap().with_polls_per_second(5), 5),
        (service.builder().build().unwrap().with_polls_per_second(0), 1),
    ] {
        let before = service.polls().len();
        let all = futures_util::future::join_all((1..=30).map(|number| {
            let watch = client.clone().watch(BuildId::new(JOB, number).unwrap());
            async move { watch.timeout(secs(20)).await }
        }));
        service.run(Duration::from_millis(25), all).await;
        let polls = service.polls().split_off(before);
        for (number, at) in polls.iter().enumerate() {
            let within = polls[number..].iter().take_while(|it| **it < *at + secs(1)).count();
            assert!(within <= rate + 2, "{within} of {rate}");
        }
    }
}

/// Gives another token each time.
struct Tokens(Mutex<u32>);

impl CredentialProvider for Tokens {
    fn provide<'a>(&'a self, _: &'a CredentialContext) -> CredentialFuture<'a> {
        let mut number = self.0.lock().unwrap();
        *number += 1;
        let token = format!("token-{number}");
        Box::pin(async move { Ok(Identity::token(token)?) })
    }
}

#[tokio::test]
async fn an_expired_token_is_refreshed_during_a_call() {
    let script = |request: &Request| match (request.at < secs(30), &*request.token) {
        (true, _) | (false, "token-2") => ordinary(request),
        _ => error("401 Unauthorized", "APIGW.0307"),
    };
    let service = Timeline::start(script).await;
    let credential = Credential::from(Tokens(Mutex::new(0)));
    let client = service.builder().credential(credential).build().unwrap();
    let watch = client.watch(build());
    assert!(service.run(STEP, watch).await.unwrap().is_success());
}

/// Runs a test with a clock of its own.
fn run<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test)
}

#[test]
fn a_time_limit_says_what_the_last_poll_said() {
    for (head, status, text) in [
        ("500 Internal Server Error", 500, "it broke"),
        ("404 Not Found", 404, "no such build"),
        ("429 Too Many Requests", 429, "too many"),
        ("200 OK", 200, "a login page"),
    ] {
        let body = match status {
            200 => format!("<html><title>{text}</title></html>"),
            _ => format!(r#"{{"error_code":"CB.1","error_msg":"{text}"}}"#),
        };
        let failed = run(async {
            let service = Timeline::start(move |_| Reply::Send(json(head, &body))).await;
            let watch = service.client().watch(build()).timeout(secs(8));
            service.run(STEP, watch).await.unwrap_err()
        });
        let seen = (failed.kind(), failed.status());
        assert_eq!(seen, (ErrorKind::TimeLimit, Some(status)), "{failed}");
        assert!(failed.message().contains("has not ended within 8s; the last poll failed: "));
        assert!(failed.message().contains(text), "{failed}");
        assert!(!failed.is_transient() && !failed.is_timeout(), "{failed}");
    }
    // Nothing listens there.
    let client = client_at("http://127.0.0.1:1");
    let watch = client.watch(build()).poll_interval(STEP, STEP).timeout(2 * STEP);
    let failed = run(async { watch.await }).unwrap_err();
    assert_eq!(failed.kind(), ErrorKind::TimeLimit);
    assert!(std::error::Error::source(&failed).is_some(), "{failed:?}");
}

#[test]
fn no_service_delays_the_next_poll_by_more_than_a_minute() {
    for delay in ["1795727304", "3600", "Thu, 31 Dec 2099 23:59:59 GMT"] {
        for status in ["429 Too Many Requests", "503 Service Unavailable"] {
            let script = move |request: &Request| match request.at.as_secs() {
                0..5 => Reply::Send(response(status, &format!("retry-after: {delay}\r\n"), "")),
                _ => self::status("SUCCESS"),
            };
            let elapsed = run(async {
                let service = Timeline::start(script).await;
                let watch = service.client().watch(build());
                assert!(service.run(STEP, watch).await.unwrap().is_success());
                service.elapsed()
            });
            assert!((secs(45)..secs(90)).contains(&elapsed), "{delay} {status} {elapsed:?}");
        }
    }
}

#[tokio::test]
async fn failed_polls_are_reported_while_the_watch_goes_on() {
    let script = |request: &Request| match request.at.as_secs() {
        0..20 => Reply::Send(json("503 Service Unavailable", "{}")),
        20..40 => Reply::Send(response("429 Too Many Requests", "", "")),
        _ => status("SUCCESS"),
    };
    let service = Timeline::start(script).await;
    let told = Arc::new(Mutex::new(Vec::new()));
    let noted = told.clone();
    let watch = service.client().watch(build()).on_failed_poll(move |error| {
        noted.lock().unwrap().push(error.status());
    });
    assert!(service.run(STEP, watch).await.unwrap().is_success());
    let told = told.lock().unwrap();
    assert_eq!(told.len() + 1, service.polls().len());
    assert!(told.contains(&Some(503)) && told.contains(&Some(429)), "{told:?}");
}
