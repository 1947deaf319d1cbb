//! Promise: requests and responses are those of the API reference.
//!
//! The checks of each operation list what they checked. The last test compares the list with the
//! document, so that an operation, a status code, a query parameter or a field without a test is found.

use crate::support::{document::*, *};
use codearts_build::{BuildId, Error, ErrorKind, StopOutcome, mock::MockServerExt, types::*};
use futures_util::TryStreamExt;
use httpmock::{HttpMockRequest, HttpMockResponse, Method, MockServer};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Names of what was checked: `RunJob`, `RunJob 404`, `ListJobs ?limit`, `BuildRecord.id`.
type Checked = BTreeSet<String>;

/// The id of a record, as the documented examples have it.
const RECORD_ID: &str = "9d6169b9-022d-458c-9dc8-48cc94cc4083";

/// The rules for a request.
pub const CONSTRAINTS: [&str; 8] =
    ["pattern", "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "enum"];

/// Compares fields of a value with their expected values, and notes their names in the document.
macro_rules! compare {
    ($checked:expr, $type:ident { $($field:ident $(as $name:literal)?: $expected:expr),+ $(,)? } = $value:expr) => {{
        let $type { $($field,)+ .. } = $value;
        $(
            assert_eq!(serde_json::to_value(&$field).unwrap(), json!($expected), stringify!($field));
            let name = stringify!($field);
            $(let name = if true { $name } else { name };)?
            $checked.insert(format!("{}.{name}", stringify!($type)));
        )+
    }};
}

/// The checks of one operation of the document.
struct Check {
    id: String,
    method: &'static str,
    operation: Value,
    /// The names of its parameters in the query.
    query: Vec<String>,
    checked: Checked,
}

impl Check {
    fn of(id: &str) -> Self {
        let document = openapi();
        let mut found = operations(&document).filter(|(_, _, it)| it["operationId"] == id);
        let (_, method, operation) =
            found.next().unwrap_or_else(|| panic!("openapi.yaml has no operation {id}"));
        let query = parameters(&document, operation).filter(|it| it["in"] == "query");
        let query = query.map(|it| it["name"].as_str().unwrap().to_owned()).collect();
        let checked = Checked::from([id.to_owned()]);
        Self { id: id.to_owned(), method, operation: operation.clone(), query, checked }
    }

    /// The documented example of the body.
    fn request(&self) -> Value {
        self.example(self.operation.pointer("/requestBody/content"), "body")
    }

    /// The documented example of the success response.
    fn response(&self) -> Value {
        self.example(self.success().1.get("content"), "success response")
    }

    fn example(&self, content: Option<&Value>, what: &str) -> Value {
        let example = content.and_then(|it| fields(it).next()?.1.get("example"));
        example.unwrap_or_else(|| panic!("{}: the {what} needs an example", self.id)).clone()
    }

    /// The first documented success response, with its status.
    fn success(&self) -> (&String, &Value) {
        let mut responses = fields(&self.operation["responses"]);
        responses.find(|(status, _)| status.starts_with('2')).unwrap()
    }

    /// Makes a server respond to one request with the documented success status, and to any other with status
    /// 400. The request is a path, with its query, and a body. Both bodies are JSON or a text. That of the
    /// response is empty if none is documented.
    async fn expect<'a>(
        &mut self,
        server: &'a MockServer,
        method: Method,
        target: &str,
        body: Option<Value>,
        response: impl ToString,
    ) -> httpmock::Mock<'a> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let query = pairs(query);
        let (code, documented) = self.success();
        let mut checked = Checked::from([format!("{} {code}", self.id)]);
        let given = self.query.iter().filter(|given| query.iter().any(|(name, _)| name == *given));
        checked.extend(given.map(|name| format!("{} ?{name}", self.id)));
        let status: u16 = code.replace("2XX", "200").parse().unwrap();
        let response_type = content_type(documented);
        let is_stream = response_type.is_some() && json_schema(documented).is_none();
        // These headers and no others.
        let mut headers = json!({
            "x-auth-token": CANARY,
            "accept": if is_stream { "*/*" } else { "application/json" },
            "accept-encoding": "identity",
            "user-agent": concat!("codearts-build/", env!("CARGO_PKG_VERSION")),
        });
        if body.is_some() {
            headers["content-type"] =
                self.operation.get("requestBody").and_then(content_type).into();
        }
        self.checked.extend(checked);
        let expected = json!({
            "method": method.to_string(), "path": path, "query": query, "headers": headers,
            "body": body,
        });
        let response = response.to_string();
        server
            .mock_async(move |_, then| {
                then.respond_with(move |request| {
                    let sent = sent(request);
                    let differs =
                        fields(&expected).find(|(part, expected)| sent[part] != **expected);
                    if let Some((part, expected)) = differs {
                        let error = format!("{part}: sent {}, expected {expected}", sent[part]);
                        return respond(400, json!({ "error_msg": error }));
                    }
                    let good = HttpMockResponse::builder().status(status);
                    match &response_type {
                        Some(response_type) => good
                            .header("content-type", response_type)
                            .body(response.clone())
                            .build(),
                        None => good.build(),
                    }
                });
            })
            .await
    }

    /// Checks that every documented error status gives an error with all that its body said.
    async fn errors<T, F: Future<Output = Result<T, Error>>>(
        mut self,
        server: &MockServer,
        call: impl Fn() -> F,
    ) -> Checked {
        let codes = fields(&self.operation["responses"]).map(|(code, _)| code);
        for code in codes.filter(|code| !code.starts_with('2')) {
            let status = code.replace("4XX", "418").replace("5XX", "507").parse().unwrap();
            let mut mock = server.mock(|_, then| {
                then.status(status).header("x-request-id", "4d0c1e6e").json_body(json!({
                    "error_code": format!("DEV.CB.{code}"), "error_msg": format!("It is {code}."),
                }));
            });
            let error = call().await.err().expect("an error status is an error");
            assert_eq!(error.status(), Some(status));
            assert_eq!(error.request_id(), Some("4d0c1e6e"));
            // After a fault of the server, the outcome is unknown.
            let unknown = self.method != "get" && status >= 500;
            assert_eq!(error.may_have_taken_effect(), unknown);
            let effect = self.operation["x-effect"].as_str().filter(|_| unknown);
            assert!(effect.is_none_or(|effect| error.to_string().ends_with(effect)), "{error}");
            // A response to `HEAD` has no body.
            if self.method != "head" {
                assert_eq!(error.kind(), ErrorKind::Service);
                assert_eq!(error.code(), Some(&*format!("DEV.CB.{code}")));
                assert_eq!(error.message(), format!("It is {code}."));
                let said = format!(
                    "service error, status {status}, code DEV.CB.{code}: It is {code}. \
                     (request id 4d0c1e6e)"
                );
                assert!(error.to_string().starts_with(&said), "{error}");
            }
            mock.delete();
            self.checked.insert(format!("{} {code}", self.id));
        }
        self.checked
    }
}

