//! What the program says about its metrics.

use std::collections::HashMap;
use std::sync::Arc;

use metrics::Unit;
use once_cell::sync::Lazy;
use parking_lot::RwLock;

/// What the program says about a metric.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Description {
    pub(crate) help: Box<str>,
    /// As a word in the plural: `seconds`.
    pub(crate) unit: Option<&'static str>,
}

impl Description {
    pub(crate) fn new(help: &str, unit: Option<Unit>) -> Self {
        let unit = unit.filter(|unit| *unit != Unit::Count);
        Self {
            help: help.into(),
            unit: unit.map(|unit| match unit {
                Unit::Percent => "percent",
                unit => unit.as_str(),
            }),
        }
    }
}

/// Bounds by the names that the program gives its metrics.
type Declared = HashMap<Box<str>, Arc<[f64]>>;

/// Buckets that stand in the code. They are the same for all recorders, and there before any.
static DECLARED: Lazy<RwLock<Declared>> = Lazy::new(RwLock::default);

/// Declares the upper bounds of the buckets of a histogram, for every recorder of this crate.
///
/// That must be done before the first observation; of several declarations, the first one holds. It is what
/// [`describe_histogram!`](crate::describe_histogram) calls.
///
/// Bounds that do not rise are rejected when the first observation comes. A builder can give a metric other
/// buckets by its [full name](crate::Matcher::Full).
pub fn declare_buckets(name: &str, bounds: &[f64]) {
    if DECLARED.read().contains_key(name) {
        return;
    }
    let bounds = bounds.strip_suffix(&[f64::INFINITY]).unwrap_or(bounds);
    let mut declared = DECLARED.write();
    declared.entry(name.into()).or_insert_with(|| bounds.into());
}

pub(crate) fn declared_buckets(name: &str) -> Option<Arc<[f64]>> {
    DECLARED.read().get(name).cloned()
}
