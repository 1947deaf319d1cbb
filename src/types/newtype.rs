//! What the generator leaves out of the newtypes of the document: `AsRef<str>` and `Display`.

use crate::generated::types::{CommitId, JobId, ParameterName, ParameterValue};

macro_rules! text {
    ($($name:ident),+) => {$(
        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self)
            }
        }
    )+};
}

text!(CommitId, JobId, ParameterName, ParameterValue);
