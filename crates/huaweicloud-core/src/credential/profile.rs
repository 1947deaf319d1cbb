//! The profile file of the official SDKs: INI, of which the section `[basic]` matters.

use crate::auth::{AccessKey, NamedUrl, project_id};
use crate::credential::{federation::FederatedLogin, file, iam::Login, provider::Credential};
use crate::error::{Error, ErrorKind};
use std::{collections::HashMap, path::Path};

const SECTION: &str = "basic";

/// The credential of a profile file; nothing if the file has no such section. `iam` is where IAM is if
/// the file does not say so.
pub(super) fn read(path: &Path, iam: Option<NamedUrl>) -> Result<Option<Credential>, Error> {
    let text = file::read("profile", path)?;
    #[cfg(unix)]
    warn_if_others_can_read(path);

    // Read by hand, because INI libraries leave copies of the secrets behind.
    let mut section = "";
    let mut basic = None;
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with(['#', ';'])) {
        if let Some((name, _)) = line.strip_prefix('[').and_then(|line| line.split_once(']')) {
            section = name.trim();
        }
        if section == SECTION {
            let fields = basic.get_or_insert_with(HashMap::new);
            // As the vendor's reader takes them.
            let field = line.split_once(['=', ':']);
            fields.extend(field.map(|(key, value)| {
                (key.trim().to_ascii_lowercase(), without_quotes(value.trim()))
            }));
        }
    }
    let Some(fields) = basic else { return Ok(None) };
    let credential = of_fields(&fields, iam);
    Ok(Some(credential.map_err(|error| error.prefixed(&format!("profile {}", path.display())))?))
}

fn without_quotes(value: &str) -> &str {
    let within = |quote| value.strip_prefix(quote)?.strip_suffix(quote);
    within('"').or_else(|| within('\'')).unwrap_or(value)
}

fn of_fields(fields: &HashMap<String, &str>, iam: Option<NamedUrl>) -> Result<Credential, Error> {
    let get = |key: &str| fields.get(key).copied().filter(|value| !value.is_empty());
    let needed = |key: &str| {
        let missing = || Error::new(ErrorKind::Credential, format!("[basic] has no {key}"));
        get(key).map(str::to_owned).ok_or_else(missing)
    };
    let named = get("iam_endpoint").map(|url| ("iam_endpoint of the profile", url.to_owned()));
    let iam_endpoint = named.or(iam);
    let project_id = get("project_id").map(|id| project_id(id.to_owned())).transpose()?;
    if get("idp_id").or(get("id_token_file")).is_some() {
        let (identity_provider, token_file) = (needed("idp_id")?, needed("id_token_file")?.into());
        let login = Login { project: project_id.map(|id| ("id", id)), iam_endpoint };
        return Ok(FederatedLogin { identity_provider, token_file, login }.into());
    }
    let mut key = AccessKey::named(["ak", "sk"], needed("ak")?, needed("sk")?)?;
    if let Some(token) = get("security_token") {
        key = key.with_security_token(token)?;
    }
    Ok(AccessKey { project_id, iam_endpoint, ..key }.into())
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
    use std::{fs, os::unix::fs::PermissionsExt, sync::Arc};

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
            tracing::subscriber::with_default(subscriber, || read(&path, None).unwrap());
            let log = fs::read_to_string(&log_path).unwrap();
            assert_eq!(log.contains("others can read this profile"), warned, "{log}");
            assert!(!log.contains("canary"), "{log}");
        }
        fs::remove_file(path).unwrap();
        fs::remove_file(log_path).unwrap();
    }
}
