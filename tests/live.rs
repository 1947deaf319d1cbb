//! Promise: a person with a credential can compare the service with the document. Until then, the comparison is
//! tried on the simulated service.

use crate::support::{document::*, shape::Shape, *};
use codearts_build::{
    BuildId, Client, Error,
    mock::{Fault, SimulatedJob, SimulatedService},
    types::*,
};
use futures_util::TryStreamExt;
use http::header::CONTENT_TYPE;
use jiff::{Span, Timestamp};
use serde_json::{Value, json};
use std::{collections::BTreeMap, env, time::Duration};

/// What of the service is compared.
struct Subject {
    job: String,
    /// The CodeArts project whose jobs are listed.
    project: Option<String>,
    /// Whether builds are started, and stopped at once. Else nothing is changed.
    starts: bool,
}

/// The comparison of each operation.
struct Comparison {
    document: Value,
    client: Client,
    /// Without a document, so that it takes any JSON.
    raw: huaweicloud_core::Client,
    /// By the id of the operation. The error says why there is nothing to compare.
    found: BTreeMap<String, Result<Shape, String>>,
}

impl Comparison {
    async fn of(client: Client, subject: &Subject) -> Self {
        let document = openapi();
        let ids = operations(&document).map(|(_, _, it)| text(it, "operationId").unwrap());
        let found = ids.map(|id| (id.to_owned(), Err("not called".to_owned()))).collect();
        let raw = huaweicloud_core::Client::from(client.pipeline());
        let mut comparison = Self { document, client, raw, found };
        comparison.job(subject).await;
        comparison
    }

    async fn job(&mut self, subject: &Subject) {
        let job = ("job_id", &*subject.job);
        let time = |hours: i64| {
            let time = Timestamp::now().checked_add(Span::new().hours(hours)).unwrap();
            time.strftime("%Y-%m-%d %H:%M:%S").to_string()
        };
        // The time may be 31 days long. The zone is not known.
        let (start, end) = (time(-29 * 24), time(24));
        let query = [("start_time", &*start), ("end_time", &*end), ("page_size", "100")];
        let history = self.call("ListBuildInfoRecordByJobId", &[job], &query, None).await;
        let newest = |it: &Value| it.pointer("/result/job_build_states/0").cloned();
        let newest = history.as_ref().and_then(newest).unwrap_or_default();
        let mut build_no = number_at(&newest, &["/number"]);
        self.call("ShowRunningStatus", &[job], &[], None).await;
        match &subject.project {
            None => self.skip("ListProjectJobs", "CODEARTS_BUILD_LIVE_PROJECT names no project"),
            Some(project) => {
                let query = [("page_index", "0"), ("page_size", "100")];
                self.call("ListProjectJobs", &[("project_id", project)], &query, None).await;
            }
        }
        if subject.starts {
            for id in ["RunJob", "ExecuteJob"] {
                let started = self.start(id, job, json!({ "job_id": subject.job })).await;
                build_no = build_no.or(started);
            }
            match text(&newest, "commit_id") {
                None => self.skip("ExecuteAutoBuildJob", "the newest build has no commit"),
                Some(commit) => {
                    let mut event = json!({
                        "event_type": "push", "after": commit, "commits": [{ "id": commit }],
                    });
                    if let Some(branch) = text(&newest, "code_branch") {
                        event["ref"] = format!("refs/heads/{branch}").into();
                    }
                    self.start("ExecuteAutoBuildJob", job, event).await;
                }
            }
        } else {
            for id in ["RunJob", "ExecuteJob", "ExecuteAutoBuildJob", "StopTheJob"] {
                self.skip(id, "CODEARTS_BUILD_LIVE_START is not \"yes\"");
            }
        }
        match build_no {
            Some(build_no) => self.build(job, build_no).await,
            None => println!("The job has no build of the last 29 days to read."),
        }
    }

    /// Compares what can be read of a build.
    async fn build(&mut self, job: (&str, &str), build_no: u32) {
        let build_no = build_no.to_string();
        let build = [job, ("build_no", &*build_no)];
        self.call("ShowJobBuildRecordDetail", &build, &[], None).await;
        let record = self.call("ShowRecordDetail", &build, &[], None).await.unwrap_or_default();
        self.call("ShowNewOutput", &build, &[], None).await;
        self.call("DownloadRealTimeLog", &build, &[("offset", "0")], None).await;
        let record = record.get("result").unwrap_or(&record);
        if let Some(record_id) = text(record, "build_record_id") {
            let record_id = [("record_id", record_id)];
            self.call("ShowBuildRecordFullStages", &record_id, &[], None).await;
            self.call("DownloadBuildFullLog", &record_id, &[], None).await;
        }
    }

