//! The profile file of the official SDKs: INI, of which the section `[basic]` matters.

use crate::auth::AccessKey;
use crate::credential::{
    file,
    login::FederatedLogin,
    oidc::IdToken,
    provider::{Credential, CredentialContext, CredentialFuture, CredentialProvider},
};
use crate::error::Error;
use std::path::{Path, PathBuf};
use std::{collections::HashMap, env, fs, io};

const SECTION: &str = "basic";
/// The variable that names the home folder.
const HOME: &str = if cfg!(windows) { "USERPROFILE" } else { "HOME" };

/// A profile file of the official SDKs: INI, whose section `[basic]` holds an access key (`ak`, `sk`,
/// `security_token`, `project_id`, `iam_endpoint`) or a federated user (`idp_id`, `id_token_file`,
/// `project_id`, `iam_endpoint`). Without that section there is no credential here.
#[derive(Clone, Debug)]
#[must_use]
pub struct Profile {
    pub(super) path: PathBuf,
    /// Whether the file must be there.
    is_named: bool,
}

impl Profile {
    /// A file, which must be there.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), is_named: true }
    }

    /// `~/.huaweicloud/credentials`. If it is not there, there is no credential here.
    pub fn home() -> Self {
        let home = env::var_os(HOME).filter(|home| !home.is_empty());
        let home = PathBuf::from(home.unwrap_or("~".into()));
        Self { path: home.join(".huaweicloud/credentials"), is_named: false }
    }

    /// The credential of the file; nothing if there is no file or it has no such section.
    pub(super) fn read(&self) -> Result<Option<Credential>, Error> {
        let path = &self.path;
        // What is there and cannot be read is an error: the next provider would be another identity.
        let is_missing = |cause: io::Error| cause.kind() == io::ErrorKind::NotFound;
        let is_absent = || fs::symlink_metadata(path).is_err_and(is_missing);
        // `~` stands for a home folder that nobody knows.
        if !self.is_named && (path.starts_with("~") || is_absent()) {
            return Ok(None);
        }
        let text = file::read("profile", path)?;
        #[cfg(unix)]
        warn_if_others_can_read(path);

        // Read by hand, because INI libraries leave copies of the secrets behind.
        let section = |line: &str| {
            let (name, _) = line.strip_prefix('[')?.split_once(']')?;
            Some(name.trim() == SECTION)
        };
        let mut lines = text.lines().map(str::trim);
        if !lines.any(|line| section(line) == Some(true)) {
            return Ok(None);
        }
        let lines = lines.take_while(|line| section(line).is_none());
        let lines = lines.filter(|line| !line.starts_with(['#', ';']));
        // As the vendor's reader takes them.
        let fields = lines.filter_map(|line| line.split_once(['=', ':']));
        let fields = fields.map(|(key, value)| (key.trim().to_ascii_lowercase(), value.trim()));
        let credential = of_fields(&fields.collect());
        credential.map(Some).map_err(|error| error.prefixed(&format!("profile {}", path.display())))
    }
}

impl CredentialProvider for Profile {
    fn provide<'a>(&'a self, context: &'a CredentialContext) -> CredentialFuture<'a> {
        Box::pin(async {
            let none = || format!("the profile {} has no [{SECTION}]", self.path.display());
            let found = self.read()?.ok_or_else(|| Error::no_credential_here(none()))?;
            found.provide(context).await
        })
    }

    fn check(&self, context: &CredentialContext) -> Result<(), Error> {
        self.read()?.map_or(Ok(()), |found| found.check(context))
    }
}

/// The credential of the section, by the names of its fields.
fn of_fields(fields: &HashMap<String, &str>) -> Result<Credential, Error> {
    let get = |key: &str| fields.get(key).map(|it| without_quotes(it)).filter(|it| !it.is_empty());
    let needed = |key: &str| {
        let missing = || Error::credential(format!("[basic] has no {key}"));
        get(key).map(str::to_owned).ok_or_else(missing)
    };
    let mut credential = if get("idp_id").or(get("id_token_file")).is_some() {
        let token = IdToken::file(needed("id_token_file")?);
        FederatedLogin::new(needed("idp_id")?, token)?.into()
    } else {
        let mut key = AccessKey::named([("ak", needed("ak")?), ("sk", needed("sk")?)])?;
        if let Some(token) = get("security_token") {
            key = key.with_security_token(token)?;
        }
        Credential::from(key)
    };
    let iam = get("iam_endpoint").map(|url| ("iam_endpoint of the profile", url.to_owned()));
    credential.project.iam_endpoint = iam;
    match get("project_id") {
        Some(id) => credential.with_project_id(id),
        None => Ok(credential),
    }
}

fn without_quotes(value: &str) -> &str {
    let within = |quote| value.strip_prefix(quote)?.strip_suffix(quote);
    within('"').or_else(|| within('\'')).unwrap_or(value)
}

#[cfg(unix)]
fn warn_if_others_can_read(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).map(|file| file.permissions().mode()).unwrap_or_default();
    if mode & 0o077 != 0 {
        tracing::warn!(path = %path.display(), "others can read this profile; `chmod 600` it");
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::{os::unix::fs::PermissionsExt, sync::Arc};

    /// Whoever can read a profile can call in its owner's name.
    #[test]
    fn a_profile_that_others_can_read_is_worth_a_warning() {
        let path = std::env::temp_dir().join(format!("codearts-build-{}", std::process::id()));
        let log_path = path.with_extension("log");
        fs::write(&path, "[basic]\nak = AK\nsk = canary\n").unwrap();
        for (mode, warned) in [(0o600, false), (0o640, true), (0o604, true)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let log = Arc::new(fs::File::create(&log_path).unwrap());
            let subscriber = tracing_subscriber::fmt().with_writer(log).finish();
            tracing::subscriber::with_default(subscriber, || Profile::new(&path).read().unwrap());
            let log = fs::read_to_string(&log_path).unwrap();
            assert_eq!(log.contains("others can read this profile"), warned, "{log}");
            assert!(!log.contains("canary"), "{log}");
        }
        fs::remove_file(path).unwrap();
        fs::remove_file(log_path).unwrap();
    }
}
