//! One module for each promise of the crate.

mod simulated_service;
mod support;

mod access_keys;
mod any_request;
mod api_versions;
mod build_ids;
mod cancellation;
mod conclusions;
#[cfg(target_os = "linux")]
mod connect_timeout;
mod connection_errors;
mod connection_reuse;
mod contract;
mod credential_providers;
mod endpoints;
mod environment;
mod examples;
mod fakes;
mod faults;
mod following_logs;
mod history;
#[cfg(feature = "http2")]
mod http2;
mod iam_errors;
mod id_tokens;
mod invalid_arguments;
mod invalid_credentials;
mod job_lists;
#[cfg(feature = "schemars")]
mod json_schema;
mod judgement;
mod lenient_decoding;
mod live;
mod logs;
mod made_up_responses;
mod no_panics;
mod password_login;
mod proxies;
// The snapshot lists derived traits too, and `JsonSchema` is one of them.
#[cfg(feature = "schemars")]
mod public_api;
mod redirects;
mod retries;
mod runtimes;
mod secrets;
mod signature_verifier;
mod steps;
mod stopping;
mod thread_safety;
mod timeouts;
mod tls;
mod traces;
mod unknown_outcomes;
mod watch;
#[cfg(feature = "webhooks")]
mod webhooks;
