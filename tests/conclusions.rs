//! Promise: how a build ended is one of five conclusions, whatever word the service has for it, and none
//! while it goes on.

use codearts_build::{Conclusion, Conclusion::*, types::*};
use serde_json::{Value, json};

fn read<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

#[test]
fn every_known_word_has_its_conclusion_in_any_spelling() {
    let words: [(&[&str], Option<Conclusion>); 6] = [
        (&["SUCCESS", "success", "blue", "succeeded"], Some(Succeeded)),
        (
            &["FAILURE", "failed", "red", "Error", "SCHEDULE_FAILURE", "scheduleFailure"],
            Some(Failed),
        ),
        (&["ABORTED", "aborted", "CANCELED", "cancelled", "stopped", "terminated"], Some(Canceled)),
        (&["timeout", "TIMEOUT", "timed_out", "timedOut"], Some(TimedOut)),
        (&["UNKNOWN", "Finished", "completed"], Some(Unknown)),
        (&["InQueue", "Starting", "building", "RUNNING", "none", "new word", ""], None),
    ];
    for (words, conclusion) in words {
        for word in words {
            assert_eq!(BuildStatus::from(*word).conclusion(), conclusion, "{word}");
            let record: BuildRecord = read(json!({ "status": word }));
            assert_eq!(record.conclusion(), conclusion, "{word}");
            assert_eq!(record.is_success(), conclusion == Some(Succeeded), "{word}");
            let step: BuildStep = read(json!({ "status": word }));
            assert_eq!(step.conclusion(), conclusion, "{word}");
            let build: BuildSummary = read(json!({ "state": word }));
            assert_eq!(build.conclusion(), conclusion, "{word}");
            let job: BuildJob = read(json!({ "last_build_status": word }));
            assert_eq!(job.conclusion(), conclusion, "{word}");
        }
    }
    let shown = [Succeeded, Failed, Canceled, TimedOut, Unknown].map(|it| it.to_string());
    assert_eq!(shown, ["succeeded", "failed", "canceled", "timed out", "ended in an unknown way"]);
}

#[test]
fn a_record_with_a_finish_time_has_ended_whatever_its_status() {
    let ended = "2022-10-11T08:30:27.000+00:00";
    let record: BuildRecord = read(json!({ "status": "new word", "finish_time": ended }));
    assert_eq!(record.conclusion(), Some(Unknown));
    let record: BuildRecord = read(json!({ "status": "Running", "finish_time": ended }));
    assert_eq!(record.conclusion(), None);
}

#[test]
fn a_build_of_the_history_has_ended_when_its_running_status_says_so() {
    let conclusion = |progress: &str, state: &str| {
        let build = json!({ "job_running_status": progress, "state": state });
        read::<BuildSummary>(build).conclusion()
    };
    assert_eq!(conclusion("Finished", "timeout"), Some(TimedOut));
    assert_eq!(conclusion("Finished", ""), Some(Unknown));
    for progress in ["Starting", "Running", "InQueue"] {
        assert_eq!(conclusion(progress, "SUCCESS"), None, "{progress}");
    }
    assert_eq!(conclusion("new word", "SUCCESS"), Some(Succeeded));
}

#[test]
fn a_job_whose_build_runs_has_no_conclusion() {
    let job = json!({ "last_build_status": "red", "is_finished": false });
    assert_eq!(read::<BuildJob>(job).conclusion(), None);
    let job = json!({ "last_build_status": "red", "is_finished": true });
    assert_eq!(read::<BuildJob>(job).conclusion(), Some(Failed));
}
