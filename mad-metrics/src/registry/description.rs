//! What the program says about its metrics.

use metrics::Unit;

use crate::naming;

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
            help: naming::without_carriage_returns(help).into(),
            unit: unit.map(|unit| match unit {
                Unit::Percent => "percent",
                unit => unit.as_str(),
            }),
        }
    }
}
