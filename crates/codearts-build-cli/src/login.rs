//! `login`: which credential is found where, and whether the service takes it.

use crate::{event::Event, failure::Failure, session::Session};
use codearts_build::Credential;
use serde::de::IgnoredAny;

/// What the providers give, by the name of each.
const NAMES: [(&str, &str); 8] = [
    ("Identity", "IAM token"),
    ("AccessKey", "access key"),
    ("PasswordLogin", "IAM user with a password"),
    ("OidcAgency", "agency with an ID token"),
    ("FederatedLogin", "federated user with an ID token"),
    ("PodIdentity", "pod identity"),
    ("Profile", "profile"),
    ("CredentialChain", "agency of the cloud server"),
];

pub(crate) async fn login(session: &Session<'_>) -> Result<(), Failure> {
    let found = session.credential.as_ref();
    let credential = found.map_or_else(|| "simulated".to_owned(), name);
    let origin = found.and_then(Credential::origin).map(str::to_owned);
    let endpoint = session.client.pipeline().endpoint().to_owned();
    if !session.output.is_json {
        let from = origin.iter().map(|origin| format!(", from {origin}")).collect::<String>();
        session.output.line(format_args!("credential  {credential}{from}"))?;
        session.output.line(format_args!("endpoint    {endpoint}"))?;
    }
    // All jobs of the user: a call for which nothing needs to be known.
    let call = session.client.request("GET", "/v1/job/list");
    let _: IgnoredAny = call.query("page_index", "0").query("page_size", "1").send().await?;
    let event = Event::Credential { credential, origin, endpoint };
    Ok(session.output.result(&event, "service     takes the credential")?)
}

fn name(credential: &Credential) -> String {
    let shown = format!("{credential:?}");
    let provider = shown.trim_start_matches("Credential(").trim_end_matches(')');
    let known = NAMES.iter().find(|(name, _)| *name == provider);
    known.map_or(provider, |(_, name)| name).to_owned()
}
