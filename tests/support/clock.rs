//! Time that the test moves, with real sockets.

use super::broken::Broken;
use std::{sync::mpsc, time::Duration};

/// Time that stands still until it is moved. While it exists, tokio does not move time on its own
/// whenever a request waits for its answer.
pub struct Clock {
    _hold: mpsc::Sender<()>,
}

impl Clock {
    pub fn stop() -> Self {
        tokio::time::pause();
        let (hold, held) = mpsc::channel::<()>();
        tokio::task::spawn_blocking(move || held.recv().ok());
        Self { _hold: hold }
    }

    /// Runs a future to its end. Time moves on by steps, each after the server has had time to
    /// answer what was asked before it.
    pub async fn run<T: Send + 'static>(
        &self,
        future: impl Future<Output = T> + Send + 'static,
    ) -> T {
        let task = tokio::spawn(future);
        while !task.is_finished() {
            for _ in 0..20 {
                tokio::task::yield_now().await;
                std::thread::sleep(Duration::from_micros(200));
            }
            tokio::time::advance(Duration::from_millis(50)).await;
        }
        task.await.unwrap()
    }

    /// Runs a future to its end. Time moves on by a step whenever the server lets the caller wait,
    /// and hardly at all otherwise, so that no machine is too slow to answer in time.
    pub async fn run_waiting<T: Send + 'static>(
        &self,
        server: &mut Broken,
        step: Duration,
        future: impl Future<Output = T> + Send + 'static,
    ) -> T {
        let task = tokio::spawn(future);
        while !task.is_finished() {
            tokio::task::yield_now().await;
            std::thread::sleep(Duration::from_micros(200));
            // The millisecond lets short pauses pass.
            let step = if server.lets_wait() { step } else { Duration::from_millis(1) };
            tokio::time::advance(step).await;
        }
        task.await.unwrap()
    }
}
