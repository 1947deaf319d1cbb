//! The operations, what is sent for each, and the responses of the server: the examples of the document.

use crate::support::wire;
use codearts_build::OPENAPI;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{borrow::Cow, sync::LazyLock};

pub const JOB: &str = "f9d6c8466d614a9788e9a0acf6c15f46";
pub const BUILD_NO: u32 = 532;
pub const AFTER: &str = "2fdc0170f0d540ae952c03ee6cabae3a8943d16a";
pub const BEFORE: &str = "5c749465b14af7368b09945ed56942d54bc0b40d";
pub const MESSAGE: &str = "Update README.md";
pub const REPOSITORY: (&str, &str) = ("Python2", "git@example.com:team/Python2.git");

#[derive(Clone, Copy, Serialize, Deserialize)]
pub enum Operation {
    RunJob,
    AutoExecute,
    RecordInfo,
}

impl Operation {
    pub const ALL: [Self; 3] = [Self::RunJob, Self::AutoExecute, Self::RecordInfo];

    pub fn name(self) -> &'static str {
        match self {
            Self::RunJob => "run_job",
            Self::AutoExecute => "auto_execute",
            Self::RecordInfo => "record_info",
        }
    }
}

/// The response of the server.
pub fn respond(path: &str) -> Cow<'static, [u8]> {
    static STARTED: LazyLock<Vec<u8>> = LazyLock::new(|| example("/v3/jobs/build", "post"));
    static RECORD: LazyLock<Vec<u8>> =
        LazyLock::new(|| example("/v4/jobs/{job_id}/{build_no}/record-info", "get"));
    let response = if path.starts_with("/v4") { &RECORD } else { &STARTED };
    Cow::Borrowed(response)
}

fn example(path: &str, method: &str) -> Vec<u8> {
    let document: Value = yaml_serde::from_str(OPENAPI).expect("is YAML");
    let response = &document["paths"][path][method]["responses"]["200"];
    let example = &response["content"]["application/json"]["example"];
    assert!(example.is_object(), "the document has an example");
    wire::response(200, "application/json", example.to_string().as_bytes())
}
