//! What a build has produced.

use crate::client::Client;
use crate::types::{Artifact, build_id::BuildId};
use huaweicloud_core::Error;
use std::collections::BTreeMap;

impl Client {
    /// Reads what a build has produced: its packages, then its images, each in the order of their names. The
    /// service has no link to download them; `uri` is the path in the release repository of CodeArts
    /// Artifact.
    ///
    /// API reference: "Obtaining Information About Build Outputs",
    /// `GET /v1/job/{job_id}/{build_no}/output`.
    ///
    /// # Errors
    ///
    /// Those of [`record_info`](Self::record_info).
    pub async fn artifacts(&self, build: impl AsRef<BuildId>) -> Result<Vec<Artifact>, Error> {
        let BuildId { job_id, build_no } = build.as_ref().clone();
        let call = self.api.show_new_output().job_id(job_id).build_no(build_no);
        let output = call.send().await?.into_inner().result.unwrap_or_default();
        let mut artifacts: Vec<_> = output.package_info.into_iter().collect();
        for named in [output.package_infos, output.image_infos] {
            for (name, mut artifact) in named.into_iter().collect::<BTreeMap<_, _>>() {
                artifact.name.get_or_insert(name);
                // The first package may be among the named ones.
                if !artifacts.contains(&artifact) {
                    artifacts.push(artifact);
                }
            }
        }
        Ok(artifacts)
    }
}
