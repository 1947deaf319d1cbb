//! Files with secrets, read with a bound.

use crate::auth::Secret;
use crate::error::Error;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use zeroize::Zeroizing;

/// Longer than any profile or token, in bytes.
const MAX_BYTES: u64 = 256 * 1024;

/// The text of a file. `name` is what errors call it.
pub(super) fn read(name: &str, path: &Path) -> Result<Zeroizing<String>, Error> {
    let failed = |what: &str| Error::credential(format!("{name} {}: {what}", path.display()));
    let unreadable = |cause: io::Error| failed("cannot be read").with_source(cause);
    // A pipe would be waited for, and a device has no end.
    if !fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(failed("is not a file"));
    }
    let file = File::open(path).map_err(unreadable)?;
    // All of it at once, because a text that outgrows its memory leaves a copy behind.
    let length = file.metadata().map_err(unreadable)?.len().min(MAX_BYTES);
    let room = usize::try_from(length).unwrap_or_default().saturating_add(1);
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    file.take(MAX_BYTES.saturating_add(1)).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(failed(&format!("has more than the {MAX_BYTES} bytes that are read at most")));
    }
    let text = str::from_utf8(&bytes).map_err(|cause| failed("is not UTF-8").with_source(cause))?;
    // Some editors of Windows begin a file with a mark.
    Ok(Zeroizing::new(text.strip_prefix('\u{feff}').unwrap_or(text).to_owned()))
}

/// A token that is alone in its file.
pub(super) fn token(name: &str, path: &Path) -> Result<Secret, Error> {
    let token = read(name, path)?.trim().to_owned();
    Secret::checked(&format!("{name} {}", path.display()), token)
}
