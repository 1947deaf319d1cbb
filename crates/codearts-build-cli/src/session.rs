//! The client of a command, and what it prints to.

use crate::{
    arguments::{Arguments, Settings},
    failure::Failure,
    output::Output,
    simulate,
};
use codearts_build::{
    BuildId, Client, ClientBuilder, Credential, Service, simulation::SimulatedService,
};

/// What a command works with.
pub(crate) struct Session<'a> {
    pub(crate) client: Client,
    pub(crate) output: &'a Output,
    /// The credential and where it was found, if the environment named it.
    pub(crate) credential: Option<Credential>,
    settings: &'a Settings,
    /// The service of `--simulate` ends with the command.
    _service: Option<SimulatedService>,
}

impl<'a> Session<'a> {
    pub(crate) async fn open(
        arguments: &'a Arguments,
        output: &'a Output,
        builder: Option<ClientBuilder>,
    ) -> Result<Self, Failure> {
        let settings = &arguments.settings;
        let (mut service, mut credential) = (None, None);
        let mut builder = match (&settings.simulate, builder) {
            (Some(scenario), _) => {
                let simulated = simulate::service(*scenario, &arguments.command).await?;
                service.insert(simulated).client_builder()
            }
            (None, Some(builder)) => builder,
            (None, None) => {
                credential = Some(Credential::from_env(Client::INFO)?);
                ClientBuilder::from_env()?
            }
        };
        if service.is_none() {
            if let Some(region) = &settings.region {
                builder = builder.region(region.as_str());
            }
            if let Some(endpoint) = &settings.endpoint {
                builder = builder.endpoint(endpoint);
            }
        }
        let client = builder.build()?;
        Ok(Self { client, output, credential, settings, _service: service })
    }

    /// The command line that follows builds again.
    pub(crate) fn wait_again(&self, builds: &[BuildId]) -> String {
        let builds: Vec<_> = builds.iter().map(ToString::to_string).collect();
        self.command_line(&format!("wait {}", builds.join(" ")))
    }

    /// A command line with the settings of this one.
    pub(crate) fn command_line(&self, command: &str) -> String {
        let mut line = format!("codearts-build {command}");
        let settings = [("region", &self.settings.region), ("endpoint", &self.settings.endpoint)];
        for (name, value) in settings {
            line.extend(value.iter().map(|value| format!(" --{name} {value}")));
        }
        line
    }
}
