//! Receives the push webhooks of CodeArts Repo, GitLab, GitHub and Gitee, starts one build for each push
//! and follows it.
//!
//! The environment names
//! - `WEBHOOK_JOB`: the id of the build job, on the service that `Client::from_env` finds; without it,
//!   the builds run on a simulated service on this machine;
//! - `WEBHOOK_SECRET`: the secret that is set at the code platform; `simulated` on the simulated service;
//! - `WEBHOOK_TAGS`: if it is set, tags are built too;
//! - `WEBHOOK_EMPTY_PUSHES`: if it is set, branches without new commits are built too;
//! - `WEBHOOK_ADDRESS`: where to listen, `127.0.0.1:3000` by default.

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, StatusCode},
    routing::post,
};
use codearts_build::{
    Client, Error, PushEvent, StartedBuild, WebhookSecret,
    push_webhook::{self, ErrorKind},
    simulation::SimulatedService,
    types::AutoExecuteRequest,
};
use std::{
    collections::VecDeque,
    env,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{net::TcpListener, sync::OnceCell};

/// How many pushes are remembered. A service that restarts would keep their keys in a database.
const MAX_PUSHES: usize = 10_000;

struct Receiver {
    client: Client,
    job: String,
    secret: WebhookSecret,
    builds_tags: bool,
    builds_empty_pushes: bool,
    /// The newest pushes, each with its idempotency key.
    pushes: Mutex<VecDeque<(String, Arc<Start>)>>,
}

/// The start of a build. It stays empty as long as nothing can have been started.
type Start = OnceCell<Result<StartedBuild, Error>>;
type Response = (StatusCode, String);

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let service;
    let (client, job, secret) = match env::var("WEBHOOK_JOB") {
        Ok(job) => (Client::from_env()?, job, env::var("WEBHOOK_SECRET")?),
        Err(_) => {
            service = SimulatedService::start().await?;
            let job = "f9d6c8466d614a9788e9a0acf6c15f46".to_owned();
            (service.client()?, job, env::var("WEBHOOK_SECRET").unwrap_or("simulated".into()))
        }
    };
    let receiver = Receiver {
        client,
        job,
        secret: WebhookSecret::new(secret)?,
        builds_tags: env::var_os("WEBHOOK_TAGS").is_some(),
        builds_empty_pushes: env::var_os("WEBHOOK_EMPTY_PUSHES").is_some(),
        pushes: Mutex::default(),
    };
    let router = Router::new()
        .route("/", post(receive))
        // A larger body gets status 413.
        .layer(DefaultBodyLimit::max(PushEvent::MAX_BODY_BYTES))
        .with_state(Arc::new(receiver));
    let address = env::var("WEBHOOK_ADDRESS").unwrap_or("127.0.0.1:3000".into());
    let listener = TcpListener::bind(address).await?;
    println!("Listening on http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, router).await?)
}

/// Handles a webhook.
async fn receive(
    State(receiver): State<Arc<Receiver>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Response> {
    receiver.secret.verify(&headers, &body).map_err(invalid)?;
    let event = PushEvent::from_webhook(&headers, &body).map_err(invalid)?;
    let event =
        event.with_tags(receiver.builds_tags).with_empty_pushes(receiver.builds_empty_pushes);
    let request = AutoExecuteRequest::try_from(&event)
        .map_err(|reason| (StatusCode::OK, format!("Nothing to build: {reason}\n")))?;
    // In a task of its own, because this function is dropped when the platform closes the connection.
    let start = tokio::spawn(receiver.start(event.idempotency_key(), request));
    match start.await.map_err(|panic| (StatusCode::INTERNAL_SERVER_ERROR, panic.to_string()))? {
        (Ok(build), true) => {
            Ok((StatusCode::ACCEPTED, format!("Started build {}\n", build.build_no())))
        }
        (Ok(build), false) => {
            Ok((StatusCode::OK, format!("Build {} was started before\n", build.build_no())))
        }
        (Err(error), _) if error.is_transient() => {
            Err((StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n")))
        }
        (Err(error), _) => Err((StatusCode::BAD_GATEWAY, format!("{error}\n"))),
    }
}

fn invalid(error: push_webhook::Error) -> Response {
    let status = match error.kind() {
        ErrorKind::NotAuthentic => StatusCode::UNAUTHORIZED,
        ErrorKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        _ => StatusCode::BAD_REQUEST,
    };
    (status, format!("{error}\n"))
}

impl Receiver {
    /// Starts the build of a push, unless an earlier delivery may have started it. Returns also whether this
    /// delivery started it.
    async fn start(
        self: Arc<Self>,
        key: String,
        request: AutoExecuteRequest,
    ) -> (Result<StartedBuild, Error>, bool) {
        let push = self.push(key);
        let mut is_first = false;
        let outcome = push.get_or_try_init(async || {
            is_first = true;
            match self.client.auto_execute(&self.job, request).await {
                Ok(build) => {
                    tokio::spawn(follow(self.client.clone(), build.clone()));
                    Ok(Ok(build))
                }
                // The next delivery may start another build only if it is certain that this one did not.
                Err(error) if error.may_have_taken_effect() => Ok(Err(error)),
                Err(error) => Err(error),
            }
        });
        let outcome = outcome.await.and_then(Clone::clone);
        (outcome, is_first)
    }

    /// Finds a push by its key, or remembers it.
    fn push(&self, key: String) -> Arc<Start> {
        let mut pushes = self.pushes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, push)) = pushes.iter().find(|(known, _)| *known == key) {
            return push.clone();
        }
        if pushes.len() == MAX_PUSHES {
            pushes.pop_front();
        }
        let push = Arc::new(Start::new());
        pushes.push_back((key, push.clone()));
        push
    }
}

/// Follows a build to its end.
async fn follow(client: Client, build: StartedBuild) {
    match client.wait(&build).await {
        Ok(record) if record.is_success() => println!("Build {} succeeded", build.build_no()),
        Ok(_) => println!("Build {} did not succeed", build.build_no()),
        Err(error) => eprintln!("Build {}: {error}", build.build_no()),
    }
}