/// A request as it was sent.
fn sent(request: &HttpMockRequest) -> Value {
    let mut headers = Map::new();
    for (name, value) in &request.headers() {
        let name = name.as_str().to_lowercase();
        if !["host", "content-length"].contains(&&*name) {
            headers.insert(name, value.to_str().unwrap().into());
        }
    }
    let text = String::from_utf8_lossy(request.body_ref());
    let body = if text.is_empty() { Value::Null } else { text.into() };
    json!({
        "method": request.method().to_string(),
        "path": request.uri().path(),
        "query": pairs(request.uri().query().unwrap_or_default()),
        "headers": headers,
        "body": body.as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or(body),
    })
}

/// The content type of a body or of a response, if it has one.
fn content_type(holder: &Value) -> Option<String> {
    Some(fields(holder.get("content")?).next()?.0.clone())
}

/// The parts of a query. The order of different names means nothing.
fn pairs(query: &str) -> Vec<(String, String)> {
    let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let mut pairs: Vec<_> = pairs.map(|(name, value)| (name.into(), value.into())).collect();
    pairs.sort_by(|(a, _): &(String, String), (b, _)| a.cmp(b));
    pairs
}

async fn run_job() -> Checked {
    let mut check = Check::of("RunJob");
    let (request, response) = (check.request(), check.response());
    let server = MockServer::start_async().await;

    // The request of the page, built as users build it. Its `build_tag: null` is left out.
    let sent = without_nulls(request.clone());
    let mut mock =
        check.expect(&server, Method::POST, "/v3/jobs/build", Some(sent.clone()), &response).await;
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
        check.checked,
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
        check.checked,
        RunJobRequest { job_id: JOB, parameter: sent["parameter"], scm: sent["scm"] } = read
    );
    compare!(
        check.checked,
        ParameterItem { name: "codeBranch", value: "master" } = parameter[0].clone()
    );
    compare!(
        check.checked,
        Scm { build_commit_id: "build_commit_id", build_tag: null() } = scm.unwrap()
    );
    let tagged = RunJobRequest::new(JOB).unwrap().with_tag("v1");
    assert_eq!(
        serde_json::to_value(tagged).unwrap(),
        json!({ "job_id": JOB, "scm": { "build_tag": "v1" } })
    );

    let client = client(&server);
    check.errors(&server, || client.run_job(request_by_hand.clone())).await
}

