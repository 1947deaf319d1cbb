//! Promise: requests and responses are those of the API reference.
//!
//! The checks of each operation list what they checked. The last test compares the list with the
//! document, so that an operation, a field or a status code without a test is found.

use crate::support::*;
use codearts_build::{Error, ErrorKind, mock::MockServerExt, types::*};
use httpmock::{Method, MockServer};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Names of what was checked: `RunJob`, `RunJob 404`, `BuildRecord.id`.
type Checked = BTreeSet<String>;

/// Compares fields of a value with their expected values, and notes their names in the document.
macro_rules! compare {
    ($checked:ident, $type:ident { $($field:ident $(as $name:literal)?: $expected:expr),+ $(,)? } = $value:expr) => {{
        let $type { $($field,)+ .. } = $value;
        $(
            assert_eq!(serde_json::to_value(&$field).unwrap(), json!($expected), stringify!($field));
            let name = stringify!($field);
            $(let name = if true { $name } else { name };)?
            $checked.insert(format!("{}.{name}", stringify!($type)));
        )+
    }};
}

const RUN_JOB: &str = "/paths/~1v3~1jobs~1build/post";
const AUTO_EXECUTE: &str = "/paths/~1v1~1job~1{job_id}~1auto-execute/post";
const RECORD_INFO: &str = "/paths/~1v4~1jobs~1{job_id}~1{build_no}~1record-info/get";
const REQUEST: &str = "/requestBody/content/application~1json/example";
const RESPONSE: &str = "/responses/200/content/application~1json/example";

/// Makes a server respond to one documented request and to no other: a path, with the query behind a
/// question mark if there is one, and a body.
async fn expect<'a>(
    server: &'a MockServer,
    method: Method,
    target: &str,
    body: Option<Value>,
    response: Value,
) -> httpmock::Mock<'a> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let (path, query) = (path.to_owned(), query.to_owned());
    server
        .mock_async(move |when, then| {
            // These headers and no others.
            let mut known = vec!["x-auth-token", "accept", "user-agent", "host"];
            let when = when
                .method(method)
                .path(path)
                .header("x-auth-token", CANARY)
                .header("accept", "application/json")
                .header("user-agent", concat!("codearts-build/", env!("CARGO_PKG_VERSION")));
            let when = match body {
                Some(body) => {
                    known.extend(["content-type", "content-length"]);
                    when.header("content-type", "application/json").json_body(body)
                }
                // Without a content length there is no body.
                None => when,
            };
            when.is_true(move |request| {
                let mut names = request
                    .headers()
                    .keys()
                    .map(|name| name.as_str().to_lowercase())
                    .collect::<Vec<_>>();
                names.retain(|name| !known.contains(&name.as_str()));
                names.is_empty() && request.uri().query().unwrap_or_default() == query
            });
            then.status(200).json_body(response);
        })
        .await
}

/// Checks that every documented error status of an operation gives an error with all that its body
/// said.
async fn check_errors<T: std::fmt::Debug, F: Future<Output = Result<T, Error>>>(
    operation: &str,
    place: &str,
    server: &MockServer,
    call: impl Fn() -> F,
) -> Checked {
    let responses = example(&format!("{place}/responses"));
    let mut checked = Checked::new();
    for code in responses.as_object().unwrap().keys().filter(|code| !code.starts_with('2')) {
        let status = code.replace("4XX", "418").replace("5XX", "507").parse().unwrap();
        let mut mock = server.mock(|_, then| {
            then.status(status).header("x-request-id", "4d0c1e6e").json_body(json!({
                "error_code": format!("DEV.CB.{code}"), "error_msg": format!("It is {code}."),
            }));
        });
        let error = call().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Service);
        assert_eq!(error.status(), Some(status));
        assert_eq!(error.code(), Some(&*format!("DEV.CB.{code}")));
        assert_eq!(error.message(), format!("It is {code}."));
        assert_eq!(error.request_id(), Some("4d0c1e6e"));
        // What a server's fault did is unknown.
        let starts_builds = example(place)["x-starts-builds"] == true;
        assert_eq!(error.may_have_started_build(), starts_builds && status >= 500);
        let said = format!(
            "service error, status {status}, code DEV.CB.{code}: It is {code}. \
             (request id 4d0c1e6e)"
        );
        assert!(error.to_string().starts_with(&said), "{error}");
        mock.delete();
        checked.insert(format!("{operation} {code}"));
    }
    checked
}

