//! What a command works with: the client of a real or a simulated service.

use crate::{arguments::*, exit::Failure, output::Output, process::Interrupts, simulate};
use codearts_build::{Client, ClientBuilder, Credential, Service, simulation::SimulatedService};
use futures_util::StreamExt;
use tokio::sync::Mutex;

pub(crate) struct Session<'a> {
    pub(crate) client: Client,
    pub(crate) output: &'a Output,
    /// What the environment named.
    pub(crate) credential: Option<Credential>,
    interrupts: Mutex<Interrupts>,
    settings: &'a Settings,
    /// It ends with the command.
    _simulated: Option<SimulatedService>,
}

impl<'a> Session<'a> {
    pub(crate) async fn open(
        Arguments { settings, command }: &'a Arguments,
        output: &'a Output,
        interrupts: Interrupts,
        client: Option<ClientBuilder>,
    ) -> Result<Self, Failure> {
        let (mut simulated, mut credential) = (None, None);
        let mut builder = match (settings.simulate, client) {
            (Some(scenario), _) => {
                simulated.insert(simulate::service(scenario, command).await?).client_builder()
            }
            (None, Some(builder)) => builder,
            (None, None) => {
                credential = Some(Credential::from_env(Client::INFO)?);
                ClientBuilder::from_env()?
            }
        };
        if simulated.is_none() {
            builder = settings.region.iter().fold(builder, |it, region| it.region(region.as_str()));
            builder = settings.endpoint.iter().fold(builder, |it, url| it.endpoint(url));
        }
        let (client, interrupts) = (builder.build()?, interrupts.into());
        Ok(Self { client, output, credential, interrupts, settings, _simulated: simulated })
    }

    /// Waits for Ctrl-C or SIGTERM.
    pub(crate) async fn interrupted(&self) {
        if self.interrupts.lock().await.next().await.is_none() {
            std::future::pending().await
        }
    }

    /// A command line with the settings of this one.
    pub(crate) fn command_line(&self, command: &str) -> String {
        let region = self.settings.region.iter().map(|region| format!(" --region {region}"));
        let endpoint = self.settings.endpoint.iter().map(|url| format!(" --endpoint {url}"));
        format!("codearts-build {command}{}", region.chain(endpoint).collect::<String>())
    }
}
