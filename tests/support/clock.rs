//! Time that a test moves, with real sockets.

use super::faulty_server::FaultyServer;
use std::{sync::mpsc, thread, time::Duration};

/// Stops time until a test moves it. tokio's paused clock moves by itself when a call waits for a response.
/// While a `Clock` exists, it does not.
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

    /// Runs a future to its end. Time moves by steps that leave the server time to respond.
    pub async fn run<T: Send + 'static>(
        &self,
        future: impl Future<Output = T> + Send + 'static,
    ) -> T {
        let task = tokio::spawn(future);
        while !task.is_finished() {
            for _ in 0..20 {
                let_others_run().await;
            }
            tokio::time::advance(Duration::from_millis(50)).await;
        }
        task.await.unwrap()
    }

    /// Runs a future to its end. Time moves by a step when the server is silent, and by a millisecond
    /// otherwise, so that no machine is too slow to respond in time.
    pub async fn run_silent<T: Send + 'static>(
        &self,
        server: &mut FaultyServer,
        step: Duration,
        future: impl Future<Output = T> + Send + 'static,
    ) -> T {
        let task = tokio::spawn(future);
        while !task.is_finished() {
            let_others_run().await;
            // The millisecond lets a short backoff pass.
            let step = if server.is_silent() { step } else { Duration::from_millis(1) };
            tokio::time::advance(step).await;
        }
        task.await.unwrap()
    }
}

/// Lets the other tasks of this runtime and the threads of the servers run.
pub async fn let_others_run() {
    tokio::task::yield_now().await;
    thread::sleep(Duration::from_micros(200));
}
