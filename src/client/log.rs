//! The log of a build.

use crate::client::Client;
use crate::types::build_id::BuildId;
use http::header::CONTENT_TYPE;
use huaweicloud_core::{ByteStream, Error};

impl Client {
    /// Downloads the whole log of a build: a stream of bytes, which is never in memory as a whole. A log may
    /// have any length, and a part of the stream may end within a character.
    ///
    /// ```no_run
    /// use codearts_build::{BuildId, Client};
    /// use futures_util::TryStreamExt;
    /// use std::io::Write;
    ///
    /// # async fn run(client: Client, build: BuildId) -> Result<(), Box<dyn std::error::Error>> {
    /// let mut log = client.log(&build).await?;
    /// let mut file = std::fs::File::create("build.log")?;
    /// while let Some(part) = log.try_next().await? {
    ///     file.write_all(&part)?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Call it when the build has ended: no source says whether the log is there before, and complete. It
    /// reads the record first, for the id of the record.
    ///
    /// API reference: "Downloading All Build Logs", `GET /v1/log/{record_id}/download-log`.
    ///
    /// # Errors
    ///
    /// Those of [`record_info`](Self::record_info). JSON in the place of the file is
    /// [`ErrorKind::Service`](crate::ErrorKind::Service) if it has an error code, else
    /// [`ErrorKind::InvalidResponse`](crate::ErrorKind::InvalidResponse). An error of the connection in the
    /// middle is an item of the stream, and ends it.
    pub async fn log(&self, build: impl AsRef<BuildId>) -> Result<ByteStream, Error> {
        let record_id = self.record_id(build.as_ref()).await?;
        let response = self.api.download_build_full_log().record_id(record_id).send().await?;
        let content_type = response.headers().get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
        if content_type.is_some_and(|it| it.to_ascii_lowercase().contains("json")) {
            return Err(response.invalid("JSON in the place of the log"));
        }
        Ok(response.into_inner())
    }
}
