//! A simulated service (feature `simulation`), for tests and for trying things out.
//!
//! [`SimulatedService`] lets builds queue, run and end, stops them, shows their steps, logs, output and
//! history, and has faults that a test injects. With
//! `#[tokio::test(start_paused = true)]` a build of ten minutes takes milliseconds, over real HTTP:
//!
//! ```
//! use codearts_build::{simulation::{Fault, SimulatedJob, SimulatedService}, types::*};
//! use std::time::Duration;
//!
//! const JOB: &str = "f9d6c8466d614a9788e9a0acf6c15f46";
//!
//! // In your tests: #[tokio::test(start_paused = true)]
//! # let mut runtime = tokio::runtime::Builder::new_current_thread();
//! # let runtime = runtime.enable_all().start_paused(true).build()?;
//! # runtime.block_on(fails_after_ten_minutes_in_the_queue())?;
//! async fn fails_after_ten_minutes_in_the_queue() -> Result<(), Box<dyn std::error::Error>> {
//!     let service = SimulatedService::start().await?;
//!     let ten_minutes = Duration::from_secs(600);
//!     let job = SimulatedJob::new().queued_for(ten_minutes).ends(BuildStatus::Failure);
//!     service.add_job(JOB, job.with_error("no space left"))?;
//!     let second = Duration::from_secs(1);
//!     service.inject(Fault::Throttled { lasting: second, retry_after: Some(second) });
//!
//!     let client = service.client()?;
//!     let build = client.run_job(RunJobRequest::new(JOB)?).await?;
//!     let record = client.wait(&build).await?;
//!     assert_eq!(record.err_msg.as_deref(), Some("no space left"));
//!     Ok(())
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod build;
mod clock;
mod life;
mod server;
mod service;

pub use build::SimulatedJob;
pub use service::{Fault, ReceivedRequest, SimulatedService};