async fn run_job() -> Checked {
    let mut checked = Checked::from(["RunJob".into(), "RunJob 200".into()]);
    let (request, response) =
        (example(&format!("{RUN_JOB}{REQUEST}")), example(&format!("{RUN_JOB}{RESPONSE}")));
    let server = MockServer::start_async().await;

    // The request of the page, built as users build it. Its `build_tag: null` is left out.
    let sent = without_nulls(request.clone());
    let mut mock =
        expect(&server, Method::POST, "/v3/jobs/build", Some(sent.clone()), response.clone()).await;
    let request_by_hand = RunJobRequest::new(JOB)
        .unwrap()
        .with_parameter("codeBranch", "master")
        .unwrap()
        .with_commit("build_commit_id");
    let build = client(&server).run_job(request_by_hand.clone()).await.unwrap();
    mock.assert_async().await;
    assert_eq!((build.job_id(), build.build_no()), (JOB, 20));
    assert_eq!(build.octopus_job_name(), Some("j_Oaqg..."));
    assert_eq!(build.daily_build_number(), Some("20200612.20"));

    // The same through the generated client.
    let given = client(&server).api().run_job().body(request_by_hand.clone()).send().await.unwrap();
    assert_eq!(mock.calls_async().await, 2);
    let given = given.into_inner();
    assert_eq!(serde_json::to_value(&given).unwrap(), response);
    compare!(
        checked,
        StartBuildResponse {
            octopus_job_name: "j_Oaqg...",
            actual_build_number: "20",
            daily_build_number: "20200612.20",
        } = given
    );
    mock.delete();

    let read: RunJobRequest = serde_json::from_value(request).unwrap();
    assert_eq!(read, request_by_hand);
    assert_eq!(serde_json::to_value(&read).unwrap(), sent);
    let RunJobRequest { parameter, scm, .. } = read.clone();
    compare!(
        checked,
        RunJobRequest { job_id: JOB, parameter: sent["parameter"], scm: sent["scm"] } = read
    );
    compare!(checked, ParameterItem { name: "codeBranch", value: "master" } = parameter[0].clone());
    compare!(checked, Scm { build_commit_id: "build_commit_id", build_tag: null() } = scm.unwrap());
    let tagged = RunJobRequest::new(JOB).unwrap().with_tag("v1");
    assert_eq!(
        serde_json::to_value(tagged).unwrap(),
        json!({ "job_id": JOB, "scm": { "build_tag": "v1" } })
    );

    let client = client(&server);
    let call = || client.run_job(request_by_hand.clone());
    checked.extend(check_errors("RunJob", RUN_JOB, &server, call).await);
    checked
}

