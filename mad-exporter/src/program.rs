//! What is known of the program that MAD runs in.

use mad_core::BuildInfo;

/// The version of the compiler that built it.
pub(crate) const RUSTC: &str = env!("MAD_RUSTC_VERSION");

/// What the program says about itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Program {
    pub(crate) version: Option<String>,
    pub(crate) commit: Option<String>,
}

impl Program {
    /// Tells those who measure functions, if there is something to tell.
    pub(crate) fn tell(&self) {
        if self.version.is_none() && self.commit.is_none() {
            return;
        }
        let Self { version, commit } = self.clone();
        BuildInfo { version, commit }.tell();
    }
}

/// Returns the name of the machine that it runs on.
pub(crate) fn host_name() -> String {
    gethostname::gethostname().to_string_lossy().into_owned()
}
