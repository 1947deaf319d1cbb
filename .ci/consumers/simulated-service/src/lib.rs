//! What a user's service does.

use codearts_build::{Client, Error, types::RunJobRequest};

/// Builds a commit, and tells how that ended.
pub async fn deploy(client: &Client, job: &str, commit: &str) -> Result<String, Error> {
    let request = RunJobRequest::new(job)?.with_commit(commit);
    let build = match client.run_job(request).await {
        Err(error) if error.may_have_taken_effect() => return Ok("look at the job".into()),
        started => started?,
    };
    let record = client.wait(&build).await?;
    if record.is_success() {
        return Ok(format!("deployed {}", build.build_no()));
    }
    Ok(format!("{}: {}", record.status, record.err_msg.unwrap_or_default()))
}
