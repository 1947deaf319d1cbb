//! What the benchmarks share.

pub mod server;
pub mod wire;

use rustix::time::{ClockId, clock_gettime};
use std::{error::Error as StdError, time::Duration};

pub type Result<T = ()> = std::result::Result<T, Box<dyn StdError + Send + Sync>>;

/// How a benchmark is to be run.
pub struct Run<'a> {
    pub quick: bool,
    only: Vec<&'a str>,
}

impl<'a> Run<'a> {
    /// Reads the command line. Prints the help and gives nothing if it asks for no run.
    pub fn of(arguments: &[&'a str], help: &str) -> Option<Self> {
        let (options, only): (Vec<_>, Vec<_>) =
            arguments.iter().partition(|argument| argument.starts_with("--"));
        // `cargo bench` adds it. `cargo test --all-targets` does not, and must not measure.
        let bench = options.contains(&"--bench");
        if !bench || !options.iter().all(|it| ["--bench", "--quick"].contains(it)) {
            println!("{help}");
            return None;
        }
        Some(Self { quick: options.contains(&"--quick"), only })
    }

    /// Whether a part is to be run: the command line names it, or none.
    pub fn wants(&self, part: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|it| part.contains(it))
    }
}

/// The CPU time that this thread has used.
pub fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).expect("a CPU time is not negative")
}

/// The value below which this share of the values lies.
pub fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[((sorted.len() - 1) as f64 * share).round() as usize]
}

pub fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}
