//! The profile file of the official SDKs: INI, of which the section `[basic]` matters.

use crate::auth::AccessKey;
use crate::error::{Error, ErrorKind};
use std::{collections::HashMap, fs, path::Path};
use zeroize::Zeroizing;

const SECTION: &str = "basic";

/// The access key of a profile file; nothing if the file has no such section.
pub(super) fn read(path: &Path) -> Result<Option<AccessKey>, Error> {
    let shown = path.display();
    let failed = |what: &str| Error::new(ErrorKind::Credential, format!("profile {shown}: {what}"));
    let text =
        fs::read_to_string(path).map_err(|cause| failed("cannot be read").with_source(cause))?;
    let text = Zeroizing::new(text);
    warn_if_others_can_read(path);

    // Read by hand, because INI libraries leave copies of the secrets behind.
    let mut section = "";
    let mut basic = None;
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with(['#', ';'])) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = name.trim();
        }
        if section == SECTION {
            let fields = basic.get_or_insert_with(HashMap::new);
            fields.extend(line.split_once('=').map(|(key, value)| (key.trim(), value.trim())));
        }
    }
    let Some(fields) = basic else { return Ok(None) };
    let get = |key: &str| fields.get(key).copied().filter(|value| !value.is_empty());
    let ak = get("ak").ok_or_else(|| failed("[basic] has no ak"))?;
    let sk = get("sk").ok_or_else(|| failed("[basic] has no sk"))?;
    let prefixed = |error: Error| error.prefixed(&format!("profile {shown}"));
    let mut key = AccessKey::named(["ak", "sk"], ak.into(), sk.into()).map_err(prefixed)?;
    if let Some(token) = get("security_token") {
        key = key.with_security_token(token).map_err(prefixed)?;
    }
    if let Some(id) = get("project_id") {
        key = key.with_project_id(id).map_err(prefixed)?;
    }
    if let Some(url) = get("iam_endpoint") {
        key = key.with_named_iam_endpoint("iam_endpoint of the profile", url.to_owned());
    }
    Ok(Some(key))
}

#[cfg(unix)]
fn warn_if_others_can_read(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path).map(|file| file.permissions().mode()).unwrap_or_default();
    if mode & 0o077 != 0 {
        tracing::warn!(path = %path.display(), "others can read this profile; `chmod 600` it");
    }
}

#[cfg(not(unix))]
fn warn_if_others_can_read(_: &Path) {}

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
            tracing::subscriber::with_default(subscriber, || read(&path).unwrap());
            let log = fs::read_to_string(&log_path).unwrap();
            assert_eq!(log.contains("others can read this profile"), warned, "{log}");
            assert!(!log.contains("canary"), "{log}");
        }
        fs::remove_file(path).unwrap();
        fs::remove_file(log_path).unwrap();
    }
}
