//! Stops a paused clock while a request is in flight.

use std::any::Any;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::runtime::Handle;

/// tokio's paused clock moves when no task can run, even if data is under way between two sockets. It does
/// not move while a blocking task runs. This runs one while requests are in flight, unless the service
/// delays all of them on purpose.
#[derive(Clone, Default)]
pub(super) struct Clock(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// How many requests are in flight and not delayed by the service.
    in_flight: isize,
    hold: Option<mpsc::Sender<()>>,
}

impl Clock {
    /// Counts a request as in flight until the result is dropped.
    pub(super) fn request(&self) -> Box<dyn Any + Send> {
        self.count(1)
    }

    /// Counts a request as delayed by the service until the result is dropped.
    pub(super) fn wait(&self) -> Box<dyn Any + Send> {
        self.count(-1)
    }

    fn count(&self, requests: isize) -> Box<dyn Any + Send> {
        self.add(requests);
        Box::new(Counted { clock: self.clone(), requests })
    }

    fn add(&self, requests: isize) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.in_flight = state.in_flight.saturating_add(requests);
        state.update();
    }
}

impl State {
    fn update(&mut self) {
        if self.in_flight <= 0 {
            self.hold = None;
            return;
        }
        // The task ends with its runtime. Then another runtime must run one.
        let is_held = self.hold.as_ref().is_some_and(|hold| hold.send(()).is_ok());
        if !is_held && let Ok(runtime) = Handle::try_current() {
            let (hold, held) = mpsc::channel();
            keep(runtime, held);
            self.hold = Some(hold);
        }
    }
}

/// Runs blocking tasks until the sender of the channel is dropped. Each one is short and starts the next
/// one, because a runtime that is dropped waits for its blocking tasks to end, but starts no new ones.
fn keep(runtime: Handle, held: mpsc::Receiver<()>) {
    runtime.clone().spawn_blocking(move || match held.recv_timeout(Duration::from_millis(20)) {
        Err(RecvTimeoutError::Disconnected) => {}
        Ok(()) | Err(RecvTimeoutError::Timeout) => keep(runtime, held),
    });
}

struct Counted {
    clock: Clock,
    requests: isize,
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.clock.add(self.requests.saturating_neg());
    }
}
