//! What is known of the program that MAD runs in.

/// The version of the compiler that built it.
pub(crate) const RUSTC: &str = env!("MAD_RUSTC_VERSION");

/// What the program says about itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Program {
    pub(crate) version: Option<String>,
    pub(crate) commit: Option<String>,
}

impl Program {
    /// Returns the program's version, or MAD's own if the program did not say.
    pub(crate) fn version_or_own(&self) -> &str {
        self.version.as_deref().unwrap_or(env!("CARGO_PKG_VERSION"))
    }
}
