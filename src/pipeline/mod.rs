//! The one path of every request, called by the hooks of the generated code for each operation of the
//! document alike: authenticate, send, read, interpret, retry, trace.

mod body;
mod hooks;
mod http_clients;
mod interpret;
mod judge;
pub(crate) mod retry;
mod send;
mod service_error;
mod trace;

pub(crate) use body::read;
pub(crate) use hooks::Pipeline;
pub(crate) use http_clients::HttpClients;
pub(crate) use interpret::date;
pub use retry::RetryPolicy;
pub(crate) use send::{InFlight, Sender};