    /// Starts a build and stops it.
    async fn start(&mut self, id: &str, job: (&str, &str), body: Value) -> Option<u32> {
        let started = self.call(id, &[job], &[], Some(&body)).await?;
        let number = ["/actual_build_number", "/result/actual_build_number"];
        let Some(build_no) = number_at(&started, &number) else {
            println!("{id} gave no number. Look whether a build has to be stopped.");
            return None;
        };
        let body = json!({ "build_no": build_no });
        if self.call("StopTheJob", &[job], &[], Some(&body)).await.is_none() {
            println!("Build {build_no} was started by {id} and could not be stopped.");
        }
        Some(build_no)
    }

    fn skip(&mut self, id: &str, reason: &str) {
        self.found.insert(id.to_owned(), Err(format!("not called: {reason}")));
    }

    /// Calls an operation, compares its response with the document, and returns it. A response to an operation
    /// that was called before adds to what was found.
    async fn call(
        &mut self,
        id: &str,
        path: &[(&str, &str)],
        query: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Option<Value> {
        let mut shape = match self.found.remove(id) {
            Some(Ok(shape)) => shape,
            _ => Shape::default(),
        };
        let value = self.compared(&mut shape, id, path, query, body).await;
        let (value, found) = match value {
            Ok(value) => (Some(value), Ok(shape)),
            Err(error) => (None, Err(format!("failed: {error}"))),
        };
        self.found.insert(id.to_owned(), found);
        value
    }

    async fn compared(
        &self,
        shape: &mut Shape,
        id: &str,
        path: &[(&str, &str)],
        query: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Value, Error> {
        let mut all = operations(&self.document);
        let (template, method, operation) = all.find(|it| it.2["operationId"] == id).unwrap();
        let path = path.iter().fold(template.to_owned(), |path, (name, value)| {
            path.replace(&format!("{{{name}}}"), value)
        });
        let method = method.to_uppercase();
        let request = self.raw.request(&*method, &path);
        let mut request = query.iter().fold(request, |it, (name, value)| it.query(name, value));
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send_for_stream().await?;
        let sent = response.headers().get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
        let sent = sent.unwrap_or_default().split(';').next().unwrap_or_default().to_owned();
        let content = &operation["responses"]["200"]["content"];
        let documented = fields(content).next().map(|it| it.0.as_str()).unwrap_or_default();
        if !sent.is_empty() && !sent.eq_ignore_ascii_case(documented) {
            let difference = format!("the content type: {sent:?}, not {documented:?}");
            shape.differences.insert(difference);
        }
        let mut stream = response.into_inner();
        let Some(schema) = json_schema(&operation["responses"]["200"]) else {
            // A log. Its text has no shape.
            stream.try_next().await?;
            return Ok(Value::Null);
        };
        let mut text = Vec::new();
        while let Some(part) = stream.try_next().await? {
            text.extend_from_slice(&part);
        }
        let value = match serde_json::from_slice(&text) {
            Ok(value) => {
                shape.compare(&self.document, schema, &value, "");
                value
            }
            Err(_) if text.is_empty() && operation["x-empty-response"] == "success" => Value::Null,
            Err(error) => {
                shape.differences.insert(format!("the response: no JSON: {error}"));
                Value::Null
            }
        };
        // Whether the client accepts what it gets. What changes something is not called twice.
        if method == "GET" {
            let request = self.client.request(&*method, &path);
            let request = query.iter().fold(request, |it, (name, value)| it.query(name, value));
            if let Err(error) = request.send::<Value>().await {
                // Its text quotes the response.
                let difference = format!("the response: the client rejects it: {:?}", error.kind());
                shape.differences.insert(difference);
            }
        }
        Ok(value)
    }

    /// Prints what was found: of a response, names and types of fields, and unknown values of enums; of a call that
    /// failed, the error, with the message of the service.
    fn print(&self) {
        for (id, found) in &self.found {
            match found {
                Err(reason) => println!("{id}: {reason}"),
                Ok(shape) if shape.differences.is_empty() => println!("{id}: as documented"),
                Ok(shape) => {
                    println!("{id}: differs");
                    shape.differences.iter().for_each(|it| println!("  {it}"));
                }
            }
            let missing: Vec<_> = found.iter().flat_map(Shape::not_sent).map(|it| &**it).collect();
            if !missing.is_empty() {
                println!("  not sent: {}", missing.join(", "));
            }
        }
    }

    /// The operations whose responses differ from the document, or that failed.
    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        for (id, found) in &self.found {
            match found {
                Err(reason) if reason.starts_with("not called") => {}
                Err(reason) => problems.push(format!("{id}: {reason}")),
                Ok(shape) => {
                    problems.extend(shape.differences.iter().map(|it| format!("{id}: {it}")));
                }
            }
        }
        problems
    }

    fn not_called(&self) -> Vec<&str> {
        let is_called = |found: &Result<Shape, String>| {
            found.as_ref().err().is_none_or(|reason| !reason.starts_with("not called"))
        };
        self.found.iter().filter(|it| !is_called(it.1)).map(|(id, _)| &**id).collect()
    }
}

/// The number at the first of these places that has one, as a number or as a text.
fn number_at(value: &Value, places: &[&str]) -> Option<u32> {
    let found = places.iter().find_map(|place| value.pointer(place))?;
    match found {
        Value::String(text) => text.parse().ok(),
        number => number.as_u64()?.try_into().ok(),
    }
}

#[tokio::test]
#[ignore = "needs a credential and CODEARTS_BUILD_LIVE_JOB: see CONTRIBUTING.md"]
async fn the_service_responds_as_documented() {
    let variable = |name: &str| env::var(format!("CODEARTS_BUILD_LIVE_{name}")).ok();
    let job = variable("JOB").expect("CODEARTS_BUILD_LIVE_JOB must be the id of a job");
    BuildId::new(&job, 1).unwrap();
    let starts = variable("START").as_deref() == Some("yes");
    let subject = Subject { job, project: variable("PROJECT"), starts };
    let comparison = Comparison::of(Client::from_env().unwrap(), &subject).await;
    comparison.print();
    let problems = comparison.problems();
    assert!(problems.is_empty(), "the service differs from the document:\n{}", problems.join("\n"));
}

/// A service with a build that has ended.
async fn simulated() -> SimulatedService {
    let service = SimulatedService::start().await.unwrap();
    let job = SimulatedJob::new().runs_for(Duration::ZERO).ends(BuildStatus::Failure);
    service.add_job(JOB, job.with_error("no space left")).unwrap();
    let client = service.client().unwrap();
    let build = client.run_job(RunJobRequest::new(JOB).unwrap().with_commit(COMMIT)).await.unwrap();
    client.wait(&build).await.unwrap();
    service
}

async fn compared(service: &SimulatedService, starts: bool) -> Comparison {
    let subject = Subject { job: JOB.to_owned(), project: Some(PROJECT.to_owned()), starts };
    let comparison = Comparison::of(service.client().unwrap(), &subject).await;
    comparison.print();
    comparison
}

#[tokio::test(start_paused = true)]
async fn the_simulated_service_responds_as_documented() {
    let service = simulated().await;
    let comparison = compared(&service, true).await;
    assert_eq!(comparison.problems(), [""; 0]);
    assert_eq!(comparison.not_called(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_changed_unless_it_is_asked_for() {
    let service = simulated().await;
    let before = service.received().len();
    let comparison = compared(&service, false).await;
    assert!(service.received()[before..].iter().all(|request| request.method == "GET"));
    assert_eq!(
        comparison.not_called(),
        ["ExecuteAutoBuildJob", "ExecuteJob", "RunJob", "StopTheJob"]
    );
}

#[tokio::test(start_paused = true)]
async fn each_wrong_shape_is_found() {
    let service = simulated().await;
    let record = service.client().unwrap().record_info(JOB, 1).await.unwrap();
    let record = json!({ "status": "success", "result": {
        "build_record_id": record.build_record_id, "build_no": "1", "status": "EXPLODED",
        "duration": {}, "surprise": true,
    } });
    for (operation, status, body) in [
        ("ShowRecordDetail", 200, &*record.to_string()),
        ("ShowJobBuildRecordDetail", 200, r#"{"status":"success","result":{"branch":"master"}}"#),
        ("ShowRunningStatus", 200, "<html>"),
        ("ShowNewOutput", 404, r#"{"error_code":"APIGW.0101","error_msg":"no such API"}"#),
        ("StopTheJob", 200, "[]"),
    ] {
        let (operation, body) = (operation.to_owned(), body.to_owned());
        service.inject(Fault::Response { operation, status, body, lasting: Duration::MAX });
    }
    let problems = compared(&service, true).await.problems().join("\n");
    let expected = "\
ShowJobBuildRecordDetail: the response: the client rejects it: InvalidResponse
ShowNewOutput: failed: *404*APIGW.0101*
ShowRecordDetail: result.build_no: a text, not an integer (int32)
ShowRecordDetail: result.duration: an object, not an integer (int64)
ShowRecordDetail: result.status: the unknown value \"EXPLODED\"
ShowRecordDetail: result.surprise: undocumented, a boolean
ShowRunningStatus: the response: no JSON: *
ShowRunningStatus: the response: the client rejects it: InvalidResponse
StopTheJob: the response: a list, not an object";
    let lines: Vec<_> = problems.lines().collect();
    assert_eq!(lines.len(), expected.lines().count(), "{problems}");
    for (line, expected) in lines.iter().zip(expected.lines()) {
        let mut rest = *line;
        for part in expected.split('*') {
            let at = rest.find(part).unwrap_or_else(|| panic!("{line}\nis not\n{expected}"));
            rest = &rest[at + part.len()..];
        }
    }
}
