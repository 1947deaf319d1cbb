//! Folders for tests.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::{env, fs, path::PathBuf};

/// A folder of a test, which is removed with it.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("generate-{}-{}", std::process::id(), NUMBER.fetch_add(1, Relaxed));
        let folder = env::temp_dir().join(name);
        fs::create_dir(&folder).unwrap();
        Self(folder)
    }

    /// A folder with a document.
    pub fn with(text: &str) -> Self {
        let folder = Self::new();
        fs::write(folder.0.join("openapi.yaml"), text).unwrap();
        folder
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left in the folder for temporary files does no harm.
        _ = fs::remove_dir_all(&self.0);
    }
}
