//! Promise: a build has one id, which can be stored, printed, compared and read again.

use crate::support::*;
use codearts_build::{BuildId, ErrorKind, StartedBuild, types::*};
use httpmock::MockServer;
use serde_json::json;
use std::collections::{BTreeMap, HashMap, HashSet};

#[test]
fn a_build_id_is_written_and_read_again() {
    let id = BuildId::new(JOB, 61).unwrap();
    let text = format!("{JOB}/61");
    assert_eq!((id.job_id(), id.build_no()), (JOB, 61));
    assert_eq!(id.to_string(), text);
    assert_eq!(format!("{id:>40}").len(), 40);
    assert_eq!(text.parse::<BuildId>().unwrap(), id);
    assert_eq!(BuildId::try_from(&*text).unwrap(), id);
    assert_eq!(BuildId::try_from(text.clone()).unwrap(), id);
    assert_eq!(serde_json::to_value(&id).unwrap(), json!(text));
    assert_eq!(serde_json::from_value::<BuildId>(json!(text)).unwrap(), id);
    let by_id = HashMap::from([(id.clone(), "waits")]);
    let stored = serde_json::to_string(&by_id).unwrap();
    assert_eq!(serde_json::from_str::<HashMap<BuildId, &str>>(&stored).unwrap(), by_id);
}

#[test]
fn a_malformed_build_id_is_an_invalid_argument() {
    for text in ["", "/", "61", JOB, "no/61", &format!("{JOB}/"), &format!("{JOB}/0")] {
        let error = text.parse::<BuildId>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{text}");
        assert!(serde_json::from_value::<BuildId>(json!(text)).is_err(), "{text}");
    }
    for number in ["2147483648", "+1", "-1", " 1", "1/", "1/2", "99999999999999999999", "1.0"] {
        let text = format!("{JOB}/{number}");
        let error = text.parse::<BuildId>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{text}");
        assert!(error.message().contains(number), "{error}");
    }
}

#[test]
fn builds_of_a_job_are_ordered_by_number() {
    let at = |number| BuildId::new(JOB, number).unwrap();
    let numbers: BTreeMap<_, _> = [10, 9, 100].map(|number| (at(number), number)).into();
    assert_eq!(numbers.into_values().collect::<Vec<_>>(), [9, 10, 100]);
}

#[tokio::test]
async fn a_started_build_can_be_stored_and_followed_by_another_process() {
    let server = MockServer::start_async().await;
    server.mock(|_, then| {
        let started = json!({
            "actual_build_number": "20",
            "daily_build_number": "20200612.20",
            "build_no": 20,
            "status": "SUCCESS"
        });
        then.status(200).json_body(started);
    });
    let client = client(&server);
    let build = client.run_job(RunJobRequest::new(JOB).unwrap()).await.unwrap();
    assert_eq!(build.id(), &BuildId::new(JOB, 20).unwrap());
    assert_eq!(build.to_string(), format!("{JOB}/20"));
    let stored = serde_json::to_string(&build).unwrap();
    let restored: StartedBuild = serde_json::from_str(&stored).unwrap();
    assert_eq!(restored, build);
    assert_eq!(restored.daily_build_number(), Some("20200612.20"));
    assert_eq!(HashSet::from([build.clone(), restored.clone()]).len(), 1);

    assert!(client.wait(&restored).await.unwrap().is_success());
    let id: BuildId = restored.into();
    let record = client.wait(&id).await.unwrap();
    assert_eq!(record.number(), Some(id.build_no()));
}

#[test]
fn newtypes_of_the_document_are_texts() {
    fn is_text<T>(text: &str)
    where
        T: AsRef<str>
            + ToString
            + std::str::FromStr
            + for<'a> TryFrom<&'a str>
            + TryFrom<String>
            + for<'a> TryFrom<&'a String>,
        T::Err: std::fmt::Debug,
    {
        let read: T = text.parse().unwrap();
        assert_eq!(read.as_ref(), text);
        assert_eq!(read.to_string(), text);
    }
    is_text::<JobId>(JOB);
    is_text::<CommitId>(COMMIT);
    is_text::<ParameterName>("codeBranch");
    is_text::<ParameterValue>("master");
}