async fn execute_auto_build_job() -> Checked {
    let mut check = Check::of("ExecuteAutoBuildJob");
    let request = check.request();
    let response = check.response();
    let server = MockServer::start_async().await;

    let path = format!("/v1/job/{JOB}/auto-execute");
    let mut mock =
        check.expect(&server, Method::POST, &path, Some(request.clone()), &response).await;
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
    compare!(check.checked, AutoExecuteRequest {
        event_type: "push",
        ref_ as "ref": "refs/heads/master",
        after: COMMIT,
        before: "5c749465b14af7368b09945ed56942d54bc0b40d",
        commits: request["commits"],
        repository: request["repository"],
    } = read);
    compare!(
        check.checked,
        CommitsItem { id: COMMIT, message: "Update README.md" } = commits[0].clone()
    );
    compare!(check.checked, Repository { name: "Python2", url: url } = repository.unwrap());
    assert_eq!(EventType::PushEvents.to_string(), "push_events");
    assert_eq!(AutoExecuteRequest::push("refs/tags/v1").ref_.as_deref(), Some("refs/tags/v1"));

    let client = client(&server);
    check.errors(&server, || client.auto_execute(JOB, event.clone())).await
}

async fn show_record_detail() -> Checked {
    let mut check = Check::of("ShowRecordDetail");
    let response = check.response();
    let server = MockServer::start_async().await;

    let job = "cb5fa20de5fd4cf8be681d4bd6fdd2f6";
    let path = format!("/v4/jobs/{job}/61/record-info");
    let mut mock = check.expect(&server, Method::GET, &path, None, &response).await;
    let record = client(&server).record_info(job, 61).await.unwrap();
    mock.assert_async().await;
    let given =
        client(&server).api().show_record_detail().job_id(job).build_no("61").send().await.unwrap();
    let given = given.into_inner();
    assert_eq!(serde_json::to_value(&given).unwrap(), without_nulls(response.clone()));
    assert_eq!(given.result.as_ref(), Some(&record));
    compare!(
        check.checked,
        RecordInfoResponse {
            status: "success",
            error: json!({}),
            result: without_nulls(response["result"].clone()),
        } = given
    );
    compare!(
        check.checked,
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
    check.errors(&server, || client.record_info(job, 61)).await
}

async fn execute_job() -> Checked {
    let mut check = Check::of("ExecuteJob");
    let (request, response) = (check.request(), check.response());
    let server = MockServer::start_async().await;
    let body: RunJobRequest = serde_json::from_value(request.clone()).unwrap();
    let client = client(&server);
    let call = || client.api().execute_job().body(body.clone()).send();
    // Both shapes have been told of.
    for response in [response.clone(), json!({ "status": "success", "result": response })] {
        let body = Some(request.clone());
        let mock = check.expect(&server, Method::POST, "/v1/job/execute", body, response);
        let mut mock = mock.await;
        let build = call().await.unwrap();
        assert_eq!(build.actual_build_number.as_deref(), Some("20"));
        mock.delete();
    }
    check.errors(&server, call).await
}

async fn show_job_build_record_detail() -> Checked {
    let mut check = Check::of("ShowJobBuildRecordDetail");
    let response = check.response();
    let server = MockServer::start_async().await;
    let job = "cb5fa20de5fd4cf8be681d4bd6fdd2f6";
    let path = format!("/v1/record/{job}/61/record-info");
    let mut mock = check.expect(&server, Method::GET, &path, None, &response).await;
    let client = client(&server);
    let call = || client.api().show_job_build_record_detail().job_id(job).build_no(61_u32).send();
    let given = call().await.unwrap().into_inner();
    assert_eq!(serde_json::to_value(&given).unwrap(), without_nulls(response));
    mock.delete();
    check.errors(&server, call).await
}

async fn stop_the_job() -> Checked {
    let mut check = Check::of("StopTheJob");
    let (request, response) = (check.request(), check.response());
    let server = MockServer::start_async().await;
    let path = format!("/v1/job/{JOB}/stop");
    let mut mock =
        check.expect(&server, Method::POST, &path, Some(request.clone()), &response).await;
    let client = client(&server);
    let build = BuildId::new(JOB, 20).unwrap();
    assert_eq!(client.stop(&build).await.unwrap(), StopOutcome::Accepted);
    let body: StopRequest = serde_json::from_value(request).unwrap();
    let given = client.api().stop_the_job().job_id(JOB).body(body.clone()).send().await.unwrap();
    mock.delete();
    compare!(check.checked, StopResponse { status: "success" } = given.into_inner());
    // The older operations have another field.
    let older = json!({ "success": true, "result": "" });
    let mut mock = check.expect(&server, Method::POST, &path, Some(json!(body)), &older).await;
    let given = client.api().stop_the_job().job_id(JOB).body(body.clone()).send().await.unwrap();
    mock.delete();
    compare!(check.checked, StopResponse { success: true } = given.into_inner());
    compare!(check.checked, StopRequest { build_no: 20 } = body);
    check.errors(&server, || client.stop(&build)).await
}

async fn list_build_info_record_by_job_id() -> Checked {
    let mut check = Check::of("ListBuildInfoRecordByJobId");
    let response = check.response();
    let server = MockServer::start_async().await;
    let target = format!(
        "/v1/record/{JOB}/list?start_time=2023-12-01%2000%3A00%3A00\
         &end_time=2023-12-31%2000%3A00%3A00&page_index=0&page_size=1"
    );
    let mut mock = check.expect(&server, Method::GET, &target, None, &response).await;
    let client = client(&server);
    let call = || {
        let call = client.api().list_build_info_record_by_job_id().job_id(JOB);
        let call = call.start_time("2023-12-01 00:00:00").end_time("2023-12-31 00:00:00");
        call.page_index(0_u32).page_size(1_u32).send()
    };
    let given = call().await.unwrap().into_inner();
    mock.delete();
    let page = given.result.clone().unwrap();
    let build = page.job_build_states[0].clone();
    let commit = build.commit_info.clone().unwrap();
    let shown = &response["result"];
    compare!(
        check.checked,
        BuildHistoryResponse { status: "success", error: null(), result: page } = given
    );
    compare!(
        check.checked,
        BuildHistory {
            health_score: "0",
            page_index: "0",
            total_page: "44",
            total_record: "44",
            job_build_states: shown["job_build_states"],
        } = page
    );
    compare!(
        check.checked,
        BuildSummary {
            number: 44,
            daily_build_number: "20231226.1",
            job_running_status: "Finished",
            state: "SUCCESS",
            start_time: 1_703_554_641_000_i64,
            build_time: 3_525_000,
            cost_time: 3_525_000,
            trigger_type: "Manual",
            build_type: "branch",
            code_branch: "master",
            commit_id: "ffe2ee8b44a0b2683df86b44f8ec27d71baeae86",
            scm_type: "codehub",
            scm_web_url: "https://devcloud.example.com/codehub/project/1/home",
            commit_detail_url: "https://devcloud.example.com/codehub/project/1/commit/2",
            commit_info: commit,
            user_id: "ae22fd035f354cfa8d82a3f1c8940446",
            executor: "builder",
            nickname: "builder",
        } = build
    );
    compare!(
        check.checked,
        CommitInfo {
            commit_id: "ffe2ee8b44a0b2683df86b44f8ec27d71baeae86",
            created_at: "2023-11-21T01:48:21.000+00:00",
        } = commit
    );
    check.errors(&server, call).await
}

async fn show_running_status() -> Checked {
    let mut check = Check::of("ShowRunningStatus");
    let response = check.response();
    let server = MockServer::start_async().await;
    let path = format!("/v1/job/{JOB}/running-status");
    let mut mock = check.expect(&server, Method::GET, &path, None, &response).await;
    let client = client(&server);
    let newest = client.latest_build(JOB).await.unwrap();
    assert_eq!(newest, Some(BuildId::new(JOB, 9).unwrap()));
    let given = client.api().show_running_status().job_id(JOB).send().await.unwrap().into_inner();
    mock.delete();
    let newest = given.result.clone().unwrap();
    compare!(
        check.checked,
        RunningStatusResponse { status: "success", error: null(), result: newest } = given
    );
    compare!(
        check.checked,
        RunningStatus {
            last_job_id: "c798139500d2456d82d95d108f182b5a",
            last_build_no: "9",
            last_build_status: "Finished",
            is_running: false,
        } = newest
    );
    check.errors(&server, || client.latest_build(JOB)).await
}

async fn show_build_record_full_stages() -> Checked {
    let mut check = Check::of("ShowBuildRecordFullStages");
    let response = check.response();
    let server = MockServer::start_async().await;
    let target = format!("/v1/record/{RECORD_ID}/full-stages?cascade=false");
    let mut mock = check.expect(&server, Method::GET, &target, None, &response).await;
    let client = client(&server);
    let call =
        || client.api().show_build_record_full_stages().record_id(RECORD_ID).cascade(false).send();
    let given = call().await.unwrap().into_inner();
    mock.delete();
    let steps = given.result.clone().unwrap();
    let step = steps.build_stages["stage3"].clone();
    compare!(
        check.checked,
        BuildStepsResponse { status: "success", error: json!({}), result: steps } = given
    );
    compare!(
        check.checked,
        BuildSteps { build_stages: json!({ "stage3": step }), check_stages: json!({}) } = steps
    );
    compare!(
        check.checked,
        BuildStep {
            id: "d8e3269e-ba5b-46eb-bd57-32e99dcacdf2",
            sequence: 3,
            execution_stage_name: "stage3",
            display_name: "Maven",
            status: "ABORTED",
            status_code: 8,
            log_status: null(),
            create_time: "2024-09-24T03:18:40.000+00:00",
            schedule_time: "2024-09-24T03:18:41.000+00:00",
            queued_time: "2024-09-24T03:18:42.000+00:00",
            start_time: "2024-09-24T03:18:49.000+00:00",
            finish_time: "2024-09-24T03:18:59.000+00:00",
            duration: 10_000,
            build_duration: 9000,
            pending_duration: 1000,
            build_record_id: "94baa8ec-fd3f-4cae-81af-b24385a7220f",
            execution_id: "j_fDyt05ip",
            node_id: null(),
        } = step
    );
    check.errors(&server, call).await
}

async fn download_build_full_log() -> Checked {
    let mut check = Check::of("DownloadBuildFullLog");
    let log = check.response().as_str().unwrap().to_owned();
    let server = MockServer::start_async().await;
    let target = format!("/v1/log/{RECORD_ID}/download-log?log_level=INFO&compress=false");
    let mut mock = check.expect(&server, Method::GET, &target, None, &log).await;
    let client = client(&server);
    let call = || {
        let call = client.api().download_build_full_log().record_id(RECORD_ID);
        call.log_level(LogLevel::Info).compress(false).send()
    };
    let given: Vec<_> = call().await.unwrap().into_inner().try_collect().await.unwrap();
    mock.delete();
    assert_eq!(given.concat(), log.as_bytes());
    check.errors(&server, call).await
}

async fn download_real_time_log() -> Checked {
    let mut check = Check::of("DownloadRealTimeLog");
    let response = check.response();
    let server = MockServer::start_async().await;
    let target = format!("/v3/jobs/{JOB}/20/real-time-log?offset=121768&length=1000000");
    let mut mock = check.expect(&server, Method::GET, &target, None, &response).await;
    let client = client(&server);
    let call = || {
        let call = client.api().download_real_time_log().job_id(JOB).build_no(20_u32);
        call.offset(121_768_u32).length(1_000_000).send()
    };
    let given = call().await.unwrap().into_inner();
    mock.delete();
    let part = given.result.clone().unwrap();
    compare!(
        check.checked,
        RealTimeLogResponse { status: "success", error: null(), result: part } = given
    );
    compare!(
        check.checked,
        RealTimeLog {
            has_more_data: true,
            current_offset: 121_768,
            offset: 126_548,
            content: "[2023/12/21 15:44:18.744 GMT+08:00] [INFO] BUILD SUCCESS\n",
        } = part
    );
    check.errors(&server, call).await
}

async fn list_project_jobs() -> Checked {
    let mut check = Check::of("ListProjectJobs");
    let response = check.response();
    let server = MockServer::start_async().await;
    let project = "b4d3971c3988463b865f6f920846149e";
    let target = format!(
        "/v1/job/{project}/list?page_index=0&page_size=10&search=release&sort_field=job_name\
         &sort_order=ASC&creator_id=ae22&build_status=red&by_group=true&group_path_id=group"
    );
    let client = client(&server);
    let call = || {
        let call = client.api().list_project_jobs().project_id(project);
        let call = call.page_index(0_u32).page_size(10_u32).search("release");
        let call = call.sort_field("job_name").sort_order("ASC").creator_id("ae22");
        call.build_status(LastBuildFilter::Red).by_group(true).group_path_id("group").send()
    };
    let mut result = response["result"].clone();
    let flat = json!({ "jobs": result["job_list"], "total": result["total"] });
    // Both shapes have been told of.
    let mut mock = check.expect(&server, Method::GET, &target, None, &flat).await;
    let jobs = call().await.unwrap().into_inner().result.unwrap();
    mock.delete();
    // In the spelling of other operations.
    result["job_list"][0]["last_build_status"] = "ABORTED".into();
    compare!(check.checked, JobList { total: 1, jobs: result["job_list"] } = jobs);
    let mut mock = check.expect(&server, Method::GET, &target, None, &response).await;
    let given = call().await.unwrap().into_inner();
    mock.delete();
    let list = given.result.clone().unwrap();
    let job = list.job_list[0].clone();
    compare!(
        check.checked,
        JobListResponse { status: "success", error: null(), result: list } = given
    );
    compare!(check.checked, JobList { total: 1, job_list: result["job_list"] } = list);
    compare!(
        check.checked,
        BuildJob {
            id: "8f4fb54a55c744beb8967cf50d96d87b",
            job_name: "release",
            build_project_id: "8597a528-068e-4bfa-a812-3c625060c007",
            job_creator: "ae22fd035f354cfa8d82a3f1c8940446",
            user_name: "builder",
            nick_name: "builder",
            last_build_status: "ABORTED",
            last_job_running_status: "Finished",
            is_finished: true,
            last_build_time: 1_727_041_445_000_i64,
            build_time: 27_510,
            build_number: "1",
            last_build_user: "builder",
            last_build_user_id: "ae22fd035f354cfa8d82a3f1c8940446",
            trigger_type: "Manual",
            health_score: 80,
            disabled: false,
            favorite: false,
            is_modify: true,
            is_delete: true,
            is_execute: true,
            is_copy: true,
            is_forbidden: true,
            is_view: true,
            source_code: "codehub",
            scm_type: "codehub",
            scm_web_url: "https://devcloud.example.com/codehub/project/1/home",
            repo_id: "2111616838",
        } = job
    );
    check.errors(&server, call).await
}

async fn show_new_output() -> Checked {
    let mut check = Check::of("ShowNewOutput");
    let response = check.response();
    let server = MockServer::start_async().await;
    let path = format!("/v1/job/{JOB}/20/output");
    let mut mock = check.expect(&server, Method::GET, &path, None, &response).await;
    let client = client(&server);
    let call = || client.api().show_new_output().job_id(JOB).build_no(20_u32).send();
    let given = call().await.unwrap().into_inner();
    mock.delete();
    let output = given.result.clone().unwrap();
    let package = output.package_infos["demo"].clone();
    compare!(
        check.checked,
        BuildOutputResponse { status: "success", error: json!({}), result: output } = given
    );
    compare!(
        check.checked,
        BuildOutput {
            package_info: null(),
            package_infos: json!({ "demo": package }),
            image_infos: json!({}),
        } = output
    );
    compare!(
        check.checked,
        Artifact {
            project_id: "a287e712be6c404ca26e5f69040fa12b",
            name: "demo.jar",
            version: "20240629.8",
            package_type: "jar",
            uri: "/demo/20240629.8/demo.jar",
            type_ as "type": null(),
            daily_build_number: "20240629.8",
        } = package
    );
    check.errors(&server, call).await
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
async fn the_operations_from_other_sources_are_what_these_show() {
    later_operations().await;
}

async fn later_operations() -> Checked {
    let mut checked = execute_job().await;
    checked.extend(show_job_build_record_detail().await);
    checked.extend(stop_the_job().await);
    checked.extend(list_build_info_record_by_job_id().await);
    checked.extend(show_running_status().await);
    checked.extend(show_build_record_full_stages().await);
    checked.extend(download_build_full_log().await);
    checked.extend(download_real_time_log().await);
    checked.extend(list_project_jobs().await);
    checked.extend(show_new_output().await);
    checked
}

#[tokio::test]
async fn nothing_documented_is_without_a_test() {
    let mut checked = error_body();
    checked.extend(run_job().await);
    checked.extend(execute_auto_build_job().await);
    checked.extend(show_record_detail().await);
    checked.extend(later_operations().await);

    let document = openapi();
    let mut documented = Checked::new();
    for (_, _, operation) in operations(&document) {
        let id = operation["operationId"].as_str().unwrap();
        documented.insert(id.to_owned());
        documented.extend(fields(&operation["responses"]).map(|(code, _)| format!("{id} {code}")));
        let query = parameters(&document, operation).filter(|it| it["in"] == "query");
        documented.extend(query.map(|it| format!("{id} ?{}", it["name"].as_str().unwrap())));
    }
    for (name, schema) in schemas(&document) {
        let fields = schema.get("properties").into_iter().flat_map(fields);
        documented.extend(fields.map(|(field, _)| format!("{name}.{field}")));
    }
    let untested: Vec<_> = documented.difference(&checked).collect();
    let how = "CONTRIBUTING.md says how to write one";
    assert!(untested.is_empty(), "documented, but without a test ({how}): {untested:#?}");
    // A type of requests and responses has another name for responses.
    let is_of_copy = |name: &&String| documented.contains(&name.replacen("Response.", ".", 1));
    let undocumented: Vec<_> =
        checked.difference(&documented).filter(|name| !is_of_copy(name)).collect();
    assert!(undocumented.is_empty(), "tested, but not documented: {undocumented:?}");
}

#[test]
fn the_document_is_written_as_contributing_says() {
    let document = openapi();
    let requested = requested(&document);
    let mut problems = vec![];
    each_schema(&document, "", &mut |place, schema| {
        let name = place.strip_prefix("/components/schemas/");
        let of_request = match name.and_then(|name| name.split('/').next()) {
            Some(name) => requested.contains(&format!("#/components/schemas/{name}")),
            None => !place.contains("/responses/"),
        };
        let is_named = name.is_some_and(|name| !name.contains('/'));
        let mut problem = |what: &str| problems.push(format!("{place}: {what}"));
        let constraint = CONSTRAINTS.iter().find(|key| schema.get(**key).is_some());
        if of_request {
            if schema.get("pattern").is_some() && schema.get("x-rule").is_none() {
                problem("say the pattern in words, as x-rule");
            }
        } else if schema.get("enum").is_some() {
            problem("a response may have other values: write x-extensible-enum instead of enum");
        } else if let Some(key) = constraint.or(schema.get("required").map(|_| &"required")) {
            problem(&format!("a response may differ: remove {key}"));
        }
        for (field, schema) in schema.get("properties").into_iter().flat_map(fields) {
            if !of_request && schema.get("type").is_some() && schema["nullable"] != true {
                problem(&format!("any field of a response may be null: {field}: nullable: true"));
            }
        }
        for value in list(schema, "x-extensible-enum").iter().filter_map(Value::as_str) {
            if text(&schema["x-enumDescriptions"], value).is_none() {
                problem(&format!("say in x-enumDescriptions what {value} means"));
            }
        }
        if !is_named && (schema.get("properties").is_some() || of_request && constraint.is_some()) {
            problem("its type needs a name: move it to /components/schemas and refer to it");
        }
    });
    assert!(problems.is_empty(), "openapi.yaml:\n{}", problems.join("\n"));
}

/// Visits each schema, with its place in the document.
fn each_schema(node: &Value, place: &str, visit: &mut impl FnMut(&str, &Value)) {
    if node.get("type").is_some_and(Value::is_string) {
        visit(place, node);
    }
    for (name, part) in fields(node).filter(|(name, _)| !name.starts_with("example")) {
        each_schema(part, &format!("{place}/{name}"), visit);
    }
    for (number, part) in node.as_array().into_iter().flatten().enumerate() {
        each_schema(part, &format!("{place}/{number}"), visit);
    }
}

#[test]
fn a_documented_value_has_a_name_in_any_spelling() {
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