async fn execute_auto_build_job() -> Checked {
    let mut checked =
        Checked::from(["ExecuteAutoBuildJob".into(), "ExecuteAutoBuildJob 200".into()]);
    let request = example(&format!("{AUTO_EXECUTE}{REQUEST}"));
    let response = example(&format!("{AUTO_EXECUTE}{RESPONSE}"));
    let server = MockServer::start_async().await;

    let path = format!("/v1/job/{JOB}/auto-execute");
    let mut mock =
        expect(&server, Method::POST, &path, Some(request.clone()), response.clone()).await;
    let url = "git@codehub.devcloud.cn-north-7.ulanqab.huawei.com:0618c0132d524af6b81030b083d00687/Python2.git";
    let event = AutoExecuteRequest::push("master")
        .with_before("5c749465b14af7368b09945ed56942d54bc0b40d")
        .with_after(COMMIT)
        .with_commit(COMMIT, "Update README.md")
        .unwrap()
        .with_repository("Python2", url);
    let build = client(&server).auto_execute(JOB, event.clone()).await.unwrap();
    mock.assert_async().await;
    assert_eq!((build.job_id(), build.build_no()), (JOB, 20));
    assert_eq!(build.octopus_job_name(), Some(JOB));
    mock.delete();

    let read: AutoExecuteRequest = serde_json::from_value(request.clone()).unwrap();
    assert_eq!(read, event);
    let AutoExecuteRequest { commits, repository, .. } = read.clone();
    compare!(checked, AutoExecuteRequest {
        event_type: "push",
        ref_ as "ref": "refs/heads/master",
        after: COMMIT,
        before: "5c749465b14af7368b09945ed56942d54bc0b40d",
        commits: request["commits"],
        repository: request["repository"],
    } = read);
    compare!(checked, CommitsItem { id: COMMIT, message: "Update README.md" } = commits[0].clone());
    compare!(checked, Repository { name: "Python2", url: url } = repository.unwrap());
    assert_eq!(EventType::PushEvents.to_string(), "push_events");
    assert_eq!(AutoExecuteRequest::push("refs/tags/v1").ref_.as_deref(), Some("refs/tags/v1"));

    let client = client(&server);
    let call = || client.auto_execute(JOB, event.clone());
    checked.extend(check_errors("ExecuteAutoBuildJob", AUTO_EXECUTE, &server, call).await);
    checked
}

async fn show_record_detail() -> Checked {
    let mut checked = Checked::from(["ShowRecordDetail".into(), "ShowRecordDetail 200".into()]);
    let response = example(&format!("{RECORD_INFO}{RESPONSE}"));
    let server = MockServer::start_async().await;

    let job = "cb5fa20de5fd4cf8be681d4bd6fdd2f6";
    let path = format!("/v4/jobs/{job}/61/record-info");
    let mut mock = expect(&server, Method::GET, &path, None, response.clone()).await;
    let record = client(&server).record_info(job, 61).await.unwrap();
    mock.assert_async().await;
    let given =
        client(&server).api().show_record_detail().job_id(job).build_no("61").send().await.unwrap();
    let given = given.into_inner();
    assert_eq!(serde_json::to_value(&given).unwrap(), without_nulls(response.clone()));
    assert_eq!(given.result.as_ref(), Some(&record));
    compare!(
        checked,
        RecordInfoResponse {
            status: "success",
            error: json!({}),
            result: without_nulls(response["result"].clone()),
        } = given
    );
    compare!(
        checked,
        BuildRecord {
            id: "eb9d73c7-61b3-4823-b476-a7c00c493b8a",
            build_project_id: "31581e9f-5772-4053-a50c-d5690578c8fd",
            build_record_id: "9d6169b9-022d-458c-9dc8-48cc94cc4083",
            parent_record_id: null(),
            devcloud_project_id: "b4d3971c3988463b865f6f920846149e",
            codeci_job_id: "68491d9bc97b4774adb93e29b46d2dc6",
            user_id: "ae22fd035f354cfa8d82a3f1c8940446",
            build_no: 532,
            daily_build_num: "20221011.29",
            execution_id: "j_YE1bu9Z7",
            repo_name: "maven",
            repo_id: "2111616838",
            branch: "buildflow_env",
            tag: null(),
            commit: null(),
            commit_message: null(),
            commit_create_time: "2022-10-11T08:28:42.000+00:00",
            trigger_type: TriggerType::Manual,
            build_type: "branch",
            status: "SUCCESS",
            domain_id: "60021bab32fd450aa2cb89226f425e06",
            create_time: "2022-10-11T08:28:42.000+00:00",
            schedule_time: "2022-10-11T08:28:45.000+00:00",
            queued_time: "2022-10-11T08:28:45.000+00:00",
            start_time: "2022-10-11T08:28:47.000+00:00",
            runnable_time: "2022-10-11T08:16:04.000+00:00",
            finish_time: "2022-10-11T08:30:27.000+00:00",
            duration: 100_068,
            record_status: null(),
            use_private_slave: 0,
            region: "xx-xxxx-xx",
            err_msg: null(),
            build_config_type: BuildConfigType::Yaml,
        } = record
    );
    mock.delete();

    let client = client(&server);
    checked.extend(
        check_errors("ShowRecordDetail", RECORD_INFO, &server, || client.record_info(job, 61))
            .await,
    );
    checked
}

