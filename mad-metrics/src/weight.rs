//! Which metrics weigh most.

use crate::view::Kind;

/// How much a metric weighs; from [`Handle::heaviest`](crate::Handle::heaviest).
///
/// It names metrics and says how many series they have, not which: still nothing for everybody to see.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct MetricWeight {
    /// The name that it is shown with.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// How many series it has, those that are not shown too.
    pub series: usize,
    /// How many it may have.
    pub limit: usize,
    /// How often a series was asked for beyond the limit.
    pub overflowed: u64,
    /// About how many bytes of memory it takes.
    pub bytes: usize,
}
