//! What a simulated service tells of builds beside their records: history, steps, logs, output; and how it
//! stops one.

use super::build::Build;
use super::server::File;
use super::service::{Fault, Simulation, error, json};
use crate::types::{
    Artifact, BuildHistory, BuildOutput, BuildSteps, JobList, RealTimeLog, RunningStatus,
    StopRequest, build_id::BuildId,
};
use bytes::Bytes;
use http::{HeaderValue, Response, header};
use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::Offset};
use serde::Serialize;
use serde_json::json;
use std::{collections::HashMap, time::Duration};

/// The zone of the times in a query.
const ZONE: Offset = Offset::constant(8);
/// How long after a request to stop it a build ends.
const STOPS_WITHIN: Duration = Duration::from_millis(300);
const MAX_WINDOW: SignedDuration = SignedDuration::from_hours(31 * 24);

/// The parameters of a query.
pub(super) type Query = HashMap<String, String>;

impl Simulation {
    /// Stops a build after a while. Each second request gets an empty body.
    pub(super) fn stop(&mut self, job_id: &str, body: &[u8]) -> Response<Bytes> {
        let request: StopRequest = match serde_json::from_slice(body) {
            Ok(request) => request,
            Err(cause) => return error(400, "CB.00060200", &cause.to_string()),
        };
        let build = BuildId::new(job_id, request.build_no.get()).ok();
        let Some(build) = build.and_then(|id| self.builds.get_mut(&id)) else { return unknown() };
        if build.has_ended() {
            return error(400, "DEV.CB.032302", "the status has been refreshed");
        }
        let stops_after = build.age().saturating_add(STOPS_WITHIN);
        build.aborted.get_or_insert(stops_after);
        self.stops = self.stops.wrapping_add(1);
        match self.stops % 2 {
            0 => Response::new(Bytes::new()),
            _ => json(200, &json!({ "status": "success" })),
        }
    }

    pub(super) fn history(&self, job_id: &str, query: &Query) -> Response<Bytes> {
        let window = local_time(query, "start_time").zip(local_time(query, "end_time"));
        let Some((start, end)) = window.filter(|(start, end)| start <= end) else {
            return error(400, "CB.00060200", "start_time and end_time are malformed");
        };
        if end.duration_since(start) > MAX_WINDOW {
            return error(400, "CB.00031105", "the time is longer than 31 days");
        }
        let Some(mut builds) = self.builds_of(job_id) else { return unknown() };
        builds.retain(|build| (start..=end).contains(&build.time));
        let size = number(query, "page_size").unwrap_or(10).clamp(1, 100);
        let page = number(query, "page_index").unwrap_or_default();
        let shown = builds.iter().skip(page.saturating_mul(size)).take(size);
        good(BuildHistory {
            total_page: Some(builds.len().div_ceil(size).to_string()),
            job_build_states: shown.map(|it| it.summary()).collect(),
            ..BuildHistory::default()
        })
    }

    pub(super) fn running_status(&self, job_id: &str) -> Response<Bytes> {
        let Some(builds) = self.builds_of(job_id) else { return unknown() };
        let newest = builds.first();
        good(RunningStatus {
            last_build_no: newest.and_then(|build| Some(build.fixed.build_no?.to_string())),
            is_running: Some(builds.iter().any(|build| !build.has_ended())),
            ..RunningStatus::default()
        })
    }

    pub(super) fn steps(&self, record_id: &str) -> Response<Bytes> {
        let Some(build) = self.build_of(record_id) else { return unknown() };
        good(BuildSteps { build_stages: build.steps(), ..BuildSteps::default() })
    }

    pub(super) fn log(&mut self, record_id: &str) -> Response<Bytes> {
        let Some(build) = self.build_of(record_id) else { return unknown() };
        if build.never_runs() {
            return no_log();
        }
        let mut response = Response::new(build.log().into());
        let file = HeaderValue::from_static("application/octet-stream");
        response.headers_mut().insert(header::CONTENT_TYPE, file);
        let breaks_after = self.take_fault(|fault| match fault {
            Fault::BrokenLog { after } => Some(*after),
            _ => None,
        });
        response.extensions_mut().insert(File(breaks_after));
        response
    }

