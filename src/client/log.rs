//! The log of a build.

use crate::client::Client;
use crate::types::build_id::BuildId;
use futures_util::TryStreamExt;
use http::header::CONTENT_TYPE;
use huaweicloud_core::{ByteStream, Error};

/// How much of the end of a log is kept, in bytes.
const END: usize = 64 * 1024;

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

    /// Downloads the log of a build, and returns its last lines, of the last 64 KiB at most. What is not UTF-8 is
    /// replaced.
    ///
    /// ```no_run
    /// # async fn run(client: codearts_build::Client) -> Result<(), codearts_build::Error> {
    /// let build = client.latest_build("f9d6c8466d614a9788e9a0acf6c15f46").await?.expect("a build");
    /// for line in client.log_end(&build, 20).await? {
    ///     println!("{line}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`log`](Self::log).
    pub async fn log_end(
        &self,
        build: impl AsRef<BuildId>,
        max_lines: usize,
    ) -> Result<Vec<String>, Error> {
        let (mut log, mut end) = (self.log(build).await?, Vec::new());
        while let Some(part) = log.try_next().await? {
            end.extend_from_slice(&part);
            end.drain(..end.len().saturating_sub(END));
        }
        let mut lines: Vec<_> = String::from_utf8_lossy(&end).lines().map(str::to_owned).collect();
        lines.drain(..lines.len().saturating_sub(max_lines));
        Ok(lines)
    }
}
