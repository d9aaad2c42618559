//! Why there is no recorder.

use std::fmt;

/// Why there is no recorder: a setting makes no sense, or there is one already.
#[derive(Debug)]
pub struct BuildError {
    kind: Kind,
}

#[derive(Debug)]
pub(crate) enum Kind {
    /// Bounds of buckets.
    Bounds(Vec<f64>),
    /// Quantiles of summaries.
    Quantiles(Vec<f64>),
    /// Windows of a summary that take no time.
    Windows,
    /// The name of a global label.
    GlobalLabel(String),
    /// A factor of native histograms.
    Factor(f64),
    /// The program has installed one.
    Installed,
}

impl From<Kind> for BuildError {
    fn from(kind: Kind) -> Self {
        Self { kind }
    }
}

impl BuildError {
    /// Says whether the program has a recorder already, ours or another one.
    pub fn is_installed(&self) -> bool {
        matches!(self.kind, Kind::Installed)
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Bounds(bounds) => write!(
                f,
                "bounds of buckets are finite numbers that rise, and there are some: {bounds:?}"
            ),
            Kind::Quantiles(quantiles) => write!(
                f,
                "quantiles are numbers from 0 to 1, and there are some: {quantiles:?}"
            ),
            Kind::Windows => f.write_str("a window of a summary takes some time"),
            Kind::GlobalLabel(name) => write!(
                f,
                "a global label has a name of letters, digits and `_` that does not begin with `__` \
                 and is neither `le` nor `quantile`: {name:?}"
            ),
            Kind::Factor(factor) => write!(
                f,
                "buckets of a native histogram grow by a factor above 1: {factor}"
            ),
            Kind::Installed => {
                f.write_str("the program has installed a recorder for the `metrics` facade already")
            }
        }
    }
}

impl std::error::Error for BuildError {}
