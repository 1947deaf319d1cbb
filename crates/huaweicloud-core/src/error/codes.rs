//! What the error codes of a service mean.

/// The error codes of a service. With none of them, every error under a good status and under 5xx is of
/// unknown outcome.
#[derive(Clone, Copy, Debug)]
pub struct ErrorCodes {
    /// How the codes begin that the service itself gives. Under a good status, they say that a request
    /// took no effect.
    pub own: &'static [&'static str],
    /// Codes of faults of its own, after which nobody knows whether the request took effect.
    pub faults: &'static [&'static str],
    /// The faults after which an idempotent request is retried, because they pass.
    pub passing: &'static [&'static str],
    /// How the codes begin that say, under any status, that a request was not accepted.
    pub not_accepted: &'static [&'static str],
    /// Codes of throttling, which took no effect either.
    pub throttled: &'static [&'static str],
    /// How the codes end that say, under status 422, that something does not exist.
    pub not_found: &'static [&'static str],
}

impl ErrorCodes {
    /// No known code.
    pub const NONE: Self = Self {
        own: &[],
        faults: &[],
        passing: &[],
        not_accepted: &[],
        throttled: &[],
        not_found: &[],
    };

    /// Whether it is the service itself that reports an error, and no fault of its own.
    pub(crate) fn is_own(&self, code: &str) -> bool {
        // A part of the code is lost where there is a replacement character or a question mark.
        let whole = code.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'?');
        whole && starts(self.own, code) && !self.faults.contains(&code)
    }

    /// Whether the service says that it did not accept the request.
    pub(crate) fn is_not_accepted(&self, code: &str) -> bool {
        starts(self.not_accepted, code) && self.is_own(code)
    }

    pub(crate) fn is_not_found(&self, code: &str) -> bool {
        self.not_found.iter().any(|end| code.ends_with(end))
    }
}

fn starts(beginnings: &[&str], code: &str) -> bool {
    beginnings.iter().any(|beginning| code.starts_with(beginning))
}