/// The body of the errors above, typed.
fn error_body() -> Checked {
    let mut checked = Checked::new();
    let body = json!({ "error_code": "DEV.CB.1", "error_msg": "no" });
    let read: ErrorBody = serde_json::from_value(body.clone()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), body);
    compare!(checked, ErrorBody { error_code: "DEV.CB.1", error_msg: "no" } = read);
    checked
}

fn null() -> Value {
    Value::Null
}

#[tokio::test]
async fn run_job_is_what_the_page_shows() {
    run_job().await;
}

#[tokio::test]
async fn auto_execute_is_what_the_page_shows() {
    execute_auto_build_job().await;
}

#[tokio::test]
async fn record_info_is_what_the_page_shows() {
    show_record_detail().await;
}

#[tokio::test]
async fn nothing_documented_is_without_a_test() {
    let mut checked = error_body();
    checked.extend(run_job().await);
    checked.extend(execute_auto_build_job().await);
    checked.extend(show_record_detail().await);

    let document = document();
    let mut documented = Checked::new();
    for item in document["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            let id = operation["operationId"].as_str().unwrap();
            documented.insert(id.to_owned());
            let codes = operation["responses"].as_object().unwrap().keys();
            documented.extend(codes.map(|code| format!("{id} {code}")));
        }
    }
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        let fields = schema.get("properties").and_then(Value::as_object);
        documented.extend(fields.into_iter().flatten().map(|(field, _)| format!("{name}.{field}")));
    }
    let untested: Vec<_> = documented.difference(&checked).collect();
    assert!(untested.is_empty(), "documented, but without a test: {untested:?}");
    let undocumented: Vec<_> = checked.difference(&documented).collect();
    assert!(undocumented.is_empty(), "tested, but not documented: {undocumented:?}");
}

#[test]
fn every_documented_value_has_a_name_and_a_description() {
    let document = document();
    let record = &document["components"]["schemas"]["BuildRecord"]["properties"];
    for (field, values) in [
        (
            "trigger_type",
            json!(["MANUAL", "TIMED_EXECUTION", "CODEHUB_TRIGGER", "PIPELINE_TRIGGER"]),
        ),
        ("build_config_type", json!(["YAML", "ACTION"])),
    ] {
        assert_eq!(record[field]["x-extensible-enum"], values);
        for value in values.as_array().unwrap() {
            let meaning = &record[field]["x-enumDescriptions"][value.as_str().unwrap()];
            assert!(meaning.is_string(), "{field} {value}");
        }
    }
    for (known, spelled) in [
        (TriggerType::Manual, "MANUAL"),
        (TriggerType::TimedExecution, "TIMED_EXECUTION"),
        (TriggerType::CodehubTrigger, "CODEHUB_TRIGGER"),
        (TriggerType::PipelineTrigger, "PIPELINE_TRIGGER"),
    ] {
        assert_eq!(TriggerType::from(spelled), known);
        assert_eq!(known.to_string(), spelled);
    }
    assert_eq!(BuildConfigType::from("action"), BuildConfigType::Action);
    assert_eq!(ResponseStatus::from("fail"), ResponseStatus::Fail);
}

#[tokio::test]
async fn the_typed_mock_uses_the_types_of_the_document() {
    let server = MockServer::start_async().await;
    let request = RunJobRequest::new(JOB).unwrap();
    let mock = server.run_job(|when, then| {
        when.body(&request);
        then.forbidden(&ErrorBody { error_code: Some("CB.403".into()), ..Default::default() });
    });
    let error = client(&server).run_job(request.clone()).await.unwrap_err();
    assert!(error.is_forbidden());
    assert_eq!(error.code(), Some("CB.403"));
    mock.assert_async().await;
}