    /// A part of a log. Offsets count bytes, so that a part may end within a character.
    pub(super) fn real_time_log(
        &self,
        job_id: &str,
        build_no: &str,
        query: &Query,
    ) -> Response<Bytes> {
        let Some(build) = self.build(job_id, build_no) else { return unknown() };
        if build.never_runs() {
            return no_log();
        }
        let log = build.log();
        let start = number(query, "offset").unwrap_or_default().min(log.len());
        let length = number(query, "length").unwrap_or(1_000_000);
        let end = start.saturating_add(length).min(log.len());
        good(RealTimeLog {
            has_more_data: Some(end < log.len() || !build.has_ended()),
            current_offset: i32::try_from(start).ok(),
            offset: i32::try_from(end).ok(),
            content: log.get(start..end).map(|part| String::from_utf8_lossy(part).into_owned()),
            ..RealTimeLog::default()
        })
    }

    /// The jobs that were added. Every project has them.
    pub(super) fn job_list(&self, query: &Query) -> Response<Bytes> {
        let search = query.get("search").map(String::as_str).unwrap_or_default();
        let jobs = self.jobs.iter().map(|(id, job)| {
            let builds = self.builds_of(id).unwrap_or_default();
            job.listed(id, builds.first().copied())
        });
        let is_found = |name: &Option<String>| name.iter().any(|name| name.contains(search));
        let mut jobs: Vec<_> = jobs.filter(|job| is_found(&job.job_name)).collect();
        jobs.sort_by(|a, b| (&a.job_name, &a.id).cmp(&(&b.job_name, &b.id)));
        let size = number(query, "page_size").unwrap_or(10).clamp(1, 100);
        let page = number(query, "page_index").unwrap_or_default();
        let total = i32::try_from(jobs.len()).ok();
        let job_list = jobs.into_iter().skip(page.saturating_mul(size)).take(size).collect();
        good(JobList { total, job_list, ..JobList::default() })
    }

    pub(super) fn output(&self, job_id: &str, build_no: &str) -> Response<Bytes> {
        let Some(build) = self.build(job_id, build_no) else { return unknown() };
        let has_output = build.record().is_success();
        let version = &build.fixed.daily_build_num;
        let packages = build.job.artifacts.iter().filter(|_| has_output).map(|name| {
            let uri = version.as_ref().map(|version| format!("/simulated/{version}/{name}"));
            let package = Artifact { name: Some(name.clone()), uri, ..Artifact::default() };
            (name.clone(), package)
        });
        good(BuildOutput { package_infos: packages.collect(), ..BuildOutput::default() })
    }

    /// The builds of a job, newest first; none of a job that does not exist.
    fn builds_of(&self, job_id: &str) -> Option<Vec<&Build>> {
        self.knows(job_id).then(|| {
            let builds = self.builds.iter().rev().filter(|(id, _)| id.job_id() == job_id);
            builds.map(|(_, build)| build).filter(|build| !self.is_late(build)).collect()
        })
    }

    fn build_of(&self, record_id: &str) -> Option<&Build> {
        let is_of = |build: &&Build| build.fixed.build_record_id.as_deref() == Some(record_id);
        self.builds.values().find(is_of)
    }
}

/// A result in its envelope.
fn good(result: impl Serialize) -> Response<Bytes> {
    json(200, &json!({ "status": "success", "error": null, "result": result }))
}

fn unknown() -> Response<Bytes> {
    error(422, "DEVCB.00031006", "there is no such job or build")
}

fn no_log() -> Response<Bytes> {
    error(500, "CB.00030004", "the build has no log")
}

fn number(query: &Query, name: &str) -> Option<usize> {
    query.get(name)?.parse().ok()
}

fn local_time(query: &Query, name: &str) -> Option<Timestamp> {
    let time = DateTime::strptime("%Y-%m-%d %H:%M:%S", query.get(name)?).ok()?;
    ZONE.to_timestamp(time).ok()
}
