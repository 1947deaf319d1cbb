//! Promise: with any response, the client does not panic, does not take a success for an error or an error
//! for a success, and says that nothing was started only with proof of it.
//!
//! `just made-up-responses` tries a million responses for each operation.

mod check;
mod operation;
mod oracle;
mod response;
mod server;

use crate::support::CANARY;
use check::Way;
use codearts_build::{BuildId, Client, Credential, Error, ErrorKind, RetryPolicy, types::*};
use operation::{Call, OPERATIONS};
use response::MadeUp;
use serde_json::Value;

/// Makes a call that gets the response of this seed. Success tells the number of the build.
async fn outcome(client: Client, call: Call, way: Way, seed: u64) -> Result<Option<u64>, Error> {
    let job = server::job_id(seed);
    match &*call.id {
        _ if way == Way::Request => {
            let request = client.request(&*call.method, &call.path).query("seed", job);
            match call.is_stream {
                true => request.send_for_stream().await.map(|_| None),
                false => request.send::<Value>().await.map(|_| None),
            }
        }
        "RunJob" => {
            let build = client.run_job(RunJobRequest::new(job)?).await?;
            Ok(Some(build.build_no().into()))
        }
        "ExecuteAutoBuildJob" => {
            let build = client.auto_execute(job, AutoExecuteRequest::push("main")).await?;
            Ok(Some(build.build_no().into()))
        }
        "ShowRecordDetail" => Ok(number_of(&client.record_info(job, 20).await?)),
        "ExecuteJob" => {
            let build = client.api().execute_job().body(RunJobRequest::new(job)?).send().await?;
            let number = build.actual_build_number.as_deref().map(str::trim);
            Ok(number.and_then(|number| number.parse::<f64>().ok()).map(|number| number as u64))
        }
        "ShowJobBuildRecordDetail" => {
            let call = client.api().show_job_build_record_detail().job_id(job).build_no(20_u32);
            Ok(call.send().await?.result.as_ref().and_then(number_of))
        }
        "StopTheJob" => client.stop(BuildId::new(job, 20)?).await.map(|_| None),
        "ListBuildInfoRecordByJobId" => {
            let call = client.api().list_build_info_record_by_job_id().job_id(job);
            let call = call.start_time("2023-12-01 00:00:00").end_time("2023-12-31 00:00:00");
            call.send().await.map(|_| None)
        }
        "ShowRunningStatus" => client.latest_build(job).await.map(|_| None),
        "ShowBuildRecordFullStages" => {
            let call = client.api().show_build_record_full_stages();
            call.record_id(format!("{job}-001")).send().await.map(|_| None)
        }
        "DownloadBuildFullLog" => {
            let call = client.api().download_build_full_log();
            call.record_id(format!("{job}-001")).send().await.map(|_| None)
        }
        "DownloadRealTimeLog" => {
            let call = client.api().download_real_time_log().job_id(job).build_no(20_u32);
            call.offset(0_u32).send().await.map(|_| None)
        }
        "ListProjectJobs" => {
            let call = client.api().list_project_jobs().project_id(job);
            call.page_size(10_u32).send().await.map(|_| None)
        }
        "ShowNewOutput" => client.artifacts(BuildId::new(job, 20)?).await.map(|_| None),
        other => panic!("call {other} here"),
    }
}

/// The number of a record. One that is proven by its id may have any.
fn number_of(record: &BuildRecord) -> Option<u64> {
    let number = record.build_no.and_then(|number| u64::try_from(i64::from(number)).ok());
    number.filter(|number| (1..=2_147_483_647).contains(number))
}

async fn check(call: Call, way: Way) {
    let client = |url: String| -> Box<dyn Fn(u64) -> _> {
        let client = Client::builder()
            .endpoint(url)
            .credential(Credential::token(CANARY).unwrap())
            .retry(RetryPolicy::never())
            .build()
            .unwrap();
        Box::new(move |seed| outcome(client.clone(), call, way, seed))
    };
    check::check(call, way, client).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_function_of_every_documented_operation() {
    for call in OPERATIONS.iter() {
        check(call, Way::Function).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_documented_operation() {
    for call in OPERATIONS.iter() {
        check(call, Way::Request).await;
    }
}

#[test]
fn the_responses_are_of_every_kind() {
    for call in OPERATIONS.iter() {
        let mut seen = [0; 5];
        for seed in 0..2000 {
            let expected = oracle::judge(call, &MadeUp::of(call, seed));
            let kind = match (expected.success, expected.may_have_taken_effect) {
                (Some(true), _) => 0,
                (Some(false), Some(true)) if expected.kind == Some(ErrorKind::Service) => 1,
                (Some(false), Some(true)) => 2,
                (Some(false), Some(false)) => 3,
                // The design leaves something open.
                _ => 4,
            };
            seen[kind] += 1;
        }
        // Without a documented type, only the status is certain.
        let (wanted, most) = match &*call.kind {
            "object" => (&seen[..4], 500),
            "" => (&seen[3..4], 2000),
            _ => (&seen[..1], 2000),
        };
        let is_enough = wanted.iter().all(|&count| count > 100) && seen[4] < most;
        let hint = "its success response needs an example, which has what is marked with x-proof";
        assert!(is_enough, "{} {seen:?}: {hint}", call.id);
    }
}
